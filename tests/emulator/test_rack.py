"""Racks: many fobs on one line or a port each, one walk over their wake-ups, rack files."""

import asyncio
from fractions import Fraction
from pathlib import Path

import pytest

from emulator.app import Emulator
from emulator.model_source import model_source
from emulator.ports.opening import check_limits
from emulator.rack_file import read_rack_file
from emulator.settings import FobPlan, Settings
from emulator.true_time import REAL
from firmware_model.errors import BadInput, BadStore, NoAnswer, PortUnavailable
from firmware_model.inputs import Receive
from firmware_model.wire.hdlc import (
    FrameKind,
)
from host_tools.client.fob_state import read_state
from host_tools.client.session import open_session
from keyfob.testing.presets import apply
from tests.emulator.bench_talk import Talk, rack_of, with_bench
from tests.emulator.test_ports import drive
from tests.emulator.test_run import running
from tests.firmware_model.fobs import poll_of


def test_every_fob_of_a_shared_line_answers_to_its_own_address(tmp_path: Path) -> None:
    where = ("--port", "pty:./line", "--bench", "tcp:127.0.0.1:0")
    with running("--model", "fob-h6", "--count", "200", *where, folder=tmp_path) as run:
        assert run.announced()["ports"] == ["pty:./line"]
        chips = set()
        for address in (1, 2, 125, 126, 200):
            with open_session(str(tmp_path / "line"), address) as session:
                chip_id = read_state(session).chip_id
                assert chip_id is not None
                chips.add(chip_id)
        assert len(chips) == 5
        with pytest.raises(NoAnswer):
            open_session(str(tmp_path / "line"), 201)
        run.end()


def test_a_port_with_n_in_it_is_a_door_for_each(tmp_path: Path) -> None:
    where = ("--port", "pty:./fob{n:02}", "--bench", "tcp:127.0.0.1:0")
    with running("--model", "fob-h6", "--count", "3", *where, folder=tmp_path) as run:
        assert run.announced()["ports"] == ["pty:./fob01", "pty:./fob02", "pty:./fob03"]
        for name in ("fob01", "fob03"):
            with open_session(str(tmp_path / name), 1) as session:
                assert read_state(session).chip_id is not None
        assert run.end() == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_more_ptys_than_the_kernel_has_are_refused_at_once_with_the_way_out() -> None:
    with pytest.raises(PortUnavailable, match="put the fobs on one line") as caught:
        check_limits(f"pty:./fob{n}" for n in range(2_000_000))
    assert caught.value.exit_status == 3


def test_channel_lists_reach_the_fobs_they_name() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("TEMP -10,(@2,4:5)")
        assert await bench.ask("TEMP? (@1:6)") == "25,-10,25,-10,-10,25"
        assert await bench.ask("TEMP? (@5:3)") == "-10,-10,25"
        assert await bench.ask("INST:COUN?") == "6"
        assert len((await bench.ask("INST:CAT?")).split(",")) == 6
        await bench.say("INST:NSEL 4")
        assert await bench.ask("TEMP?") == "-10"

    with_bench(rack_of(6), act)


def test_a_fob_that_is_polled_for_long_leaves_no_trail_of_wake_ups() -> None:
    connect = poll_of(FrameKind.SNRM)
    poll = poll_of(FrameKind.RR)

    async def act() -> int:
        async with Emulator(rack_of(2)) as emulator:
            rack = emulator.rack
            idle, polled = rack.fobs
            rack.handle(idle, Receive(connect))  # its time-out comes before all of the other's
            rack.handle(polled, Receive(connect))
            for _ in range(200):
                rack.handle(polled, Receive(poll))
            assert rack.look(polled).text == ""
            return len(rack._wakes)

    assert asyncio.run(act()) <= 4


def test_two_racks_of_one_random_seed_are_twins_and_their_fobs_are_not() -> None:
    async def chips() -> list[str]:
        async with Emulator(rack_of(3)) as emulator:
            return [repr(fob.device.images()) for fob in emulator.rack.fobs]

    first, second = drive(chips), drive(chips)
    assert first == second
    assert len(set(first)) == 3


def test_a_leap_lets_everything_happen_and_costs_no_walk_of_the_idle() -> None:
    async def act(bench: Talk) -> None:
        before = (await bench.ask("BATT:CHAR? (@1:20)")).split(",")
        await bench.say("TIME:ADV 2 ANN")
        after = (await bench.ask("BATT:CHAR? (@1:20)")).split(",")
        assert all(float(a) < float(b) for a, b in zip(after, before, strict=True))
        assert await bench.ask("TIME:DATE?") == '"2029-01-14T20:00:00Z"'
        now = bench.emulator.rack.clock.now()
        wakes = [fob.device.wake_at for fob in bench.emulator.rack.fobs]
        assert all(wake is None or wake > now for wake in wakes)

    with_bench(rack_of(20), act)


def test_a_leap_does_not_leave_an_alarm_behind_that_rings_by_the_old_time() -> None:
    async def act(bench: Talk) -> None:
        rack = bench.emulator.rack
        await bench.say("BUTT:PRES 0.2")
        await bench.ask("*OPC?")  # the display is lit: it will be due in seconds
        await bench.say("TIME:ADV 86400", "BUTT:PRES 5")
        assert await bench.error() == 0
        assert rack._alarm is not None
        assert rack._alarm.when() - asyncio.get_running_loop().time() <= 5

    with_bench(rack_of(preset="in-use", rate=REAL), act)


