"""`vpcd:HOST:PORT` and the links of a port's address, against a reader that listens."""

import asyncio
from pathlib import Path

import pytest

from emulator.app import Emulator
from emulator.model_source import model_source
from emulator.ports.address import link_of
from emulator.settings import FobPlan, Settings
from firmware_model.errors import BadInput
from firmware_model.wire.fob_link import LinkKind

ATR = bytes.fromhex("3B FD 13 00 00 81 31 FE 15 80 73 C0 21 C0 57 59 75 62 69 4B 65 79 40")
SELECT_OATH = bytes.fromhex("00 A4 04 00 07 A0 00 00 05 27 21 01")
PATIENCE_SECONDS = 30


class VirtualReader:
    """What pcscd's driver does: it listens, and the fob comes."""

    def __init__(self) -> None:
        self._came: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        self._came = asyncio.Queue()

    async def listen(self, port: int = 0) -> int:
        async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._came.put((reader, writer))

        self._server = await asyncio.start_server(come, "127.0.0.1", port)
        number: int = self._server.sockets[0].getsockname()[1]
        return number

    async def fob(self) -> None:
        """Wait for the fob."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            self._reader, self._writer = await self._came.get()

    async def ask(self, message: bytes) -> bytes:
        async with asyncio.timeout(PATIENCE_SECONDS):
            self._writer.write(len(message).to_bytes(2, "big") + message)
            length = int.from_bytes(await self._reader.readexactly(2), "big")
            return await self._reader.readexactly(length)

    async def stop(self) -> None:
        self._server.close()
        self._writer.close()
        await self._writer.wait_closed()
        await self._server.wait_closed()


def settings(port: str, model: str = "ykoath", count: int = 1) -> Settings:
    plan = FobPlan(source=model_source(model))
    return Settings(plans=(plan,) * count, port=port, dice=b"vpcd")


def test_the_fob_comes_answers_and_comes_back_when_the_reader_starts_again() -> None:
    async def live() -> None:
        reader = VirtualReader()
        port = await reader.listen()
        async with Emulator(settings(f"vpcd:127.0.0.1:{port}")) as emulator:
            assert emulator.started.ports == (f"vpcd:127.0.0.1:{port}",)
            for again in (True, False):
                await reader.fob()
                assert await reader.ask(b"\x04") == ATR
                assert (await reader.ask(SELECT_OATH)).endswith(b"\x90\x00")
                assert await reader.ask(bytes.fromhex("00 A1 00 00")) == b"\x90\x00"
                await reader.stop()
                if again:
                    await reader.listen(port)

    asyncio.run(live())


def test_a_host_that_leaves_takes_its_selection_with_it() -> None:
    async def live() -> None:
        reader = VirtualReader()
        port = await reader.listen()
        async with Emulator(settings(f"vpcd:127.0.0.1:{port}")):
            await reader.fob()
            await reader.ask(SELECT_OATH)
            await reader.stop()
            await reader.listen(port)
            await reader.fob()
            assert await reader.ask(bytes.fromhex("00 A1 00 00")) == b"\x6d\x00"
            await reader.stop()

    asyncio.run(live())


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("pty:./fob", LinkKind.HDLC),
        ("pty:./fob,link=hdlc", LinkKind.HDLC),
        ("pty:./fob,link=ccid", LinkKind.CCID),
        ("serial:/dev/ttyS0,9600,link=ccid", LinkKind.CCID),
        ("vpcd:localhost:35963", LinkKind.VPCD),
    ],
)
def test_an_address_says_which_link_is_spoken(address: str, link: LinkKind) -> None:
    assert link_of(address) is link


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("pty:./fob,link=", "unknown link ''"),
        ("pty:./fob,link=t0", "unknown link 't0': expected link=hdlc or link=ccid"),
        ("pty:./fob,link=vpcd", "unknown link 'vpcd'"),
        ("vpcd:localhost:35963,link=ccid", "leave link= out"),
        ("vpcd:localhost", "expected HOST:PORT"),
        ("vpcd:localhost:0", "expected the port of the reader"),
        ("vpcd:localhost:65536", "PORT from 0 to 65535"),
    ],
)
def test_a_bad_address_is_told(address: str, said: str, tmp_path: Path) -> None:
    async def live() -> None:
        async with Emulator(settings(address.replace("./fob", str(tmp_path / "fob")))):
            pass

    with pytest.raises(BadInput, match=said.replace("'", ".")):
        asyncio.run(live())


def test_a_reader_holds_one_fob() -> None:
    async def live() -> None:
        async with Emulator(settings("vpcd:127.0.0.1:35963", count=2)):
            pass

    with pytest.raises(BadInput, match=r"holds one fob, not 2: put \{n\} into the address"):
        asyncio.run(live())
