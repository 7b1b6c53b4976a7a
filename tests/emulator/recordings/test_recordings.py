"""A recording replays byte for byte; damage, a cut, another version and another fob are found."""

import asyncio
import json
import re
import stat
from pathlib import Path
from typing import get_args
from zlib import crc32

import pytest

from emulator.app import Emulator
from emulator.firmware.files import firmware_source
from emulator.model_source import model_source
from emulator.recordings.reading import CutShort
from emulator.recordings.recorder import CHECK
from emulator.recordings.replay import words_of
from emulator.recordings.spelling import INPUT_WORDS, read_input, spell_input
from emulator.settings import FobPlan
from firmware_model import inputs
from firmware_model.errors import BadInput
from firmware_model.hardware.thermal import Course
from firmware_model.inputs import Input
from host_tools.client.session import open_session
from tests.emulator.bench_talk import Talk, rack_of, with_bench
from tests.emulator.recordings.made import opened, press, recorded, replayed

OLD_FORMATS = Path(__file__).parent / "data"
ROOT = Path(__file__).parents[3]
PAGE = ROOT / "emulator/panel/page"


async def a_life(bench: Talk) -> None:
    """Press, heat, cut inside flash, restore, drain, go back to a snapshot, talk over the line."""
    await press(bench)
    await bench.say("*SAV 1", "TIME:ADV 86400", "TEMP -20", "POW:CUT:ARM 3,40")
    await press(bench)
    await bench.say("POW:REST", "TIME:ADV 7", "BATT:CHAR 3", "BUTT:STUC ON", "BUTT:STUC OFF")
    await press(bench)
    await bench.say("TEMP 25", "*RCL 1", "DISP:SEGM:BROK 2,3", "CLOC:SHIF -60", "TIME:ADV 9")
    await press(bench)
    port = bench.emulator.started.ports[0]
    with await asyncio.to_thread(open_session, port, 1):
        pass
    assert await bench.ask("DISP:TEXT?") != '""'


@pytest.mark.parametrize("model", ["fob-h6", "fob-t60", "sid-always"])
def test_a_life_of_everything_replays_byte_for_byte(model: str, tmp_path: Path) -> None:
    port = f"pty:{tmp_path / 'line'}"
    path = recorded(tmp_path / "x.kfrec", a_life, 2, preset="in-use", model=model, port=port)
    moments = replayed(path)
    assert len(moments) > 20
    assert not any(moment.difference for moment in moments)
    assert {moment.fob.number for moment in moments} == {1, 2}
    frames = [frame for moment in moments for frame in moment.frames]
    assert any(frame.startswith("→ SNRM") for frame in frames)
    assert any(frame.startswith("← UA") for frame in frames)
    events = [event for moment in moments for event in moment.events]
    assert {"booted", "pressed", "restored from a snapshot"} <= set(events)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_foreign_firmware_replays_too(tmp_path: Path) -> None:
    board = ROOT / "examples/firmware/board-hotp.toml"
    source = firmware_source(str(ROOT / "vectors/firmware/token-hotp.elf"))
    plan = FobPlan(source=model_source(str(board)), firmware=source)

    async def act(bench: Talk) -> None:
        await bench.say("TIME:ADV 1", "BUTT:PRES 0.2", "TIME:ADV 1")
        assert (await bench.ask("DISP:TEXT?")).strip('" ') == "755224"

    path = tmp_path / "x.kfrec"
    with_bench(rack_of(plans=(plan,), record=path), act)
    moments = replayed(path)
    assert not any(moment.difference for moment in moments)
    assert moments[-1].glass == "755224"


def test_a_recorded_run_is_no_other_than_one_that_is_not(tmp_path: Path) -> None:
    async def codes(bench: Talk) -> None:
        for code in ("287082", "359152"):
            await press(bench)
            assert await bench.ask('DISP:WAIT? "[0-9][0-9][0-9][0-9][0-9][0-9]",5') == f'"{code}"'
            await bench.say("TIME:ADV 60")

    recorded(tmp_path / "x.kfrec", codes, preset="in-use")
    with_bench(rack_of(preset="in-use"), codes)


def test_the_first_difference_is_found_with_both_glasses(tmp_path: Path) -> None:
    path = recorded(tmp_path / "x.kfrec", press, preset="in-use")
    lines = path.read_bytes().splitlines()
    changed = [line.replace(b'["show","287082",', b'["show","287083",') for line in lines]
    assert lines != changed
    path.write_bytes(sealed(changed))
    moments = replayed(path)
    found = moments[-1].difference
    assert found is not None
    assert found.recorded is not None
    assert found.replayed is not None
    assert found.recorded[:2] == ("show", "287083")
    assert found.replayed[:2] == ("show", "287082")
    assert (found.recorded_glass, found.replayed_glass) == ("287083", "287082")
    assert not any(moment.difference for moment in moments[:-1])


def test_a_changed_input_is_a_difference_too(tmp_path: Path) -> None:
    path = recorded(tmp_path / "x.kfrec", press, preset="in-use")
    lines = path.read_bytes().splitlines()
    place = next(n for n, line in enumerate(lines) if b'["contact",true,0]' in line)
    path.write_bytes(sealed([*lines[:place], *lines[place + 1 : -1], b'{"end":4,"check":""}']))
    assert replayed(path)[-1].difference is not None


def sealed(lines: list[bytes]) -> bytes:
    """Return lines with check values that are right again, as a forger would make them."""
    check, found = 0, b""
    for line in lines:
        data = line.rpartition(CHECK.encode())[0]
        check = crc32(data, check)
        found += data + CHECK.encode() + b'%08x"}\n' % check
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("recording") / "x.kfrec"
    return recorded(path, press).read_bytes()


