"""Bundles: whole or refused, never readable by others, shared with published seeds only."""

import asyncio
import base64
import json
import stat
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import keyfob
from emulator.firmware.files import firmware_source
from emulator.model_source import model_source
from emulator.recordings.bundle import FailureReport, extract, open_recordings, write_bundle
from emulator.recordings.replay import replay as replayed
from emulator.recordings.sharing import reasons_against_sharing
from emulator.settings import FobPlan
from firmware_model.catalogue import load
from firmware_model.errors import BadInput
from firmware_model.firmware.journal import Journal
from firmware_model.firmware.slots import credential_entry
from firmware_model.generators import Hash, OtpKind
from firmware_model.hardware.flash import Page
from firmware_model.wire.scp03_keys import KeySet
from host_tools.client.session import open_session
from host_tools.seeds.generation import published_seed
from tests.emulator.bench_talk import Talk
from tests.emulator.recordings.made import Act, opened, press, recorded
from tests.emulator.recordings.test_recordings import sealed
from tests.shares import every

OLD_FORMATS = Path(__file__).parent / "data"
ROOT = Path(__file__).parents[3]
NO_PINS: Any = None
PUBLISHED = {published_seed(algorithm) for algorithm in Hash}


def reasons(path: Path) -> list[str]:
    with opened(path) as recording:
        return reasons_against_sharing(recording, PUBLISHED.__contains__)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("bundle") / "x.kfrec", press, preset="in-use")


def test_a_bundle_tells_what_failed_and_replays(recording: Path, tmp_path: Path) -> None:
    failure = FailureReport("test_x", "expected 1, found 2", "pytest test_x")
    path = tmp_path / "x.kfbundle"
    write_bundle(path, [recording, recording], failure)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with open_recordings(path) as (told, recordings):
        assert told == failure
        played = [[moment.difference for moment in replayed(one)] for one in recordings]
    assert [len(moments) for moments in played] == [5, 5]
    assert not any(any(moments) for moments in played)
    told, copies = extract(path, tmp_path)
    assert told == failure
    assert [copy.read_bytes() for copy in copies] == [recording.read_bytes()] * 2


