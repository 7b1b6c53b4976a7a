"""A rack with a bench inside the test's own loop, and a controller that talks to it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

from emulator.app import Emulator
from emulator.model_source import model_source
from emulator.settings import FobPlan, Settings
from firmware_model.units import seconds
from keyfob.testing.presets import apply

PATIENCE = 60
"""Seconds until a test gives up; nothing but a fault waits so long."""
START = seconds(1_800_000_000)


class Talk:
    """A controller with one connection."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self) -> "Talk":
        assert self.emulator.started.bench is not None
        port = int(self.emulator.started.bench.rpartition(":")[2])
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        return self

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def say(self, *lines: str) -> None:
        await self.send("".join(f"{line}\n" for line in lines).encode())

    async def ask(self, line: str) -> str:
        await self.say(line)
        return await self.hear()

    async def hear(self) -> str:
        return (await self._reader.readuntil(b"\n")).decode().removesuffix("\n")

    async def ended(self) -> bool:
        with suppress(ConnectionResetError):  # the bench hung up before it had read all of it
            return await self._reader.read() == b""
        return True

    async def error(self) -> int:
        return int((await self.ask("SYST:ERR?")).partition(",")[0])

    async def close(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


def rack_of(
    count: int = 1, model: str = "fob-h6", preset: str | None = None, **changes: Any
) -> Settings:
    """Return settings for fobs in memory in frozen time, with no port but the bench's."""
    plan = apply(FobPlan(source=model_source(model)), preset, {})
    given: dict[str, Any] = {
        "plans": (plan,) * count,
        "bench": "tcp:127.0.0.1:0",
        "rate": Fraction(0),
        "start": START,
        "dice": b"the tests' own",
    }
    return Settings(**(given | changes))


def with_bench(settings: Settings, act: Callable[[Talk], Awaitable[None]]) -> None:
    """Start an emulator, let `act` talk to its bench, and stop it."""

    async def bounded() -> None:
        async with asyncio.timeout(PATIENCE), Emulator(settings) as emulator:
            talk = await Talk(emulator).open()
            acting = asyncio.ensure_future(act(talk))
            ending = asyncio.ensure_future(emulator.stopped())
            try:
                await asyncio.wait((acting, ending), return_when=asyncio.FIRST_COMPLETED)
                if ending.done():
                    await ending  # what ended the emulator says more than a missing answer
                await acting
            finally:
                acting.cancel()
                ending.cancel()
                await talk.close()

    asyncio.run(bounded())


def store_in(folder: Path) -> Path:
    """Return where a test's store goes."""
    return folder / "rack.db"