def read(content: bytes, folder: Path) -> int:
    path = folder / "damaged.kfrec"
    path.write_bytes(content)
    return len(replayed(path))


def test_a_killed_run_is_replayed_up_to_its_end_and_said_to_be_cut(
    whole: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "cut.kfrec"
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    with opened(path) as recording:
        inputs = recording.inputs
        assert len([next(inputs) for _ in range(4)]) == 4
        with pytest.raises(CutShort, match=r"cut\.kfrec ends in line 8 without its end"):
            next(inputs)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'"version":1', b'"version":2', "unsupported recording version 2: this keyfob reads up"),
        (b'"version":1', b'"version":"x"', "unsupported recording version x"),
        (b'"fobs":1', b'"fobs":-1', "damaged in line 1"),
        (b'"fobs":1', b'"fobs":2', "damaged in line 4"),
        (b'"model":0', b'"model":7', "damaged in line 3"),
        (b'"board":"', b'"boar":"', "no whole state of fob 1"),
        (b'["contact",true,0]', b'["contact",1,0]', "damaged in line 5"),
        (b'["contact",true,0]', b'["jump"]', "damaged in line 5"),
        (b'["contact",true,0]', b"7", "damaged in line 5"),
        (b'["contact",true,0]', b'["contact",true,99]', "no fob takes|damaged in line 5"),
        (b'["contact",true,0]', b'["course",[]]', "damaged in line 5"),
        (b'"fob":1,"in":["contact",true', b'"fob":9,"in":["contact",true', "no run could have"),
        (b'"end":4', b'"end":5', "its end is not where"),
    ],
)
def test_a_forged_recording_is_refused(
    old: bytes, new: bytes, said: str, whole: bytes, tmp_path: Path
) -> None:
    assert old in whole
    with pytest.raises(BadInput, match=said):
        read(sealed(whole.replace(old, new, 1).splitlines()), tmp_path)


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"\n", b"PK", b"{}", b"\xff" * 1000, b"[" * 100_000 + b"\n"):
        with pytest.raises(BadInput, match="is no keyfob recording"):
            read(content, tmp_path)


def test_a_recording_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "x.kfrec"
    path.write_text("mine")

    async def start(where: Path) -> None:
        async with Emulator(rack_of(record=where)):
            pass

    with pytest.raises(BadInput, match="exists: name another file"):
        asyncio.run(start(path))
    assert path.read_text() == "mine"
    with pytest.raises(BadInput, match="cannot write recording"):
        asyncio.run(start(tmp_path / "no" / "x.kfrec"))


@pytest.mark.parametrize("file", sorted(OLD_FORMATS.glob("*.kfrec")), ids=lambda path: path.stem)
def test_every_format_there_ever_was_is_read(file: Path) -> None:
    with opened(file) as recording:
        assert len(list(recording.inputs)) == 4
        assert recording.run.fobs[0].serial_number == "ZZH600000001"
    assert (OLD_FORMATS / "format-1.kfrec").exists()


def test_a_model_with_other_parts_is_named(whole: bytes, tmp_path: Path) -> None:
    lines = whole.splitlines()
    model = json.loads(lines[1])
    assert model["model"] == "fob-h6"
    lines[1] = lines[1].replace(model["digest"].encode(), b"0" * 64)
    path = tmp_path / "x.kfrec"
    path.write_bytes(sealed(lines))
    with opened(path) as recording:
        assert recording.run.notes == ("model fob-h6 has other parts than when this was recorded",)


def samples() -> list[Input]:
    return [
        inputs.Wake(),
        inputs.Reset(),
        inputs.ContactMoved(closed=False, number=3),
        inputs.Receive(b"\x7e\x00", 7, 9600),
        inputs.LineSignals(data_terminal_ready=False, breaking=True, baud_rate=300),
        inputs.Temperature(-20_000),
        inputs.TemperatureCourse(Course(((3600, 25_000), (60, -5)))),
        inputs.Charge(30),
        inputs.CellRemoved(),
        inputs.CellInserted(),
        inputs.CutArmed(3, 500),
        inputs.ButtonStuck(stuck=True),
        inputs.SegmentsBroken(((0, 6), (5, 1))),
        inputs.ClockShifted(-(10**18)),
        inputs.CycleCutArmed(10**12),
        inputs.CrystalHalted(halted=True),
        inputs.FlashFlipped(1, 1023, 0x80),
        inputs.FlashWorn(0),
        inputs.Installed('dev"ice\u3042'),
        inputs.Moved("other"),
        inputs.Typed("service", "user", "secret words", bytes(range(32))),
        inputs.Tapped(inputs.AppTap.LOGIN),
    ]


def test_every_input_can_be_spelled_read_and_said() -> None:
    assert {type(one) for one in samples()} == set(INPUT_WORDS.values()) == set(get_args(Input))
    for one in samples():
        assert read_input(json.loads(spell_input(one))) == one
        said = words_of(one)
        assert said
        assert "secret" not in said


def test_the_panel_says_every_input_in_japanese_too() -> None:
    texts = (PAGE / "texts.js").read_text("utf-8")
    table = texts[texts.index("const INPUTS = [") : texts.index("const CAUSES")]
    patterns = re.findall(r"\[/(\^[^/]*\$)/, \"", table)
    assert len(patterns) > 20
    for one in samples():
        said = words_of(one)
        assert any(re.search(pattern, said) for pattern in patterns), said
