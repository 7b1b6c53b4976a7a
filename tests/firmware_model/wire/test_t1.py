"""The card's end of T=1: every state with every input, and dialogues block by block.

The dialogues follow the scenarios of ISO/IEC 7816-3 annex A; block bytes are written without their
LRC, which is added here.
"""

from functools import reduce
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.units import NS_PER_MS, SimTime
from firmware_model.wire.events import Indication, Send
from firmware_model.wire.t1 import BlockDamage, BlockKind, Supervision, T1Block, decode
from firmware_model.wire.t1_card import COMMAND_BYTES_MAX, MISTAKES_MAX, T1Card
from firmware_model.wire.t1_table import TRANSITIONS, T1Effect, T1Input, T1State

NOW = SimTime(0)
WAITING_MS = 1600


def block(written: str) -> bytes:
    """Return a block of these bytes, its LRC added; a leading `!` spoils that."""
    raw = bytes.fromhex(written.removeprefix("!"))
    spoiled = 0x40 if written.startswith("!") else 0
    return raw + bytes((reduce(lambda a, b: a ^ b, raw, 0) ^ spoiled,))


def talk(card: T1Card, *lines: str) -> None:
    """Hold the card against a dialogue.

    `> BLOCK` from the reader, `< BLOCK` from the card, `c BYTES` the command that it hands up,
    `a BYTES` the application's answer, `+ MS` lets time pass to then, `-` the card says nothing.
    """
    events: list[object] = []
    now = NOW
    for line in lines:
        what, _, rest = line.partition(" ")
        match what:
            case ">":
                assert not events, f"unexpected before {line}: {events}"
                events = list(card.receive(block(rest), now))
            case "a":
                assert not events, f"unexpected before {line}: {events}"
                events = list(card.respond(bytes.fromhex(rest), now))
            case "+":
                now = SimTime(int(rest) * NS_PER_MS)
                events = list(card.timeout(now))
            case "-":
                assert not events, line
            case "<":
                assert events.pop(0) == Send(block(rest)), line
            case "c":
                assert events.pop(0) == Indication(bytes.fromhex(rest)), line
    assert not events


@pytest.fixture
def card() -> T1Card:
    return T1Card(ifsc=254, waiting_ms=WAITING_MS)


