"""A run is complete only when as many fobs as expected are done, and nothing is left open."""

import pytest

from host_tools.provisioning.station.jobs import Job
from host_tools.provisioning.station.matching import Fault
from host_tools.provisioning.station.outcome import TrayOutcome, to_do
from host_tools.provisioning.station.place import StationEvent
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.provisioning.station.tray import lines

(LINE,) = lines(["line"], [1, 2, 3])
PLACES = LINE.places
OPEN = Job(
    "A1", "A1", "", "seeds", JobState.LOADED, bytes(10), str(PLACES[1]),
    "", "", "", False, None, "", "", 7, "",
)  # fmt: skip


def done(place: int, chip: int = 0) -> StationEvent:
    chip_id = bytes([chip or place]) * 10
    return StationEvent(PLACES[place - 1], f"A{place}", JobState.RECEIPTED, chip_id=chip_id)


def stopped(place: int, cause: FailureCause = FailureCause.NO_ANSWER) -> StationEvent:
    event = StationEvent(PLACES[place - 1], f"A{place}", None, cause, "why")
    return event._replace(chip_id=bytes([place]) * 10)


def after(*events: StationEvent, expected: int | None = None) -> TrayOutcome:
    outcome = TrayOutcome(PLACES, expected)
    for event in events:
        outcome.add(event)
    return outcome


def test_a_fob_at_each_place_is_expected_and_all_must_be_done() -> None:
    assert after(done(1), done(2), done(3)).is_complete
    assert not after(done(1), done(2)).is_complete
    assert not after(done(1), done(2), StationEvent(PLACES[2])).is_complete
    assert not after().is_complete


def test_as_many_as_are_expected_is_enough_and_more_are_not_right() -> None:
    assert after(done(1), done(2), StationEvent(PLACES[2]), expected=2).is_complete
    more = after(done(1), done(2), expected=1)
    assert not more.is_complete
    assert ["count the tray" in each.what for each in to_do(more, [])] == [True]


def test_a_fob_that_stopped_counts_until_it_is_done() -> None:
    outcome = after(done(1), done(3), stopped(2), expected=2)
    assert not outcome.is_complete, "as many as expected, and one stopped"
    outcome.expected = 3
    outcome.add(done(2))
    assert outcome.is_complete
    assert outcome.failed == []


def test_of_two_fobs_at_one_place_each_counts() -> None:
    outcome = after(stopped(1), done(1, chip=9), expected=1)
    assert (outcome.done, len(outcome.failed)) == (1, 1)
    assert not outcome.is_complete


def test_a_fob_left_in_mid_work_is_unfinished() -> None:
    loaded = StationEvent(PLACES[0], "A1", JobState.LOADED, chip_id=bytes(10))
    outcome = after(loaded, done(2), expected=1)
    assert [event.subject for event in outcome.unfinished] == ["A1"]
    assert outcome.done == 1, "the other one"
    assert not outcome.is_complete


@pytest.mark.parametrize(("place", "complete"), [(str(PLACES[1]), False), ("elsewhere", True)])
def test_a_job_left_open_at_a_place_of_the_run_is_not_done(place: str, complete: bool) -> None:
    outcome = after(done(1), StationEvent(PLACES[1]), done(3), expected=2)
    outcome.left_open = (OPEN._replace(place=place),)
    assert outcome.is_complete is complete
    assert bool(to_do(outcome, [])) is not complete
    assert len(outcome.open_elsewhere) == complete


def test_what_to_do_names_each_cause_once_and_the_silent_places() -> None:
    events = (stopped(1), stopped(2, FailureCause.WRONG_CODE), StationEvent(PLACES[2]))
    faults = [Fault(FailureCause.SEED_TWICE, "A9", "x"), Fault(FailureCause.SEED_TWICE, "A8", "y")]
    found = {each.what.partition(":")[0]: each.count for each in to_do(after(*events), faults)}
    assert found == {
        "no answer": 1,
        "code not confirmed": 1,
        "seed twice": 2,
        "nothing answers": 1,
    }
