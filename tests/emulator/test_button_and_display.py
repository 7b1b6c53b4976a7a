"""The hand, the eye, the power supply: what the bench does to a fob and sees of it."""

import asyncio
import re
from fractions import Fraction
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest

from emulator.app import Emulator
from emulator.display_watch import DisplayWatch
from emulator.fob import EmulatedFob
from emulator.picture import picture
from firmware_model.effects import Effect, Face, Shown
from firmware_model.inputs import Temperature
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime
from tests.emulator.bench_talk import START, Talk, rack_of, with_bench
from tests.emulator.test_ports import drive
from tests.firmware_model.fobs import token_of

CODES = ["755224", "287082", "359152", "969429"]  # RFC 4226 Appendix D


def _shows(text: str, face: Face) -> bool:
    return face.text == text


def test_a_press_shows_the_code_and_the_next_press_the_next() -> None:
    async def act(bench: Talk) -> None:
        for code in CODES:
            await bench.say("BUTT:PRES")
            assert await bench.ask("*OPC?;:DISP:TEXT?;DARK?") == f'1;"{code}";""'
            await bench.say("TIME:ADV 30")
            text, reason = (await bench.ask("DISP:TEXT?;DARK?")).split(";")
            assert text == '""'
            assert len(reason) > len('""')

    with_bench(rack_of(preset="personalised"), act)


def test_presses_of_one_fob_follow_each_other() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("BUTT:PRES 0.2", "BUTT:PRES 0.2", "BUTT:PRES 0.2")
        assert await bench.ask("*OPC?;:DISP:TEXT?") == f'1;"{CODES[2]}"'

    with_bench(rack_of(preset="personalised"), act)


def test_down_and_up_are_a_press_by_hand() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("BUTT:DOWN")
        assert await bench.ask("BUTT:STAT?") == "1"
        await bench.say("BUTT:PRES")
        assert await bench.error() == -221
        await bench.say("TIME:ADV 0.2", "BUTT:UP", "TIME:ADV 0.2")
        assert await bench.ask("BUTT:STAT?;:DISP:TEXT?") == f'0;"{CODES[0]}"'
        await bench.say("BUTT:PRES", "BUTT:DOWN")
        assert await bench.error() == -221

    with_bench(rack_of(preset="personalised"), act)


def test_in_real_time_a_press_takes_its_time_and_opc_waits_for_it() -> None:
    async def act(bench: Talk) -> None:
        before = float(await bench.ask("TIME:NOW?"))
        await bench.say("BUTT:PRES 200 ms")
        assert await bench.ask("STAT:OPER:COND?") == "2"
        assert await bench.ask("*OPC?;:DISP:TEXT?") == f'1;"{CODES[0]}"'
        assert float(await bench.ask("TIME:NOW?")) - before >= 0.2

    with_bench(rack_of(preset="personalised", rate=Fraction(1)), act)


def test_in_scaled_time_what_is_due_happens_by_itself() -> None:
    async def act(bench: Talk) -> None:
        rack, seen, dark = bench.emulator.rack, [], asyncio.Event()

        def watch(_fob: EmulatedFob, effect: Effect) -> None:
            if isinstance(effect, Shown):
                seen.append(effect.text)
                if effect.text == "":
                    dark.set()

        rack.watchers.append(watch)
        await bench.say("BUTT:PRES")
        await dark.wait()
        assert seen == [CODES[0], ""]

    with_bench(rack_of(preset="personalised", rate=Fraction(100)), act)


def test_a_wait_for_the_display_ends_when_it_shows_or_when_its_time_is_over() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("BUTT:PRES")
        assert await bench.ask('DISP:WAIT? "??????",30') == f'"{CODES[0]}"'
        assert await bench.ask('DISP:WAIT? "",30') == '""'
        await bench.say("TEMP -15", "BUTT:PRES")
        assert await bench.ask('DISP:WAIT? "??????",30') == f'"{CODES[1]}"'
        await bench.ask('DISP:WAIT? "",30')
        before = float(await bench.ask("TIME:NOW?"))
        await bench.say('DISP:WAIT? "123*",30')
        assert await bench.error() == -365
        assert float(await bench.ask("TIME:NOW?")) - before == 30
        await bench.say('DISP:WAIT? "",1,(@1:2)')
        assert await bench.error() == -224

    with_bench(rack_of(2, preset="personalised"), act)


@pytest.mark.parametrize("celsius", [25, -15])
@pytest.mark.parametrize("rate", [1000, 10**7])
def test_a_wait_sees_what_shows_for_moments_and_comes_out_late_in_the_cold(
    rate: int, celsius: int
) -> None:
    async def act(bench: Talk) -> None:
        rack = bench.emulator.rack
        fob = rack.fobs[0]
        rack.handle(fob, Temperature(celsius * 1000))
        seeing = asyncio.ensure_future(
            rack.wait_for(fob, lambda face: face.text == CODES[0], 10**9 * NS_PER_SECOND)
        )
        await asyncio.sleep(0)  # it looks from now on; at this rate a code stands for microseconds
        rack.press([fob], NS_PER_SECOND)
        assert await seeing is not None

    with_bench(rack_of(preset="personalised", rate=Fraction(rate)), act)


