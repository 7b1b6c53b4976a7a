"""The host's end of the link as a table: every transition of `Primary` stands here (WIRE §2.7).

IntEnum and StrEnum, since those are hashed in C: the table is looked up with every frame.
"""

from enum import IntEnum, StrEnum, auto, unique


@unique
class PrimaryState(IntEnum):
    """Where the primary stands."""

    DISCONNECTED = auto()
    CONNECTING = auto()  # SNRM is out
    READY = auto()  # connected; nothing is under way
    AWAITING = auto()  # an I-frame or a poll is out
    PAUSING = auto()  # the fob is busy; the next poll comes after a pause
    DISCONNECTING = auto()  # DISC is out


@unique
class PrimaryInput(IntEnum):
    """The inputs of the primary."""

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
class PrimaryEffect(StrEnum):
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


_UNDER_WAY = (PrimaryState.AWAITING, PrimaryState.PAUSING)

# An absent pair means: nothing happens, the state stays.
TRANSITIONS: dict[tuple[PrimaryState, PrimaryInput], tuple[PrimaryEffect, PrimaryState]] = {
    (PrimaryState.DISCONNECTED, PrimaryInput.CONNECT): (
        PrimaryEffect.CONNECT,
        PrimaryState.CONNECTING,
    ),
    (PrimaryState.CONNECTING, PrimaryInput.UA): (PrimaryEffect.OPEN, PrimaryState.READY),
    (PrimaryState.CONNECTING, PrimaryInput.UA_MALFORMED): (
        PrimaryEffect.FAIL_NONSENSE,
        PrimaryState.DISCONNECTED,
    ),
    (PrimaryState.CONNECTING, PrimaryInput.DM): (
        PrimaryEffect.FAIL_REFUSED,
        PrimaryState.DISCONNECTED,
    ),
    (PrimaryState.CONNECTING, PrimaryInput.LATE): (PrimaryEffect.RESEND, PrimaryState.CONNECTING),
    (PrimaryState.CONNECTING, PrimaryInput.EXHAUSTED): (
        PrimaryEffect.FAIL_SILENT,
        PrimaryState.DISCONNECTED,
    ),
    (PrimaryState.CONNECTING, PrimaryInput.DISCONNECT): (
        PrimaryEffect.DISCONNECT,
        PrimaryState.DISCONNECTING,
    ),
    (PrimaryState.READY, PrimaryInput.TRANSMIT): (PrimaryEffect.SEND, PrimaryState.AWAITING),
    (PrimaryState.READY, PrimaryInput.DISCONNECT): (
        PrimaryEffect.DISCONNECT,
        PrimaryState.DISCONNECTING,
    ),
    (PrimaryState.AWAITING, PrimaryInput.TAKEN): (PrimaryEffect.SEND, PrimaryState.AWAITING),
    (PrimaryState.AWAITING, PrimaryInput.NOTHING_YET): (PrimaryEffect.PAUSE, PrimaryState.PAUSING),
    (PrimaryState.AWAITING, PrimaryInput.BUSY): (PrimaryEffect.PAUSE, PrimaryState.PAUSING),
    (PrimaryState.AWAITING, PrimaryInput.MISSED): (PrimaryEffect.REPEAT, PrimaryState.AWAITING),
    (PrimaryState.AWAITING, PrimaryInput.LATE): (PrimaryEffect.RESEND, PrimaryState.AWAITING),
    (PrimaryState.AWAITING, PrimaryInput.EXHAUSTED): (
        PrimaryEffect.FAIL_SILENT,
        PrimaryState.DISCONNECTED,
    ),
    (PrimaryState.PAUSING, PrimaryInput.PAUSED): (PrimaryEffect.POLL, PrimaryState.AWAITING),
    (PrimaryState.PAUSING, PrimaryInput.IMPATIENT): (
        PrimaryEffect.FAIL_BUSY,
        PrimaryState.DISCONNECTED,
    ),
    **{
        (state, PrimaryInput.ANSWER): (PrimaryEffect.DELIVER, PrimaryState.READY)
        for state in _UNDER_WAY
    },
    **{
        (state, PrimaryInput.SEGMENT): (PrimaryEffect.ASSEMBLE, PrimaryState.AWAITING)
        for state in _UNDER_WAY
    },
    **{
        (state, PrimaryInput.TOO_LONG): (PrimaryEffect.FAIL_NONSENSE, PrimaryState.DISCONNECTED)
        for state in _UNDER_WAY
    },
    **{
        (state, PrimaryInput.DM): (PrimaryEffect.FAIL_LOST, PrimaryState.DISCONNECTED)
        for state in _UNDER_WAY
    },
    **{
        (state, PrimaryInput.FRMR): (PrimaryEffect.FAIL_REJECTED, PrimaryState.DISCONNECTED)
        for state in _UNDER_WAY
    },
    **{
        (state, PrimaryInput.DISCONNECT): (PrimaryEffect.DISCONNECT, PrimaryState.DISCONNECTING)
        for state in _UNDER_WAY
    },
    (PrimaryState.DISCONNECTING, PrimaryInput.UA): (
        PrimaryEffect.FINISH,
        PrimaryState.DISCONNECTED,
    ),
    (PrimaryState.DISCONNECTING, PrimaryInput.DM): (
        PrimaryEffect.FINISH,
        PrimaryState.DISCONNECTED,
    ),
    (PrimaryState.DISCONNECTING, PrimaryInput.LATE): (
        PrimaryEffect.RESEND,
        PrimaryState.DISCONNECTING,
    ),
    (PrimaryState.DISCONNECTING, PrimaryInput.EXHAUSTED): (
        PrimaryEffect.FINISH,
        PrimaryState.DISCONNECTED,
    ),
}
