"""Rows that a store keeps: never one that somebody else has changed, or that was rolled back."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.errors import BadInput, Denied
from host_tools.vault.audit import AuditEntry
from host_tools.vault.database import Fetched
from host_tools.vault.guarded import GuardedStore
from host_tools.vault.kept_rows import FINDS_MAX, ROWS_MAX, KeptRows
from host_tools.vault.sqlite import StoreAltered
from host_tools.vault.tables import Change
from host_tools.verification.decision import Verdict
from host_tools.verification.host import Host
from host_tools.verification.schema import SETTING, TOKEN
from host_tools.verification.states import TokenEvent, TokenState
from tests.host_tools.verification.hosts import (
    KEYS,
    NOON,
    PRESSED,
    SPARE,
    TIMED,
    code,
    file_of,
    memory_folder,
    new_host,
)
from tests.shares import times

BLANK = AuditEntry(NOON, "", "")
POLICY = "[enrolment]\ncodes = 0\nusers_per_token = 2\n[limits]\nlock_after_failures = 3\n"


@pytest.fixture
def path() -> Iterator[Path]:
    with memory_folder() as folder:
        with new_host(folder / "host.db", POLICY) as host:
            host.enroll(PRESSED, "alice", [], NOON)
        yield folder / "host.db"


@pytest.fixture
def host(path: Path) -> Iterator[Host]:
    """A host that keeps the rows of PRESSED."""
    with Host.open(path, KEYS) as host:
        assert host.verify([code(0)], NOON, token=PRESSED).accepted
        yield host


def guarded_of(host: Host) -> GuardedStore:
    return host._store.guarded


def statements(host: Host, act: Callable[[], object]) -> list[str]:
    """What the database is told while `act` runs."""
    told: list[str] = []
    file_of(host).set_trace_callback(told.append)
    act()
    file_of(host).set_trace_callback(None)
    return told


def reads(told: Sequence[str]) -> list[str]:
    """The queries among them, without the names that were asked for."""
    found = [each for each in told if each.lstrip().startswith("SELECT")]
    return [re.sub(r"'[^']*'", "?", each) for each in found]


def edited(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute(sql)


def test_what_was_read_or_written_is_not_read_again(host: Host) -> None:
    told = statements(host, lambda: host.verify([code(1)], NOON, token=PRESSED))
    assert reads(told) == []
    guarded = guarded_of(host)
    (row,) = guarded.select(TOKEN, "serial_number = ?", (PRESSED,))
    assert guarded.get(TOKEN, PRESSED) == row, "what is kept is what is there"


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE token SET digits = 8 WHERE id = 1",
        "UPDATE token SET serial_number = 'ZZ' WHERE id = 1",
        "UPDATE enrolment SET ended = 5",
        "UPDATE tally SET failures = failures + 1 WHERE subject LIKE 'ZZ%'",
        "DELETE FROM enrolment",
        "DELETE FROM tally",
        "UPDATE token SET revision = revision - 1",
    ],
)
def test_an_edit_beside_an_open_host_is_found_before_anything_is_decided(
    host: Host, path: Path, edit: str
) -> None:
    end = host.audit_head()
    edited(path, edit)
    with pytest.raises(StoreAltered):
        host.verify([code(1)], NOON, token=PRESSED)
    assert host.audit_head() == end


def test_another_host_is_seen_at_once(host: Host, path: Path) -> None:
    with Host.open(path, KEYS) as other:
        assert other.verify([code(1)], NOON, token=PRESSED).accepted
        again = host.verify([code(1)], NOON, token=PRESSED)
        assert again.decision.verdict is Verdict.REPLAYED
        other.move(TokenEvent.SUSPEND, PRESSED, NOON)
        assert host.status(PRESSED, NOON).state is TokenState.SUSPENDED
        barred = host.verify([code(2)], NOON, token=PRESSED)
        assert barred.decision.verdict is Verdict.SUSPENDED
        other.move(TokenEvent.RESUME, PRESSED, NOON)
        other.move(TokenEvent.RELEASE, PRESSED, NOON)
        other.enroll(PRESSED, "bob", [], NOON)
        assert not host.verify([code(2)], NOON, user="alice").accepted
        assert host.verify([code(2)], NOON, user="bob").accepted
        assert host.audit_faults() == []


def test_a_row_is_looked_at_anew_in_and_out_of_a_transaction(host: Host, path: Path) -> None:
    guarded = guarded_of(host)

    def digits() -> int:
        return int((guarded.get(TOKEN, PRESSED) or {})["digits"])

    with Host.open(path, KEYS) as other:
        for value in (7, 8):
            theirs = guarded_of(other)
            change = Change(TOKEN, theirs.get(TOKEN, PRESSED), {"digits": value})
            theirs.commit([BLANK], [change])
            if value == 7:
                assert digits() == value
            else:
                with guarded.writing():
                    assert digits() == value


def test_a_user_who_comes_back_is_found(host: Host) -> None:
    host.move(TokenEvent.RELEASE, PRESSED, NOON)
    for _ in range(2):  # the second one is kept
        assert host.verify([code(1)], NOON, user="alice").decision.verdict is Verdict.UNKNOWN
    host.enroll(PRESSED, "alice", [], NOON)
    assert host.verify([code(1)], NOON, user="alice").accepted


def test_a_store_is_whole_while_another_one_writes(host: Host, path: Path) -> None:
    factors = count(1)
    with Host.open(path, KEYS) as other:
        database = guarded_of(other).database
        fetch = database.fetch

        def after_a_commit(sql: str, values: Sequence[object] = ()) -> list[Fetched]:
            assert host.verify([code(next(factors))], NOON, token=PRESSED).accepted
            return fetch(sql, values)

        database.fetch = after_a_commit  # type: ignore[method-assign]
        guarded_of(other).check_end()
        assert other.audit_faults() == []
    assert next(factors) > 5


def test_what_was_rolled_back_is_not_kept(host: Host) -> None:
    guarded = guarded_of(host)
    row = guarded.get(TOKEN, PRESSED)

    def write_and_fail() -> None:
        guarded.write([BLANK], [Change(TOKEN, row, {"digits": 8})])
        assert (guarded.get(TOKEN, PRESSED) or {})["digits"] == 8
        raise Denied

    with pytest.raises(Denied), guarded.writing():
        write_and_fail()
    assert guarded.get(TOKEN, PRESSED) == row
    with guarded.writing():
        with pytest.raises(Denied), guarded.trying():
            write_and_fail()
        assert guarded.get(TOKEN, PRESSED) == row
        guarded.write([BLANK], [Change(TOKEN, row, {"digits": 7})])
    assert (guarded.get(TOKEN, PRESSED) or {})["digits"] == 7
    assert host.audit_faults() == []


def test_a_row_that_comes_and_goes_is_kept_as_it_is_now(host: Host, path: Path) -> None:
    guarded = guarded_of(host)

    def put(value: str | None) -> None:
        row = guarded.get(SETTING, "name")
        values = None if value is None else {"name": "name", "value": value}
        guarded.commit([BLANK], [Change(SETTING, row, values)])

    assert guarded.get(SETTING, "name") is None
    for value, revision in (("a", 1), ("b", 2), (None, None), ("c", 4), (None, None)):
        put(value)
        kept = guarded.get(SETTING, "name")
        assert (kept and kept["revision"], kept and kept["value"]) == (revision, value)
        with Host.open(path, KEYS) as other:
            assert guarded_of(other).get(SETTING, "name") == kept


def test_every_refusal_reads_as_much_whoever_is_known(host: Host) -> None:
    def told(token: str) -> list[str]:
        return reads(statements(host, lambda: host.verify(["000000"], NOON, token=token)))

    known = told(PRESSED)
    assert len(known) == 5
    for name in (SPARE, "ZZ"):  # they get their failure counters
        told(name)
    for name in ("ZZ", "ZZ", "ZY", SPARE, PRESSED):
        assert told(name) == known, name


def test_what_is_kept_is_bounded(host: Host) -> None:
    kept = KeptRows(guarded_of(host).database)
    kept.refresh()
    row = guarded_of(host).select(TOKEN, limit=1)[0]
    for number in range(ROWS_MAX + 1):
        kept.keep("setting", str(number), row)
    assert kept.row("setting", "0") is None
    assert kept.row("setting", "1") == row
    for number in range(FINDS_MAX + 1):
        kept.keep_found(number, ((TOKEN, [row]),))
    assert kept.found(0) is None
    assert kept.found(1) == [[row]]
    for number in range(ROWS_MAX):
        kept.keep("setting", str(number), row)
    assert kept.found(1) is None, "its row has made room"


ACTS = st.one_of(
    st.tuples(
        st.just("verify"),
        st.sampled_from([PRESSED, SPARE, TIMED, "ZZ"]),
        st.sampled_from(["", "alice", "bob"]),
        st.integers(0, 3),
    ),
    st.tuples(
        st.sampled_from([*TokenEvent.__members__]),
        st.sampled_from([PRESSED, SPARE, TIMED]),
        st.sampled_from(["", "alice", "bob"]),
        st.just(0),
    ),
)


@settings(max_examples=times(8, 80), deadline=None)
@given(st.lists(st.tuples(st.booleans(), ACTS), min_size=10, max_size=25))
def test_a_store_that_keeps_rows_comes_to_the_same_bytes_as_one_that_keeps_none(
    acts: list[tuple[bool, tuple[str, str, str, int]]],
) -> None:
    with memory_folder() as folder:
        with new_host(folder / "kept.db", POLICY):
            pass
        (folder / "read.db").write_bytes((folder / "kept.db").read_bytes())
        said, rows = [], []
        for name in ("kept.db", "read.db"):
            with Host.open(folder / name, KEYS) as one, Host.open(folder / name, KEYS) as other:
                if name == "read.db":
                    for each in (one, other):
                        guarded_of(each).database.data_version = lambda: None  # type: ignore[method-assign]
                said.append([played(one if first else other, *act) for first, act in acts])
                assert one.audit_faults() == []
            with closing(sqlite3.connect(folder / name)) as raw:
                rows.append(list(raw.iterdump()))
    assert said[0] == said[1]
    assert rows[0] == rows[1]


def played(host: Host, what: str, token: str, user: str, factor: int) -> object:
    """What the host says to one act; enrolment may be refused as well as done."""
    try:
        if what == "verify":
            return host.verify([code(factor)], NOON, token="" if user else token, user=user)
        if what == "ENROLL":
            return host.enroll(token, user or "alice", [], NOON)
        if what == "EXCHANGE":
            return host.tokens_of(user or "alice", NOON)
        return host.move(TokenEvent[what], token, NOON, user=user)
    except (BadInput, Denied, AssertionError) as error:
        return type(error), str(error).partition(":")[2]
