"""The host's end of the link as a table: every transition of `Primary` stands here (WIRE §2.7).

IntEnum and StrEnum, since those are hashed in C: the table is looked up with every frame.
"""

from enum import IntEnum, StrEnum, auto, unique


@unique
class State(IntEnum):
    """Where the primary stands."""

    DISCONNECTED = auto()
    CONNECTING = auto()  # SNRM is out
    READY = auto()  # connected; nothing is under way
    AWAITING = auto()  # an I-frame or a poll is out
    PAUSING = auto()  # the fob is busy; the next poll comes after a pause
    DISCONNECTING = auto()  # DISC is out


@unique
class Input(IntEnum):
    """What can happen to the primary."""

    CONNECT = auto()  # from above
    TRANSMIT = auto()  # from above
    DISCONNECT = auto()  # from above
    UA = auto()
    UA_MALFORMED = auto()
    DM = auto()
    FRMR = auto()
    ANSWER = auto()  # the next I-frame in sequence, last or only segment
    SEGMENT = auto()  # the next I-frame in sequence, more to follow
    TOO_LONG = auto()  # an answer beyond what is put together
    TAKEN = auto()  # RR for a segment of ours, and there is more to send
    NOTHING_YET = auto()  # RR for all we sent
    BUSY = auto()  # RNR
    MISSED = auto()  # RR to a poll of ours that says our last I-frame did not arrive
    LATE = auto()  # the response time-out, tries are left
    EXHAUSTED = auto()  # the response time-out after the last try
    PAUSED = auto()  # the pause is over
    IMPATIENT = auto()  # the pause is over, and so is our patience


@unique
class Effect(StrEnum):
    """What a transition does."""

    CONNECT = "send SNRM"
    OPEN = "start anew, tell above"
    SEND = "send the next segment as I-frame, P set"
    RESEND = "send the last frame again"
    REPEAT = "send the last I-frame again"
    POLL = "send RR, P set"
    ASSEMBLE = "keep the segment, send RR, P set"
    DELIVER = "give the answer to those above"
    PAUSE = "start the pause"
    DISCONNECT = "send DISC"
    FINISH = "tell above that it is over"
    FAIL_SILENT = "tell above: no answer"
    FAIL_REFUSED = "tell above: refused"
    FAIL_LOST = "tell above: connection lost"
    FAIL_REJECTED = "tell above: frame rejected"
    FAIL_BUSY = "tell above: busy too long"
    FAIL_NONSENSE = "tell above: an answer that cannot be"


_UNDER_WAY = (State.AWAITING, State.PAUSING)

# An absent pair means: nothing happens, the state stays.
TRANSITIONS: dict[tuple[State, Input], tuple[Effect, State]] = {
    (State.DISCONNECTED, Input.CONNECT): (Effect.CONNECT, State.CONNECTING),
    (State.CONNECTING, Input.UA): (Effect.OPEN, State.READY),
    (State.CONNECTING, Input.UA_MALFORMED): (Effect.FAIL_NONSENSE, State.DISCONNECTED),
    (State.CONNECTING, Input.DM): (Effect.FAIL_REFUSED, State.DISCONNECTED),
    (State.CONNECTING, Input.LATE): (Effect.RESEND, State.CONNECTING),
    (State.CONNECTING, Input.EXHAUSTED): (Effect.FAIL_SILENT, State.DISCONNECTED),
    (State.CONNECTING, Input.DISCONNECT): (Effect.DISCONNECT, State.DISCONNECTING),
    (State.READY, Input.TRANSMIT): (Effect.SEND, State.AWAITING),
    (State.READY, Input.DISCONNECT): (Effect.DISCONNECT, State.DISCONNECTING),
    (State.AWAITING, Input.TAKEN): (Effect.SEND, State.AWAITING),
    (State.AWAITING, Input.NOTHING_YET): (Effect.PAUSE, State.PAUSING),
    (State.AWAITING, Input.BUSY): (Effect.PAUSE, State.PAUSING),
    (State.AWAITING, Input.MISSED): (Effect.REPEAT, State.AWAITING),
    (State.AWAITING, Input.LATE): (Effect.RESEND, State.AWAITING),
    (State.AWAITING, Input.EXHAUSTED): (Effect.FAIL_SILENT, State.DISCONNECTED),
    (State.PAUSING, Input.PAUSED): (Effect.POLL, State.AWAITING),
    (State.PAUSING, Input.IMPATIENT): (Effect.FAIL_BUSY, State.DISCONNECTED),
    **{(state, Input.ANSWER): (Effect.DELIVER, State.READY) for state in _UNDER_WAY},
    **{(state, Input.SEGMENT): (Effect.ASSEMBLE, State.AWAITING) for state in _UNDER_WAY},
    **{(state, Input.TOO_LONG): (Effect.FAIL_NONSENSE, State.DISCONNECTED) for state in _UNDER_WAY},
    **{(state, Input.DM): (Effect.FAIL_LOST, State.DISCONNECTED) for state in _UNDER_WAY},
    **{(state, Input.FRMR): (Effect.FAIL_REJECTED, State.DISCONNECTED) for state in _UNDER_WAY},
    **{(state, Input.DISCONNECT): (Effect.DISCONNECT, State.DISCONNECTING) for state in _UNDER_WAY},
    (State.DISCONNECTING, Input.UA): (Effect.FINISH, State.DISCONNECTED),
    (State.DISCONNECTING, Input.DM): (Effect.FINISH, State.DISCONNECTED),
    (State.DISCONNECTING, Input.LATE): (Effect.RESEND, State.DISCONNECTING),
    (State.DISCONNECTING, Input.EXHAUSTED): (Effect.FINISH, State.DISCONNECTED),
}
