"""A rack in the caller's own process, whose loop runs in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from emulator import tasks
from emulator.app import Emulator, Started
from emulator.bench.text_session import TextSession
from emulator.ports.pair import HostEnd, PairPort
from emulator.settings import Settings
from firmware_model.errors import BadInput, InUse, PortUnavailable
from firmware_model.inputs import LineSignals

Result = TypeVar("Result")


class InProcess:
    """A running emulator; `line` and `bench` return in-process connections, for any thread."""

    def __init__(self, settings: Settings) -> None:
        """Start it.

        Raises:
            KeyfobError: as `Emulator`.
        """
        self._loop = asyncio.new_event_loop()
        self._ports: dict[int, PairPort] = {}
        self._sessions: dict[PairPort, TextSession] = {}
        self._thread = threading.Thread(target=self._live, name="keyfob rack", daemon=True)
        self._emulator = Emulator(settings)
        self._thread.start()
        try:
            self._do(self._open())
        except BaseException:
            self._end()
            raise

    @property
    def started(self) -> Started:
        """The addresses of its ports, if it has any."""
        return self._emulator.started

    def line(self, channel: int) -> HostEnd:
        """Return the host's end of a connection to the line of fob `channel` (1 or more).

        Raises:
            BadInput: there is no such fob.
            InUse: another host of this process is connected to it.
            PortUnavailable: a fault has unplugged it.
        """
        return self._call(lambda: self._open_line(channel))

    def bench(self) -> HostEnd:
        """Return a controller's end of a connection to the bench."""
        return self._call(self._open_bench)

    def copy_recording(self, path: Path) -> None:
        """Copy what is recorded so far to `path`, which must not exist; it must be recording.

        Raises:
            BadInput: it cannot be written.
        """
        recorder = self._emulator.rack.recorder
        assert recorder is not None, "started with Settings.record"
        self._call(lambda: recorder.copy(path))

    def stop(self) -> None:
        """Stop it, and end all its connections."""
        self._do(self._close())
        self._end()

    async def _open(self) -> None:
        await self._emulator.__aenter__()
        self._watch = tasks.start_task(self._wait())

    async def _wait(self) -> None:
        """End all connections when the rack ends with an error: only this thread knows of it."""
        try:
            await self._emulator.stopped()
        except Exception as error:  # noqa: BLE001 - reported to every host
            self._hang_up(f"the rack ended: {type(error).__name__}: {error}")

    def _hang_up(self, why: str) -> None:
        for port in [*self._ports.values(), *self._sessions]:
            port.host.end(why)
        for session in self._sessions.values():
            session.end()

    def _open_line(self, channel: int) -> HostEnd:
        fobs = self._emulator.rack.fobs
        if not 1 <= channel <= len(fobs):
            raise BadInput(f"unknown fob {channel}: expected 1 to {len(fobs)}")
        if channel in self._ports:
            raise InUse(f"fob {channel} is in use by another host of this process")
        line = self._emulator.line_of(fobs[channel - 1])
        if line.is_unplugged:
            raise PortUnavailable(f"fob {channel}: its line is unplugged (FAULt:LINE:PLUG)")
        port = self._ports[channel] = PairPort(line, lambda _: self._leave_line(channel))
        line.port = port
        return port.host

    def _open_bench(self) -> HostEnd:
        listener = _DeferredListener()
        port = PairPort(listener, lambda _: None)
        listener.session = self._sessions[port] = TextSession(self._emulator.bench, port)
        listener.session.when_done(lambda: self._leave_bench(port))
        return port.host

    def _leave_line(self, channel: int) -> None:
        self._ports.pop(channel, None)

    def _leave_bench(self, port: PairPort) -> None:
        self._sessions.pop(port, None)

    async def _close(self) -> None:
        self._watch.cancel()
        self._hang_up("the rack was stopped")
        await self._emulator.__aexit__(None, None, None)

    def _call(self, act: Callable[[], Result]) -> Result:
        async def acting() -> Result:
            return act()

        return self._do(acting())

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        future: Future[Result] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result()

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


class _DeferredListener:
    """Passes events on to a session that is made after its port."""

    session: TextSession

    def connected(self) -> None: ...

    def received(self, data: bytes) -> None:
        self.session.received(data)

    def disconnected(self) -> None:
        self.session.disconnected()

    def signalled(self, signals: LineSignals) -> None: ...
