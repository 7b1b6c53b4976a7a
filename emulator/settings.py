"""The settings of an emulator, as checked values."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.firmware.files import FirmwareSource
from emulator.model_source import ModelSource
from emulator.true_time import REAL
from firmware_model.device import Device
from firmware_model.errors import BadInput
from firmware_model.units import SimTime
from firmware_model.wire.scp03_keys import KeySet

if TYPE_CHECKING:
    from emulator.panel.means import PanelMeans

FOBS_MAX = 10_000

ANY_LOOPBACK_PORT = "127.0.0.1:0"
"""Where HTTP is served when nobody says where: any free port of this machine alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FobPlan:
    """One fob to be made.

    Without a serial number it gets the next free one; without a port it is on the rack's port.
    `age_ns` is how long before the start it was made; `prepare` then brings the new fob, with
    its serial number and its keys, into its first state and to the instant given. `firmware` is
    the program on its board, None for our own.
    """

    source: ModelSource
    serial_number: str | None = None
    port: str | None = None
    age_ns: int = 0
    firmware: FirmwareSource | None = None
    prepare: Callable[[Device, str, SimTime, KeySet], None] | None = None


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """The HTTP port: where it listens, and what programs must send.

    `token` None stands for one that is made for this run; `with_panel` serves the panel too, with
    the `means` that the front door lends it.
    """

    host: str
    port: int
    token: bytes | None = field(default=None, repr=False)
    with_panel: bool = False
    means: "PanelMeans | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One run. `plans` may be empty where the store already holds fobs.

    `port` is the address of every fob without one of its own; fobs with the same address share a
    line, and `{n}` (or `{n:03}`) in it stands for the channel. None gives them no port. `rate`
    is the rate of true time (0..10^7), `start` its earliest start. `dice` decides how the new
    fobs differ (cell, crystal, flash): the same dice, the same fobs; None takes random ones.
    `pace` delays bytes to the host's baud rate, or to a given one. `transport_keys` returns the
    keys of a new fob by its chip ID; None means the public test keys. `allowed_uids` are users
    besides our own that may connect to Unix sockets; `bench_token` is what a controller must send
    first on a TCP or Unix bench (`SYSTem:TOKen`), None for nothing. `snapshots` is the folder of
    snapshots that outlive the run, None for none. `http` is the bench over HTTP, None for none.
    `record` is a new file for every input and effect of the run, None for no recording. `on_event`
    is called with each event of a fob, as a line of text.
    """

    plans: tuple[FobPlan, ...] = ()
    port: str | None = None
    bench: str | None = None
    store: Path | None = None
    rate: Fraction = REAL
    start: SimTime | None = None
    dice: bytes | None = None
    pace: int | None = None
    transport_keys: Callable[[bytes], KeySet] | None = None
    allowed_uids: frozenset[int] = frozenset()
    snapshots: Path | None = None
    on_event: Callable[[str], None] | None = None
    record: Path | None = None
    bench_token: bytes | None = field(default=None, repr=False)
    http: HttpSettings | None = None


HOST_PACE = 0
"""The `pace` that follows the baud rate that the host has set."""


def port_address(template: str, number: int) -> str:
    """Return the port address of channel `number`, which `{n}` or `{n:03}` stands for.

    Raises:
        BadInput: other braces than these.
    """
    try:
        return template.format(n=number)
    except (ValueError, LookupError, AttributeError, TypeError):
        raise BadInput(
            f"invalid port {template!r}: expected only {{n}} or {{n:03}} in braces"
        ) from None
