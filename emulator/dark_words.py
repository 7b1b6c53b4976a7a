"""Why a display is dark, in one sentence: what `DISPlay:DARK?` answers and `keyfob look` prints."""

from datetime import UTC, datetime

from firmware_model.catalogue import Model
from firmware_model.effects import Darkness, DarkReason
from firmware_model.units import NS_PER_SECOND

_WORDS = {
    DarkReason.NO_CELL: "there is no cell in the fob{since}",
    DarkReason.DEVICE_OFF: "the device is off{since}",
    DarkReason.CELL_EMPTY: "the cell is empty{since}",
    DarkReason.TOO_HOT: "the glass is black: it is too hot",
    DarkReason.TOO_COLD: "too faint to read: it is too cold",
    DarkReason.CELL_LOW: "too faint to read: the cell is nearly empty",
    DarkReason.NOTHING_DRIVEN: "the program drives no segment",
    DarkReason.NOT_INSTALLED: "the app is not installed",
    DarkReason.NOT_ACTIVATED: "the app is not activated",
    DarkReason.TERMINATED: "the fob is terminated",
    DarkReason.NO_SEED: "no seed is loaded",
    DarkReason.SEALED: "the fob is sealed: hold the button for {hold_seconds:g} s",
    DarkReason.EXPIRED: "the fob has expired",
    DarkReason.COMPUTING: "a code is being computed",
    DarkReason.NOT_PRESSED: "the button has not been pressed yet",
    DarkReason.RESTARTED: "the fob restarted{at} and the button has not been pressed since",
    DarkReason.CODE_OVER: "the code's time is over (switched off{at})",
    DarkReason.STEP_ENDED: "the code's time is over (step ended{at})",
    DarkReason.MESSAGE_OVER: "the message's time is over (switched off{at})",
    DarkReason.SWITCHED_OFF: "switched off by a second press{at}",
    DarkReason.STARTED_OVER: "switched off by a change of the fob's state{at}",
}


def dark_words(darkness: Darkness, model: Model) -> str:
    """Return why the display of a fob of `model` is dark; instants are in UTC."""
    at = since = ""
    if darkness.since is not None:
        # The nearest second: a fob's step ends by its own clock, milliseconds from true time's.
        seconds = (darkness.since + NS_PER_SECOND // 2) // NS_PER_SECOND
        instant = datetime.fromtimestamp(seconds, UTC)
        at = f" at {instant:%Y-%m-%d %H:%M:%S} UTC"
        since = f" since {instant:%Y-%m-%d %H:%M:%S} UTC"
    hold_seconds = model.button.long_ms / 1000
    return _WORDS[darkness.reason].format(at=at, since=since, hold_seconds=hold_seconds)
