"""What a policy may change: codes sent twice, the drift that is followed."""

from pathlib import Path

import pytest

from host_tools.verification.decision import Verdict
from host_tools.verification.states import TokenEvent
from tests.host_tools.verification.hosts import NOON, PRESSED, TIMED, code, new_host, step


def test_a_code_that_a_browser_sends_twice_is_refused_and_counts_as_no_failure(
    tmp_path: Path,
) -> None:
    with new_host(tmp_path / "host.db") as host:
        host.enroll(PRESSED, "alice", [code(0)], NOON)
        host.enroll(TIMED, "bob", [code(step())], NOON)
        for token, factor, soon, late in (
            (PRESSED, 1, NOON + 100, NOON + 102),
            (TIMED, step() + 2, NOON + 120 + 59, NOON + 180),
        ):
            at = NOON + 120 if token == TIMED else NOON + 41
            assert host.verify([code(factor)], at, token=token).accepted
            for _ in range(6):
                again = host.verify([code(factor)], soon, token=token)
                assert again.decision.verdict is Verdict.REPLAYED
            assert host.status(token, soon).failures == 0
            host.verify([code(factor)], late, token=token)
            assert host.status(token, late).failures == 1


def test_a_policy_may_count_the_second_submission(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db", "[limits]\nrepeat_seconds = 0") as host:
        host.enroll(PRESSED, "alice", [code(0)], NOON)
        host.verify([code(0)], NOON, token=PRESSED)
        assert host.status(PRESSED, NOON).failures == 1


def test_an_older_code_of_the_same_step_is_a_failure(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        host.enroll(PRESSED, "alice", [code(0)], NOON)
        assert host.verify([code(1)], NOON, token=PRESSED).accepted
        host.verify([code(0)], NOON, token=PRESSED)
        assert host.status(PRESSED, NOON).failures == 1


@pytest.mark.parametrize(
    ("most", "answers", "drift"),
    [
        (0, [True, True, False, True], 0),
        (1, [True, True, True, True], -1),
        (1000, [True, True, True, False], -2),
    ],
)
def test_the_drift_of_a_late_typist_is_followed_as_far_as_the_policy_says(
    tmp_path: Path, most: int, answers: list[bool], drift: int
) -> None:
    policy = f"[windows]\ndrift_steps_max = {most}\n[enrolment]\ncodes = 0"
    with new_host(tmp_path / "host.db", policy) as host:
        host.enroll(TIMED, "alice", [], NOON)
        found = []
        for number, late in enumerate((1, 1, 2, 0), 1):
            now = NOON + number * 3600
            found.append(host.verify([code(step(now) - late)], now, token=TIMED).accepted)
        assert found == answers
        assert host.status(TIMED, NOON).drift_steps in (drift, 0)


def test_a_tokens_drift_is_set_to_0_by_an_act_that_is_logged(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        host.enroll(TIMED, "alice", [code(step() - 1)], NOON)
        assert host.status(TIMED, NOON).drift_steps == -1
        host.move(TokenEvent.RESET_DRIFT, TIMED, NOON)
        assert host.status(TIMED, NOON).drift_steps == 0
        assert host.audit_rows()[-1][1].event == "reset_drift"
