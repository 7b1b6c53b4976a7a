"""What a job is at, and what is to be done next: one table (STATION §3).

A state in the ledger is two things at once: what is certainly done, and the intent of the step
that follows. So whoever finds IDENTIFIED knows that keys are in and that the seed may be.
"""

from enum import StrEnum, unique

from firmware_model.wire.codes import LifeCycle


@unique
class State(StrEnum):
    """Where the job of one seed stands."""

    PLANNED = "planned"
    """The seed is free: bound to no fob, sent to none."""
    OPENED = "opened"
    """A fob proved the expected keys and the seed is set aside for its chip; new keys and the
    identity may be in."""
    IDENTIFIED = "identified"
    """The fob proved its new keys, and its identity is in; from here on the seed may be."""
    LOADED = "loaded"
    """The fob told the seed's check value and counts as personalised."""
    CONFIRMED = "confirmed"
    """The display showed the right code; the fob may be sealed."""
    SEALED = "sealed"
    """The fob told that it is sealed."""
    RECEIPTED = "receipted"
    """The receipt is on record: this one is done."""
    VOID = "void"
    """Given up after the seed may have left the station: it is never used again."""


@unique
class Step(StrEnum):
    """What can be done to a fob."""

    OPEN = "open"
    IDENTIFY = "identify"
    LOAD = "load"
    CONFIRM = "confirm"
    SEAL = "seal"
    NOTHING = "nothing"
    """It is done."""


@unique
class Cause(StrEnum):
    """Why a fob, or a record of the seed file, did not get on."""

    SERIAL_TWICE = "serial number twice"
    SEED_TWICE = "seed twice"
    RECORD_EXPIRED = "record expired"
    ALREADY_LOADED = "already personalised"
    ALREADY_SEALED = "already sealed"
    OUT_OF_ORDER = "locked or terminated"
    OUT_OF_STEP = "fob and ledger disagree"
    GIVEN_UP = "given up"
    OTHER_FILE = "belongs to another seed file"
    OTHER_LEDGER = "on another desk's books"
    NO_RECORD = "no record for it"
    WRONG_KEYS = "wrong keys"
    BLOCKED = "no tries left"
    NO_ANSWER = "no answer"
    BAD_ANSWER = "bad answer"
    REFUSED = "refused by the fob"
    OTHER_SEED = "another seed in it"
    WRONG_CODE = "code not confirmed"
    CLOCK_JUMPED = "clock jumped"
    CLOCK_LOST = "clock lost"


# A pair that is absent is OUT_OF_STEP: the fob is where the ledger says it cannot be.
TABLE: dict[tuple[State, LifeCycle], Step | Cause] = {
    (State.PLANNED, LifeCycle.BLANK): Step.OPEN,
    (State.PLANNED, LifeCycle.PERSONALISED): Cause.ALREADY_LOADED,
    (State.PLANNED, LifeCycle.SEALED): Cause.ALREADY_SEALED,
    (State.PLANNED, LifeCycle.LOCKED): Cause.OUT_OF_ORDER,
    (State.PLANNED, LifeCycle.TERMINATED): Cause.OUT_OF_ORDER,
    (State.OPENED, LifeCycle.BLANK): Step.IDENTIFY,
    (State.IDENTIFIED, LifeCycle.BLANK): Step.LOAD,
    (State.IDENTIFIED, LifeCycle.PERSONALISED): Step.LOAD,  # done, and its result not written
    (State.LOADED, LifeCycle.PERSONALISED): Step.CONFIRM,
    (State.CONFIRMED, LifeCycle.PERSONALISED): Step.SEAL,
    (State.CONFIRMED, LifeCycle.SEALED): Step.SEAL,  # done, and its result not written
    (State.SEALED, LifeCycle.SEALED): Step.SEAL,  # what is missing is the receipt
    (State.RECEIPTED, LifeCycle.SEALED): Step.NOTHING,
    (State.RECEIPTED, LifeCycle.LOCKED): Step.NOTHING,
    (State.RECEIPTED, LifeCycle.TERMINATED): Step.NOTHING,
    **{(State.VOID, life_cycle): Cause.GIVEN_UP for life_cycle in LifeCycle},
}

RESULT: dict[Step, State] = {
    Step.OPEN: State.OPENED,
    Step.IDENTIFY: State.IDENTIFIED,
    Step.LOAD: State.LOADED,
    Step.CONFIRM: State.CONFIRMED,
    Step.SEAL: State.SEALED,
}
"""Where a step leads when it succeeds."""

# A pair that is absent cannot be given up: it is free already, done, or void.
GIVE_UP: dict[State, State] = {
    State.OPENED: State.PLANNED,
    State.IDENTIFIED: State.VOID,
    State.LOADED: State.VOID,
    State.CONFIRMED: State.VOID,
}
"""What giving up a fob makes of its seed: free again only where it never left the station."""


def what_next(state: State, life_cycle: LifeCycle) -> Step | Cause:
    """Return the step for a fob in `life_cycle` whose job is at `state`, or why there is none.

    A fob without a job counts as PLANNED.
    """
    return TABLE.get((state, life_cycle), Cause.OUT_OF_STEP)
