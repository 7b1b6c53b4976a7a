"""A clock that is watched: leaps and steps back are said, slewing is not."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from host_tools.provisioning.station.clock import ClockBehind, WatchedClock
from host_tools.provisioning.station.faults import FobFault
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.states import FailureCause
from tests.host_tools.provisioning.station.rig import RING

START = 1_900_000_000


class Clocks:
    """Two clocks that a test sets: `now` as a person does, `steady` as nobody can."""

    def __init__(self) -> None:
        self.now = Decimal(START)
        self.steady = Decimal(7)

    def pass_(self, seconds: int) -> None:
        self.now += seconds
        self.steady += seconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def watched(clocks: Clocks) -> WatchedClock:
    return WatchedClock(lambda: clocks.now, lambda: clocks.steady, START)


@pytest.mark.parametrize("leap", [6, -6, 86_400])
def test_a_leap_is_said_once_and_the_new_time_holds(
    clocks: Clocks, watched: WatchedClock, leap: int
) -> None:
    assert watched() == START
    clocks.pass_(100)
    clocks.now += leap
    with pytest.raises(FobFault) as caught:
        watched()
    assert caught.value.cause is FailureCause.CLOCK_JUMPED
    assert f"{leap:+}" in str(caught.value)
    clocks.pass_(1)
    if leap > 0:
        assert watched() == START + 101 + leap


@pytest.mark.parametrize("slew", [5, -5])
def test_time_that_passes_and_small_corrections_are_no_leap(
    clocks: Clocks, watched: WatchedClock, slew: int
) -> None:
    watched()
    clocks.pass_(10_000)
    clocks.now += slew
    assert watched() == START + 10_000 + slew


def test_a_clock_behind_the_ledgers_last_entry_is_refused(clocks: Clocks) -> None:
    watched = WatchedClock(lambda: clocks.now, None, START + 3)
    with pytest.raises(
        ClockBehind,
        match=r"\(2030-03-17 17:46:40 UTC\) is 3 s behind .* \(2030-03-17 17:46:43 UTC\)",
    ):
        watched()
    assert WatchedClock(lambda: clocks.now, None, START + 2)() == START


def test_an_accepted_clock_is_the_floor_from_then_on_and_says_what_it_was(tmp_path: Path) -> None:
    with Ledger(tmp_path / "station.db", RING, "Aoi and Ken") as ledger:
        for at in (START, START + 900, START + 100):
            ledger.note(ledger.entry(at, "operator", "rejected", "Mei"))
        assert ledger.last_at() == START + 900, "the latest time, in whichever row"
        ledger.accept_clock(START + 200)
        assert ledger.last_at() == START + 200
        (*_, (_, entry)) = ledger.log()
        assert json.loads(entry.detail) == {"was": START + 900}
        ledger.note(ledger.entry(START + 300, "operator", "rejected", "Mei"))
        assert ledger.last_at() == START + 300


def test_simulated_time_may_leap_forward(clocks: Clocks) -> None:
    watched = WatchedClock(lambda: clocks.now, None, 0)
    watched()
    clocks.now += 10**9
    assert watched() == START + 10**9
    clocks.now -= 10
    with pytest.raises(ClockBehind):
        watched()
