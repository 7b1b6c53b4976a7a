"""An entry of the audit log, and the end of the log, as values (HOST §6)."""

from typing import NamedTuple

from firmware_model.errors import BadInput

GENESIS = bytes(32)
"""What the first entry is chained to."""


class AuditEntry(NamedTuple):
    """What happened: when (Unix time), what, with which outcome, to which token, by whom.

    `detail` is a few words or numbers; a code or a seed never stands in any of these.
    """

    at: int
    event: str
    outcome: str
    serial_number: str = ""
    user: str = ""
    actor: str = ""
    detail: str = ""


class Head(NamedTuple):
    """The end of the log, to be printed and kept where the host cannot reach it."""

    number: int
    mac: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.mac.hex()}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Read `NUMBER:MAC`; raises BadInput where it is none."""
        number, _, mac = text.strip().partition(":")
        try:
            head = cls(int(number), bytes.fromhex(mac))
        except ValueError:
            head = cls(-1, b"")
        if head.number < 0 or len(head.mac) != len(GENESIS):
            raise BadInput("invalid audit head: expected NUMBER:MAC, with 64 hex digits of MAC")
        return head
