"""What a session needs of its way to the fob: command APDUs out, answers back."""

from collections.abc import Callable
from typing import Protocol

from firmware_model.errors import BadAnswer
from firmware_model.wire.messages import GetResponse
from firmware_model.wire.primary import ANSWER_BYTES_MAX

MORE_DATA = b"\x61"
"""The first byte of a status word that says: more is to be fetched (61xx)."""


class CommandLink(Protocol):
    """A way to one fob: an HDLC line, or a card reader. Its text names it, for messages."""

    @property
    def is_connected(self) -> bool:
        """Whether the fob is there, as far as this end knows."""

    def connect(self) -> None:
        """Connect anew; whatever a host before had with this fob is over."""

    def transceive(self, apdu: bytes) -> bytes:
        """Send a command APDU and return the whole answer, status word included."""

    def close(self) -> None:
        """Tell the fob that it is over, and give the way free."""

    def abandon(self) -> None:
        """Give the way free without a word."""


def gather(exchange: Callable[[bytes], bytes], answer: bytes, who: object) -> bytes:
    """Return the whole of an answer that began with `answer`, status word included.

    An answer that comes in parts (61xx) is fetched with GET RESPONSE, in clear, and returned as
    one (ISO/IEC 7816-4 §5.3.4).

    Raises:
        BadAnswer: it has no end.
    """
    data = b""
    while answer[-2:-1] == MORE_DATA:
        data += answer[:-2]
        if len(data) > ANSWER_BYTES_MAX or (data and len(answer) == 2):
            raise BadAnswer(f"{who}: the answer is longer than {ANSWER_BYTES_MAX} bytes")
        answer = exchange(GetResponse(answer[-1] or 256).command().encode())
    return data + answer
