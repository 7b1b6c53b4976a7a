"""A secret that a store has let go of is in none of its files, whatever was killed in between."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from host_tools.vault import sqlite
from host_tools.vault.migration import open_guarded
from tests.host_tools.vault.erasing import BOTH_KEYS, ERASURES, PIECE, killed_at, statements_of
from tests.host_tools.vault.stores import KINDS
from tests.host_tools.verification.hosts import memory_folder
from tests.shares import every

EMPTIES = "PRAGMA wal_checkpoint(TRUNCATE)"


@pytest.fixture
def folder() -> Iterator[Path]:
    with memory_folder() as folder:
        yield folder


def files_of(path: Path) -> dict[str, bytes]:
    """The store's files as they are: main file, write-ahead log, journal, shared memory."""
    return {file.name: file.read_bytes() for file in path.parent.glob(f"{path.name}*")}


def holding(secrets: set[bytes], files: dict[str, bytes]) -> list[str]:
    """The files that hold a piece of one of the sealed secrets."""
    assert all(len(secret) >= PIECE for secret in secrets)
    pieces = [
        secret[start : start + PIECE]
        for secret in secrets
        for start in range(0, len(secret) - PIECE + 1, PIECE)
    ]
    return sorted(name for name, held in files.items() if any(one in held for one in pieces))


def made(name: str, folder: Path) -> tuple[Path, set[bytes]]:
    """A store with secrets; it is called by its kind."""
    path = folder / f"{name.partition(',')[0]}.db"
    ERASURES[name].make(path)
    return path, ERASURES[name].kept(path)


@pytest.mark.parametrize("name", ERASURES)
def test_what_is_let_go_is_gone_while_the_store_is_still_open(folder: Path, name: str) -> None:
    path, before = made(name, folder)
    assert holding(before, files_of(path)), "it is looked for where it is"
    with closing(sqlite3.connect(path)) as idle:  # keeps the last to close from emptying the log
        idle.execute("SELECT * FROM identity").fetchall()
        ERASURES[name].erase(path)
        assert path.with_name(f"{path.name}-wal").exists()
        gone = before - ERASURES[name].kept(path)
        assert gone
        assert holding(gone, files_of(path)) == []


@pytest.mark.parametrize("name", ERASURES)
def test_what_another_reads_at_that_moment_is_gone_once_the_store_is_opened_again(
    folder: Path, name: str
) -> None:
    path, before = made(name, folder)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM identity").fetchall()
        ERASURES[name].erase(path)
        left = files_of(path)
        reader.execute("COMMIT")
        assert holding(before - ERASURES[name].kept(path), left), "nobody could empty the log"
        assert_gone(name, path, before)


@pytest.mark.slow
@pytest.mark.parametrize("name", ERASURES)
def test_whatever_statement_it_was_killed_at_it_is_gone_or_still_in_use(
    folder: Path, name: str
) -> None:
    path, before = made(name, folder)
    kept = folder / "before"
    shutil.copy(path, kept)
    statements = statements_of(name, path)
    commits = [number for number, text in enumerate(statements) if text == "COMMIT"]
    empties = [number for number, text in enumerate(statements) if text == EMPTIES]
    assert empties
    assert commits
    assert empties[-1] > commits[-1], "the log is emptied after the last commit"
    sharpest = [commits[-1], empties[-1]]
    for number in {*sharpest, *every(60, range(len(statements)))}:
        for file in folder.glob(f"{path.name}*"):
            file.unlink()
        shutil.copy(kept, path)
        killed_at(name, path, number)
        left = files_of(path)
        assert_gone(name, path, before)
        if number == empties[-1]:
            assert holding(before - ERASURES[name].kept(path), left), "the kill came too late"


def assert_gone(name: str, path: Path, before: set[bytes]) -> None:
    """Open the store as its next user does: what no row has is in no file while it is open."""
    with open_guarded(path, KINDS[path.stem].schema, BOTH_KEYS, create=False) as store:
        assert holding(before - ERASURES[name].kept(path), files_of(path)) == []
        assert store.faults() == []


@pytest.mark.parametrize("weaker", ["nothing is overwritten", "the log is not emptied"])
def test_a_weaker_store_would_be_noticed(
    folder: Path, weaker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if weaker == "the log is not emptied":
        monkeypatch.setattr(sqlite, "forget_old_pages", lambda _: None)
    else:
        monkeypatch.setattr(sqlite, "_SECURE_DELETE", "PRAGMA secure_delete = OFF")
    with pytest.raises(AssertionError):
        test_what_is_let_go_is_gone_while_the_store_is_still_open(folder, "soft, withdraw")
