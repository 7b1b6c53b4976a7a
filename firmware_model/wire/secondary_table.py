"""The fob's end of the link as a table: every transition of `Secondary` stands here (WIRE §2.6).

IntEnum and StrEnum, since those are hashed in C: the table is looked up with every frame.
"""

from enum import IntEnum, StrEnum, auto, unique


@unique
class State(IntEnum):
    """Where the secondary stands."""

    DISCONNECTED = auto()
    READY = auto()  # connected; no command is being executed
    BUSY = auto()  # connected; the command is out, its answer is not in yet
    REJECTED = auto()  # a frame was rejected; only SNRM and DISC help


@unique
class Input(IntEnum):
    """What can happen to the secondary."""

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
class Effect(StrEnum):
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


_CONNECTED = (State.READY, State.BUSY, State.REJECTED)
_IN_SEQUENCE = (
    Input.COMMAND,
    Input.SEGMENT,
    Input.DUPLICATE,
    Input.OUT_OF_SEQUENCE,
    Input.POLLED,
    Input.HELD,
    Input.MISSED,
)
_WRONG = (Input.BAD_ACKNOWLEDGEMENT, Input.TOO_LONG, Input.UNKNOWN)

# An absent pair means: nothing happens, the state stays.
TRANSITIONS: dict[tuple[State, Input], tuple[Effect, State]] = {
    (State.DISCONNECTED, Input.SNRM): (Effect.CONNECT, State.READY),
    (State.DISCONNECTED, Input.SNRM_MALFORMED): (Effect.DENY, State.DISCONNECTED),
    (State.DISCONNECTED, Input.DISC): (Effect.ACKNOWLEDGE, State.DISCONNECTED),
    **{
        (State.DISCONNECTED, what): (Effect.DENY, State.DISCONNECTED)
        for what in _IN_SEQUENCE + _WRONG
    },
    **{(state, Input.SNRM): (Effect.CONNECT, State.READY) for state in _CONNECTED},
    **{(state, Input.SNRM_MALFORMED): (Effect.DROP, State.DISCONNECTED) for state in _CONNECTED},
    **{(state, Input.DISC): (Effect.DISCONNECT, State.DISCONNECTED) for state in _CONNECTED},
    **{(state, Input.SILENCE): (Effect.LOSE, State.DISCONNECTED) for state in _CONNECTED},
    **{(state, what): (Effect.REJECT, State.REJECTED) for state in _CONNECTED for what in _WRONG},
    (State.READY, Input.COMMAND): (Effect.EXECUTE, State.BUSY),
    (State.READY, Input.SEGMENT): (Effect.ASSEMBLE, State.READY),
    (State.READY, Input.DUPLICATE): (Effect.REPEAT, State.READY),
    (State.READY, Input.OUT_OF_SEQUENCE): (Effect.READY, State.READY),
    (State.READY, Input.POLLED): (Effect.GO_ON, State.READY),
    (State.READY, Input.HELD): (Effect.READY, State.READY),
    (State.READY, Input.MISSED): (Effect.REPEAT, State.READY),
    **{(State.BUSY, what): (Effect.BUSY, State.BUSY) for what in _IN_SEQUENCE},
    (State.BUSY, Input.ANSWERED): (Effect.ANSWER, State.READY),
    **{(State.REJECTED, what): (Effect.REJECT, State.REJECTED) for what in _IN_SEQUENCE},
}