def test_damage_and_cuts_of_a_bundle_never_pass_as_another(recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.kfbundle"
    write_bundle(path, [recording], FailureReport("what"))
    whole = path.read_bytes()

    def outcome() -> int:
        with open_recordings(path) as (failure, recordings):
            assert failure.what
            return sum(len(list(replayed(one))) for one in recordings)

    assert outcome() == 5
    for place in every(23, range(len(whole))):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        for content in (bytes(damaged), whole[:place]):
            path.write_bytes(content)
            try:
                assert outcome() == 5  # what is damaged says nothing, such as a date
            except BadInput as error:
                assert str(path) in str(error)  # noqa: PT017 - not every byte of a ZIP counts


def test_later_and_foreign_archives_are_refused(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "x.zip"
    for content, said in (
        ("{}", "is no keyfob bundle"),
        ('{"format": "keyfob bundle", "version": 2}', "unsupported bundle version 2"),
        ('{"format": "keyfob bundle", "version": 1, "recordings": []}', "lacks values"),
    ):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("bundle.json", content)
        with pytest.raises(BadInput, match=said), open_recordings(path):
            pass


async def provision(bench: Talk, record: keyfob.SeedRecord) -> None:
    def act() -> None:
        with open_session(bench.emulator.started.ports[0], 1) as session:
            keyfob.provision(session, record, now=lambda: Decimal(1_800_000_000))

    await asyncio.to_thread(act)


def loaded(seed: bytes | None) -> Act:
    """Return what loads that seed over the line, a fresh one if None."""

    async def act(bench: Talk) -> None:
        record = keyfob.generate_seeds("fob-h6", 1)[0]
        await provision(bench, record if seed is None else replace(record, seed=seed))

    return act


def test_published_seeds_may_be_shared_also_when_loaded_over_the_line(tmp_path: Path) -> None:
    act = loaded(published_seed(Hash.SHA1))
    assert reasons(recorded(tmp_path / "x.kfrec", act, port=f"pty:{tmp_path / 'l'}")) == []


def test_any_other_seed_is_refused_also_where_the_run_began_with_it(tmp_path: Path) -> None:
    expected = ["fob 1 (ZZH600000001) holds a seed that is no published test seed"]
    settings: dict[str, Any] = {"port": f"pty:{tmp_path / 'l'}", "store": tmp_path / "rack.db"}
    assert reasons(recorded(tmp_path / "x.kfrec", loaded(None), **settings)) == expected
    again = recorded(tmp_path / "y.kfrec", press, **(settings | {"start": None}))
    assert reasons(again) == expected


def test_a_seed_that_the_fob_refused_is_refused_too(tmp_path: Path) -> None:
    async def load_twice(bench: Talk) -> None:
        await loaded(published_seed(Hash.SHA1))(bench)

        def store() -> None:
            with open_session(bench.emulator.started.ports[0], 1) as session:
                session.open_channel(keyfob.TEST_KEYS)
                with pytest.raises(keyfob.Refused):
                    session.load_credential(16, keyfob.generate_seeds("fob-h6", 1)[0])

        await asyncio.to_thread(store)

    path = recorded(tmp_path / "x.kfrec", load_twice, port=f"pty:{tmp_path / 'l'}")
    (reason,) = reasons(path)
    assert "refused a command that may have carried a seed" in reason


def test_secret_transport_keys_and_other_programs_are_refused(tmp_path: Path) -> None:
    secret = KeySet(255, bytes(16), bytes(range(16)), bytes(16))
    path = recorded(tmp_path / "x.kfrec", press, transport_keys=lambda _: secret)
    assert reasons(path) == [
        "fob 1 (ZZH600000001) has SCP03 keys that are not the public test keys"
    ]
    board = model_source(str(ROOT / "examples/firmware/board-hotp.toml"))
    firmware = firmware_source(str(ROOT / "vectors/firmware/blink.elf"))
    plan = FobPlan(source=board, firmware=firmware)
    path = recorded(tmp_path / "y.kfrec", advance, plans=(plan,))
    assert reasons(path) == ["fob 1 runs a firmware of your own: no one knows where its seeds are"]


async def advance(bench: Talk) -> None:
    await bench.say("TIME:ADV 1")
    assert await bench.error() == 0


@pytest.mark.parametrize("file", sorted(OLD_FORMATS.glob("*.kfbundle")), ids=lambda path: path.stem)
def test_every_format_there_ever_was_is_read(file: Path) -> None:
    with open_recordings(file) as (failure, recordings):
        assert failure == FailureReport("test_x", "expected 1, found 2", "pytest test_x")
        assert [len(list(one.inputs)) for one in recordings] == [4]
    assert (OLD_FORMATS / "format-1.kfbundle").exists()


def test_a_seed_in_a_page_that_the_run_never_wrote_is_found(tmp_path: Path) -> None:
    path = recorded(tmp_path / "x.kfrec", advance)
    assert reasons(path) == []
    lines = path.read_bytes().splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith(b'{"fob":1,"serial'))
    fob = json.loads(lines[place])
    part = load("fob-h6").flash
    page = Page.restored(base64.b64decode(fob["images"]["flash/1"]), part.page_bytes)
    entry = credential_entry(
        kind=OtpKind.HOTP,
        algorithm=Hash.SHA1,
        digits=6,
        step_seconds=0,
        t0_seconds=0,
        counter=0,
        seed=bytes(range(20)),
    )
    record = Journal(NO_PINS, (0, 0), part.page_bytes, part.word_bytes)._record(0x10, entry)
    page.cells[16 : 16 + len(record)] = record
    fob["images"]["flash/1"] = base64.b64encode(page.image()).decode()
    lines[place] = json.dumps(fob, separators=(",", ":")).encode()
    path.write_bytes(sealed(lines))
    assert "fob 1 (ZZH600000001) holds a seed that is no published test seed" in reasons(path)
