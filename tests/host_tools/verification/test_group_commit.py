"""Many callers of one host: each answered after its commit, each code once, killed or not."""

import sqlite3
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from host_tools.verification.attempts import Attempt, HostAnswer
from host_tools.verification.decision import Verdict
from host_tools.verification.group_commit import SharedHost
from host_tools.verification.host import Host
from tests.host_tools.verification.hosts import KEYS, NOON, PRESSED, code, new_host, record

TOKENS = [f"ZZH6000001{number:02}" for number in range(8)]
POLICY = "[windows]\nhotp_ahead_presses = 0\n[limits]\nlock_after_failures = 100\n"
POLICY += "[enrolment]\ncodes = 0\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with new_host(tmp_path / "host.db", POLICY) as host:
        host.import_tokens([record(token) for token in TOKENS], NOON)
        for token in TOKENS:
            host.enroll(token, token, [], NOON)
    return tmp_path / "host.db"


def test_what_waits_is_decided_by_one_commit_in_the_order_in_which_it_came(path: Path) -> None:
    with Host.open(path, KEYS) as host:
        before = host.audit_head().number
        asked = [Attempt([code(0)], NOON, token=token) for token in TOKENS]
        asked += [Attempt([code(0)], NOON, token=TOKENS[0]), Attempt(["x"], NOON, token="A")]
        asked += [Attempt([code(1)], NOON, token=TOKENS[0])]
        commits = []
        connection = host._store.guarded.database.connection  # type: ignore[attr-defined]
        connection.set_trace_callback(
            lambda sql: commits.append(sql) if sql == "BEGIN IMMEDIATE" else None
        )
        said = host.verify_all(asked)
        connection.set_trace_callback(None)
        verdicts = [
            each.decision.verdict if isinstance(each, HostAnswer) else type(each) for each in said
        ]
        accepted = [Verdict.ACCEPTED]
        assert verdicts == accepted * 8 + [Verdict.REPLAYED, BadInput] + accepted
        assert len(commits) == 3, "one for all, one each for the later ones of the same token"
        assert host.audit_head().number > before
        assert host.audit_faults() == []


def test_callers_with_the_same_codes_get_each_accepted_once_and_durable(path: Path) -> None:
    accepted: Counter[tuple[str, int]] = Counter()
    lost: list[str] = []
    lock = threading.Lock()

    def bring(host: SharedHost) -> None:
        with closing(sqlite3.connect(path)) as other:
            for factor in range(4):
                for token in TOKENS:
                    said = host.verify([code(factor)], NOON, token=token)
                    if not said.accepted:
                        continue
                    # What was said is on the disk: another connection sees it already.
                    found = "SELECT next_factor FROM token WHERE serial_number = ?"
                    ((kept,),) = other.execute(found, (token,)).fetchall()
                    with lock:
                        accepted[token, factor] += 1
                        if int.from_bytes(kept, "big") <= factor:
                            lost.append(token)

    with SharedHost(lambda: Host.open(path, KEYS)) as host:
        threads = [threading.Thread(target=bring, args=(host,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
        assert host.run(lambda inner: inner.audit_faults()).result() == []
    assert accepted == Counter((token, factor) for token in TOKENS for factor in range(4))
    assert lost == []


def test_a_host_that_cannot_be_opened_says_so_and_errors_reach_who_asked(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        SharedHost(lambda: Host.open(tmp_path / "none.db", KEYS))
    with new_host(tmp_path / "host.db", POLICY):
        pass
    with SharedHost(lambda: Host.open(tmp_path / "host.db", KEYS)) as host:
        with pytest.raises(BadInput, match="name a token or a user"):
            host.verify([code(0)], NOON)
        with pytest.raises(BadInput, match="unknown token"):
            host.run(lambda inner: inner.status("ZZ", NOON)).result()
        assert not host.verify([code(0)], NOON, token=PRESSED).accepted