def test_pressing_many_fobs_is_one_command_and_one_wait() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("BUTT:PRES 0.2,(@1:50)")
        assert await bench.ask("*OPC?") == "1"
        assert await bench.ask("BUTT:STAT? (@1,50)") == "0,0"
        assert float(await bench.ask("TIME:NOW?")) < 1_800_000_002

    with_bench(rack_of(50), act)


def test_mixed_models_stand_in_a_rack_file(tmp_path: Path) -> None:
    path = tmp_path / "rack.toml"
    path.write_text(
        """
        port = "pty:./line"
        store = "rack.db"
        keys = "factory.keys"
        time = 3600
        start = 2029-04-01
        [[fobs]]
        model = "fob-h6"
        serials = "ZZH600000100-ZZH600000102"
        [[fobs]]
        model = "fob-t60"
        count = 2
        port = "pty:./other"
        set = { "battery.charge" = "7%" }
        """
    )
    plans, table = read_rack_file(path, apply)
    assert [plan.source.model.name for plan in plans] == ["fob-h6"] * 3 + ["fob-t60"] * 2
    assert plans[2].serial_number == "ZZH600000102"
    assert plans[3].port == "pty:./other"
    assert plans[4].prepare is not None
    assert table["store"] == str(tmp_path / "rack.db")
    assert table["keys"] == str(tmp_path / "factory.keys")
    assert table["time"] == "3600"
    assert table["start"] == "2029-04-01"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["no fobs: expected a table"]),
        ("[[fobs]]", ["fobs[1]", "model is missing"]),
        ('[[fobs]]\nmodel = "fob-h7"', ["fob-h7", "fob-h6"]),
        ('[[fobs]]\nmodel = "fob-h6"\ncolour = 1', ["fobs[1]", "colour", "count"]),
        ('[[fobs]]\nmodel = "fob-h6"\ncount = "3"', ["count", "whole number"]),
        ('[[fobs]]\nmodel = "fob-h6"\ncount = 0', ["count = 0", "10,000"]),
        ('[[fobs]]\nmodel = "fob-h6"\ncount = 10001', ["count", "10,000"]),
        ('[[fobs]]\nmodel = "fob-h6"\nserials = "A-B"', ["serials"]),
        (
            '[[fobs]]\nmodel = "fob-h6"\nserials = "A1"\n' * 2,
            ["A1", "twice"],
        ),
        ("ports = 1", ["unknown key ports"]),
        ("port = 1", ["port = 1", "text"]),
        ("fobs = [1]", ["fobs[1]", "table"]),
        ("port =", ["not TOML"]),
    ],
)
def test_a_rack_file_that_cannot_be_meant_is_named_with_file_and_key(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    path = tmp_path / "rack.toml"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        read_rack_file(path, apply)
    for word in [*words, "fob-h6" if "fob-h7" in text else "rack.toml"]:
        assert word in str(caught.value)


def test_a_rack_file_is_run_and_its_store_comes_back(tmp_path: Path) -> None:
    (tmp_path / "rack.toml").write_text(
        'port = "pty:./line"\nbench = "tcp:127.0.0.1:0"\nstore = "rack.db"\ntime = "frozen"\n'
        '[[fobs]]\nmodel = "fob-h6"\nserials = "ZZH600000007+2"\n'
        '[[fobs]]\nmodel = "fob-t60"\n'
    )
    for _ in range(2):
        with running("rack.toml", folder=tmp_path) as run:
            bench = run.announced()["bench"]
            assert run.ask(bench, "LAB:SER? (@1:3);MOD? (@1:3)") == [
                '"ZZH600000007","ZZH600000008","ZZT600000001";"fob-h6","fob-h6","fob-t60"'
            ]
            run.end()


def test_a_rack_of_other_models_than_the_store_holds_is_refused(tmp_path: Path) -> None:
    async def start(models: list[str], serial_number: str | None = None) -> None:
        plans = tuple(
            FobPlan(source=model_source(model), serial_number=serial_number) for model in models
        )
        settings = Settings(plans=plans, store=tmp_path / "rack.db", rate=Fraction(0))
        async with Emulator(settings):
            pass

    drive(lambda: start(["fob-h6", "fob-t60"]))
    drive(lambda: start([]))
    drive(lambda: start(["fob-h6", "fob-t60"]))
    for other in (["fob-h6"], ["fob-t60", "fob-h6"], ["fob-h6", "fob-h6"]):
        with pytest.raises(BadStore):
            drive(lambda other=other: start(other))  # type: ignore[misc]


def test_too_many_fobs_are_refused() -> None:
    async def start() -> None:
        async with Emulator(rack_of(10_001)):
            pass

    with pytest.raises(BadInput, match="10,000"):
        drive(start)


def test_the_label_is_as_printed_and_comes_back_from_the_store(tmp_path: Path) -> None:
    async def act(bench: Talk) -> None:
        assert await bench.ask("LAB:SER?;CRED?;MOD?;EXP?") == (
            '"ZZH600000001";"ZZH600000001";"fob-h6";"01/15/31"'
        )
        assert await bench.ask("LAB:SER:BARC?;:LAB:EXP:BARC?") == '"code128";"none"'

    for _ in range(2):
        with_bench(rack_of(store=tmp_path / "rack.db"), act)
