"""What can go wrong outside us: one root, one class for each cause (ARCHITECTURE §4).

Every message is one plain line that names the thing and what was expected, and holds no secret.
The model raises few of them; they stand here because emulator and host know nothing else together.
"""
# ruff: noqa: N818 - the names say what happened; all of them are errors


class KeyfobError(Exception):
    """The fault of an input, a file, a port or a fob; never ours.

    `exit_status` is what the command line ends with when nobody handles it.

    Example:
        >>> try:
        ...     keyfob.load_model("fob-h7")
        ... except keyfob.KeyfobError as error:
        ...     print(type(error).__name__, error.exit_status)
        BadInput 2
    """

    exit_status = 2


class Denied(KeyfobError):
    """Rejected: a code, a check or a scenario failed.

    Example:
        >>> issubclass(keyfob.Denied, keyfob.KeyfobError), keyfob.Denied.exit_status
        (True, 1)
    """

    exit_status = 1


class BadInput(KeyfobError):
    """An option, an address, a file, a model or a key is not what it should be.

    Example:
        >>> keyfob.load_model("none.toml")
        Traceback (most recent call last):
        firmware_model.errors.BadInput: none.toml: cannot read the model: No such file or directory
    """

    exit_status = 2


class BadStore(BadInput):
    """A file that is no store, or a store whose fobs are not the ones asked for."""


class PortUnavailable(KeyfobError):
    """A port or a bench cannot be opened, or went away while in use.

    Example:
        >>> keyfob.Bench("tcp:127.0.0.1:1")
        Traceback (most recent call last):
        firmware_model.errors.PortUnavailable: ...
    """

    exit_status = 3


class NoAnswer(KeyfobError):
    """The line is open, and nobody answers on it in time.

    Example:
        >>> with keyfob.Rack.start() as rack:
        ...     keyfob.open_session(rack[1].port, 9)
        Traceback (most recent call last):
        firmware_model.errors.NoAnswer: ...
    """

    exit_status = 3


class BadAnswer(KeyfobError):
    """Somebody answers, but not what the protocol says.

    Example:
        >>> issubclass(keyfob.BadAnswer, keyfob.KeyfobError), keyfob.BadAnswer.exit_status
        (True, 3)
    """

    exit_status = 3


class Refused(KeyfobError):
    """The fob refused a command.

    `status` is its ISO 7816-4 status word; the message names it in words.

    Example:
        >>> with keyfob.Rack.start() as rack, rack[1].session() as session:
        ...     keyfob.provision(session, rack[1].record)
        Traceback (most recent call last):
        firmware_model.errors.Refused: ZZH600000001 is personalised already: ...
    """

    exit_status = 4

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class InUse(KeyfobError):
    """A port, a store or a state file belongs to another process.

    Example:
        >>> issubclass(keyfob.InUse, keyfob.KeyfobError), keyfob.InUse.exit_status
        (True, 5)
    """

    exit_status = 5