class TestScenarios:
    def test_exchange_of_information_blocks(self, card: T1Card) -> None:
        talk(
            card,
            "> 00 00 04 00 CA DF 22", "c 00 CA DF 22", "a 90 00", "< 00 00 02 90 00",
            "> 00 40 04 00 CA DF 22", "c 00 CA DF 22", "a 6A 88", "< 00 40 02 6A 88",
            "> 00 00 01 FF", "c FF", "a 67 00", "< 00 00 02 67 00",
        )  # fmt: skip

    def test_chaining_both_ways(self, card: T1Card) -> None:
        answer = " ".join(f"{number:02X}" for number in range(34))
        talk(
            card,
            "> 00 20 02 00 CA", "< 00 90 00",
            "> 00 60 01 DF", "< 00 80 00",
            "> 00 00 01 22", "c 00 CA DF 22",
            f"a {answer}", f"< 00 20 20 {answer[:95]}",
            "> 00 90 00", "< 00 40 02 20 21",
        )  # fmt: skip

    def test_the_reader_sets_how_long_our_blocks_are(self, card: T1Card) -> None:
        talk(
            card,
            "> 00 C1 01 03", "< 00 E1 01 03",
            "> 00 00 01 00", "c 00", "a 01 02 03 90 00", "< 00 20 03 01 02 03",
            "> 00 90 00", "< 00 40 02 90 00",
        )  # fmt: skip

    def test_a_card_that_needs_time_asks_for_it(self, card: T1Card) -> None:
        talk(
            card,
            "> 00 00 01 00", "c 00",
            "+ 799", "-", "+ 800", "< 00 C3 01 0A",
            "> 00 E3 01 0A", "-",
            "+ 8799", "-", "+ 8800", "< 00 C3 01 0A",
            "a 90 00", "-",
            "> 00 E3 01 0A", "< 00 00 02 90 00",
        )  # fmt: skip

    def test_a_block_with_a_wrong_lrc_is_asked_for_again(self, card: T1Card) -> None:
        talk(card, "> !00 00 01 00", "< 00 81 00", "> 00 00 01 00", "c 00")

    @pytest.mark.parametrize(
        "wrong",
        [
            "01 00 01 00",
            "00 40 01 00",
            "00 01 01 00",
            "00 00 02 00",
            "00 A0 00",
            "00 83 00",
            "00 80 01 00",
            "00 C4 00",
            "00 C3 01 01",
            "00 C1 00",
            "00 C1 01 00",
            "00 C1 01 FF",
            "00 E0 00",
            "00 E3 01 01",
            "00 90 00",
        ],
    )
    def test_any_other_mistake_is_complained_of(self, card: T1Card, wrong: str) -> None:
        talk(card, f"> {wrong}", "< 00 82 00", "> 00 00 01 00", "c 00")

    def test_an_answer_that_did_not_arrive_is_sent_again(self, card: T1Card) -> None:
        talk(
            card,
            "> 00 00 01 00", "c 00", "a 90 00", "< 00 00 02 90 00",
            "> 00 81 00", "< 00 00 02 90 00",
            "> 00 40 01 00", "c 00",
        )  # fmt: skip

    def test_a_segment_that_did_not_arrive_is_sent_again(self, card: T1Card) -> None:
        talk(
            card,
            "> 00 C1 01 01", "< 00 E1 01 01",
            "> 00 00 01 00", "c 00", "a 90 00", "< 00 20 01 90",
            "> 00 82 00", "< 00 20 01 90",
            "> 00 90 00", "< 00 40 01 00",
        )  # fmt: skip

    def test_an_acknowledgement_that_did_not_arrive_is_sent_again(self, card: T1Card) -> None:
        talk(
            card,
            "> 00 20 01 00", "< 00 90 00",
            "> 00 81 00", "< 00 90 00",
            "> 00 40 01 CA", "c 00 CA",
        )  # fmt: skip

    def test_a_request_for_time_that_did_not_arrive_is_sent_again(self, card: T1Card) -> None:
        talk(
            card,
            "> 00 00 01 00", "c 00", "+ 800", "< 00 C3 01 0A",
            "> 00 91 00", "< 00 C3 01 0A",
            "> !00 E3 01 0A", "< 00 91 00",
            "> 00 E3 01 0A", "-",
            "a 90 00", "< 00 00 02 90 00",
        )  # fmt: skip

    def test_time_that_was_not_asked_for_is_not_taken(self, card: T1Card) -> None:
        talk(
            card,
            "> 00 00 01 00", "c 00", "+ 800", "< 00 C3 01 0A",
            "> 00 E3 01 05", "< 00 92 00",
            "> 00 E3 01 0A", "-",
        )  # fmt: skip

    def test_resynchronisation_begins_to_count_again(self, card: T1Card) -> None:
        talk(
            card,
            "> 00 00 01 00", "c 00", "a 90 00", "< 00 00 02 90 00",
            "> 00 C0 00", "< 00 E0 00",
            "> 00 00 01 00", "c 00", "a 90 00", "< 00 00 02 90 00",
        )  # fmt: skip

    def test_the_reader_gives_up_its_chain(self, card: T1Card) -> None:
        talk(
            card,
            "> 00 20 01 00", "< 00 90 00",
            "> 00 C2 00", "< 00 E2 00",
            "> 00 40 01 CA", "c CA",
        )  # fmt: skip

    def test_the_reader_gives_up_ours(self, card: T1Card) -> None:
        talk(
            card,
            "> 00 C1 01 01", "< 00 E1 01 01",
            "> 00 00 01 00", "c 00", "a 90 00", "< 00 20 01 90",
            "> 00 C2 00", "< 00 E2 00",
            "> 00 40 01 00", "c 00", "a 61", "< 00 40 01 61",
        )  # fmt: skip

    def test_a_command_without_end_is_aborted(self, card: T1Card) -> None:
        for number in range(COMMAND_BYTES_MAX // 254):
            segment = T1Block(BlockKind.I, bytes(254), number=number & 1, more=True)
            card.receive(segment.encode(), NOW)
        assert COMMAND_BYTES_MAX // 254 == 16
        talk(card, "> 00 20 FE" + " 00" * 254, "< 00 C2 00", "> 00 E2 00", "< 00 90 00")
        talk(card, "> 00 40 01 CA", "c CA")

    def test_at_the_fourth_mistake_in_a_row_the_card_is_mute(self, card: T1Card) -> None:
        talk(card, *["> !00 00 01 00", "< 00 81 00"] * 3)
        talk(card, "> !00 00 01 00", "-", "> 00 00 01 00", "-", "> 00 C0 00", "< 00 E0 00")
        talk(card, *["> !00 00 01 00", "< 00 81 00"] * 3, "> 00 00 01 00", "c 00")

    def test_blocks_longer_than_the_card_takes_are_refused(self) -> None:
        talk(T1Card(32, WAITING_MS), "> 00 00 21" + " 00" * 33, "< 00 82 00")

    def test_an_answer_after_a_resynchronisation_is_dropped(self, card: T1Card) -> None:
        talk(
            card,
            "> 00 00 01 00", "c 00", "+ 800", "< 00 C3 01 0A",
            "> 00 C0 00", "< 00 E0 00",
            "a 90 00", "-",
            "> 00 00 01 00", "c 00",
        )  # fmt: skip


LEADS: dict[tuple[T1State, T1Input], T1State] = {
    key: state for key, (_, state) in TRANSITIONS.items()
}


@pytest.mark.parametrize(("state", "what"), [*product(T1State, T1Input)])
def test_every_state_with_every_input_is_in_the_table_or_nothing(
    state: T1State, what: T1Input
) -> None:
    """What a mute card, and one whose command is out, do not hear is the standard's doing."""
    leads = LEADS.get((state, what))
    if state is T1State.MUTE:
        assert (leads is T1State.READY) is (what is T1Input.RESYNCH)
    elif state is T1State.BUSY:
        assert (leads is not None) is (what in (T1Input.ANSWERED, T1Input.LATE))
    else:
        of_others = {T1Input.LATE} | (
            {T1Input.ANSWERED, T1Input.TIME_GIVEN}
            if state is T1State.READY
            else {
                T1Input.COMMAND, T1Input.SEGMENT, T1Input.TOO_LONG, T1Input.ACKNOWLEDGED,
                T1Input.ABORTED,
            }
        )  # fmt: skip
        assert (leads is None) is (what in of_others)


def test_every_effect_is_carried_out() -> None:
    assert set(T1Card._EFFECTS) == set(T1Effect) == {effect for effect, _ in TRANSITIONS.values()}


@given(st.binary(max_size=300))
def test_any_bytes_are_a_block_or_damage(raw: bytes) -> None:
    found = decode(raw)
    if isinstance(found, T1Block):
        assert found.encode() == raw
    else:
        assert found in BlockDamage


@pytest.mark.parametrize(
    ("one", "written"),
    [
        (T1Block(BlockKind.I, b"\x01", number=1, more=True), "00 60 01 01"),
        (T1Block(BlockKind.R, number=1, error=2), "00 92 00"),
        (T1Block(BlockKind.S_RESPONSE, b"\xfe", about=Supervision.IFS), "00 E1 01 FE"),
    ],
)
def test_a_block_and_its_bytes(one: T1Block, written: str) -> None:
    assert one.encode() == block(written)
    assert decode(block(written)) == one


@given(
    command=st.binary(min_size=1, max_size=600),
    answer=st.binary(min_size=2, max_size=600),
    ifs=st.integers(1, 254),
    spoil=st.lists(st.booleans(), max_size=60),
)
def test_a_reader_that_repeats_gets_everything_over_a_bad_line(
    command: bytes, answer: bytes, ifs: int, spoil: list[bool]
) -> None:
    """A reader by the book, at most three spoiled blocks in a row each way: nothing is lost."""
    card = T1Card(254, WAITING_MS)
    card.receive(T1Block(BlockKind.S_REQUEST, bytes((ifs,)), about=Supervision.IFS).encode(), NOW)
    fate, bad = iter(spoil), {"to": 0, "from": 0}
    heard: list[bytes] = []

    def spoiled(way: str) -> bool:
        bad[way] = bad[way] + 1 if next(fate, False) and bad[way] < MISTAKES_MAX else 0
        return bad[way] > 0

    def exchange(sent: T1Block, wanted: T1Block | None = None) -> T1Block:
        """Send a block and return the card's; `wanted` is what a call for repetition is about."""
        wanted = wanted or sent
        raw = sent.encode()
        if spoiled("to"):
            raw = raw[:-1] + bytes((raw[-1] ^ 1,))
        events = card.receive(raw, NOW)
        if events and isinstance(events[0], Indication):
            heard.append(events[0].information)
            events = card.respond(answer, NOW)
        (event,) = events
        assert isinstance(event, Send)
        if spoiled("from"):
            return exchange(T1Block(BlockKind.R, number=expected, error=1), wanted)
        found = decode(event.data)
        assert isinstance(found, T1Block)
        if found.kind is BlockKind.R and found.error:
            if wanted.kind is BlockKind.I and found.number != wanted.number:
                # It did arrive: what was spoiled is our call for the answer.
                return exchange(T1Block(BlockKind.R, number=expected, error=1), wanted)
            return exchange(wanted)
        return found

    expected, number = 0, 0
    pieces = [command[at : at + 100] for at in range(0, len(command), 100)]
    for at, piece in enumerate(pieces):
        got = exchange(T1Block(BlockKind.I, piece, number=number, more=at + 1 < len(pieces)))
        number ^= 1
        if at + 1 < len(pieces):
            while got.kind is not BlockKind.R or got.number != number:
                got = exchange(T1Block(BlockKind.I, piece, number=number ^ 1, more=True))
    data = b""
    while True:
        assert got.kind is BlockKind.I
        data += got.information
        expected ^= 1
        if not got.more:
            break
        got = exchange(T1Block(BlockKind.R, number=expected))
    assert heard == [command]
    assert data == answer
