"""The card's end of T=1 as a table: every transition of `T1Card` stands here (WIRE §10.2)."""

from enum import IntEnum, StrEnum, auto, unique


@unique
class T1State(IntEnum):
    """Where the card stands."""

    READY = auto()  # for a command, a segment of one, or the call for more of an answer
    BUSY = auto()  # the command is out, its answer is not in yet
    EXTENDING = auto()  # as BUSY, and the reader was asked for time
    MUTE = auto()  # too many mistakes in a row; only S(RESYNCH) helps


@unique
class T1Input(IntEnum):
    """The inputs of the card."""

    COMMAND = auto()  # the next I-block, last or only one of a command
    SEGMENT = auto()  # the next I-block, more to follow
    TOO_LONG = auto()  # as SEGMENT or COMMAND, beyond the longest command
    ACKNOWLEDGED = auto()  # R: our I-block arrived, more of the answer is wanted
    MISSED = auto()  # R: our last block did not arrive
    DAMAGED = auto()  # a block with a wrong LRC, or with any other mistake
    EXHAUSTED = auto()  # DAMAGED for the fourth time in a row
    RESYNCH = auto()  # S(RESYNCH request)
    IFS = auto()  # S(IFS request)
    ABORT = auto()  # S(ABORT request)
    ABORTED = auto()  # S(ABORT response) to our request
    TIME_GIVEN = auto()  # S(WTX response) to our request
    ANSWERED = auto()  # the application's answer
    LATE = auto()  # the block waiting time is about to be over


@unique
class T1Effect(StrEnum):
    """What the card does."""

    EXECUTE = "give the command to the application"
    ASSEMBLE = "keep the segment, send R"
    REFUSE = "drop the chain, send S(ABORT request)"
    GO_ON = "send the next segment of the answer"
    REPEAT = "send the last block again"
    COMPLAIN = "send R with the error"
    FALL_SILENT = "send nothing from now on"
    START_OVER = "drop chains and answer, number from 0, send S(RESYNCH response)"
    ADOPT = "send as long blocks as asked for from now on, send S(IFS response)"
    GIVE_WAY = "drop chains and answer, send S(ABORT response)"
    YIELD = "send R"
    KEEP = "keep the answer until the reader has given time"
    WAIT = "send the answer where it is there"
    ANSWER = "send the answer, or its first segment"
    ASK_FOR_TIME = "send S(WTX request)"


S, I, E = T1State, T1Input, T1Effect  # noqa: E741 - the table is read by its columns

# An absent pair means: nothing happens.
TRANSITIONS: dict[tuple[T1State, T1Input], tuple[T1Effect, T1State]] = {
    (S.READY, I.COMMAND): (E.EXECUTE, S.BUSY),
    (S.READY, I.SEGMENT): (E.ASSEMBLE, S.READY),
    (S.READY, I.TOO_LONG): (E.REFUSE, S.READY),
    (S.READY, I.ACKNOWLEDGED): (E.GO_ON, S.READY),
    (S.READY, I.MISSED): (E.REPEAT, S.READY),
    (S.READY, I.DAMAGED): (E.COMPLAIN, S.READY),
    (S.READY, I.EXHAUSTED): (E.FALL_SILENT, S.MUTE),
    (S.READY, I.RESYNCH): (E.START_OVER, S.READY),
    (S.READY, I.IFS): (E.ADOPT, S.READY),
    (S.READY, I.ABORT): (E.GIVE_WAY, S.READY),
    (S.READY, I.ABORTED): (E.YIELD, S.READY),
    (S.BUSY, I.ANSWERED): (E.ANSWER, S.READY),
    (S.BUSY, I.LATE): (E.ASK_FOR_TIME, S.EXTENDING),
    (S.EXTENDING, I.ANSWERED): (E.KEEP, S.EXTENDING),
    (S.EXTENDING, I.TIME_GIVEN): (E.WAIT, S.BUSY),
    (S.EXTENDING, I.MISSED): (E.REPEAT, S.EXTENDING),
    (S.EXTENDING, I.DAMAGED): (E.COMPLAIN, S.EXTENDING),
    (S.EXTENDING, I.EXHAUSTED): (E.FALL_SILENT, S.MUTE),
    (S.EXTENDING, I.RESYNCH): (E.START_OVER, S.READY),
    (S.EXTENDING, I.IFS): (E.ADOPT, S.EXTENDING),
    (S.EXTENDING, I.ABORT): (E.GIVE_WAY, S.READY),
    (S.MUTE, I.RESYNCH): (E.START_OVER, S.READY),
}
