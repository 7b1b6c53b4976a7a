"""The emulator: starts a rack with its ports and bench from settings, and stops it."""

import asyncio
import logging
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from emulator.bench.commands import COMMANDS
from emulator.bench.server import open_bench
from emulator.bench.session import Bench
from emulator.firmware.programs import RackPrograms
from emulator.fob import EmulatedFob, EmulatedLine
from emulator.lines import connect, line_for
from emulator.population import Population, populate
from emulator.ports.opening import check_limits, is_open_to_network, open_port
from emulator.ports.pace import PacedPort
from emulator.ports.port import EmulatedPort
from emulator.rack import EmulatedRack
from emulator.recordings.recorder import Recorder
from emulator.settings import HttpSettings, Settings
from emulator.snapshots.catalogue import SnapshotCatalogue
from emulator.store import RackStore
from emulator.true_time import TrueTime
from firmware_model.datasheet.card import PLAIN_CARD
from firmware_model.errors import BadInput
from firmware_model.units import NS_PER_SECOND, SimTime
from firmware_model.wire.fob_link import LinkKind

if TYPE_CHECKING:
    from emulator.http_port import OpenHttpPort

HTTP_PACKAGES = ("starlette", "uvicorn", "h11")
"""What the extra `http` installs and the emulator's HTTP port is made of."""

DEFAULT_BAUD_RATE = 115_200
"""The pace of `host` where the port does not know what rate the host has set."""

INPUT_BYTES = 4096
FAULT_DICE_BYTES = 16

_log = logging.getLogger("keyfob.emulator")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class CardReader:
    """A fob in a card reader: the reader's name for PC/SC, its port, the fob."""

    name: str
    port: str
    serial_number: str


@dataclass(frozen=True, slots=True)
class Started:
    """The addresses of a running emulator, with real port numbers."""

    ports: tuple[str, ...]
    bench: str | None
    store: Path | None
    fobs: int
    warnings: tuple[str, ...]
    http: "OpenHttpPort | None" = None
    readers: tuple[CardReader, ...] = ()