def test_a_wait_misses_nothing_that_a_leap_passes_over_and_looks_no_longer_than_asked() -> None:
    async def act(bench: Talk) -> None:
        rack = bench.emulator.rack
        for patience_ns, found in ((1000 * NS_PER_SECOND, True), (NS_PER_MS, False)):
            shown = [
                asyncio.ensure_future(rack.wait_for(fob, lambda face: bool(face.text), patience_ns))
                for fob in rack.fobs
            ]
            await asyncio.sleep(0)
            rack.press(rack.fobs, 3 * NS_PER_SECOND)
            await rack.advance(5000 * NS_PER_SECOND)
            assert [face is not None for face in await asyncio.gather(*shown)] == [found] * 2

    with_bench(rack_of(2, preset="personalised", rate=Fraction(1)), act)


@pytest.mark.parametrize("leaps", [False, True])
def test_a_wait_sees_every_step_of_a_display_that_is_always_on(leaps: bool) -> None:
    async def act(bench: Talk) -> None:
        rack = bench.emulator.rack
        fob = rack.fobs[0]
        slot = token_of(fob.device).first_slot()
        assert slot is not None
        minute = START // (60 * NS_PER_SECOND)
        for later in (20, 500):  # no look at growing intervals would find both
            wanted = slot.code(minute + later)
            seeing = asyncio.ensure_future(
                rack.wait_for(fob, partial(_shows, wanted), 10**5 * NS_PER_SECOND)
            )
            await asyncio.sleep(0)
            if leaps:
                await rack.advance(6 * 3600 * NS_PER_SECOND * later // 300)
            assert await seeing is not None
            if not leaps:
                assert rack.look(fob).text == wanted

    rate = Fraction(1 if leaps else 0)
    with_bench(rack_of(model="sid-always", preset="in-use", rate=rate), act)


def test_a_wait_for_an_always_on_display_without_a_cell_ends_with_its_time() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("POW:CUT", 'DISP:WAIT? "??????",200')
        assert await bench.error() == -365

    with_bench(rack_of(model="sid-always", preset="in-use"), act)


def test_a_wait_follows_a_change_of_rate() -> None:
    async def act(bench: Talk) -> None:
        other = await Talk(bench.emulator).open()
        await bench.say('DISP:WAIT? "never",3 HR')
        await other.say("TIME:SCAL 1E7")
        assert await bench.error() == -365
        await other.close()

    with_bench(rack_of(rate=Fraction(1)), act)


def test_two_waits_do_not_keep_each_other_awake(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    def counted(eye: DisplayWatch, now: SimTime) -> None:
        nonlocal looks
        looks += 1
        look(eye, now)

    look = DisplayWatch.look
    monkeypatch.setattr(DisplayWatch, "look", counted)

    async def act(bench: Talk) -> None:
        other = await Talk(bench.emulator).open()
        for talk in (bench, other):
            await talk.say('DISP:WAIT? "never",0.5')
        assert [await bench.error(), await other.error()] == [-365, -365]
        await other.close()

    with_bench(rack_of(rate=Fraction(1)), act)
    assert looks < 100


def test_steps_go_from_event_to_event_where_time_stands() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("BUTT:PRES 0.5")
        instants = []
        for _ in range(40):
            await bench.say("TIME:STEP")
            instants.append(float(await bench.ask("TIME:NOW?")))
            if await bench.ask("STAT:OPER:COND?") == "0":
                break
        assert instants == sorted(instants)
        assert any(instant == 1_800_000_000.5 for instant in instants)
        await bench.say("TIME:REAL", "TIME:STEP")
        assert await bench.error() == -221

    with_bench(rack_of(preset="personalised"), act)


def test_time_leaps_to_a_date_and_is_frozen_and_scaled() -> None:
    async def act(bench: Talk) -> None:
        await bench.say('TIME:FORW "2029-04-01T18:00:00+09:00"')
        assert await bench.ask("TIME:DATE?") == '"2029-04-01T09:00:00Z"'
        await bench.say('TIME:FORW "2028-01-01"')
        assert await bench.error() == -222
        await bench.say("TIME:SCAL 1E7")
        assert await bench.ask("TIME:SCAL?") == "10000000"
        await bench.say("TIME:FRE")
        stands = await bench.ask("TIME:NOW?")
        assert await bench.ask("TIME:NOW?") == stands
        await bench.say("TIME:ADV 200 ANN", "TIME:ADV 200 ANN")
        assert await bench.error() == -222

    with_bench(rack_of(), act)


def test_the_supply_can_be_cut_and_comes_back() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("POW:CUT")
        assert await bench.ask("POW:STAT?") == "0"
        assert await bench.ask("STAT:QUES:COND?") == "8"
        assert "cell" in await bench.ask("DISP:DARK?")
        await bench.say("BUTT:PRES")
        assert await bench.ask("*OPC?;:DISP:TEXT?") == '1;""'
        await bench.say("POW:REST")
        assert await bench.ask("POW:STAT?;:STAT:QUES:COND?") == "1;0"
        await bench.say("TIME:ADV 1", "BUTT:PRES")
        assert await bench.ask("*OPC?;:DISP:TEXT?") == f'1;"{CODES[0]}"'

    with_bench(rack_of(preset="personalised"), act)


def test_a_cut_armed_in_a_flash_operation_costs_at_most_one_press() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("POW:CUT:ARM 1,50 PCT", "BUTT:PRES")
        assert await bench.ask("*OPC?;:POW:STAT?") == "1;0"
        await bench.say("POW:REST", "TIME:ADV 1", "BUTT:PRES")
        assert await bench.ask("*OPC?;:DISP:TEXT?") in {f'1;"{code}"' for code in CODES[:2]}

    with_bench(rack_of(preset="personalised"), act)


def test_charge_and_temperature_are_set_and_read() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("BATT:CHAR 7 PCT")
        assert float(await bench.ask("BATT:CHAR?")) == pytest.approx(7, abs=0.2)
        volts = float(await bench.ask("BATT:VOLT?"))
        assert 1 < float(await bench.ask("BATT:VOLT:LOAD?")) <= volts < 3.3
        await bench.say("TEMP -10.5")
        assert await bench.ask("TEMP?") == "-10.5"
        await bench.say("TEMP MIN")
        assert await bench.ask("TEMP?") == "-60"

    with_bench(rack_of(), act)


def test_the_fobs_own_clock_is_read_and_is_no_number_before_it_was_set() -> None:
    async def act(bench: Talk) -> None:
        assert await bench.ask("CLOC:TIME? (@1)") == "9.91E+37"
        assert await bench.ask("CLOC:ERR? (@1)") == "9.91E+37"

    async def set_(bench: Talk) -> None:
        await bench.say("TIME:ADV 365 D")
        now = float(await bench.ask("TIME:NOW?"))
        assert float(await bench.ask("CLOC:TIME?")) == pytest.approx(now, abs=600)
        assert 0 < abs(float(await bench.ask("CLOC:ERR?"))) < 600

    with_bench(rack_of(), act)
    with_bench(rack_of(model="fob-t60", preset="personalised"), set_)


def test_the_face_is_seen_in_every_detail() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("BUTT:PRES")
        assert await bench.ask("*OPC?;:DISP:SEGM?") == "1;7,109,109,91,91,102"  # 755224
        assert 15 < int(await bench.ask("DISP:CONT?")) <= 100
        assert re.fullmatch(r"\d+", await bench.ask("DISP:BARS?"))
        assert (await bench.ask("DISP:ICON?")).startswith('"')
        svg = (await bench.ask("DISP:PICT?")).strip('"')
        root = ElementTree.fromstring(svg)
        path = root.find("{http://www.w3.org/2000/svg}path")
        assert path is not None
        assert path.get("d", "").count("M") == sum(
            pattern.bit_count() for pattern in (7, 109, 109, 91, 91, 102)
        )

    with_bench(rack_of(preset="personalised"), act)


def test_a_picture_has_one_line_without_double_quotes_whatever_it_shows() -> None:
    drawn = picture(Face("8", (127,), 3, ('<"&>',), 100))
    assert '"' not in drawn
    assert "\n" not in drawn
    ElementTree.fromstring(drawn)


def test_frames_are_told_without_what_they_carry(tmp_path: Path) -> None:
    from host_tools.client.session import open_session

    async def act() -> None:
        async with Emulator(rack_of(port=f"pty:{tmp_path / 'line'}")) as emulator:
            talk = await Talk(emulator).open()

            def host() -> None:
                with open_session(str(tmp_path / "line")):
                    pass

            await asyncio.to_thread(host)
            told = await talk.ask("TRAC:FRAM? 20")
            assert "SNRM" in told
            assert "00 A4 04 00" in told
            assert "status 9000" in told
            assert "F0 4B 45" not in told.upper()  # the selected AID is what a frame carries
            assert len((await talk.ask("TRAC:FRAM? 2")).split('","')) == 2
            await talk.close()

    drive(act)


def test_what_is_shown_rests_on_what_is_durable(tmp_path: Path) -> None:
    async def act() -> None:
        async with Emulator(rack_of(preset="personalised", store=tmp_path / "rack.db")) as emulator:
            rack = emulator.rack
            waiting = []
            rack.watchers.append(lambda _fob, _effect: waiting.append(rack._store.dirty))
            rack.press(rack.fobs, 200_000_000)
            await rack.wait_for_presses(rack.fobs)
            assert waiting
            assert not any(waiting)

    drive(act)
