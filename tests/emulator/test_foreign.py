"""Browsers at every TCP port: closed whatever they send, however long or split; fobs stay whole."""

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.app import Emulator
from emulator.bench.commands import COMMANDS
from emulator.ports.foreign import METHODS, StartGuard, is_foreign
from firmware_model.wire.hdlc import (
    Frame,
    FrameKind,
    client_address,
    control_byte,
    encode,
    server_address,
)
from tests.emulator.bench_talk import rack_of
from tests.emulator.test_ports import drive

SNRM = encode(Frame(server_address(1), client_address(), control_byte(FrameKind.SNRM, poll=True)))
BODY = b"\r\n\r\n\nTIME:ADV 100\n" + SNRM
HELLO = bytes.fromhex("16 03 01 02 00 01 00 01 fc 03 03")  # as openssl s_client begins
STRANGERS = {
    "a form": b"POST / HTTP/1.1\r\nHost: x" + BODY,
    "a long path": b"GET /" + b"a" * 40_000 + b" HTTP/1.1" + BODY,
    "a preflight": b"OPTIONS * HTTP/1.1" + BODY,
    "a small method": b"patch / HTTP/1.1" + BODY,
    "HTTP 2": b"PRI * HTTP/2.0" + BODY,
    "an empty line": b"\r\nPUT / HTTP/1.1" + BODY,
    "TLS": HELLO + BODY,
}


@pytest.mark.parametrize("sent", STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize("kind", ["tcp", "rfc2217", "bench"])
def test_a_browser_is_closed_and_nothing_of_what_it_sent_is_done(kind: str, sent: bytes) -> None:
    port = None if kind == "bench" else f"{kind}:127.0.0.1:0"

    async def attack(number: int, pieces: list[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", number)
        with suppress(ConnectionError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            while not reader.at_eof():
                answer = await reader.read(4096)
                assert SNRM[1:4] not in answer  # no HDLC frame
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def act() -> None:
        async with Emulator(rack_of(port=port)) as emulator:
            address = emulator.started.bench if port is None else emulator.started.ports[0]
            number = int(str(address).rpartition(":")[2])
            rack = emulator.rack
            for pieces in ([sent], [sent[:1], sent[1:]], [bytes([byte]) for byte in sent[:30]]):
                await attack(number, pieces)
                assert rack.clock.now() == 1_800_000_000 * 10**9
                assert rack.trace.frames(1, 10) == []

    drive(act)


def test_no_command_of_the_bench_is_taken_for_a_browser() -> None:
    assert not [name for name in COMMANDS if is_foreign(name.encode() + b" 1")]


@given(st.sampled_from(METHODS), st.lists(st.integers(1, 40), max_size=10), st.binary(max_size=40))
def test_every_method_is_found_however_it_is_split(
    method: bytes, sizes: list[int], rest: bytes
) -> None:
    data, guard, found = method + b" " + rest, StartGuard(), False
    for size in [*sizes, len(data)]:
        found |= guard.refuses(data[:size])
        data = data[size:]
    assert found


@given(st.binary(max_size=60))
def test_frames_are_never_taken_for_a_browser(noise: bytes) -> None:
    guard = StartGuard()
    assert not guard.refuses(SNRM)
    assert not guard.refuses(noise + b"POST / HTTP/1.1")
