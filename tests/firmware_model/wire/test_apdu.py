"""APDUs: every case of ISO/IEC 7816-4, short and extended, literal and truncated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.wire.apdu import (
    Command,
    Response,
    StatusWord,
    bytes_left,
    decode_command,
    decode_response,
    describe_status,
    exact_length,
)
from tests.firmware_model.wire.vectors import octets

CASES = [
    ("case 1", "00 CA DF 20", Command(0x00, 0xCA, 0xDF, 0x20)),
    ("case 2 short", "00 CA DF 20 00", Command(0x00, 0xCA, 0xDF, 0x20, ne=256)),
    ("case 2 short, exact", "00 C0 00 00 0C", Command(0x00, 0xC0, 0x00, 0x00, ne=12)),
    ("case 3 short", "80 E2 90 00 02 AB CD", Command(0x80, 0xE2, 0x90, 0x00, b"\xab\xcd")),
    ("case 4 short", "00 A4 04 00 01 A0 00", Command(0x00, 0xA4, 4, 0, b"\xa0", 256)),
    (
        "case 2 extended",
        "00 CA DF 20 00 00 00",
        Command(0x00, 0xCA, 0xDF, 0x20, ne=65536, extended=True),
    ),
    (
        "case 2 extended, exact",
        "00 CA DF 20 00 01 00",
        Command(0x00, 0xCA, 0xDF, 0x20, ne=256, extended=True),
    ),
    (
        "case 3 extended",
        "80 E2 90 00 00 00 02 AB CD",
        Command(0x80, 0xE2, 0x90, 0x00, b"\xab\xcd", extended=True),
    ),
    (
        "case 4 extended",
        "00 A4 04 00 00 00 01 A0 00 00",
        Command(0x00, 0xA4, 4, 0, b"\xa0", 65536, extended=True),
    ),
    (
        "case 4 extended by length",
        "80 E2 90 00 00 01 00" + " 55" * 256 + " 01 00",
        Command(0x80, 0xE2, 0x90, 0x00, b"\x55" * 256, 256),
    ),
]


@pytest.mark.parametrize(("name", "raw", "command"), CASES, ids=[case[0] for case in CASES])
class TestCommand:
    def test_is_written(self, name: str, raw: str, command: Command) -> None:
        assert command.encode() == octets(raw)

    def test_is_read(self, name: str, raw: str, command: Command) -> None:
        assert decode_command(octets(raw)) == command

    def test_is_never_itself_truncated_or_with_trailing_bytes(
        self, name: str, raw: str, command: Command
    ) -> None:
        whole = octets(raw)
        for length in range(len(whole)):
            assert decode_command(whole[:length]) != command
        assert decode_command(whole + b"\x55\x55\x55") != command


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "00 CA DF",
        "00 CA DF 20 00 00",
        "80 E2 90 00 02 AB",
        "80 E2 90 00 02 AB CD 00 00",
        "80 E2 90 00 00 00 00 AB",
        "80 E2 90 00 00 00 00 01 00",
        "80 E2 90 00 00 00 02 AB",
        "80 E2 90 00 00 00 02 AB CD 00",
        "80 E2 90 00 00 00 02 AB CD 00 00 00",
    ],
)
def test_lengths_that_do_not_add_up_are_no_command(raw: str) -> None:
    assert decode_command(octets(raw)) is None


@given(st.binary(max_size=600))
def test_any_bytes_that_are_a_command_are_written_the_same_way(raw: bytes) -> None:
    command = decode_command(raw)
    assert command is None or command.encode() == raw


@given(
    st.binary(min_size=4, max_size=4),
    st.binary(max_size=300),
    st.none() | st.integers(1, 65536),
    st.booleans(),
)
def test_any_command_survives_the_wire(
    header: bytes, data: bytes, ne: int | None, extended: bool
) -> None:
    cla, ins, p1, p2 = header
    command = Command(cla, ins, p1, p2, data, ne, extended)
    assert decode_command(command.encode()) == command


def test_a_command_out_of_range_cannot_be_made() -> None:
    for data, ne in ((bytes(65_536), None), (b"", 65_537), (b"", 0)):
        with pytest.raises(ValueError, match="65535"):
            Command(0, 0, 0, 0, data, ne)


def test_no_data_shows_in_a_repr() -> None:
    assert "secret" not in repr(Command(0, 0xE2, 0, 0, b"secret")) + repr(Response(b"secret"))


def test_responses_end_in_their_status_word() -> None:
    assert Response(b"\x01\x02", 0x9000).encode() == octets("01 02 90 00")
    assert decode_response(octets("01 02 6A 82")) == Response(b"\x01\x02", StatusWord.NOT_FOUND)
    assert decode_response(b"\x90") is None
    assert decode_response(b"") is None


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (0x9000, "9000 (ok)"),
        (0x6985, "6985 (conditions not satisfied)"),
        (bytes_left(12), "610C (12 bytes left)"),
        (bytes_left(300), "6100 (256 or more bytes left)"),
        (exact_length(12), "6C0C (exact length is 12)"),
        (exact_length(256), "6C00 (exact length is 256)"),
        (0x1234, "1234"),
    ],
)
def test_status_words_are_told_in_words(status: int, text: str) -> None:
    assert describe_status(status) == text
