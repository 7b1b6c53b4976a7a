"""The emulator as a whole: from settings to open doors, and back to nothing."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from emulator.bench.commands import COMMANDS
from emulator.bench.server import open_bench
from emulator.bench.session import Bench
from emulator.doors.door import Door
from emulator.doors.opening import check_supply, open_door, open_to_others
from emulator.doors.pace import PacedDoor
from emulator.lines import EmulatedLine, connect, line_for
from emulator.population import Population, populate
from emulator.rack import EmulatedFob, EmulatedRack
from emulator.settings import Settings
from emulator.store import RackStore
from emulator.true_time import TrueTime
from firmware_model.errors import BadInput
from firmware_model.units import SimTime

UNTOLD_BAUD_RATE = 115_200
"""The pace of a host that follows its own rate over a carrier that does not tell it."""

LIFELINE_BYTES = 4096

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Started:
    """Where a running emulator can be found; port numbers are the real ones."""

    ports: tuple[str, ...]
    bench: str | None
    store: Path | None
    fobs: int
    warnings: tuple[str, ...]


class Emulator:
    """A rack with its doors open. An asynchronous context manager: leaving it leaves nothing over.

    `started` says where its doors are. `stopped` waits until `stop` was called, and raises what
    ended the emulator by surprise.
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
            KeyfobError: something cannot be had; nothing stays open.
        """
        self._stop = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().set_exception_handler(self._surprise)
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
        """Let `stopped` return."""
        if self._stop is not None and not self._stop.done():
            self._stop.set_result(None)

    async def stopped(self) -> None:
        """Wait for `stop`; raise what went wrong in between."""
        assert self._stop is not None
        await self._stop

    async def _open(self) -> None:
        settings = self._settings
        store = RackStore(settings.store)
        self._exits.callback(store.close)
        wall = time.time_ns()
        clock = TrueTime(_start(store, settings, wall), rate=settings.rate, start_wall=wall)
        population = populate(store, settings, clock.now())
        fobs = population.fobs
        self.rack = rack = EmulatedRack(fobs, clock, store)
        rack.note_time()
        self._exits.callback(rack.stop)
        ports = await self._open_ports(rack, population)
        bench = None
        name = f"keyfob,bench,{fobs[0].serial_number},{_version()}"
        self.bench = Bench(rack, COMMANDS, name)
        if settings.bench is not None:
            port = await open_bench(settings.bench, self.bench)
            self._exits.push_async_callback(port.close)
            bench = port.spelling
        self.started = Started(
            ports, bench, settings.store, len(fobs), _warnings([*population.lines, bench])
        )

    async def _open_ports(self, rack: EmulatedRack, population: Population) -> tuple[str, ...]:
        check_supply(population.lines)
        lines: dict[EmulatedFob, EmulatedLine] = {}
        spellings = []
        for spelling, fobs in population.lines.items():
            line = line_for(rack, fobs)
            line.door = await self._open_door(spelling, line)
            self._exits.push_async_callback(line.door.close)
            lines |= dict.fromkeys(fobs, line)
            spellings.append(line.door.spelling)
        self._lines = lines
        connect(rack, lines)
        return tuple(spellings)

    def line_of(self, fob: EmulatedFob) -> EmulatedLine:
        """Return the line of `fob`; one without a port gets a line of its own now."""
        line = self._lines.get(fob)
        if line is None:
            line = self._lines[fob] = line_for(self.rack, [fob])
        return line

    async def _open_door(self, spelling: str, line: EmulatedLine) -> Door:
        pace = self._settings.pace
        if pace is None:
            return await open_door(spelling, line)
        door = PacedDoor(line, pace, UNTOLD_BAUD_RATE)
        await door.open(partial(open_door, spelling))
        return door

    def _surprise(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """End with what went wrong in a callback, instead of going on half alive."""
        error = context.get("exception")
        if error is None:
            loop.default_exception_handler(context)
        elif self._stop is not None and not self._stop.done():
            self._stop.set_exception(error)


def run(
    settings: Settings, announce: Callable[[Started], None], lifeline: int | None = None
) -> None:
    """Run an emulator until SIGINT, SIGTERM or SIGHUP comes.

    Args:
        settings: what to run.
        announce: is called once, when every door is open.
        lifeline: a descriptor whose end of file ends the emulator too. The kernel closes a pipe
            with the process that holds its other end, whatever killed that.

    Raises:
        KeyfobError: it could not start, or could not go on.
    """
    asyncio.run(_run(settings, announce, lifeline))


async def _run(
    settings: Settings, announce: Callable[[Started], None], lifeline: int | None
) -> None:
    async with Emulator(settings) as emulator:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup: to go on without its terminal is what was asked for
            loop.add_signal_handler(number, emulator.stop)
        if lifeline is not None:
            _hold(lifeline, emulator.stop)
        announce(emulator.started)
        await emulator.stopped()


def _hold(lifeline: int, let_go: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            ended = not os.read(lifeline, LIFELINE_BYTES)
        except OSError:  # a terminal that hung up
            ended = True
        if ended:
            loop.remove_reader(lifeline)
            let_go()

    try:
        loop.add_reader(lifeline, read)
    except OSError:
        raise BadInput("standard input is a file: a pipe or a terminal was expected") from None


def _warnings(spellings: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(
        f"{spelling} can be reached by other machines, and nobody is asked for a password"
        for spelling in spellings
        if spelling is not None and open_to_others(spelling)
    )


def _version() -> str:
    try:
        return metadata.version("keyfob")
    except metadata.PackageNotFoundError:  # run from a source tree that was never installed
        return "0"


def _start(store: RackStore, settings: Settings, wall: int) -> SimTime:
    """Return true time at `wall`: never before where it was, nor before what was asked for."""
    moment = store.moment()
    if moment is None:
        return SimTime(wall) if settings.start is None else settings.start
    instant = max(moment.instant, wall + moment.offset_ns)
    if settings.start is not None:
        if settings.start < moment.instant:
            raise BadInput("true time never goes back: the store has been later than that")
        instant = max(moment.instant, settings.start)
    return SimTime(instant)
