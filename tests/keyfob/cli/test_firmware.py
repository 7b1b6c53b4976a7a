"""Firmware of the user's own, as the command takes it: run, life, check, and what is refused."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from emulator.firmware.files import firmware_source
from emulator.in_process import InProcess
from emulator.model_source import model_source
from emulator.settings import FobPlan, Settings
from emulator.true_time import STANDING
from firmware_model.errors import BadInput, BadStore
from firmware_model.wire.objects import seed_check_value
from host_tools.check.promises.bench import ScpiPromiseBench
from host_tools.client.bench import BenchClient
from keyfob.cli.promise_sheet import judge_on_bench
from keyfob.cli.verbs.check import check
from keyfob.cli.verbs.info import info
from keyfob.cli.verbs.life import life
from keyfob.cli.verbs.run import run
from keyfob.testing.presets import apply
from keyfob.testing.rack import Rack
from tests.host_tools.make_mutants import build_library

ROOT = Path(__file__).parents[3]
BOARD = str(ROOT / "examples/firmware/board-hotp.toml")
TOKEN = str(ROOT / "vectors/firmware/token-hotp.elf")
BLINK = str(ROOT / "vectors/firmware/blink.elf")


def plan(firmware: str | None = TOKEN) -> FobPlan:
    source = None if firmware is None else firmware_source(firmware)
    return FobPlan(source=model_source(BOARD), firmware=source)


def settings(*plans: FobPlan, store: Path | None = None) -> Settings:
    return Settings(plans=plans, bench="tcp:127.0.0.1:0", store=store, rate=STANDING)


def bench_of(emulator: InProcess) -> BenchClient:
    assert emulator.started.bench is not None
    return BenchClient(emulator.started.bench)


def test_racks_mix_programs_and_stores_keep_them(tmp_path: Path) -> None:
    store = tmp_path / "rack.db"
    emulator = InProcess(settings(plan(), plan(BLINK), store=store))
    with bench_of(emulator) as bench:
        bench.advance(1)
        bench.press(channels="1")
        assert bench.display(1).text == "755224"
        assert bench.query("TRACe:NOTEs? (@1)") == ""
        assert ScpiPromiseBench(bench, 1).erases() == (1, 0, 0)
    emulator.stop()
    again = InProcess(settings(store=store))
    with bench_of(again) as bench:
        bench.advance(1)
        bench.press(channels="1")
        assert bench.display(1).text == "287082"
        seen = {bench.display(2).text.strip()}
        for _ in range(4):
            bench.advance(0.25)
            seen.add(bench.display(2).text.strip())
        assert seen == {"", "-"}
    again.stop()
    for other in (plan(BLINK), plan(None)):
        with pytest.raises(BadStore, match=r"channel 1 of the store runs .*token-hotp\.elf, not"):
            InProcess(settings(other, plan(BLINK), store=store))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The token in C as a library of this machine."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler")
    return str(build_library("hotp", tmp_path_factory.mktemp("library")))


def test_racks_and_stores_have_libraries_too(library: str, tmp_path: Path) -> None:
    store = tmp_path / "rack.db"
    first = InProcess(settings(plan(library), plan(None), plan(), plan(library), store=store))
    with bench_of(first) as bench:
        bench.advance(1)
        bench.press(channels="1,3:4")
        assert [bench.display(n).text for n in (1, 3, 4)] == ["755224"] * 3
        bench.advance(20)
        bench.press(channels="1")
        assert bench.display(1).text == "287082"
        bench.query("*SAV 1;*OPC?")
        bench.advance(20)
        bench.press(channels="1")
        bench.query("*RCL 1;*OPC?")
        bench.advance(1)
        bench.press(channels="1")
        assert bench.display(1).text == "359152", "a snapshot is one of a library's fob too"
    first.stop()
    again = InProcess(settings(store=store))
    with bench_of(again) as bench:
        bench.advance(1)
        bench.press(channels="1,4")
        assert [bench.display(n).text for n in (1, 4)] == ["969429", "287082"]
    again.stop()
    assert Path(library).read_bytes()[:64] not in store.read_bytes(), "no native code in a store"
    moved = Path(library).rename(tmp_path / "gone.so")
    with pytest.raises(BadInput, match="cannot read the firmware: No such file"):
        InProcess(settings(store=store))
    Path(library).write_bytes(moved.read_bytes() + b"\0")
    with pytest.raises(BadInput, match="the library has changed since the store's fob ran it"):
        InProcess(settings(store=store))


WITHOUT_CHANNEL = {
    "link: connecting again": "6A88",
    "link: a frame that comes again": "6D00",
    "link: frames out of sequence": "6A88",
    "application: every object": "GET DATA DF2A: 6A88",
    "application: odd commands": "6D00",
    "application: self test": "GET DATA DF2D: 6A88",
    "application: card recognition data": "6A88",
    "application: key information": "6A88",
    "application: production data": "9F7F",
}
"""Checks of the wire that ask for the channel, or for objects that the token in C does not have."""


@pytest.mark.parametrize("kind", ["image", "library"])
def test_the_token_in_c_has_the_open_objects_of_the_wire(
    kind: str, request: pytest.FixtureRequest
) -> None:
    firmware = TOKEN if kind == "image" else request.getfixturevalue("library")
    with Rack.start(model=BOARD, firmware=firmware, count=2, time=1) as rack:
        said = called(info, "--port", rack[1].port, "--address", "1-2", "--json")
        found = json.loads(said.output)
        assert [one["serial_number"] for one in found] == ["ZZH600000001", "ZZH600000002"]
        state = found[0]
        assert state["life_cycle"] == "in use"
        assert state["clock"]["valid"]
        assert abs(float(state["clock"]["lag_seconds"])) < 5
        assert (state["battery"]["percent"], state["battery"]["estimator"]) == (
            98,
            "loaded_voltage",
        )
        assert state["slots"][0]["counter"] == 0
        assert state["slots"][0]["seed_check"] == seed_check_value(b"12345678901234567890").hex()
        assert (state["tries_left"], state["self_test"], state["error_log"]) == (None, None, [])
        if kind == "library":
            sheet = json.loads(called(check, "--port", rack[1].port, "--json").stdout)["checks"]
            asked = [one for one in sheet if one["name"].split(":")[0] in ("link", "application")]
            failed = {one["name"]: one["reason"] for one in asked if one["outcome"] == "failed"}
            assert set(failed) == set(WITHOUT_CHANNEL)
            assert all(WITHOUT_CHANNEL[name] in reason for name, reason in failed.items())
            assert sum(one["outcome"] == "passed" for one in asked) >= 22


def test_a_rack_of_a_test_runs_any_firmware() -> None:
    with Rack.start(model=BOARD, firmware=TOKEN) as rack:
        rack.time.advance(1)
        assert [rack[1].code(), rack[1].idle_presses(1)] == ["755224", ["287082"]]


def test_the_judge_works_over_a_bench() -> None:
    emulator = InProcess(settings(plan()))
    assert emulator.started.bench is not None
    verdicts = judge_on_bench(
        emulator.started.bench, 1, BOARD, "press: codes", lambda: None, lambda _: None
    )
    emulator.stop()
    assert [verdict.outcome.value for verdict in verdicts] == ["passed"]


@pytest.mark.parametrize("kind", ["ours", "image", "library"])
def test_the_judge_reads_every_program_at_its_port(
    kind: str, request: pytest.FixtureRequest
) -> None:
    firmware = {"ours": None, "image": TOKEN}.get(kind, "")
    if kind == "library":
        firmware = request.getfixturevalue("library")
    model = "fob-h6" if kind == "ours" else BOARD
    preset = "in-use" if kind == "ours" else None
    with Rack.start(model=model, firmware=firmware, preset=preset, count=2) as rack:
        assert rack.bench_address is not None
        rack.time.advance(1)
        asked = ["--sheet", "promises", "--bench", rack.bench_address, "--model", model]
        asked += ["--port", rack[1].port]
        said = called(check, *asked, "--only", "port", "--json")
        sheet = json.loads(said.stdout)
        assert (sheet["passed"], sheet["failed"], sheet["skipped"]) == (3, 0, 0), said.output
        other = called(check, *asked, "--only", "port", "--address", "2")
        assert "is the fob on channel 2 of the bench, not on channel 1" in str(other.exception)


def test_a_life_is_lived_by_any_firmware() -> None:
    said = called(life, "--model", BOARD, "--firmware", TOKEN, "--years", "0.1", "--dice", "2")
    assert said.exit_code == 0, said.output
    assert said.output.split("codes        ")[1].startswith("370\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--firmware", TOKEN], "--firmware needs the board's --model"),
        (["--model", BOARD, "--strict"], "--chip and --strict are valid with --firmware only"),
        (["--model", BOARD, "--firmware", BOARD], "unrecognised firmware: expected an ELF"),
        (["--model", BOARD, "--firmware", TOKEN, "--chip", "nope"], "unknown chip 'nope'"),
        (
            ["--model", BOARD, "--firmware", TOKEN, "--preset", "sealed"],
            "preset sealed is not possible with a firmware of your own",
        ),
    ],
)
def test_run_refuses_in_one_line(arguments: list[str], why: str) -> None:
    said = called(run, *arguments, "--port", "pty:./none")
    assert said.exit_code != 0
    assert why in said.output + str(said.exception)


@pytest.mark.parametrize("kind", ["image", "library"])
def test_presets_that_need_no_command_begin_there(
    kind: str, request: pytest.FixtureRequest
) -> None:
    firmware = TOKEN if kind == "image" else request.getfixturevalue("library")
    with Rack.start(model=BOARD, firmware=firmware, preset="in-use") as rack:
        assert rack[1].code() == "287082", "the first code was seen before"
    with Rack.start(model=BOARD, firmware=firmware, preset="low-battery") as rack:
        rack[1].press()
        assert rack.bench.wait_for_text("bAtt*", 5, 1) is not None
    with Rack.start(model=BOARD, firmware=firmware, preset="dead") as rack:
        rack[1].press()
        rack.time.advance(3)
        assert rack[1].text == ""


CRASHING = """
#include "keyfob_board.h"
static void divide(void) { __asm__ volatile("udf #1"); }
void contact_handler(void) { GPIO_EDGES = ~0u; divide(); }
void rtc_handler(void) {}
void uart_handler(void) {}
int main(void) {
    GPIO_ENABLE = 1;
    NVIC_ENABLE = 1;
    for (;;)
        KF_SLEEP();
}
"""


@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="no gcc-arm-none-eabi")
def test_events_say_where_in_its_source_a_program_failed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples/firmware", tmp_path, dirs_exist_ok=True)
    (tmp_path / "blink.c").write_text(CRASHING, "utf-8")
    subprocess.run(["make", "-s", "-C", tmp_path, "blink.elf"], check=True)
    told: list[str] = []
    wanted = settings(plan(str(tmp_path / "blink.elf")))
    emulator = InProcess(replace(wanted, on_event=told.append))
    with bench_of(emulator) as bench:
        bench.advance(1)
        bench.press()
        events = bench.query("TRACe:EVENts? 20,(@1)")
    emulator.stop()
    assert "program reset: fault in contact_handler" in events
    assert "(blink.c:" in events
    assert any("fob 1: program reset: fault in contact_handler" in line for line in told)


def test_check_says_what_each_sheet_needs() -> None:
    assert "Missing option '--port'" in called(check).output
    assert "--sheet promises needs --model" in called(check, "--sheet", "promises").output
    said = called(check, "--sheet", "promises", "--model", BOARD, "--only", "nope")
    assert "no promise has 'nope' in its name" in said.output


def test_a_preset_is_refused_before_anything_is_made() -> None:
    with pytest.raises(BadInput, match="expected one of blank, in-use, low-battery, dead"):
        apply(plan(), "locked", {})
    assert apply(plan(), None, {"battery.charge": "7%"}).firmware is not None


def called(command: object, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)  # type: ignore[arg-type]
