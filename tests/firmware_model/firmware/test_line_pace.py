"""A host in real time and a fob in scaled time: the line's time-outs wait for the host."""

import pytest

from firmware_model.effects import Effect, Transmit
from firmware_model.inputs import LineSignals, Receive, Wake
from firmware_model.units import NS_PER_SECOND, SimTime
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
PACE = 3600


def answered(effects: list[Effect]) -> bool:
    return any(isinstance(effect, Transmit) for effect in effects)


def test_a_frame_in_two_halves_is_understood_when_the_pause_is_short_for_the_host() -> None:
    fob = built("fob-h6")
    fob.handle(Receive(SNRM[:5], PACE), START)
    later = SimTime(START + 600 * NS_PER_SECOND)  # a sixth of a second for the host
    assert answered(fob.handle(Receive(SNRM[5:], PACE), later))


def test_the_same_pause_in_the_fobs_own_time_breaks_the_frame() -> None:
    fob = built("fob-h6")
    fob.handle(Receive(SNRM[:5]), START)
    later = SimTime(START + 600 * NS_PER_SECOND)
    assert not answered(fob.handle(Receive(SNRM[5:]), later))


def test_a_connection_outlives_the_inactivity_time_times_the_pace_and_no_more() -> None:
    fob = built("fob-h6")
    fob.handle(Receive(SNRM, PACE), START)
    within = SimTime(START + 119 * PACE * NS_PER_SECOND)
    frame = fob.handle(Receive(READY, PACE), within)
    assert frame[-1] == Transmit(
        encode(Frame(client_address(), server_address(1), control_byte(FrameKind.RR, poll=True)))
    )
    beyond = SimTime(within + 121 * PACE * NS_PER_SECOND)
    fob.handle(Wake(), beyond)
    refused = fob.handle(Receive(READY, PACE), beyond)
    assert refused[-1] == Transmit(
        encode(Frame(client_address(), server_address(1), control_byte(FrameKind.DM, poll=True)))
    )


@pytest.mark.parametrize(("baud_rate", "byte_ns"), [(9_600, 1_041_666), (115_200, 86_805)])
def test_a_byte_costs_charge_for_as_long_as_it_takes_on_the_line(
    baud_rate: int, byte_ns: int
) -> None:
    fob = built("fob-h6")
    battery, uart_na = fob._board.battery, fob.model.mcu.uart_na
    fob.handle(Wake(), START)
    before = battery.drawn_ac
    answer = fob.handle(Receive(SNRM, baud_rate=baud_rate), START)
    count = len(SNRM) + sum(len(e.data) for e in answer if isinstance(e, Transmit))
    assert count > len(SNRM)
    assert battery.drawn_ac - before == count * byte_ns * uart_na
    fob.handle(LineSignals(baud_rate=baud_rate), START)
    board = fob._board
    before = battery.drawn_ac
    board.transmit(b"\x00")
    assert battery.drawn_ac - before == byte_ns * uart_na
