"""What a bench does to parts and surroundings: a stuck key, dead segments, day and night."""

from pathlib import Path

import pytest

from tests.emulator.bench_talk import Talk, rack_of, store_in, with_bench

CODES = ["755224", "287082"]  # RFC 4226 Appendix D
TOP_BAR_OF_EACH = ",".join(["1"] * 6)


def test_a_key_that_sticks_is_one_press_until_it_is_freed() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("BUTT:STUC ON", "TIME:ADV 0.5")
        assert await bench.ask("BUTT:STUC? (@1:2)") == "1,0"
        assert await bench.ask("BUTT:STAT?") == "0"  # no finger is on it
        assert await bench.ask("DISP:TEXT?") == f'"{CODES[0]}"'
        await bench.say("TIME:ADV 60", "BUTT:PRES", "*WAI")
        assert await bench.ask("DISP:TEXT?") == '""'
        await bench.say("BUTT:STUC OFF", "TIME:ADV 1", "BUTT:PRES", "*WAI")
        assert await bench.ask("BUTT:STUC?;:DISP:TEXT?") == f'0;"{CODES[1]}"'

    with_bench(rack_of(2, preset="personalised"), act)


def test_broken_segments_stay_dark_and_mislead_the_eye() -> None:
    async def act(bench: Talk) -> None:
        await bench.say(f"DISP:SEGM:BROK {TOP_BAR_OF_EACH}", "BUTT:PRES", "*WAI")
        assert await bench.ask("DISP:SEGM:BROK?") == TOP_BAR_OF_EACH
        # 7 without its top bar is read as 1, the others as nothing at all.
        assert await bench.ask("DISP:SEGM?;TEXT?") == '6,108,108,90,90,102;"1????4"'
        await bench.say("DISP:SEGM:BROK 0,#B1000000")
        assert await bench.ask("DISP:SEGM:BROK?;:DISP:SEGM?") == "0,64,0,0,0,0;7,45,109,91,91,102"
        await bench.say("DISP:SEGM:BROK 0")
        assert await bench.ask("DISP:TEXT?") == f'"{CODES[0]}"'

    with_bench(rack_of(preset="personalised"), act)


def test_a_profile_of_temperature_follows_the_time_of_day() -> None:
    async def act(bench: Talk) -> None:
        assert await bench.ask("TEMP:PROF:CAT?") == '"room","pocket","car"'
        assert await bench.ask("TEMP:PROF?;PROF:DATA?") == '"room";86400,25'
        await bench.say("TEMP:PROF 'car',(@1:2)", 'TIME:FORW "2029-04-01"')
        warm = []
        for _ in range(5):
            warm.append(await bench.ask("TEMP? (@1:3)"))
            await bench.say("TIME:ADV 6 HR")
        assert warm == [f"{c},{c},25" for c in (-5, 20, 45, 10, -5)]
        await bench.say("TEMP:PROF:DATA 1 HR,-3.5,23 HR,40,(@2)")
        assert await bench.ask("TEMP:PROF? (@1:3)") == '"car","","room"'
        assert await bench.ask("TEMP:PROF:DATA? (@2)") == "3600,-3.5,82800,40"
        await bench.say("TEMP 25,(@1:3)")
        assert await bench.ask("TEMP:PROF? (@1:3)") == '"room","room","room"'

    with_bench(rack_of(3), act)


def test_heat_and_cold_cost_the_clock_time_that_an_even_room_does_not() -> None:
    errors: list[float] = []

    async def act(bench: Talk) -> None:
        await bench.say(f"TEMP:PROF '{'car' if errors else 'room'}'", "TIME:ADV 1 ANN")
        errors.append(float(await bench.ask("CLOC:ERR?")))

    for _ in range(2):  # the same dice: the same crystal
        with_bench(rack_of(model="fob-t60", preset="personalised"), act)
    room, car = errors
    assert car < room - 60  # a crystal loses on either side of 25 °C


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("BUTT:STUC", -109),
        ("BUTT:STUC 2", -224),
        ("DISP:SEGM:BROK", -109),
        ("DISP:SEGM:BROK 128", -222),
        ("DISP:SEGM:BROK 1,2,3,4,5,6,7", -108),
        ("DISP:SEGM:BROK 1,(@2)", -221),  # a soft token has a screen
        ("DISP:SEGM:BROK? (@1:2)", -224),
        ("TEMP:PROF 'sauna'", -224),
        ("TEMP:PROF car", -104),
        ("TEMP:PROF:DATA", -109),
        ("TEMP:PROF:DATA 60", -109),
        ("TEMP:PROF:DATA 60,20,60", -109),
        ("TEMP:PROF:DATA 0,20", -222),
        ("TEMP:PROF:DATA 0.4,20", -222),
        ("TEMP:PROF:DATA 60,121", -222),
        ("TEMP:PROF:DATA " + ",".join(["1,2"] * 1001), -223),
        ("TEMP:PROF:DATA? (@1:2)", -224),
    ],
)
def test_what_no_part_can_do_is_refused_and_nothing_is_changed(line: str, number: int) -> None:
    async def act(bench: Talk) -> None:
        before = [fob.device.images() for fob in bench.emulator.rack.fobs]
        await bench.say(line)
        assert await bench.error() == number
        assert await bench.error() == 0
        assert [fob.device.images() for fob in bench.emulator.rack.fobs] == before

    plans = (*rack_of().plans, *rack_of(model="soft-phone").plans)
    with_bench(rack_of(plans=plans), act)


def test_reset_mends_what_the_bench_broke() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("BUTT:STUC ON", "DISP:SEGM:BROK 127", "TEMP:PROF 'pocket'", "POW:CUT:ARM 1")
        await bench.say("*RST", "TIME:FRE", "TIME:ADV 60")
        assert await bench.ask("BUTT:STUC?;:DISP:SEGM:BROK?;:TEMP:PROF?") == '0;0,0,0,0,0,0;"room"'
        await bench.say("BUTT:PRES", "*WAI")
        assert await bench.ask("POW:STAT?;:DISP:TEXT?") in {f'1;"{code}"' for code in CODES}

    with_bench(rack_of(preset="personalised"), act)


def test_a_cut_that_was_armed_can_be_taken_back() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("POW:CUT:ARM 1", "POW:CUT:ARM 0", "BUTT:PRES", "*WAI")
        assert await bench.ask("POW:STAT?;:DISP:TEXT?") == f'1;"{CODES[0]}"'

    with_bench(rack_of(preset="personalised"), act)


def test_what_is_broken_stays_broken_over_a_restart(tmp_path: Path) -> None:
    async def spoil(bench: Talk) -> None:
        await bench.say("BUTT:STUC ON", "DISP:SEGM:BROK 0,8", "TEMP:PROF:DATA 60,-1,60,1")
        assert await bench.ask("*OPC?") == "1"

    async def look(bench: Talk) -> None:
        answers = await bench.ask("BUTT:STUC?;:DISP:SEGM:BROK?;:TEMP:PROF:DATA?")
        assert answers == "1;0,8,0,0,0,0;60,-1,60,1"

    settings = rack_of(store=store_in(tmp_path))
    with_bench(settings, spoil)
    with_bench(settings, look)
