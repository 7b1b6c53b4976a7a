"""On which device a soft token's app is: its one entry of flash beside the token's own.

Which device it is on, to which device its token is bound, and whether its user stopped it.
"""

from typing import NamedTuple

from firmware_model.firmware.journal import Journal
from firmware_model.firmware.memory import Key

KEPT_AFTER_DELETION = (Key.CHIP, Key.BOOTS, Key.CLOCK, Key.ERROR_LOG)
"""The entries that belong to the device and outlive the app."""


class Installation(NamedTuple):
    """The app on its device; without a `device_id` there is none.

    `bound_to` is the device of the activation, "" for a token that runs on any.
    """

    device_id: str
    bound_to: str = ""
    stopped: bool = False

    def encode(self) -> bytes:
        """Return it as it is stored."""
        stopped = "stopped" if self.stopped else ""
        return "\n".join((self.device_id, self.bound_to, stopped)).encode("ascii")


def installation(journal: Journal) -> Installation:
    """Return it from flash; without an entry the app is not installed."""
    entry = (journal.get(Key.APP) or b"\n\n").decode("ascii")
    device_id, bound_to, stopped = entry.split("\n")
    return Installation(device_id, bound_to, bool(stopped))


def finish_deletion(journal: Journal) -> None:
    """Complete a deletion that a power cut interrupted, so that no secret of the app is left."""
    if not installation(journal).device_id and not journal.is_wiped(KEPT_AFTER_DELETION):
        journal.wipe(KEPT_AFTER_DELETION)
