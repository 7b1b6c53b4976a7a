"""What a job is at, and what is to be done next: one table (STATION §3).

A state in the ledger is two things at once: what is certainly done, and the intent of the step
that follows. So whoever finds IDENTIFIED knows that keys are in and that the seed may be.
"""

from enum import StrEnum, unique

from firmware_model.wire.codes import LifeCycle


@unique
class JobState(StrEnum):
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
    WITHDRAWN = "withdrawn"
    """Taken out of this ledger before it was sent to any fob: other desks may use it."""
    TRANSFERRED = "transferred"
    """Handed to another desk's ledger before it was sent to any fob: only that one may use it."""


GONE = frozenset({JobState.WITHDRAWN, JobState.TRANSFERRED})
"""States of seeds that are not this ledger's any more."""


@unique
class JobStep(StrEnum):
    """What can be done to a fob."""

    OPEN = "open"
    IDENTIFY = "identify"
    LOAD = "load"
    CONFIRM = "confirm"
    SEAL = "seal"
    NOTHING = "nothing"
    """It is done."""


@unique
class FailureCause(StrEnum):
    """Why a fob, or a record of the seed file, did not get on."""

    SERIAL_TWICE = "serial number twice"
    SEED_TWICE = "seed twice"
    RECORD_EXPIRED = "record expired"
    ALREADY_LOADED = "already personalised"
    ALREADY_SEALED = "already sealed"
    OUT_OF_ORDER = "locked or terminated"
    OUT_OF_STEP = "fob and ledger disagree"
    GIVEN_UP = "given up"
    OTHER_BATCH = "belongs to another batch"
    OTHER_FILE = "belongs to another seed file"
    OTHER_LEDGER = "in another desk's ledger"
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
    SLOW_LINE = "line too slow"
    SKIPPED = "skipped"
    WITHDRAWN = "withdrawn"


REMEDY: dict[FailureCause, str] = {
    FailureCause.SERIAL_TWICE: "in the file: ask who made it; on the line: set the fob aside",
    FailureCause.SEED_TWICE: "ask who made the file; neither is used",
    FailureCause.RECORD_EXPIRED: "ask for new ones",
    FailureCause.ALREADY_LOADED: "it was loaded elsewhere and not sealed: take it out of the tray",
    FailureCause.ALREADY_SEALED: "it was done elsewhere: take it out of the tray",
    FailureCause.OUT_OF_ORDER: "it cannot be loaded: take it out of the tray",
    FailureCause.OUT_OF_STEP: "somebody else worked on this fob: set it aside, and read it with"
    " `keyfob info`",
    FailureCause.GIVEN_UP: "its seed is void: destroy the fob",
    FailureCause.OTHER_BATCH: "run the batch that is named, or reconcile it first (§7)",
    FailureCause.OTHER_FILE: "run again with the file that is named",
    FailureCause.OTHER_LEDGER: "it is for the other desk (§4)",
    FailureCause.NO_RECORD: "the file is used up, or has none for this model, label or place",
    FailureCause.WRONG_KEYS: "use the right key file, or take the fob out; no try was spent",
    FailureCause.BLOCKED: "somebody tried wrong keys too often: the fob is lost for good",
    FailureCause.NO_ANSWER: "pulled out, cell dead, or cut in mid-write: put it back and run"
    " again, or `keyfob station give-up`",
    FailureCause.BAD_ANSWER: "noise, or no keyfob: check the cable and run again",
    FailureCause.REFUSED: "look up the status word, such as of a record that does not fit",
    FailureCause.OTHER_SEED: "the fob's check value is not the seed's: set the fob aside",
    FailureCause.WRONG_CODE: "run again; if it stays so, `keyfob station give-up`",
    FailureCause.CLOCK_JUMPED: "the station's clock was set meanwhile: run again",
    FailureCause.CLOCK_LOST: "setting its clock wiped its seed: `keyfob station give-up`",
    FailureCause.SLOW_LINE: "choose a line profile (§5), or shorten the line, and run again",
    FailureCause.SKIPPED: "run again when the fob can be done",
    FailureCause.WITHDRAWN: "its seed was withdrawn or transferred (§4): use another one",
}
"""What to do about each cause, as the page says it too (STATION §5)."""


# A pair that is absent is OUT_OF_STEP: the fob is where the ledger says it cannot be.
TABLE: dict[tuple[JobState, LifeCycle], JobStep | FailureCause] = {
    (JobState.PLANNED, LifeCycle.BLANK): JobStep.OPEN,
    (JobState.PLANNED, LifeCycle.PERSONALISED): FailureCause.ALREADY_LOADED,
    (JobState.PLANNED, LifeCycle.SEALED): FailureCause.ALREADY_SEALED,
    (JobState.PLANNED, LifeCycle.LOCKED): FailureCause.OUT_OF_ORDER,
    (JobState.PLANNED, LifeCycle.TERMINATED): FailureCause.OUT_OF_ORDER,
    (JobState.OPENED, LifeCycle.BLANK): JobStep.IDENTIFY,
    (JobState.IDENTIFIED, LifeCycle.BLANK): JobStep.LOAD,
    (JobState.IDENTIFIED, LifeCycle.PERSONALISED): JobStep.LOAD,  # done, and its result not written
    (JobState.LOADED, LifeCycle.PERSONALISED): JobStep.CONFIRM,
    (JobState.CONFIRMED, LifeCycle.PERSONALISED): JobStep.SEAL,
    (JobState.CONFIRMED, LifeCycle.SEALED): JobStep.SEAL,  # done, and its result not written
    (JobState.SEALED, LifeCycle.SEALED): JobStep.SEAL,  # what is missing is the receipt
    (JobState.RECEIPTED, LifeCycle.SEALED): JobStep.NOTHING,
    (JobState.RECEIPTED, LifeCycle.LOCKED): JobStep.NOTHING,
    (JobState.RECEIPTED, LifeCycle.TERMINATED): JobStep.NOTHING,
    **{(JobState.VOID, life_cycle): FailureCause.GIVEN_UP for life_cycle in LifeCycle},
}

RESULT: dict[JobStep, JobState] = {
    JobStep.OPEN: JobState.OPENED,
    JobStep.IDENTIFY: JobState.IDENTIFIED,
    JobStep.LOAD: JobState.LOADED,
    JobStep.CONFIRM: JobState.CONFIRMED,
    JobStep.SEAL: JobState.SEALED,
}
"""Where a step leads when it succeeds."""

WRITTEN_WITH_NEXT = frozenset({JobStep.LOAD})
"""Steps whose result is written by one commit with that of the step after them, which until then
only reads over the wire. Where it fails, the result before it is written first."""

# A pair that is absent cannot be given up: it is free already, done, or void.
GIVE_UP: dict[JobState, JobState] = {
    JobState.OPENED: JobState.PLANNED,
    JobState.IDENTIFIED: JobState.VOID,
    JobState.LOADED: JobState.VOID,
    JobState.CONFIRMED: JobState.VOID,
}
"""What giving up a fob makes of its seed: free again only where it never left the station."""


def what_next(state: JobState, life_cycle: LifeCycle) -> JobStep | FailureCause:
    """Return the step for a fob in `life_cycle` whose job is at `state`, or why there is none.

    A fob without a job counts as PLANNED.
    """
    return TABLE.get((state, life_cycle), FailureCause.OUT_OF_STEP)
