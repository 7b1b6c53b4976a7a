"""An emulator's settings as people write them: in options, rack files, markers and URLs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from emulator.firmware.files import FirmwareSource
from emulator.model_source import model_source
from emulator.ports.tcp import split_host_port
from emulator.settings import (
    ANY_LOOPBACK_PORT,
    FOBS_MAX,
    HOST_PACE,
    FobPlan,
    HttpSettings,
    Settings,
)
from emulator.true_time import RATE_HIGHEST, REAL, STANDING, instant_of
from firmware_model.errors import BadInput
from firmware_model.units import SimTime
from firmware_model.wire.scp03_keys import FACTORY_VERSION, KeySet
from host_tools.client.bench_token import read_token
from host_tools.client.keys import read_keys
from keyfob.testing.presets import apply

RATES = {"real": REAL, "frozen": STANDING}
BAUD_RATE_HIGHEST = 4_000_000
DEFAULT_MODEL = "fob-h6"


def plans_of(
    model: str = DEFAULT_MODEL,
    count: int | str = 1,
    preset: str | None = None,
    changes: Mapping[str, str] | None = None,
    firmware: FirmwareSource | None = None,
) -> tuple[FobPlan, ...]:
    """Return the plans of `count` fobs that are all alike.

    Args:
        model: a name of the catalogue, or the path of a TOML file.
        count: 1 to 10,000.
        preset: in which state they begin (BENCH §12); None is blank.
        changes: what is set then, such as {"battery.charge": "7%"}.
        firmware: the program on their boards; None for our own.

    Raises:
        BadInput: no such model, preset or change, or a value out of range.
    """
    plan = apply(FobPlan(source=model_source(model), firmware=firmware), preset, changes or {})
    return (plan,) * count_of(str(count))


def settings_of(
    plans: tuple[FobPlan, ...],
    *,
    port: str | None = None,
    bench: str | None = None,
    store: str | None = None,
    time: str | float | None = None,
    start: str | None = None,
    pace: str | None = None,
    keys: str | None = None,
    dice: str | None = None,
    bench_token_file: str | None = None,
    snapshots: str | None = None,
    http: str | None = None,
    http_token_file: str | None = None,
    panel: str | bool = False,
    record: str | None = None,
) -> Settings:
    """Return the settings that options, a rack file, a marker or a URL ask for.

    Args:
        plans: of the fobs; empty where the store holds some.
        port: the fobs' address, None for none.
        bench: the bench's address, None for none.
        store: the path of the store, None for memory.
        time: "real" (the default), "frozen", or a rate from 0 to 10^7.
        start: where true time starts, an ISO 8601 date; now if None.
        pace: "host" or a baud rate; None for no pacing.
        keys: the path of the transport keys; None for the public test keys.
        dice: any text; the same text gives the same cells, crystals and flash.
        snapshots: the folder of snapshots that outlive the run; None for memory only.
        record: the path of a new recording; None for none.
        bench_token_file: the path of what a controller must send first; None for nothing.
        http: `HOST:PORT` of the bench over HTTP; None for none, unless `panel` asks for one.
        http_token_file: the path of what HTTP requests must send; None makes a token for the run.
        panel: whether the HTTP port serves the panel too.

    Raises:
        BadInput: a value is invalid; the message names it and says what was expected.
    """
    return Settings(
        plans=plans,
        port=port,
        bench=bench,
        store=None if store is None else Path(store),
        rate=rate_of(str("real" if time is None else time)),
        start=None if start is None else instant_of_start(start),
        dice=None if dice is None else dice.encode(),
        pace=None if pace is None else pace_of(pace),
        snapshots=None if snapshots is None else Path(snapshots),
        record=None if record is None else Path(record),
        bench_token=None if bench_token_file is None else read_token(bench_token_file).encode(),
        transport_keys=None if keys is None else transport_keys_of(keys),
        http=http_settings_of(http, http_token_file, panel=bool(panel)),
    )


def http_settings_of(
    address: str | None, token_file: str | None, *, panel: bool
) -> HttpSettings | None:
    """Return where the HTTP port is; None where neither it nor a panel is asked for.

    Raises:
        BadInput: the address or the token file is invalid.
    """
    if address is None and not panel:
        return None
    address = address or ANY_LOOPBACK_PORT
    host, port = split_host_port(address.removeprefix("http://").rstrip("/"), address)
    token = None if token_file is None else read_token(token_file).encode()
    return HttpSettings(host, port, token, with_panel=panel)


def rate_of(text: str) -> Fraction:
    """Return the rate of true time: `real`, `frozen` or a number from 0 to 10^7."""
    if text in RATES:
        return RATES[text]
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(-1)
    if rate.is_nan() or not STANDING <= rate <= RATE_HIGHEST:
        raise BadInput(
            f"invalid time {text!r}: expected real, frozen or a number from 0 to {RATE_HIGHEST}"
        )
    return Fraction(rate)


def pace_of(text: str) -> int:
    """Return the baud rate to pace to; `host` is the one the host sets."""
    if text == "host":
        return HOST_PACE
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= BAUD_RATE_HIGHEST:
        raise BadInput(
            f"invalid pace {text!r}: expected host or a baud rate up to {BAUD_RATE_HIGHEST:,}"
        )
    return int(text)


def instant_of_start(text: str) -> SimTime:
    """Return where true time starts: an ISO 8601 date or date and time."""
    try:
        return instant_of(text)
    except ValueError as error:
        raise BadInput(f"invalid start: {error}") from None


def transport_keys_of(path: str) -> Callable[[bytes], KeySet]:
    """Return with which keys a fob of a chip ID leaves the factory, from the file `path`.

    A file that names no version means a factory's own, 255 (WIRE §7.1).

    Raises:
        KeyfobError: it holds no key set, or others may read it.
        OSError: it cannot be read.
    """
    keys = read_keys(path)
    return replace(keys, version=keys.version or FACTORY_VERSION).for_chip


def count_of(text: str) -> int:
    """Return a number of fobs from 1 to 10,000."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= FOBS_MAX:
        raise BadInput(f"invalid count {text!r}: expected 1 to {FOBS_MAX:,}")
    return int(text)
