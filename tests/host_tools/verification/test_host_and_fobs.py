"""Host and virtual fobs together, driven at random, against a model of a dozen lines.

Invariants: no moving factor is accepted twice, nothing outside the window is accepted, what is
inside and unused is accepted, the counter never goes back, the lock shuts with the Nth failure.
"""

from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from firmware_model.generators import OtpKind
from host_tools.verification.attempts import HostAnswer
from host_tools.verification.decision import Verdict
from host_tools.verification.host import Host
from host_tools.verification.states import TokenEvent, TokenState
from tests.host_tools.verification.fobs import VirtualFob
from tests.host_tools.verification.hosts import (
    KEYS,
    NOON,
    PRESSED,
    TIMED,
    code,
    memory_folder,
    record,
)

pytestmark = pytest.mark.slow

LOCK_AFTER = 4
POLICY = f"""
[windows]
hotp_ahead_presses = 4
hotp_resync_presses = 40
totp_back_steps = 1
totp_ahead_steps = 2
totp_resync_steps = 30
[limits]
lock_after_failures = {LOCK_AFTER}
repeat_seconds = 0
[enrolment]
codes = 0
"""
AHEAD, BACK_STEPS, AHEAD_STEPS, RESYNC, RESYNC_STEPS = 4, 1, 2, 40, 30

TOKENS = st.sampled_from([PRESSED, TIMED])


class Expected:
    """What the host must know of a token, kept in the plainest way."""

    def __init__(self, kind: OtpKind) -> None:
        self.kind = kind
        self.next = self.drift = self.failures = 0
        self.accepted: set[int] = set()

    def window(self, now_seconds: int, back: int, ahead: int) -> range:
        if self.kind is OtpKind.HOTP:
            return range(self.next, self.next + ahead + 1)
        centre = now_seconds // 60 + self.drift
        return range(max(self.next, centre - back), centre + ahead + 1)

    def accept(self, first: int, last: int, now_seconds: int) -> None:
        taken = set(range(first, last + 1))
        assert not taken & self.accepted, "a moving factor was accepted twice"
        self.accepted |= taken
        self.next, self.failures = last + 1, 0
        if self.kind is OtpKind.TOTP:
            self.drift = last - now_seconds // 60


