"""Several lines write by one commit: none goes on before it, none loses by another's failure."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from firmware_model.catalogue import names
from host_tools.provisioning.station.disk import LedgerUnwritable
from host_tools.provisioning.station.faults import FobFault
from host_tools.provisioning.station.jobs import Claim, Job
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.shared_ledger import LineLedger, SharedLedger
from host_tools.provisioning.station.states import JobState
from host_tools.vault.sqlite_database import SqliteDatabase
from tests.host_tools.provisioning.station.rig import RING, records

NOW = 1_900_000_000
LINES = 4


class Disk:
    """Stops commits while it is busy, and counts them; every statement is known in order."""

    def __init__(self) -> None:
        self.commits = 0
        self.is_quick = threading.Event()
        self.is_quick.set()
        self.reached = threading.Event()

    def follow(self, connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(self._take)

    def _take(self, statement: str) -> None:
        if statement == "COMMIT":
            self.commits += 1
            self.reached.set()
            self.is_quick.wait(30)


def connection_of(ledger: Ledger) -> sqlite3.Connection:
    database = ledger._database
    assert isinstance(database, SqliteDatabase)
    return database.connection


class Rig:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.seeds = records(LINES * 5)
        self.disk = Disk()
        with self.open() as ledger:
            assert ledger.plan(self.seeds, "seeds", NOW) == []

    def open(self) -> Ledger:
        ledger = Ledger(self.path, RING, "tester")
        ledger.set_at_hand(self.seeds, names())
        return ledger

    def open_slow(self) -> Ledger:
        ledger = self.open()
        self.disk.follow(connection_of(ledger))
        return ledger

    def states(self) -> list[JobState]:
        with self.open() as ledger:
            assert ledger.faults() == []
            return [job.state for job in ledger.jobs()]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path / "station.db")


@pytest.fixture
def shared(rig: Rig) -> Iterator[SharedLedger]:
    with SharedLedger(rig.open_slow) as opened:
        rig.disk.commits = 0
        rig.disk.reached.clear()
        yield opened


def claim(chip: int) -> Callable[[Ledger], Job]:
    asked = Claim(
        chip_id=chip.to_bytes(10, "big"),
        place=f"line, address {chip}",
        model="fob-h6",
        firmware="1.0.0",
        key_set="bank version 1",
        test_keys=False,
    )

    def act(ledger: Ledger) -> Job:
        found = ledger.claim(asked, None, NOW)
        assert isinstance(found, Job)
        return found

    return act


def test_no_line_goes_on_before_the_commit_that_its_act_is_in(
    rig: Rig, shared: SharedLedger
) -> None:
    rig.disk.is_quick.clear()
    with ThreadPoolExecutor(LINES) as lines:
        first = lines.submit(shared.write, claim(1))
        assert rig.disk.reached.wait(30)
        others = [lines.submit(shared.write, claim(chip)) for chip in range(2, LINES + 1)]
        while len(shared._waiting) < LINES - 1:
            threading.Event().wait(0.001)
        assert not any(line.done() for line in (first, *others)), "nothing is durable yet"
        assert rig.states().count(JobState.OPENED) == 0
        rig.disk.is_quick.set()
        names_of = {line.result(30).serial_number for line in (first, *others)}
    assert len(names_of) == LINES, "each got a seed of its own"
    assert rig.disk.commits == 2, "the three that waited shared one"
    assert rig.states().count(JobState.OPENED) == LINES


def test_what_one_line_is_refused_leaves_the_others_alone(rig: Rig, shared: SharedLedger) -> None:
    job = shared.write(claim(1))

    def refused(ledger: Ledger) -> None:
        ledger.advance(job, [JobState.IDENTIFIED], NOW)
        ledger.advance(job, [JobState.LOADED], NOW)  # it is no longer as it was

    rig.disk.is_quick.clear()
    rig.disk.reached.clear()
    with ThreadPoolExecutor(LINES) as lines:
        first = lines.submit(shared.write, claim(2))
        assert rig.disk.reached.wait(30)
        group = [lines.submit(shared.write, act) for act in (claim(3), refused, claim(4))]
        while len(shared._waiting) < len(group):
            threading.Event().wait(0.001)
        rig.disk.is_quick.set()
        for line in (first, group[0], group[2]):
            assert line.result(30) is not None
        with pytest.raises(FobFault, match="was changed meanwhile"):
            group[1].result(30)
    assert rig.states().count(JobState.OPENED) == LINES, "of the refused act nothing was written"
    assert rig.states().count(JobState.IDENTIFIED) == 0


def test_a_disk_that_is_full_is_said_to_every_line_of_the_group(
    rig: Rig, shared: SharedLedger
) -> None:
    shared.write(lambda ledger: connection_of(ledger).execute("SELECT 1"))

    def fill(ledger: Ledger) -> None:
        pages = connection_of(ledger).execute("PRAGMA page_count").fetchone()[0]
        connection_of(ledger).execute(f"PRAGMA max_page_count = {pages + 8}")

    rig.disk.is_quick.clear()
    rig.disk.reached.clear()
    with ThreadPoolExecutor(LINES) as lines:
        first = lines.submit(shared.write, fill)
        assert rig.disk.reached.wait(30)
        acts = [claim(7), *(claim_all(chip) for chip in range(1, LINES - 1))]
        many = []
        for waiting, act in enumerate(acts, 1):  # the first one alone would have room
            many.append(lines.submit(shared.write, act))
            while len(shared._waiting) < waiting:
                threading.Event().wait(0.001)
        rig.disk.is_quick.set()
        first.result(30)
        for line in many:
            with pytest.raises(LedgerUnwritable, match="disk full"):
                line.result(30)
    assert rig.states().count(JobState.PLANNED) == len(rig.seeds)


def claim_all(first: int) -> Callable[[Ledger], Job | None]:
    """Claim until the file has no room left."""

    def act(ledger: Ledger) -> None:
        for chip in range(4):
            job = claim(first * 100 + chip)(ledger)
            for _ in range(20):
                ledger.note(ledger.entry(NOW, "note", "ok", job.serial_number, text="x" * 2000))

    return act


def test_a_line_reads_what_it_has_written(rig: Rig, shared: SharedLedger) -> None:
    with rig.open() as own:
        line = LineLedger(own, shared)
        job = line.claim(
            Claim(
                chip_id=bytes(10),
                place="here",
                model="fob-h6",
                firmware="1.0.0",
                key_set="bank version 1",
                test_keys=False,
            ),
            None,
            NOW,
        )
        assert line.job_of_chip(bytes(10)) == job
        assert line.unfinished_at_hand() == len(rig.seeds)


def test_when_it_is_closed_nothing_is_taken_any_more(rig: Rig) -> None:
    shared = SharedLedger(rig.open)
    shared.close()
    with pytest.raises(LedgerUnwritable, match="the run has ended"):
        shared.write(claim(1))


def test_a_ledger_that_cannot_be_opened_is_said_where_it_is_asked_for(rig: Rig) -> None:
    def open_none() -> Ledger:
        raise LedgerUnwritable("no")

    with pytest.raises(LedgerUnwritable, match="no"):
        SharedLedger(open_none)
