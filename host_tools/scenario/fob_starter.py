"""What a scenario needs of whoever starts its virtual fobs: the front door hands it in."""

from pathlib import Path
from typing import Protocol

START = "2026-04-01T00:00:00Z"
"""When virtual time starts: no verdict depends on the day, or on how far a time step has run."""


class RunningFob(Protocol):
    """A virtual fob that can be stopped, killed, and started again on the same store.

    `port` is its serial port and `bench` its bench, both as `keyfob` spells addresses.
    """

    port: str
    bench: str

    def start(self) -> None:
        """Start it and wait until it is ready; sets `port` and `bench`."""

    def kill(self) -> None:
        """End it at once, as SIGKILL does."""

    def stop(self) -> None:
        """End it in good order; does nothing where it has ended."""

    def last_message(self, seconds: float = 0) -> str:
        """Return its last error message if it ends by itself within `seconds`, else ""."""


class FobStarter(Protocol):
    """Starts virtual fobs, their true time standing still from START on."""

    def __call__(self, model: str, folder: Path, dice: str) -> RunningFob:
        """Return a running new fob of `model` whose files are in `folder`.

        The same `dice` gives the same cell, crystal and flash.

        Raises:
            KeyfobError: it cannot be started; the message is its own.
        """
