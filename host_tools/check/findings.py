"""What is found out about a fob: whether it does as WIRE says, or cannot be asked."""

from firmware_model.errors import Denied
from firmware_model.wire.apdu import describe_status


class Disagreement(Denied):
    """The fob does not do what WIRE says; the message holds no secret."""


class Unfit(Exception):  # noqa: N818 - nothing failed
    """This fob, as it is now, cannot be checked in this way; the message says why."""


def expect(found: object, wanted: object, what: str) -> None:
    """Raise `Disagreement` unless `found` is `wanted`; neither may be a secret."""
    if found != wanted:
        raise Disagreement(f"{what}: {_shown(found)} instead of {_shown(wanted)}")


def expect_status(found: int, wanted: int, what: str) -> None:
    """Raise `Disagreement` unless the status word is the wanted one."""
    if found != wanted:
        raise Disagreement(f"{what}: {describe_status(found)} instead of {describe_status(wanted)}")


def require(condition: bool, what: str) -> None:
    """Raise `Disagreement` unless the condition holds."""
    if not condition:
        raise Disagreement(what)


def _shown(value: object) -> str:
    return value.hex(" ") or "nothing" if isinstance(value, bytes) else str(value)
