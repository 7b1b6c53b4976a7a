"""Modem lines: a host that hangs up ends its connection, and nothing else about the fob."""

import pytest

from firmware_model.effects import Effect, Transmit
from firmware_model.inputs import LineSignals, Receive
from firmware_model.wire.hdlc import (
    Frame,
    FrameKind,
    client_address,
    control_byte,
    encode,
    server_address,
)
from tests.firmware_model.fobs import START, built, poll_of

SNRM = poll_of(FrameKind.SNRM)
READY = poll_of(FrameKind.RR)


def answer(effects: list[Effect]) -> bytes:
    return b"".join(effect.data for effect in effects if isinstance(effect, Transmit))


def from_fob(kind: FrameKind) -> bytes:
    return encode(Frame(client_address(), server_address(1), control_byte(kind, poll=True)))


@pytest.mark.parametrize(
    "hang_up", [LineSignals(data_terminal_ready=False), LineSignals(breaking=True)]
)
def test_a_host_that_hangs_up_must_connect_again(hang_up: LineSignals) -> None:
    fob = built("fob-h6")
    fob.handle(Receive(SNRM), START)
    assert fob.handle(hang_up, START) == []
    fob.handle(LineSignals(), START)
    assert answer(fob.handle(Receive(READY), START)) == from_fob(FrameKind.DM)
    fob.handle(Receive(SNRM), START)
    assert answer(fob.handle(Receive(READY), START)) == from_fob(FrameKind.RR)


def test_another_baud_rate_leaves_the_connection_alone() -> None:
    fob = built("fob-h6")
    fob.handle(Receive(SNRM), START)
    fob.handle(LineSignals(baud_rate=57_600), START)
    assert answer(fob.handle(Receive(READY), START)) == from_fob(FrameKind.RR)
