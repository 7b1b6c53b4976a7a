"""What can go wrong outside us: one root, one leaf for each exit status (ARCHITECTURE §4).

Every message is one plain line that names the thing and what was expected, and holds no secret.
"""
# ruff: noqa: N818 - the names say what happened; all of them are errors


class HostError(Exception):
    """The user's, the file's, the port's or the fob's fault; never ours.

    `exit_status` is what the command line ends with when nobody handles it.
    """

    exit_status = 2


class Denied(HostError):
    """The answer is no: a code, a check or a scenario failed."""

    exit_status = 1


class BadInput(HostError):
    """An option, a file, a model or a key is not what it should be."""

    exit_status = 2


class PortUnavailable(HostError):
    """A port or a bench cannot be opened, or went away while in use."""

    exit_status = 3


class NoAnswer(HostError):
    """The line is open, and nobody answers on it in time."""

    exit_status = 3


class BadAnswer(HostError):
    """Somebody answers, but not what the protocol says."""

    exit_status = 3


class Refused(HostError):
    """The fob refused a command.

    `status` is its ISO 7816-4 status word; the message names it in words.
    """

    exit_status = 4

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class InUse(HostError):
    """A port, a store or a state file belongs to somebody else."""

    exit_status = 5