class Emulator:
    """A rack with its ports open: an asynchronous context manager that closes them.

    `started` has the addresses of its ports. `stopped` waits for `stop`, and raises any
    unexpected error.
    """

    started: Started
    rack: EmulatedRack
    bench: Bench

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._exits = AsyncExitStack()
        self._stop: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        """Open everything.

        Raises:
            KeyfobError: something cannot be opened; nothing stays open.
        """
        self._stop = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().set_exception_handler(self._on_unexpected_error)
        try:
            await self._open()
        except BaseException:
            await self._exits.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close everything."""
        await self._exits.aclose()

    def stop(self) -> None:
        """Make `stopped` return."""
        if self._stop is not None and not self._stop.done():
            self._stop.set_result(None)

    async def stopped(self) -> None:
        """Wait for `stop`; raise any unexpected error."""
        assert self._stop is not None
        await self._stop

    async def _open(self) -> None:
        settings = self._settings
        store = RackStore(settings.store)
        self._exits.callback(store.close)
        wall = time.time_ns()
        clock = TrueTime(_start(store, settings, wall), rate=settings.rate, start_wall=wall)
        programs = RackPrograms()
        self._exits.callback(programs.close)
        population = populate(store, settings, clock.now(), programs)
        fobs = population.fobs
        self.rack = rack = EmulatedRack(fobs, clock, store)
        rack.fault_dice = settings.dice or secrets.token_bytes(FAULT_DICE_BYTES)
        rack.trace.on_event = settings.on_event
        rack.save_time()
        self._exits.callback(rack.stop)
        if settings.record is not None:
            recorder = Recorder(settings.record)
            self._exits.callback(recorder.close)
            rack.record(recorder)
        ports = await self._open_ports(rack, population)
        bench = None
        name = f"keyfob,bench,{fobs[0].serial_number},{_version()}"
        snapshots = SnapshotCatalogue(settings.snapshots)
        self.bench = Bench(rack, COMMANDS, name, token=settings.bench_token, snapshots=snapshots)
        if settings.bench is not None:
            port = await open_bench(settings.bench, self.bench, settings.allowed_uids)
            self._exits.push_async_callback(port.close)
            bench = port.address
            _log.info("bench %s opened", bench)
        warnings = _warnings([*population.lines, bench])
        http = None
        if settings.http is not None:
            http = await self._open_http(settings.http)
            warnings += http.warnings
        readers = tuple(
            CardReader((fob.kind.model.card or PLAIN_CARD).reader, fob.port, fob.serial_number)
            for fob in fobs
            if fob.kind.place.link is not LinkKind.HDLC
        )
        self.started = Started(ports, bench, settings.store, len(fobs), warnings, http, readers)

    async def _open_http(self, settings: HttpSettings) -> "OpenHttpPort":
        try:
            from emulator.http_port import open_http
        except ModuleNotFoundError as missing:
            if missing.name not in HTTP_PACKAGES:
                raise
            raise BadInput(f"HTTP needs {missing.name}: pip install 'keyfob[http]'") from None
        started, close = await open_http(settings, self.bench, _version())
        self._exits.push_async_callback(close)
        _log.info("HTTP port %s opened", started.address)
        return started

    async def _open_ports(self, rack: EmulatedRack, population: Population) -> tuple[str, ...]:
        check_limits(population.lines)
        lines: dict[EmulatedFob, EmulatedLine] = {}
        addresses = []
        for address, fobs in population.lines.items():
            line = line_for(rack, fobs)
            self._exits.push_async_callback(line.close)
            line.port = await self._open_port(address, line)
            line.reopen = partial(self._open_port, line.port.address, line)
            _log.info("port %s opened for %d fob(s)", line.port.address, len(fobs))
            lines |= dict.fromkeys(fobs, line)
            addresses.append(line.port.address)
        self._lines = lines
        connect(rack, lines)
        return tuple(addresses)

    def line_of(self, fob: EmulatedFob) -> EmulatedLine:
        """Return the line of `fob`; one without a port gets a line of its own now."""
        line = self._lines.get(fob)
        if line is None:
            line = self._lines[fob] = line_for(self.rack, [fob])
        return line

    async def _open_port(self, address: str, line: EmulatedLine) -> EmulatedPort:
        pace, allowed_uids = self._settings.pace, self._settings.allowed_uids
        if pace is None:
            return await open_port(address, line, allowed_uids)
        port = PacedPort(line, pace, DEFAULT_BAUD_RATE)
        await port.open(partial(open_port, address, allowed_uids=allowed_uids))
        return port

    def _on_unexpected_error(
        self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]
    ) -> None:
        """End the emulator with an error of a callback, which asyncio would only log."""
        error = context.get("exception")
        if error is None:
            loop.default_exception_handler(context)
        elif self._stop is not None and not self._stop.done():
            self._stop.set_exception(error)


def run(
    settings: Settings, announce: Callable[[Started], None], standard_input: int | None = None
) -> None:
    """Run an emulator until SIGINT, SIGTERM or SIGHUP.

    Args:
        settings: what to run.
        announce: is called once, when every port is open.
        standard_input: a descriptor whose end of file ends the emulator too. The kernel closes a
            pipe when the process at its other end ends, also by SIGKILL.

    Raises:
        KeyfobError: it cannot start, or cannot continue.
    """
    asyncio.run(_run(settings, announce, standard_input))


async def _run(
    settings: Settings, announce: Callable[[Started], None], standard_input: int | None
) -> None:
    async with Emulator(settings) as emulator:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup: continue without a terminal
            loop.add_signal_handler(number, emulator.stop)
        if standard_input is not None:
            _stop_at_eof(standard_input, emulator.stop)
        announce(emulator.started)
        await emulator.stopped()


def _stop_at_eof(standard_input: int, stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            ended = not os.read(standard_input, INPUT_BYTES)
        except OSError:  # a terminal that was closed
            ended = True
        if ended:
            loop.remove_reader(standard_input)
            stop()

    try:
        loop.add_reader(standard_input, read)
    except OSError:
        raise BadInput("standard input is a file: expected a pipe or a terminal") from None


def _warnings(addresses: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(
        f"{address} can be reached from other machines without a password"
        for address in addresses
        if address is not None and is_open_to_network(address)
    )


def _version() -> str:
    try:
        return metadata.version("keyfob")
    except metadata.PackageNotFoundError:  # run from a source tree that is not installed
        return "0"


def _start(store: RackStore, settings: Settings, wall: int) -> SimTime:
    """Return true time at `wall`: not before the store's, nor before `start`."""
    moment = store.time_record()
    if moment is None:
        return SimTime(wall) if settings.start is None else settings.start
    instant = max(moment.instant, wall + moment.offset_ns)
    if settings.start is not None:
        if settings.start < moment.instant:
            last = datetime.fromtimestamp(moment.instant // NS_PER_SECOND, UTC).isoformat()
            raise BadInput(
                f"start is before the store's true time, {last}: give a later start, or none"
            )
        instant = max(moment.instant, settings.start)
    return SimTime(instant)
