"""The fob's end of the link as a table: every transition of `Secondary` stands here (WIRE §2.6).

IntEnum and StrEnum, since those are hashed in C: the table is looked up with every frame.
"""

from enum import IntEnum, StrEnum, auto, unique


@unique
class SecondaryState(IntEnum):
    """Where the secondary stands."""

    DISCONNECTED = auto()
    READY = auto()  # connected; no command is being executed
    BUSY = auto()  # connected; the command is out, its answer is not in yet
    REJECTED = auto()  # a frame was rejected; only SNRM and DISC help


@unique
class SecondaryInput(IntEnum):
    """The inputs of the secondary."""

    SNRM = auto()
    SNRM_MALFORMED = auto()
    DISC = auto()
    COMMAND = auto()  # the next I-frame in sequence, last or only segment
    SEGMENT = auto()  # the next I-frame in sequence, more to follow
    DUPLICATE = auto()  # the I-frame that was taken last, again
    OUT_OF_SEQUENCE = auto()  # an I-frame with any other N(S)
    POLLED = auto()  # RR that acknowledges all we sent
    HELD = auto()  # RNR: the primary takes no I-frame now
    MISSED = auto()  # N(R) says that our last I-frame did not arrive
    BAD_ACKNOWLEDGEMENT = auto()  # N(R) of a frame that we never sent
    TOO_LONG = auto()  # information beyond the negotiated or the assembled limit
    UNKNOWN = auto()  # a control field that the profile does not have
    ANSWERED = auto()  # the application answers
    SILENCE = auto()  # the inactivity time-out


@unique
class SecondaryEffect(StrEnum):
    """What a transition does. Nothing is sent without a poll (P set) that is still open."""

    CONNECT = "start anew, answer UA"
    ACKNOWLEDGE = "answer UA"
    DISCONNECT = "end the connection, answer UA"
    DENY = "answer DM"
    DROP = "end the connection, answer DM"
    LOSE = "end the connection"
    EXECUTE = "give the command to the application"
    ASSEMBLE = "keep the segment, answer RR"
    REPEAT = "send the last I-frame again; where there is none, as below"
    READY = "answer RR"
    BUSY = "answer RNR"
    GO_ON = "send the next segment of the answer; RR where there is none"
    ANSWER = "send the answer, or its first segment"
    REJECT = "answer FRMR"


_CONNECTED = (SecondaryState.READY, SecondaryState.BUSY, SecondaryState.REJECTED)
_IN_SEQUENCE = (
    SecondaryInput.COMMAND,
    SecondaryInput.SEGMENT,
    SecondaryInput.DUPLICATE,
    SecondaryInput.OUT_OF_SEQUENCE,
    SecondaryInput.POLLED,
    SecondaryInput.HELD,
    SecondaryInput.MISSED,
)
_WRONG = (SecondaryInput.BAD_ACKNOWLEDGEMENT, SecondaryInput.TOO_LONG, SecondaryInput.UNKNOWN)

# An absent pair means: nothing happens, the state stays.
TRANSITIONS: dict[tuple[SecondaryState, SecondaryInput], tuple[SecondaryEffect, SecondaryState]] = {
    (SecondaryState.DISCONNECTED, SecondaryInput.SNRM): (
        SecondaryEffect.CONNECT,
        SecondaryState.READY,
    ),
    (SecondaryState.DISCONNECTED, SecondaryInput.SNRM_MALFORMED): (
        SecondaryEffect.DENY,
        SecondaryState.DISCONNECTED,
    ),
    (SecondaryState.DISCONNECTED, SecondaryInput.DISC): (
        SecondaryEffect.ACKNOWLEDGE,
        SecondaryState.DISCONNECTED,
    ),
    **{
        (SecondaryState.DISCONNECTED, what): (SecondaryEffect.DENY, SecondaryState.DISCONNECTED)
        for what in _IN_SEQUENCE + _WRONG
    },
    **{
        (state, SecondaryInput.SNRM): (SecondaryEffect.CONNECT, SecondaryState.READY)
        for state in _CONNECTED
    },
    **{
        (state, SecondaryInput.SNRM_MALFORMED): (SecondaryEffect.DROP, SecondaryState.DISCONNECTED)
        for state in _CONNECTED
    },
    **{
        (state, SecondaryInput.DISC): (SecondaryEffect.DISCONNECT, SecondaryState.DISCONNECTED)
        for state in _CONNECTED
    },
    **{
        (state, SecondaryInput.SILENCE): (SecondaryEffect.LOSE, SecondaryState.DISCONNECTED)
        for state in _CONNECTED
    },
    **{
        (state, what): (SecondaryEffect.REJECT, SecondaryState.REJECTED)
        for state in _CONNECTED
        for what in _WRONG
    },
    (SecondaryState.READY, SecondaryInput.COMMAND): (SecondaryEffect.EXECUTE, SecondaryState.BUSY),
    (SecondaryState.READY, SecondaryInput.SEGMENT): (
        SecondaryEffect.ASSEMBLE,
        SecondaryState.READY,
    ),
    (SecondaryState.READY, SecondaryInput.DUPLICATE): (
        SecondaryEffect.REPEAT,
        SecondaryState.READY,
    ),
    (SecondaryState.READY, SecondaryInput.OUT_OF_SEQUENCE): (
        SecondaryEffect.READY,
        SecondaryState.READY,
    ),
    (SecondaryState.READY, SecondaryInput.POLLED): (SecondaryEffect.GO_ON, SecondaryState.READY),
    (SecondaryState.READY, SecondaryInput.HELD): (SecondaryEffect.READY, SecondaryState.READY),
    (SecondaryState.READY, SecondaryInput.MISSED): (SecondaryEffect.REPEAT, SecondaryState.READY),
    **{
        (SecondaryState.BUSY, what): (SecondaryEffect.BUSY, SecondaryState.BUSY)
        for what in _IN_SEQUENCE
    },
    (SecondaryState.BUSY, SecondaryInput.ANSWERED): (SecondaryEffect.ANSWER, SecondaryState.READY),
    **{
        (SecondaryState.REJECTED, what): (SecondaryEffect.REJECT, SecondaryState.REJECTED)
        for what in _IN_SEQUENCE
    },
}
