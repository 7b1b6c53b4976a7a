"""Racks of this process by name, for `fob://NAME/...` URLs."""

import atexit
import threading
from urllib.parse import parse_qsl, urlsplit

from emulator.in_process import InProcess
from emulator.ports.pair import HostEnd
from emulator.settings import Settings
from firmware_model.errors import BadInput
from keyfob.testing.renamed import hint_for
from keyfob.testing.run_options import DEFAULT_MODEL, plans_of, settings_of

BENCH = "bench"
KEYS = ("model", "count", "preset", "time", "start", "dice")
EXPECTED = "expected fob://NAME/1?model=MODEL or fob://NAME/bench"

_lock = threading.Lock()
_racks: dict[str, InProcess] = {}


def connect(url: str) -> HostEnd:
    """Return the host's end of what `url` names; the first URL of a rack starts it.

    `fob://NAME/N` is the line of fob N, `fob://NAME/bench` the bench. The parameters of the
    first URL say what the rack is: model (fob-h6), count, preset (blank), time (real, frozen, a
    rate), start (a date), dice (any text: the same text gives the same fobs).

    Raises:
        BadInput: the URL cannot be meant.
        InUse: another host of this process holds that fob's line.
    """
    parts = urlsplit(url)
    place = parts.path.strip("/") or "1"
    if parts.scheme != "fob" or not parts.netloc or not (place == BENCH or place.isdecimal()):
        raise BadInput(f"invalid address {url!r}: {EXPECTED}")
    with _lock:
        rack = _racks.get(parts.netloc)
        if rack is None:
            rack = _racks[parts.netloc] = InProcess(_settings(url, parts.query))
    return rack.bench() if place == BENCH else rack.line(int(place[:6]))


def forget(name: str) -> None:
    """Stop the rack `name` and lose its fobs; do nothing where there is none."""
    with _lock:
        rack = _racks.pop(name, None)
    if rack is not None:
        rack.stop()


def _settings(url: str, query: str) -> Settings:
    given = dict(parse_qsl(query))
    for key in given:
        if key not in KEYS:
            raise BadInput(
                f"invalid address {url!r}: unknown parameter {key}: expected"
                f" one of {', '.join(KEYS)}{hint_for(key)}"
            )
    plans = plans_of(
        given.pop("model", DEFAULT_MODEL), given.pop("count", "1"), given.pop("preset", None)
    )
    return settings_of(plans, **given)


@atexit.register
def _forget_all() -> None:
    for name in list(_racks):
        forget(name)
