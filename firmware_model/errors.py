"""What can go wrong outside us: one root, one class for each cause (ARCHITECTURE §4).

Every message is one plain line that names the thing and what was expected, and holds no secret.
The model raises few of them; they stand here because emulator and host know nothing else together.
"""
# ruff: noqa: N818 - the names say what happened; all of them are errors


class KeyfobError(Exception):
    """The fault of an input, a file, a port or a fob; never ours.

    `exit_status` is what the command line ends with when nobody handles it.
    """

    exit_status = 2


class Denied(KeyfobError):
    """Rejected: a code, a check or a scenario failed."""

    exit_status = 1


class BadInput(KeyfobError):
    """An option, an address, a file, a model or a key is not what it should be."""

    exit_status = 2


class BadStore(BadInput):
    """A file that is no store, or a store whose fobs are not the ones asked for."""


class PortUnavailable(KeyfobError):
    """A port or a bench cannot be opened, or went away while in use."""

    exit_status = 3


class NoAnswer(KeyfobError):
    """The line is open, and nobody answers on it in time."""

    exit_status = 3


class BadAnswer(KeyfobError):
    """Somebody answers, but not what the protocol says."""

    exit_status = 3


class Refused(KeyfobError):
    """The fob refused a command.

    `status` is its ISO 7816-4 status word; the message names it in words.
    """

    exit_status = 4

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class InUse(KeyfobError):
    """A port, a store or a state file belongs to another process."""

    exit_status = 5
