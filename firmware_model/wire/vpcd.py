"""The link to vsmartcard's virtual reader: whole APDUs over a stream (WIRE §11).

Both ways a message is two bytes of length, high byte first, and so many bytes. A message of one
byte from the reader switches power, resets the card or asks for its answer to reset; any longer
one is a command APDU.
"""

from firmware_model.units import SimTime
from firmware_model.wire.events import Connected, Disconnected, Indication, Send
from firmware_model.wire.fob_link import LinkEvent

POWER_OFF, POWER_ON, RESET, ANSWER_TO_RESET = 0x00, 0x01, 0x02, 0x04

_LENGTH_BYTES = 2


class VpcdCard:
    """The fob's end. `atr` is its answer to reset."""

    __slots__ = ("_atr", "_begun", "_pending")

    def __init__(self, atr: bytes) -> None:
        self._atr = atr
        self._begun = b""
        self._pending = False

    @property
    def deadline(self) -> SimTime | None:
        """None: the reader keeps the time."""
        return None

    def receive(self, data: bytes, now: SimTime) -> list[LinkEvent]:  # noqa: ARG002 - no time-outs
        """Take bytes from the reader."""
        events: list[LinkEvent] = []
        self._begun += data
        while len(self._begun) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(self._begun[:_LENGTH_BYTES], "big")
            if len(self._begun) < end:
                break
            message, self._begun = self._begun[_LENGTH_BYTES:end], self._begun[end:]
            events += self._take(message)
        return events

    def respond(self, information: bytes, now: SimTime) -> list[LinkEvent]:  # noqa: ARG002 - as above
        """Answer the last command; after a reset its answer is dropped."""
        if not self._pending:
            return []
        self._pending = False
        return [_send(information)]

    def timeout(self, now: SimTime) -> list[LinkEvent]:  # noqa: ARG002 - as above
        """Do nothing: there are no time-outs."""
        return []

    def stretch(self, factor: int) -> None:
        """Do nothing: there are no time-outs."""

    def _take(self, message: bytes) -> list[LinkEvent]:
        if len(message) > 1:
            self._pending = True
            return [Indication(message)]
        order = message[0] if message else None
        if order == ANSWER_TO_RESET:
            return [_send(self._atr)]
        if order not in (POWER_ON, RESET, POWER_OFF):
            return []
        self._pending = False
        return [Disconnected() if order == POWER_OFF else Connected()]


def _send(message: bytes) -> Send:
    return Send(len(message).to_bytes(_LENGTH_BYTES, "big") + message)
