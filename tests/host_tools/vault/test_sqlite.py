"""Writers of one file: who comes again at once leaves the lock free for those who wait."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from host_tools.vault import sqlite
from host_tools.vault.sqlite_database import SqliteDatabase


class Clock:
    """Stands still unless it is stepped; it keeps how long it was slept for."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("host_tools.vault.sqlite.time", clock)
    monkeypatch.setattr("host_tools.vault.sqlite_database.time", clock)
    return clock


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[SqliteDatabase, SqliteDatabase]]:
    path = tmp_path / "file.db"
    opened = [sqlite.connect(path, 7, "a file", create=True) for _ in range(2)]
    with closing(opened[0]), closing(opened[1]):
        opened[0].execute("CREATE TABLE t (n INTEGER)")
        first, second = (SqliteDatabase(path, connection) for connection in opened)
        yield first, second


def write(database: SqliteDatabase) -> None:
    with database.writing():
        database.data_version()
        database.connection.execute("INSERT INTO t VALUES (1)")


def test_a_lone_writer_never_waits(
    two: tuple[SqliteDatabase, SqliteDatabase], clock: Clock
) -> None:
    for _ in range(3):
        write(two[0])
    assert clock.slept == []


def test_one_that_comes_again_at_once_lets_another_go_first(
    two: tuple[SqliteDatabase, SqliteDatabase], clock: Clock
) -> None:
    first, second = two
    write(first)
    write(second)
    write(first)  # it sees that the other one has written
    assert clock.slept == []
    write(first)
    assert clock.slept == [sqlite.MOMENT_SECONDS]
    clock.now += sqlite.MOMENT_SECONDS
    write(first)
    assert len(clock.slept) == 1, "it does not come at once"
    write(first)
    assert len(clock.slept) == 2
    clock.now += sqlite.OTHERS_SECONDS
    write(first)
    write(first)
    assert len(clock.slept) == 2, "nobody else has written of late"
