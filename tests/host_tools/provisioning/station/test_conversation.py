"""The station's steps on a fob: each may come again after a cut, and none loads two seeds."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from firmware_model.errors import Refused
from firmware_model.wire.apdu import StatusWord
from firmware_model.wire.objects import Clock
from host_tools.client.bench import BenchClient
from host_tools.provisioning.station.conversation import Conversation, _ClockReading
from host_tools.provisioning.station.faults import FobFault
from host_tools.provisioning.station.states import FailureCause
from tests.host_tools.provisioning.station.rig import SECRET, rack, records, sessions


@pytest.mark.parametrize("counter", [0, 5])
def test_a_seed_that_is_in_already_may_be_loaded_again_by_the_next_visit(
    tmp_path: Path, counter: int
) -> None:
    record, other = (replace(record, counter=counter) for record in records(2))
    with rack(tmp_path, 1) as announced, BenchClient(announced["bench"]) as bench:
        for _ in range(2):
            for _, session in sessions(announced["port"], [1]):
                fob = Conversation(session, SECRET)
                fob.put_keys()
                fob.set_clock(bench.now)
                fob.load(record, bench.now)
                assert fob.holds(record)
                assert not fob.holds(other)
                assert fob.slot().counter == counter


def test_a_seed_that_has_shown_a_code_stays_and_another_is_refused(tmp_path: Path) -> None:
    one, other = records(2)
    with rack(tmp_path, 1) as announced, BenchClient(announced["bench"]) as bench:
        for _, session in sessions(announced["port"], [1]):
            fob = Conversation(session, SECRET)
            fob.put_keys()
            fob.set_clock(bench.now)
            fob.load(one, bench.now)
            bench.press()  # somebody plays with it before it is personalised
            fob.load(one, bench.now)
            with pytest.raises(Refused) as refused:
                fob.load(other, bench.now)
            assert refused.value.status == StatusWord.CONDITIONS_NOT_SATISFIED
            assert fob.holds(one)


@pytest.mark.parametrize(
    ("before", "after", "fob", "agrees"),
    [
        (100, 100, 100, True),
        (100, 100, 98, True),
        (100, 100, 97, False),
        (100, 100, 103, False),
        (100, 109, 98, True),  # the answer took 9 s: the fob may have been asked at any moment
        (100, 109, 111, True),
        (100, 109, 97, False),
        (100, 109, 112, False),
    ],
)
def test_what_an_answer_took_is_no_error_of_the_clock(
    before: int, after: int, fob: int, agrees: bool
) -> None:
    reading = _ClockReading(Clock(fob), Decimal(before), Decimal(after))
    assert reading.agrees() is agrees


class SlowLine:
    """True time that a held-up frame moves on: each look at it is so many seconds later."""

    def __init__(self, *steps: int) -> None:
        self._steps, self._now = list(steps), Decimal(1_900_000_000)

    def __call__(self) -> Decimal:
        self._now += self._steps.pop(0) if self._steps else 0
        return self._now


def test_a_clock_that_a_lost_frame_held_up_is_set_again_and_else_the_line_is_too_slow(
    tmp_path: Path,
) -> None:
    with rack(tmp_path, 1, "fob-t60") as announced:
        for _, session in sessions(announced["port"], [1]):
            fob = Conversation(session, SECRET)
            fob.put_keys()
            clock = SlowLine(0, 9, 0, 9, 0, 1)  # three times it is set
            fob.set_clock(clock)
            found = session.get(Clock)
            assert found is not None
            assert clock() - found.unix_seconds == 1
            with pytest.raises(FobFault, match=r"setting its clock took 3\.0 s, 8 times") as caught:
                fob.set_clock(SlowLine(*[3] * 40))
            assert caught.value.cause is FailureCause.SLOW_LINE
