"""The link to a virtual reader: lengths, orders, and answers that come too late."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.units import SimTime
from firmware_model.wire.events import Connected, Disconnected, Indication, Send
from firmware_model.wire.fob_link import LinkEvent
from firmware_model.wire.vpcd import VpcdCard

ATR = bytes.fromhex("3B 80 01 81")
NOW = SimTime(0)
SELECT = bytes.fromhex("00 07  00 A4 04 00 02 F0 4B")


@pytest.fixture
def card() -> VpcdCard:
    return VpcdCard(ATR)


@pytest.mark.parametrize(
    ("order", "event"),
    [
        ("00 01 00", Disconnected()),
        ("00 01 01", Connected()),
        ("00 01 02", Connected()),
        ("00 01 04", Send(bytes.fromhex("00 04 3B 80 01 81"))),
    ],
)
def test_orders_of_the_reader(card: VpcdCard, order: str, event: LinkEvent) -> None:
    assert card.receive(bytes.fromhex(order), NOW) == [event]


@pytest.mark.parametrize("order", ["00 00", "00 01 03", "00 01 FF"])
def test_an_unknown_order_does_nothing(card: VpcdCard, order: str) -> None:
    assert card.receive(bytes.fromhex(order), NOW) == []


def test_a_command_and_its_answer(card: VpcdCard) -> None:
    assert card.receive(SELECT, NOW) == [Indication(SELECT[2:])]
    assert card.respond(b"\x90\x00", NOW) == [Send(bytes.fromhex("00 02 90 00"))]
    assert card.respond(b"\x90\x00", NOW) == []


@pytest.mark.parametrize("order", ["00 01 00", "00 01 01", "00 01 02"])
def test_an_answer_after_a_reset_is_dropped(card: VpcdCard, order: str) -> None:
    card.receive(SELECT + bytes.fromhex(order), NOW)
    assert card.respond(b"\x90\x00", NOW) == []


@given(data=st.binary(max_size=64), cuts=st.lists(st.integers(0, 64), max_size=6))
def test_the_pieces_of_a_stream_do_not_matter(data: bytes, cuts: list[int]) -> None:
    stream = bytes.fromhex("00 01 01") + SELECT + bytes((0, len(data))) + data
    whole, pieces = VpcdCard(ATR), VpcdCard(ATR)
    marks = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    came = [
        event for start, end in pairwise(marks) for event in pieces.receive(stream[start:end], NOW)
    ]
    assert came == whole.receive(stream, NOW)