class HostAndFobs(RuleBasedStateMachine):
    """Two fobs, one host; each rule is something that happens in a fob's life."""

    @initialize()
    def start(self) -> None:
        self.resources = ExitStack()
        self.folder = self.resources.enter_context(memory_folder())
        self.host = Host.create(self.folder / "host.db", KEYS, NOON, POLICY)
        records = {
            PRESSED: record(PRESSED),
            TIMED: record(TIMED),
        }
        self.host.import_tokens(records.values(), NOON)
        for token in records:
            self.host.enroll(token, f"user of {token}", [], NOON)
        self.fobs = {
            PRESSED: VirtualFob("fob-h6", records[PRESSED], NOON),
            TIMED: VirtualFob("fob-t60", records[TIMED], NOON),
        }
        self.expected = {PRESSED: Expected(OtpKind.HOTP), TIMED: Expected(OtpKind.TOTP)}
        self.seen: list[tuple[str, str]] = []
        self.offset = 0  # the host's clock minus true time, in seconds

    def teardown(self) -> None:
        if hasattr(self, "host"):
            self.host.close()
            self.resources.close()

    @rule(token=TOKENS)
    def press_and_verify(self, token: str) -> None:
        factor, shown = self.press(token)
        assert shown == code(factor)
        self.verify(token, shown)

    @rule(token=TOKENS, count=st.integers(1, 9))
    def lose_presses(self, token: str, count: int) -> None:
        for _ in range(count):
            self.press(token)

    @rule(token=TOKENS, delay=st.integers(1, 200))
    def press_and_verify_late(self, token: str, delay: int) -> None:
        _, shown = self.press(token)
        self.pass_time(delay)
        self.verify(token, shown)

    @precondition(lambda self: self.seen)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        self.verify(*data.draw(st.sampled_from(self.seen[-20:])))

    @rule(token=TOKENS, guess=st.integers(0, 999_999))
    def guess(self, token: str, guess: int) -> None:
        self.verify(token, f"{guess:06}")

    @rule(token=TOKENS)
    def resynchronise(self, token: str) -> None:
        first = self.press(token)
        self.pass_time(60)
        second = self.press(token)
        if first[1] == second[1]:
            return
        expected, now = self.expected[token], self.host_now
        if token == PRESSED:
            reach = range(expected.next, expected.next + RESYNC + 1)
        else:
            centre = now // 60 + expected.drift
            lowest = max(expected.next, centre - RESYNC_STEPS - 1)
            reach = range(lowest, centre + RESYNC_STEPS)
        run = second[0] == first[0] + 1 and first[0] in reach
        locked = expected.failures >= LOCK_AFTER
        answer = self.host.verify([first[1], second[1]], now, token=token)
        assert answer.accepted is (run and not locked)
        if answer.accepted:
            assert answer.decision.factor == first[0]
            expected.accept(first[0], second[0], now)
        elif not locked:
            self.failed(token, answer)

    @rule(count=st.sampled_from([30, 60, 3600, 86_400, 30 * 86_400]))
    def pass_time(self, count: int) -> None:
        for fob in self.fobs.values():
            fob.advance(count)

    @rule(by=st.integers(-90, 90))
    def set_the_hosts_clock(self, by: int) -> None:
        self.offset = by

    @rule()
    def restart_the_host(self) -> None:
        self.host.close()
        self.host = Host.open(self.folder / "host.db", KEYS)

    @rule(token=TOKENS)
    def restart_the_fob(self, token: str) -> None:
        self.fobs[token].restart()
        self.level()

    @rule(token=TOKENS)
    def suspend_try_and_resume(self, token: str) -> None:
        now, locked = self.host_now, self.expected[token].failures >= LOCK_AFTER
        self.host.move(TokenEvent.SUSPEND, token, now)
        _, shown = self.press(token)
        answer = self.host.verify([shown], self.host_now, token=token)
        assert answer.decision.verdict is Verdict.SUSPENDED
        assert self.host.move(TokenEvent.RESUME, token, now) is (
            TokenState.LOCKED if locked else TokenState.ACTIVE
        )

    @precondition(lambda self: self.locked())
    @rule(data=st.data())
    def unlock(self, data: st.DataObject) -> None:
        token = data.draw(st.sampled_from(self.locked()))
        self.host.move(TokenEvent.UNLOCK, token, self.host_now)
        self.expected[token].failures = 0

    @invariant()
    def the_host_knows_what_it_must(self) -> None:
        if not hasattr(self, "host"):
            return
        for token, expected in self.expected.items():
            status = self.host.status(token, self.host_now)
            assert status.next_factor == expected.next
            assert status.drift_steps == expected.drift
            assert status.failures == expected.failures
            locked = expected.failures >= LOCK_AFTER
            assert status.state is (TokenState.LOCKED if locked else TokenState.ACTIVE)

    @property
    def host_now(self) -> int:
        return self.fobs[PRESSED].now_seconds + self.offset

    def press(self, token: str) -> tuple[int, str]:
        factor, shown = self.fobs[token].press()
        self.fobs[token].advance(13)  # an HOTP fob's display goes dark after 12 s
        self.level()
        self.seen.append((token, shown))
        return factor, shown

    def level(self) -> None:
        latest = max(fob.now_seconds for fob in self.fobs.values())
        for fob in self.fobs.values():
            fob.advance(latest - fob.now_seconds)

    def verify(self, token: str, typed: str) -> None:
        expected, now = self.expected[token], self.host_now
        window = expected.window(now, BACK_STEPS, AHEAD if token == PRESSED else AHEAD_STEPS)
        hits = [factor for factor in window if code(factor) == typed]
        answer = self.host.verify([typed], now, token=token)
        if expected.failures >= LOCK_AFTER:
            assert answer.decision.verdict is Verdict.LOCKED
        elif hits:
            assert answer.accepted, answer
            assert answer.decision.factor == hits[0]
            expected.accept(hits[0], hits[0], now)
        else:
            assert not answer.accepted
            self.failed(token, answer)

    def failed(self, token: str, answer: HostAnswer) -> None:
        expected = self.expected[token]
        expected.failures += 1
        assert answer.decision.verdict in (Verdict.WRONG, Verdict.REPLAYED)
        assert answer.decision.locks is (expected.failures == LOCK_AFTER)

    def locked(self) -> list[str]:
        return [token for token, each in self.expected.items() if each.failures >= LOCK_AFTER]


TestHostAndFobs = HostAndFobs.TestCase
TestHostAndFobs.settings = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
