"""The table of a job: total, forward only, and never two ways out of one place."""

import itertools

import pytest

from firmware_model.wire.codes import LifeCycle
from host_tools.provisioning.station.states import (
    GIVE_UP,
    RESULT,
    TABLE,
    FailureCause,
    JobState,
    JobStep,
    what_next,
)

ORDER = [
    JobState.PLANNED,
    JobState.OPENED,
    JobState.IDENTIFIED,
    JobState.LOADED,
    JobState.CONFIRMED,
    JobState.SEALED,
    JobState.RECEIPTED,
]
PAIRS = list(itertools.product(JobState, LifeCycle))


@pytest.mark.parametrize(("state", "life_cycle"), PAIRS)
def test_every_pair_has_a_step_or_a_cause(state: JobState, life_cycle: LifeCycle) -> None:
    found = what_next(state, life_cycle)
    assert isinstance(found, JobStep | FailureCause)
    if (state, life_cycle) not in TABLE:
        assert found is FailureCause.OUT_OF_STEP


def test_a_step_leads_one_state_on_or_finishes_the_same_again() -> None:
    for (state, _), step in TABLE.items():
        if isinstance(step, JobStep) and step in RESULT:
            assert ORDER.index(RESULT[step]) - ORDER.index(state) in (0, 1)


def test_following_the_table_a_blank_fob_comes_out_receipted() -> None:
    state, life_cycle, steps = JobState.PLANNED, LifeCycle.BLANK, []
    moves = {JobStep.LOAD: LifeCycle.PERSONALISED, JobStep.SEAL: LifeCycle.SEALED}
    while isinstance(step := what_next(state, life_cycle), JobStep) and step is not JobStep.NOTHING:
        steps.append(step)
        life_cycle = moves.get(step, life_cycle)
        state = JobState.RECEIPTED if step is JobStep.SEAL else RESULT[step]
    assert steps == [
        JobStep.OPEN,
        JobStep.IDENTIFY,
        JobStep.LOAD,
        JobStep.CONFIRM,
        JobStep.SEAL,
    ]
    assert (state, life_cycle) == (JobState.RECEIPTED, LifeCycle.SEALED)


def test_a_step_whose_result_was_not_written_is_taken_up_again() -> None:
    # The wire was done, the ledger not: the fob is ahead by one.
    assert what_next(JobState.IDENTIFIED, LifeCycle.PERSONALISED) is JobStep.LOAD
    assert what_next(JobState.CONFIRMED, LifeCycle.SEALED) is JobStep.SEAL


def test_no_fob_of_an_unfinished_job_counts_as_done() -> None:
    done = {state for (state, _), step in TABLE.items() if step is JobStep.NOTHING}
    assert done == {JobState.RECEIPTED}


def test_a_seed_is_free_again_only_where_it_cannot_have_left() -> None:
    sent = ORDER[ORDER.index(JobState.IDENTIFIED) : ORDER.index(JobState.SEALED)]
    assert {state: to for state, to in GIVE_UP.items() if state in sent} == dict.fromkeys(
        sent, JobState.VOID
    )
    assert [state for state, to in GIVE_UP.items() if to is JobState.PLANNED] == [JobState.OPENED]


def test_a_void_seed_is_never_loaded() -> None:
    assert {what_next(JobState.VOID, life_cycle) for life_cycle in LifeCycle} == {
        FailureCause.GIVEN_UP
    }
