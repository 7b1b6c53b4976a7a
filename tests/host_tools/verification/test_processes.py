"""Many processes, one store: each code once, and what was accepted outlives any kill."""

import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from host_tools.vault.postgres_address import StorePlace
from host_tools.verification.decision import Verdict
from host_tools.verification.host import Host
from tests.host_tools.verification.hosts import (
    KEYS,
    NOON,
    PRESSED,
    code,
    memory_folder,
    new_host,
    record,
)
from tests.shares import times

ROOT = Path(__file__).resolve().parents[3]
WORKER = "tests.host_tools.verification.worker"
PROCESSES = times(6, 16)
KILLS = times(6, 20)
CODES = 6  # so that sixteen times as many refusals of one token stay under the hundred that lock
TOKENS = [f"ZZH6000001{number:02}" for number in range(8)]
POLICY = """
[windows]
hotp_ahead_presses = 0
[limits]
lock_after_failures = 100
[enrolment]
codes = 0
"""


@pytest.fixture
def store() -> Iterator[Path]:
    with memory_folder() as folder:
        yield folder / "host.db"


def worker(store: StorePlace, first: int, last: int, *tokens: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", WORKER, str(store), str(NOON), str(first), str(last), *tokens],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def start(process: subprocess.Popen[str]) -> None:
    """Let a worker that is ready go; all that are ready go together."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


@pytest.mark.slow
def test_many_processes_with_the_same_codes_get_each_accepted_once(store: Path) -> None:
    with new_host(store, POLICY) as host:
        host.import_tokens([record(token) for token in TOKENS], NOON)
        for token in TOKENS:
            host.enroll(token, "alice", [], NOON)
        workers = [worker(store, 0, CODES, *TOKENS) for _ in range(PROCESSES)]
        for process in workers:
            wait_until_ready(process)
        for process in workers:
            start(process)
        accepted = Counter[str]()
        for process in workers:
            out, _ = process.communicate(timeout=600)
            assert process.returncode == 0
            accepted.update(out.splitlines())
        everything = [f"{token} {factor}" for token in TOKENS for factor in range(CODES)]
        assert accepted == Counter(everything)
        entries = [entry for _, entry in host.audit_rows() if entry.event == "verify"]
        assert len(entries) == PROCESSES * len(everything)
        assert sum(entry.outcome == "accepted" for entry in entries) == len(everything)
        assert host.audit_faults() == []
    assert_chains_hold_each_other(store)


def assert_chains_hold_each_other(store: Path) -> None:
    """Each process wrote a chain; each time another came first, its entry is in the next MAC."""
    with closing(sqlite3.connect(store)) as raw:
        rows = raw.execute("SELECT number, writer, previous, seen FROM audit ORDER BY number")
        ends: dict[int, int] = {}
        before = 0
        for number, writer, previous, seen in rows:
            assert previous == ends.get(writer, 0)
            assert seen == (number - 1 if before not in (0, writer) else 0)
            ends[writer], before = number, writer
    assert len(ends) == 2 + PROCESSES, "who made the store, and this process, have one too"


@pytest.mark.slow
def test_a_kill_in_mid_verification_keeps_what_was_accepted_used(store: Path) -> None:
    with new_host(store, POLICY) as host:
        host.enroll(PRESSED, "alice", [], NOON)
    said = -1
    for round_ in range(KILLS):
        with worker(store, said + 1, said + 1 + 5_000, PRESSED) as process:
            wait_until_ready(process)
            start(process)
            assert process.stdout is not None
            for _ in range(1 + round_ % 4):
                said = int(process.stdout.readline().split()[1])
            process.kill()
            # Not `communicate`, which would lose what `readline` has taken from the pipe already.
            rest = process.stdout.read().splitlines(keepends=True)
        # What it managed to say before it died counts as said; a torn last line does not.
        said = max([said, *(int(line.split()[1]) for line in rest if line.endswith("\n"))])
        with Host.open(store, KEYS) as host:
            assert (host.status(PRESSED, NOON).next_factor or 0) > said
            answer = host.verify([code(said)], NOON, token=PRESSED)
            assert answer.decision.verdict is Verdict.REPLAYED
            assert host.audit_faults() == []
            said = (host.status(PRESSED, NOON).next_factor or 0) - 1
