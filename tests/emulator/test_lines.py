"""Shared lines: good frames reach whom they name, everything else reaches nobody."""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from emulator.app import Emulator
from firmware_model.wire.hdlc import (
    CONTROLS,
    Address,
    Deframer,
    Frame,
    Kind,
    client_address,
    control_byte,
    encode,
    server_address,
)
from tests.emulator.bench_talk import rack_of
from tests.emulator.test_doors import drive

ALL_SHORT = Address(1, 0x7F, 2).encode()
CALLING = Address(1, 0x7E, 2).encode()


def snrm(destination: bytes) -> bytes:
    return encode(Frame(destination, client_address(), control_byte(Kind.SNRM, poll=True)))


class Host:
    """Raw bytes at the end of a PTY line."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    async def write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._file, data) :]
            except BlockingIOError:
                await asyncio.sleep(0.001)

    async def frames(self, count: int) -> list[Frame]:
        deframer = Deframer()
        found: list[object] = []
        while len(found) < count:
            await asyncio.sleep(0.001)
            try:
                found += deframer.feed(os.read(self._file, 65_536))
            except BlockingIOError:
                continue
        assert all(isinstance(frame, Frame) for frame in found)
        return found  # type: ignore[return-value]

    async def silent(self) -> bool:
        await asyncio.sleep(0.05)
        try:
            return not os.read(self._file, 1)
        except BlockingIOError:
            return True

    def close(self) -> None:
        os.close(self._file)


def with_line(count: int, folder: Path, act: Callable[[Host], Awaitable[None]]) -> None:
    async def run() -> None:
        async with Emulator(rack_of(count, port=f"pty:{folder / 'line'}")) as emulator:
            host = Host(folder / "line")
            ending = asyncio.ensure_future(emulator.stopped())
            acting = asyncio.ensure_future(act(host))
            await asyncio.wait((acting, ending), return_when=asyncio.FIRST_COMPLETED)
            if ending.done():
                await ending
            ending.cancel()
            host.close()
            await acting

    drive(run)


@pytest.mark.parametrize("piece", [1, 7, 4096])
def test_fobs_of_both_address_forms_answer_however_the_bytes_arrive(
    tmp_path: Path, piece: int
) -> None:
    async def act(host: Host) -> None:
        sent = b"".join(snrm(server_address(lower)) for lower in (1, 125, 126, 130))
        for start in range(0, len(sent), piece):
            await host.write(sent[start : start + piece])
            await asyncio.sleep(0)
        answers = await host.frames(4)
        assert [CONTROLS[frame.control].kind for frame in answers] == [Kind.UA] * 4
        assert [frame.source for frame in answers] == [
            server_address(lower) for lower in (1, 125, 126, 130)
        ]

    with_line(130, tmp_path, act)


def test_addresses_of_nobody_and_the_calling_address_get_no_answer(tmp_path: Path) -> None:
    async def act(host: Host) -> None:
        await host.write(snrm(server_address(4)) + snrm(CALLING))
        await host.write(snrm(Address(2, 1, 2).encode()) + snrm(Address(1, 0, 2).encode()))
        assert await host.silent()

    with_line(3, tmp_path, act)


def test_a_frame_for_all_is_answered_by_none_and_what_follows_is_not_lost(tmp_path: Path) -> None:
    async def act(host: Host) -> None:
        for_all = encode(Frame(ALL_SHORT, client_address(), control_byte(Kind.UI), b"hello"))
        await host.write(for_all * 5 + snrm(server_address(77)) + for_all + snrm(server_address(3)))
        answers = await host.frames(2)
        assert [frame.source for frame in answers] == [server_address(77), server_address(3)]

    with_line(200, tmp_path, act)


def test_noise_reaches_nobody_and_a_good_frame_behind_it_is_found(tmp_path: Path) -> None:
    async def act(host: Host) -> None:
        dice = random.Random(4)
        await host.write(dice.randbytes(100_000) + b"\x7e" * 5000)
        await asyncio.sleep(0.7)  # longer than the silence that ends what noise began
        await host.write(snrm(server_address(2)))
        answers = await host.frames(1)
        assert answers[-1].source == server_address(2)

    with_line(3, tmp_path, act)


def test_an_unfinished_frame_is_given_up_after_a_silence(tmp_path: Path) -> None:
    async def act(host: Host) -> None:
        await host.write(b"\x7e\xa7\xff")  # a head that promises 2047 bytes
        await asyncio.sleep(0.7)
        await host.write(snrm(server_address(1)))
        assert (await host.frames(1))[0].source == server_address(1)

    with_line(2, tmp_path, act)
