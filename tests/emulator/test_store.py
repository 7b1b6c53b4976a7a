"""The store: locked, private, all or nothing."""

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from emulator.store import FobRecord, RackStore, TimeRecord
from firmware_model.errors import BadStore, InUse
from firmware_model.units import SimTime

BIRTH = FobRecord(1, "ZZH600000001", "fob-h6", bytes(10), bytes(32))


def test_what_was_committed_is_there_again_and_the_rest_is_not(tmp_path: Path) -> None:
    store = RackStore(tmp_path / "rack.db")
    store.add_fob(BIRTH)
    store.put_image(1, "flash", b"old")
    store.put_image(1, "flash", b"new")
    store.put_time(TimeRecord(SimTime(5), -7))
    store.commit()
    store.put_image(1, "flash", b"lost")
    store.close()
    again = RackStore(tmp_path / "rack.db")
    assert again.fob_records() == [BIRTH]
    assert again.images() == {1: {"flash": b"new"}}
    assert again.time_record() == TimeRecord(SimTime(5), -7)
    again.close()


def test_the_file_is_private_from_the_first_moment_and_made_so_if_it_was_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "rack.db"
    store = RackStore(path)
    store.add_fob(BIRTH)
    store.commit()
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {0o600}
    store.close()
    path.chmod(0o644)
    RackStore(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_process_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "rack.db"
    holder = (
        "import sys; from pathlib import Path; from emulator.store import RackStore;"
        f"s = RackStore(Path({str(path)!r})); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(InUse, match="in use by another keyfob run") as caught:
            RackStore(path)
        assert caught.value.exit_status == 5
        process.kill()
        process.wait()
    RackStore(path).close()


@pytest.mark.parametrize("content", [b"not a database at all, but text\n" * 50, b"x"])
def test_another_file_is_no_store_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    with pytest.raises(BadStore, match=r"letter\.txt"):
        RackStore(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE fob (x)")
    database.close()
    with pytest.raises(BadStore, match=r"other\.db is not a keyfob store"):
        RackStore(path)


def test_a_store_where_there_is_no_folder_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadStore, match="No such file or directory") as caught:
        RackStore(tmp_path / "missing" / "rack.db")
    assert caught.value.exit_status == 2


def test_commits_are_synchronous_in_a_write_ahead_log(tmp_path: Path) -> None:
    store = RackStore(tmp_path / "rack.db")
    ask = store._database.execute
    assert ask("PRAGMA journal_mode").fetchone() == ("wal",)
    assert ask("PRAGMA synchronous").fetchone() == (2,)  # FULL
    store.close()


def test_an_erased_seed_is_in_no_file_from_the_commit_on(tmp_path: Path) -> None:
    """As after kill -9: the files are read while the store is open, and it is never closed."""
    seed = b"a seed of twenty bytes!" * 40
    store = RackStore(tmp_path / "rack.db")
    store.add_fob(BIRTH)
    for image in (b"\xff" * len(seed), seed, seed[:-1] + b"\x00"):
        store.put_image(1, "flash/3", image)
        store.put_image(1, "board", bytes(3000))
        store.commit()
    assert seed[:40] in b"".join(file.read_bytes() for file in tmp_path.iterdir())
    store.put_image(1, "flash/3", b"\xff" * len(seed))
    store.commit()
    files = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    store.close()
    assert seed[:20] not in files
    assert seed[100:123] not in files


def test_a_damaged_row_is_named_and_no_internal_error(tmp_path: Path) -> None:
    path = tmp_path / "rack.db"
    store = RackStore(path)
    store.add_fob(BIRTH)
    store.put_image(1, "flash/0", b"image")
    store.put_time(TimeRecord(SimTime(5), -7))
    store.commit()
    store.close()
    for statement, read in (
        ("UPDATE fob SET chip_id = 7", RackStore.fob_records),
        ("UPDATE image SET image = 'text'", RackStore.images),
        ("UPDATE true_time SET offset_ns = 'x'", RackStore.time_record),
    ):
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(statement)
        store = RackStore(path)
        with pytest.raises(BadStore, match="altered or damaged"):
            read(store)
        store.close()


def test_a_store_of_version_1_opens(tmp_path: Path) -> None:
    path = tmp_path / "rack.db"
    path.write_bytes(Path("vectors/stores/1/rack.db").read_bytes())
    store = RackStore(path)
    assert [record.serial_number for record in store.fob_records()] == [
        "ZZH600000001",
        "ZZH600000002",
    ]
    store.close()


def test_an_image_that_is_as_it_was_writes_nothing(tmp_path: Path) -> None:
    with closing(RackStore(tmp_path / "rack.db")) as store:
        written = tmp_path / "rack.db-wal"
        for image, grows in ((b"old", True), (b"old", False), (b"new", True), (b"new", False)):
            before = written.stat().st_size
            store.put_image(1, "board", image)
            store.commit()
            assert (written.stat().st_size > before) is grows
        assert store.images() == {1: {"board": b"new"}}
