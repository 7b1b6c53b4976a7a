"""Snapshots of a running rack: the same code again, in a new incarnation; files; bad input."""

import asyncio
import json
import stat
from pathlib import Path

import pytest

from emulator.snapshots.saved import restore, save
from emulator.snapshots.snapshot_file import read_snapshot, write_snapshot
from firmware_model.errors import BadInput
from tests.emulator.bench_talk import START, Talk, rack_of, store_in, with_bench

OLD_FORMATS = Path(__file__).parent / "data"


async def code(bench: Talk, channel: int = 1) -> str:
    await bench.say(f"BUTT:PRES 0.2,(@{channel})")
    return await bench.ask(f'DISP:WAIT? "[0-9][0-9][0-9][0-9][0-9][0-9]",5,(@{channel})')


async def refusal(bench: Talk, line: str) -> str:
    await bench.say(line)
    return await bench.ask("SYST:ERR?")


def test_a_recall_brings_the_same_code_in_a_new_incarnation() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("*SAV 1")
        assert await code(bench) == '"287082"'  # RFC 4226 Appendix D, counter 1
        await bench.say("TIME:ADV 60")
        before = await bench.ask("TIME:NOW?")
        await bench.say("*RCL 1")
        assert await bench.ask("TIME:NOW?") == before  # true time goes on
        assert await bench.ask("SNAP:INC?;CAT?") == '2;"1"'
        assert "restored: incarnation 2" in await bench.ask("TRAC:EVEN?")
        assert await code(bench) == '"287082"'
        await bench.say("*RST")
        assert await bench.ask("SNAP:CAT?") == '"1"'

    with_bench(rack_of(preset="in-use"), act)


def test_a_clock_has_gone_on_and_flash_cell_and_display_are_as_saved() -> None:
    async def act(bench: Talk) -> None:
        charge = await bench.ask("BATT:CHAR?")
        await bench.say('SNAP:SAVE "before"')
        shown = await code(bench)
        await bench.say("BATT:CHAR 3", "TEMP -20", "TIME:ADV 86400", 'SNAP:REST "before"')
        assert await bench.ask("DISP:TEXT?;:TEMP?") == '"";25'
        assert abs(float(await bench.ask("BATT:CHAR?")) - float(charge)) <= 0.2
        assert abs(float(await bench.ask("CLOC:ERR?"))) < 5
        assert await code(bench) != shown  # a day later
        await bench.say("*WAI", "BUTT:DOWN", 'SNAP:REST "before"', "BUTT:STAT?;DOWN;UP")
        assert await bench.hear() == "0"
        assert await bench.error() == 0

    with_bench(rack_of(preset="in-use", model="fob-t60"), act)


def test_one_channel_is_restored_and_a_twin_is_made() -> None:
    async def act(bench: Talk) -> None:
        await bench.say('SNAP:SAVE "rack"', 'SNAP:SAVE "first",(@1)')
        assert [await code(bench, n) for n in (1, 2)] == ['"287082"'] * 2
        await bench.say("TIME:ADV 60", 'SNAP:REST "rack",(@2)')
        assert [await code(bench, n) for n in (1, 2)] == ['"359152"', '"287082"']
        assert await bench.ask("SNAP:INC? (@1:2)") == "1,2"
        await bench.say("TIME:ADV 60", 'SNAP:COPY "rack",1,(@2)')
        assert await code(bench, 2) == '"287082"'
        assert "has no channel 2" in await refusal(bench, 'SNAP:REST "first",(@1:2)')
        assert await bench.ask("SNAP:INC? (@1:2)") == "1,3"  # nothing half done

    with_bench(rack_of(2, preset="in-use"), act)


def test_a_cut_supply_is_restored_as_it_was_and_the_store_keeps_the_new_life(
    tmp_path: Path,
) -> None:
    async def act(bench: Talk) -> None:
        await bench.say('SNAP:SAVE "on"', "POW:CUT", 'SNAP:SAVE "off"', 'SNAP:REST "on"')
        assert await bench.ask("POW:STAT?;:STAT:QUES:COND?") == "1;0"
        await bench.say('SNAP:REST "off"')
        assert await bench.ask("POW:STAT?;:STAT:QUES:COND?") == "0;8"
        await bench.say('SNAP:REST "on"')
        assert await code(bench) == '"287082"'
        await bench.say('SNAP:REST "on"')
        assert await bench.error() == 0

    async def again(bench: Talk) -> None:
        assert await code(bench) == '"287082"'

    settings = rack_of(preset="in-use", store=store_in(tmp_path))
    with_bench(settings, act)
    with_bench(rack_of(preset="in-use", store=store_in(tmp_path), start=None), again)


