"""Shared lines: good frames reach whom they name, everything else reaches nobody."""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from emulator.app import Emulator
from emulator.lines import SILENCE_SECONDS
from emulator.ports.port import EmulatedPort
from firmware_model.wire.hdlc import (
    CONTROLS,
    Address,
    Deframer,
    Frame,
    FrameKind,
    client_address,
    control_byte,
    encode,
    server_address,
)
from tests.emulator.bench_talk import rack_of
from tests.emulator.test_ports import drive

ALL_SHORT = Address(1, 0x7F, 2).encode()
CALLING = Address(1, 0x7E, 2).encode()


def snrm(destination: bytes) -> bytes:
    return encode(Frame(destination, client_address(), control_byte(FrameKind.SNRM, poll=True)))


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
        assert [CONTROLS[frame.control].kind for frame in answers] == [FrameKind.UA] * 4
        assert [frame.source for frame in answers] == [
            server_address(lower) for lower in (1, 125, 126, 130)
        ]

    with_line(130, tmp_path, act)


def test_addresses_of_nobody_and_the_calling_address_get_no_answer(tmp_path: Path) -> None:
    async def act(host: Host) -> None:
        await host.write(snrm(server_address(4)) + snrm(CALLING))
        await host.write(snrm(Address(2, 1, 2).encode()) + snrm(Address(1, 0, 2).encode()))
        # A line answers in order: what comes first answers what was asked last.
        await host.write(snrm(server_address(3)))
        assert [frame.source for frame in await host.frames(1)] == [server_address(3)]

    with_line(3, tmp_path, act)


def test_a_frame_for_all_is_answered_by_none_and_what_follows_is_not_lost(tmp_path: Path) -> None:
    async def act(host: Host) -> None:
        for_all = encode(Frame(ALL_SHORT, client_address(), control_byte(FrameKind.UI), b"hello"))
        await host.write(for_all * 5 + snrm(server_address(77)) + for_all + snrm(server_address(3)))
        answers = await host.frames(2)
        assert [frame.source for frame in answers] == [server_address(77), server_address(3)]

    with_line(200, tmp_path, act)


class Kept(EmulatedPort):
    """A port that keeps what the fobs send."""

    def __init__(self) -> None:
        self.sent = b""

    def send(self, data: bytes) -> None:
        self.sent += data

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    async def close(self) -> None: ...


async def step_the_loops_clock(seconds: float) -> None:
    """Let the loop believe that `seconds` have passed, and do what is due."""
    loop = asyncio.get_running_loop()
    now = loop.time
    loop.time = lambda: now() + seconds  # type: ignore[method-assign]
    for _ in range(3):
        await asyncio.sleep(0)


BEGUN = encode(Frame(server_address(1), client_address(), control_byte(FrameKind.UI), bytes(99)))[
    :20
]
NOISE = random.Random(4).randbytes(100_000) + b"\x7e" * 5000


@pytest.mark.parametrize("unfinished", [BEGUN, NOISE + BEGUN])
def test_what_is_unfinished_is_given_up_after_a_silence(tmp_path: Path, unfinished: bytes) -> None:
    async def act() -> None:
        async with Emulator(rack_of(3, port=f"pty:{tmp_path / 'line'}")) as emulator:
            line = emulator.line_of(emulator.rack.fobs[0])
            port, line.port = line.port, Kept()
            line.received(unfinished)
            line.received(snrm(server_address(2)))
            assert line.port.sent == b""  # it may be what the unfinished frame carries
            await step_the_loops_clock(SILENCE_SECONDS)
            line.received(snrm(server_address(3)))
            answers = Deframer().feed(line.port.sent)
            assert [answer.source for answer in answers if isinstance(answer, Frame)] == [
                server_address(2),
                server_address(3),
            ]
            line.port = port

    drive(act)


def test_noise_reaches_nobody_and_good_frames_in_it_are_found(tmp_path: Path) -> None:
    async def act(host: Host) -> None:
        await host.write(NOISE)
        # What noise left unfinished may swallow a frame or two; no more, since it ends with flags.
        await host.write(snrm(server_address(2)) * 3)
        assert (await host.frames(1))[-1].source == server_address(2)

    with_line(3, tmp_path, act)
