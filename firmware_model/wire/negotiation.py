"""The information lengths that SNRM and UA negotiate (IEC 62056-46 §6.4.4.4.3).

The window is always 1: a command, its answer, the next command.
"""

from dataclasses import dataclass

from firmware_model.wire import tlv
from firmware_model.wire.hdlc import INFORMATION_BYTES_DEFAULT, INFORMATION_BYTES_MAX

_HEAD = b"\x81\x80"  # format identifier and group identifier: parameter negotiation
_TRANSMIT, _RECEIVE, _WINDOW_TRANSMIT, _WINDOW_RECEIVE = 0x05, 0x06, 0x07, 0x08
_WINDOW_ONE = b"\x00\x00\x00\x01"


@dataclass(frozen=True, slots=True)
class Lengths:
    """The longest information field that the sender of it sends and takes, in bytes (1..2030)."""

    transmit: int = INFORMATION_BYTES_DEFAULT
    receive: int = INFORMATION_BYTES_DEFAULT

    def __post_init__(self) -> None:
        for length in (self.transmit, self.receive):
            if not 1 <= length <= INFORMATION_BYTES_MAX:
                raise ValueError(f"information fields have 1 to {INFORMATION_BYTES_MAX} bytes")

    def encode(self) -> bytes:
        """Return the information field of an SNRM or UA with these lengths."""
        items = tlv.encode_all(
            [
                (_TRANSMIT, _shortest(self.transmit)),
                (_RECEIVE, _shortest(self.receive)),
                (_WINDOW_TRANSMIT, _WINDOW_ONE),
                (_WINDOW_RECEIVE, _WINDOW_ONE),
            ]
        )
        return _HEAD + bytes((len(items),)) + items

    @classmethod
    def decode(cls, information: bytes) -> "Lengths | None":
        """Return the peer's lengths, None where the field is invalid.

        An empty field and a missing parameter mean the default. A length above 2030 counts as
        2030; windows are read over, as ours is 1 and the smaller one holds.
        """
        if not information:
            return cls()
        if information[:2] != _HEAD or list(information[2:3]) != [len(information) - 3]:
            return None
        items = tlv.decode_all(information[3:])
        if items is None:
            return None
        said = {tag: int.from_bytes(value, "big") for tag, value in items}
        transmit = said.get(_TRANSMIT, INFORMATION_BYTES_DEFAULT)
        receive = said.get(_RECEIVE, INFORMATION_BYTES_DEFAULT)
        if not transmit or not receive:
            return None
        return cls(min(transmit, INFORMATION_BYTES_MAX), min(receive, INFORMATION_BYTES_MAX))

    def meet(self, peer: "Lengths") -> "Lengths":
        """Return the lengths that both ends can use: the smaller of each direction."""
        return Lengths(min(self.transmit, peer.receive), min(self.receive, peer.transmit))


def _shortest(number: int) -> bytes:
    return number.to_bytes(1 if number < 0x100 else 2, "big")
