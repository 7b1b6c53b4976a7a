"""What can go wrong in the shell: one plain line each, with its exit status (ARCHITECTURE §4)."""
# ruff: noqa: N818 - the names say what happened; all of them are errors


class EmulatorError(Exception):
    """The root; the message is one line that names the thing and what was expected."""

    exit_status = 70


class BadSetting(EmulatorError):
    """An option, a door's spelling, a rack file or a model that cannot be meant."""

    exit_status = 2


class BadStore(EmulatorError):
    """A store that is none, or whose fobs are not the ones asked for."""

    exit_status = 2


class DoorUnavailable(EmulatorError):
    """A port or bench address that cannot be opened."""

    exit_status = 3


class InUse(EmulatorError):
    """A port or a store that belongs to a living other."""

    exit_status = 5
