"""The table of a job: total, forward only, and never two ways out of one place."""

import itertools

import pytest

from firmware_model.wire.codes import LifeCycle
from host_tools.provisioning.station.states import (
    GIVE_UP,
    RESULT,
    TABLE,
    Cause,
    State,
    Step,
    what_next,
)

ORDER = [
    State.PLANNED,
    State.OPENED,
    State.IDENTIFIED,
    State.LOADED,
    State.CONFIRMED,
    State.SEALED,
    State.RECEIPTED,
]
PAIRS = list(itertools.product(State, LifeCycle))


@pytest.mark.parametrize(("state", "life_cycle"), PAIRS)
def test_every_pair_has_a_step_or_a_cause(state: State, life_cycle: LifeCycle) -> None:
    found = what_next(state, life_cycle)
    assert isinstance(found, Step | Cause)
    if (state, life_cycle) not in TABLE:
        assert found is Cause.OUT_OF_STEP


def test_a_step_leads_one_state_on_or_finishes_the_same_again() -> None:
    for (state, _), step in TABLE.items():
        if isinstance(step, Step) and step in RESULT:
            assert ORDER.index(RESULT[step]) - ORDER.index(state) in (0, 1)


def test_following_the_table_a_blank_fob_comes_out_receipted() -> None:
    state, life_cycle, steps = State.PLANNED, LifeCycle.BLANK, []
    moves = {Step.LOAD: LifeCycle.PERSONALISED, Step.SEAL: LifeCycle.SEALED}
    while isinstance(step := what_next(state, life_cycle), Step) and step is not Step.NOTHING:
        steps.append(step)
        life_cycle = moves.get(step, life_cycle)
        state = State.RECEIPTED if step is Step.SEAL else RESULT[step]
    assert steps == [
        Step.OPEN,
        Step.IDENTIFY,
        Step.LOAD,
        Step.CONFIRM,
        Step.SEAL,
    ]
    assert (state, life_cycle) == (State.RECEIPTED, LifeCycle.SEALED)


def test_a_step_whose_result_was_not_written_is_taken_up_again() -> None:
    # The wire was done, the ledger not: the fob is ahead by one.
    assert what_next(State.IDENTIFIED, LifeCycle.PERSONALISED) is Step.LOAD
    assert what_next(State.CONFIRMED, LifeCycle.SEALED) is Step.SEAL


def test_no_fob_of_an_unfinished_job_counts_as_done() -> None:
    done = {state for (state, _), step in TABLE.items() if step is Step.NOTHING}
    assert done == {State.RECEIPTED}


def test_a_seed_is_free_again_only_where_it_cannot_have_left() -> None:
    sent = ORDER[ORDER.index(State.IDENTIFIED) : ORDER.index(State.SEALED)]
    assert {state: to for state, to in GIVE_UP.items() if state in sent} == dict.fromkeys(
        sent, State.VOID
    )
    assert [state for state, to in GIVE_UP.items() if to is State.PLANNED] == [State.OPENED]


def test_a_void_seed_is_never_loaded() -> None:
    assert {what_next(State.VOID, life_cycle) for life_cycle in LifeCycle} == {Cause.GIVEN_UP}