def test_a_wait_goes_on_over_a_restore() -> None:
    async def act(bench: Talk) -> None:
        other = await Talk(bench.emulator).open()
        await bench.say("TIME:REAL", '*SAV 0;:DISP:WAIT? "287082",50')
        while "0" not in await other.ask("SNAP:CAT?"):
            await asyncio.sleep(0)
        await other.say("*RCL 0", "BUTT:PRES 0.05")
        assert await bench.hear() == '"287082"'
        await other.close()

    with_bench(rack_of(preset="in-use"), act)


def test_files_are_private_and_outlive_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "kept"

    async def act(bench: Talk) -> None:
        await bench.say('SNAP:SAVE "in use"')
        assert await bench.error() == 0
        assert await code(bench) == '"287082"'

    async def later(bench: Talk) -> None:
        assert await bench.ask("SNAP:CAT?") == '"in use"'
        await code(bench)
        await bench.say('SNAP:REST "in use"')
        assert await code(bench) == '"287082"'
        await bench.say('SNAP:DEL "in use"')
        assert await bench.ask("SNAP:CAT?") == ""

    async def earlier(bench: Talk) -> None:
        said = await refusal(bench, 'SNAP:REST "in use"')
        assert said.startswith('-221,"Settings conflict;the snapshot is of a later time')
        assert await bench.ask("SNAP:INC?") == "1"

    async def other(bench: Talk) -> None:
        assert "another model" in await refusal(bench, 'SNAP:COPY "in use",1,(@1)')
        assert "is ZZT6" in await refusal(bench, 'SNAP:REST "in use"')

    with_bench(rack_of(preset="in-use", snapshots=folder), act)
    file = folder / "in use.kfsnap"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == [file.name]
    with_bench(rack_of(preset="in-use", snapshots=folder, start=START - 10**9), earlier)
    with_bench(rack_of(preset="in-use", model="fob-t60", snapshots=folder), other)
    with_bench(rack_of(preset="in-use", snapshots=folder), later)
    assert not file.exists()


@pytest.mark.parametrize("file", sorted(OLD_FORMATS.glob("*.kfsnap")), ids=lambda p: p.stem)
def test_every_format_there_ever_was_is_read(file: Path) -> None:
    async def act(bench: Talk) -> None:
        restore(bench.emulator.rack, read_snapshot(file), bench.emulator.rack.fobs)
        assert await code(bench) == '"287082"'

    with_bench(rack_of(preset="in-use"), act)
    assert OLD_FORMATS.joinpath("format-1.kfsnap").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: b"", "no keyfob snapshot"),
        (lambda _: b"[" * 100_000, "no keyfob snapshot"),
        (lambda text: text.replace(b'"version": 1', b'"version": 2'), "version 2: this keyfob"),
        (
            lambda text: text.replace(b"in_use", b"").replace(b'"powered": t', b'"pow": t'),
            "damaged",
        ),
        (lambda text: text[: len(text) // 2], "no keyfob snapshot"),
        (lambda _: b'{"format": "keyfob snapshot", "version": 1}', "damaged"),
        (lambda _: b'{"format": "keyfob snapshot", "version": []}', "no keyfob snapshot"),
    ],
)
def test_damaged_files_are_refused(change: object, said: str, tmp_path: Path) -> None:
    assert callable(change)
    path = tmp_path / "x.kfsnap"
    path.write_bytes(change((OLD_FORMATS / "format-1.kfsnap").read_bytes()))
    with pytest.raises(BadInput, match=said):
        read_snapshot(path)


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    async def act(bench: Talk) -> None:
        saved = save(bench.emulator.rack, bench.emulator.rack.fobs)
        write_snapshot(tmp_path / "x.kfsnap", saved)
        assert read_snapshot(tmp_path / "x.kfsnap") == saved
        with pytest.raises(BadInput, match="cannot write snapshot"):
            write_snapshot(tmp_path / "no" / "x.kfsnap", saved)
        assert json.loads((tmp_path / "x.kfsnap").read_text())["version"] == 1

    with_bench(rack_of(preset="in-use"), act)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("*RCL 1", -221),
        ("*SAV 10", -222),
        ("*SAV", -109),
        ('SNAP:SAVE "../x"', -221),
        ('SNAP:SAVE ""', -221),
        ('SNAP:REST "nope"', -221),
        ('SNAP:DEL "nope"', -221),
        ('SNAP:COPY "nope",1', -221),
        ("SNAP:SAVE nope", -104),
    ],
)
def test_bad_input_changes_nothing(line: str, number: int) -> None:
    async def act(bench: Talk) -> None:
        assert (await refusal(bench, line)).startswith(f"{number},")
        assert await bench.ask("SNAP:CAT?;INC?") == ";1"

    with_bench(rack_of(), act)
