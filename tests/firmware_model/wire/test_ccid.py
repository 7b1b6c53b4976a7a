"""The serial card reader: frames, echo, each command, and a fob that talks T=1 inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.units import NS_PER_MS, SimTime
from firmware_model.wire.ccid import DATA_BYTES_MAX, Found, ReaderDeframer, ReaderFrame
from firmware_model.wire.ccid_reader import CcidReader
from firmware_model.wire.events import Connected, Disconnected, Indication, Send
from firmware_model.wire.fob_link import LinkEvent

NOW = SimTime(0)
ATR = bytes.fromhex("3B 80 81 31 FE 15 DB")
PARAMETERS = bytes.fromhex("11 10 00 15 00 FE 00")
POWER_ON = "03 06 62 00 00 00 00 00 07 00 00 00 60"
"""CCID: 62, no data, slot 0, sequence 7; its check byte was reckoned by hand."""


def reader() -> CcidReader:
    return CcidReader(ATR, 254, 200, PARAMETERS)


def frame(kind: int, data: str = "", *, slot: int = 0, specific: bytes = bytes(3)) -> bytes:
    return ReaderFrame(kind, slot, 7, specific, bytes.fromhex(data)).encode()


def sent(events: list[LinkEvent]) -> list[str]:
    """Return kind, status, error, last byte and data of each frame that was sent."""
    said = []
    for event in events:
        if isinstance(event, Send):
            (found,) = ReaderDeframer().feed(event.data)
            assert isinstance(found, ReaderFrame)
            said.append(f"{found.kind:02X} {found.specific.hex(' ')} {found.data.hex(' ')}".strip())
    return said


def powered() -> CcidReader:
    made = reader()
    made.receive(bytes.fromhex(POWER_ON), NOW)
    return made


def ask(made: CcidReader, command: bytes) -> str:
    """Send a command and return its answer, after its echo."""
    events = made.receive(command, NOW)
    assert events[0] == Send(command), "each command comes back first"
    (answer,) = sent(events[1:])
    return answer.upper()


class TestCommands:
    def test_power_on_gives_the_answer_to_reset_by_literal_bytes(self) -> None:
        raw = bytes.fromhex(POWER_ON)
        assert reader().receive(raw, NOW) == [
            Send(raw),
            Connected(),
            Send(bytes.fromhex("03 06 80 07 00 00 00 00 07 00 00 00 3B 80 81 31 FE 15 DB BE")),
        ]

    def test_power_off_ends_everything(self) -> None:
        made = powered()
        events = made.receive(frame(0x63), NOW)
        assert Disconnected() in events
        assert sent(events[1:]) == ["81 01 00 00"]

    @pytest.mark.parametrize(
        ("command", "answer"),
        [
            (frame(0x65), "81 00 00 00"),
            (frame(0x6C), "82 00 00 01 11 10 00 15 00 FE 00"),
            (
                frame(0x61, "18 10 FF 75 00 20 00", specific=b"\1\0\0"),
                "82 00 00 01 18 10 FF 75 00 20 00",
            ),
            (frame(0x61, "11 00 00 0A 00", specific=b"\0\0\0"), "82 40 07 00"),
            (frame(0x61, "11", specific=b"\1\0\0"), "82 40 01 00"),
            (frame(0x6B, "02"), "83 00 00 00 " + b"GemTwin-V2.00-GF03".hex(" ").upper()),
            (frame(0x6B, "01 01 01"), "83 00 00 00"),
            (frame(0x6B, "FF"), "83 40 00 00"),
            (frame(0x72), "81 00 00 00"),
            (frame(0x73), "81 40 00 00"),
            (frame(0x69), "81 40 00 00"),
            (frame(0x65, slot=1), "81 40 05 00"),
            (frame(0x6F, "FF 11 18 F6"), "80 00 00 00 FF 11 18 F6"),
        ],
    )
    def test_each_command_has_its_answer(self, command: bytes, answer: str) -> None:
        assert ask(powered(), command) == answer

    def test_parameters_are_the_answer_to_resets_again_after_power_on(self) -> None:
        made = powered()
        ask(made, frame(0x61, "18 10 FF 75 00 20 00", specific=b"\1\0\0"))
        made.receive(bytes.fromhex(POWER_ON), NOW)
        assert ask(made, frame(0x6C)).endswith(PARAMETERS.hex(" ").upper())

    def test_without_power_the_card_is_mute(self) -> None:
        made = reader()
        assert ask(made, frame(0x65)) == "81 01 00 00"
        assert ask(made, frame(0x6F, "00 00 01 00 01")) == "80 41 FE 00"


class TestTransfer:
    def test_a_command_goes_up_and_its_answer_comes_as_a_block(self) -> None:
        made = powered()
        events = made.receive(frame(0x6F, "00 00 02 00 CA C8"), NOW)
        assert events[1:] == [Indication(b"\x00\xca")]
        assert sent(made.respond(b"\x90\x00", NOW)) == ["80 00 00 00 00 00 02 90 00 92"]

    def test_while_it_works_the_slot_is_busy(self) -> None:
        made = powered()
        made.receive(frame(0x6F, "00 00 02 00 CA C8"), NOW)
        assert ask(made, frame(0x6F, "00 C0 00 C0")) == "80 40 E0 00"
        assert ask(made, frame(0x65)) == "81 00 00 00"
        assert sent(made.respond(b"\x90\x00", NOW)) == ["80 00 00 00 00 00 02 90 00 92"]

    def test_a_fob_that_needs_time_asks_for_it_before_the_waiting_time_is_over(self) -> None:
        made = powered()
        made.receive(frame(0x6F, "00 00 02 00 CA C8"), NOW)
        due = made.deadline
        assert due == 100 * NS_PER_MS
        assert sent(made.timeout(due)) == ["80 00 00 00 00 c3 01 0a c8"]

    def test_a_slower_host_is_given_more_time(self) -> None:
        made = powered()
        made.stretch(5)
        made.receive(frame(0x6F, "00 00 02 00 CA C8"), NOW)
        assert made.deadline == 500 * NS_PER_MS

    def test_a_mute_card_is_told_as_such(self) -> None:
        made = powered()
        for _ in range(3):
            assert ask(made, frame(0x6F, "00 00 01 00 FF")) == "80 00 00 00 00 81 00 81"
        assert ask(made, frame(0x6F, "00 00 01 00 FF")) == "80 40 FE 00"
        assert ask(made, frame(0x6F, "00 C0 00 C0")) == "80 00 00 00 00 E0 00 E0"

    def test_an_answer_after_power_on_is_dropped(self) -> None:
        made = powered()
        made.receive(frame(0x6F, "00 00 02 00 CA C8"), NOW)
        made.receive(bytes.fromhex(POWER_ON), NOW)
        assert made.respond(b"\x90\x00", NOW) == []


class TestFrames:
    def test_a_spoiled_frame_is_refused_and_the_next_one_taken(self) -> None:
        made = powered()
        good = frame(0x65)
        spoiled = good[:-1] + bytes((good[-1] ^ 1,))
        events = made.receive(spoiled + good, NOW)
        assert events[0] == Send(b"\x03\x15\x16")
        assert sent(events[2:]) == ["81 00 00 00"]

    def test_a_length_beyond_the_longest_message_is_refused_at_once(self) -> None:
        head = bytes.fromhex("03 06 6F 10 01 00 00 00 00 00 00 00")
        assert ReaderDeframer().feed(head) == [Found.DAMAGED]

    def test_the_longest_message_is_taken(self) -> None:
        one = ReaderFrame(0x6F, 0, 0, data=bytes(DATA_BYTES_MAX))
        assert ReaderDeframer().feed(one.encode()) == [one]

    def test_a_frame_that_stops_is_dropped_after_a_while(self) -> None:
        made = powered()
        made.receive(frame(0x65)[:-1], NOW)
        assert made.deadline == 500 * NS_PER_MS
        assert made.timeout(SimTime(500 * NS_PER_MS)) == []
        assert made.deadline is None
        assert ask(made, frame(0x65)) == "81 00 00 00"

    def test_a_host_that_refuses_our_frame_gets_it_again(self) -> None:
        made = powered()
        ask(made, frame(0x65))
        assert sent(made.receive(b"\x03\x15\x16", NOW)) == ["81 00 00 00"]
        assert reader().receive(b"\x03\x15\x16", NOW) == []

    @given(noise=st.binary(max_size=40), cut=st.integers(0, 60))
    def test_noise_and_pieces_do_not_matter(self, noise: bytes, cut: int) -> None:
        one = ReaderFrame(0x6F, 0, 3, data=b"\x00\xc0\x00\xc0")
        stream = noise.replace(b"\x03", b"\x04") + one.encode()
        taken = ReaderDeframer()
        assert taken.feed(stream[:cut]) + taken.feed(stream[cut:]) == [one]
        assert not taken.is_waiting
