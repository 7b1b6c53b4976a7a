"""Commands and answers: literal APDUs both ways, and the status words for all others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.generators import Hash, OtpKind
from firmware_model.wire import messages as wire
from firmware_model.wire.activation import GeneralAuthenticate
from firmware_model.wire.apdu import Command, StatusWord, decode_command
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.objects import Clock, CredentialObject, ExpiryDate, Identity
from tests.firmware_model.wire.vectors import load, octets

CREDENTIAL = CredentialObject(
    1, OtpKind.HOTP, Hash.SHA1, 6, bytes((16,)) + bytes(16), b"\x8b\x72\x5b", counter=0
)
CREDENTIAL_RAW = (
    "80 01 01 81 01 01 82 01 01 83 01 06 86 08 00 00 00 00 00 00 00 00 88 03 8B 72 5B"
    " 87 11 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
)

LITERAL = [
    (wire.Select(wire.TOKEN_AID), "00 A4 04 00 08 F0 4B 45 59 46 4F 42 01 00"),
    (
        wire.Select(wire.ISSUER_SECURITY_DOMAIN_AID),
        "00 A4 04 00 08 A0 00 00 01 51 00 00 00 00",
    ),
    (wire.GetData(0xDF20), "00 CA DF 20 00"),
    (wire.GetData(0x0066, whole=True), "80 CA 00 66 00"),
    (wire.GetDataList((0xDF20, 0xFF2B, 0x66)), "00 CB 3F FF 07 5C 05 DF 20 FF 2B 66 00"),
    (wire.StoreData(Clock(1_700_000_000)), "80 E2 90 00 0C DF 29 09 00 00 00 00 65 53 F1 00 01"),
    (wire.StoreData(ExpiryDate(21_826)), "80 E2 90 00 07 DF 27 04 00 00 55 42"),
    (
        wire.StoreData(Identity("1", "2", 0)),
        "80 E2 90 00 0F FF 31 0C 80 01 31 81 01 32 82 04 00 00 00 00",
    ),
    (wire.StoreData(CREDENTIAL), f"80 E2 B0 00 31 FF 30 2E {CREDENTIAL_RAW}"),
    (wire.SetStatus(LifeCycle.PERSONALISED), "80 F0 80 07"),
    (wire.SetStatus(LifeCycle.TERMINATED), "80 F0 80 FF"),
    (wire.PutKey(0, b"\x01\x88"), "80 D8 00 81 02 01 88 00"),
    (
        wire.InitializeUpdate(0x30, octets("FDF38259A1E0DE44")),
        "80 50 30 00 08 FD F3 82 59 A1 E0 DE 44 00",
    ),
    (
        wire.ExternalAuthenticate(
            wire.SecurityLevel.ALL, octets("8C36F96BCC00724A"), octets("4E13AD591D7DA3F0")
        ),
        "84 82 33 00 10 8C 36 F9 6B CC 00 72 4A 4E 13 AD 59 1D 7D A3 F0",
    ),
    (wire.GetResponse(), "00 C0 00 00 00"),
    (wire.GetResponse(12), "00 C0 00 00 0C"),
]
IDS = [f"{type(message).__name__} {number}" for number, (message, _) in enumerate(LITERAL)]


@pytest.mark.parametrize(("message", "raw"), LITERAL, ids=IDS)
def test_the_host_writes_and_the_fob_reads_it(message: wire.Message, raw: str) -> None:
    assert message.command().encode() == octets(raw)
    command = decode_command(octets(raw))
    assert command is not None
    assert wire.decode_message(command) == message


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("00 B0 00 00 00", StatusWord.INSTRUCTION_NOT_SUPPORTED),
        ("00 A4 00 00 02 3F 00", StatusWord.INCORRECT_P1_P2),
        ("00 CB 00 00 04 5C 02 DF 20 00", StatusWord.INCORRECT_P1_P2),
        ("00 CB 3F FF 00", StatusWord.WRONG_DATA),
        ("00 CB 3F FF 02 5C 00 00", StatusWord.WRONG_DATA),  # an empty list
        ("00 CB 3F FF 04 5D 02 DF 20 00", StatusWord.WRONG_DATA),
        ("00 CB 3F FF 03 5C 01 DF 00", StatusWord.WRONG_DATA),  # half a tag
        ("00 CB 3F FF 23 5C 21" + "66" * 33 + "00", StatusWord.WRONG_DATA),  # too many
        ("80 E2 10 00 07 DF 27 04 00 00 55 42", StatusWord.INCORRECT_P1_P2),  # more to follow
        ("80 E2 90 01 07 DF 27 04 00 00 55 42", StatusWord.INCORRECT_P1_P2),  # second block
        ("80 E2 80 00 07 DF 27 04 00 00 55 42", StatusWord.INCORRECT_P1_P2),  # no BER-TLV
        ("80 E2 B0 00 07 DF 27 04 00 00 55 42", StatusWord.INCORRECT_P1_P2),  # not encrypted
        (f"80 E2 90 00 31 FF 30 2E {CREDENTIAL_RAW}", StatusWord.INCORRECT_P1_P2),  # a clear seed
        ("80 E2 90 00 06 DF 27 04 00 00 55", StatusWord.WRONG_DATA),
        ("80 E2 90 00 06 DF 27 03 00 00 55", StatusWord.WRONG_DATA),
        ("80 E2 90 00", StatusWord.WRONG_DATA),
        ("80 E2 90 00 04 DF 20 01 41", StatusWord.REFERENCED_DATA_NOT_FOUND),
        ("80 F0 40 07", StatusWord.INCORRECT_P1_P2),
        ("80 F0 80 03", StatusWord.INCORRECT_P1_P2),
        ("80 D8 00 01 01 01", StatusWord.INCORRECT_P1_P2),
        ("80 D8 80 81 01 01", StatusWord.INCORRECT_P1_P2),
        ("80 50 00 01 08 00 00 00 00 00 00 00 00 00", StatusWord.INCORRECT_P1_P2),
        ("80 50 00 00 07 00 00 00 00 00 00 00 00", StatusWord.WRONG_LENGTH),
        ("84 82 02 00 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", 0x6A86),
        ("84 82 01 01 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", 0x6A86),
        ("84 82 01 00 08 00 00 00 00 00 00 00 00", StatusWord.WRONG_LENGTH),
        ("00 C0 00 01 00", StatusWord.INCORRECT_P1_P2),
    ],
)
def test_anything_else_is_refused_with_its_status_word(raw: str, status: int) -> None:
    command = decode_command(octets(raw))
    assert command is not None
    assert wire.decode_message(command) == status


def test_bit_1_of_store_data_may_say_either_case() -> None:
    command = decode_command(octets("80 E2 91 00 07 DF 27 04 00 00 55 42 00"))
    assert command is not None
    assert wire.decode_message(command) == wire.StoreData(ExpiryDate(21_826))


def test_secure_messaging_does_not_change_what_get_data_returns() -> None:
    assert wire.GetData.decode(Command(0x04, 0xCA, 0xDF, 0x20)) == wire.GetData(0xDF20)
    assert wire.GetData.decode(Command(0x84, 0xCA, 0xDF, 0x20)) == wire.GetData(0xDF20, whole=True)


def test_the_offer_is_that_of_the_worked_trace() -> None:
    raw = octets(load("scp03.json")["trace"]["offer"])
    offer = wire.ChannelOffer.decode(raw)
    assert offer is not None
    assert (offer.key_version, offer.protocol, offer.protocol_options) == (0x30, 0x03, 0x70)
    assert offer.sequence_counter == 3
    assert offer.encode() == raw
    for length in range(len(raw)):
        assert wire.ChannelOffer.decode(raw[:length]) is None
    assert wire.ChannelOffer.decode(raw + b"\0") is None


def test_the_answer_to_select_names_the_application_and_its_limit() -> None:
    fci = wire.FciTemplate(wire.TOKEN_AID, 2048)
    raw = octets("6F 11 84 08 F0 4B 45 59 46 4F 42 01 A5 05 9F 65 02 08 00")
    assert fci.encode() == raw
    assert wire.FciTemplate.decode(raw) == fci
    foreign = octets("6F 0D 84 08 F0 4B 45 59 46 4F 42 01 50 01 41")
    assert wire.FciTemplate.decode(foreign) == wire.FciTemplate(wire.TOKEN_AID, 255)
    for length in range(len(raw)):
        assert wire.FciTemplate.decode(raw[:length]) is None


def test_no_instruction_is_declared_twice_or_forgotten() -> None:
    assert {*wire.MESSAGES, GeneralAuthenticate.INS} == set(wire.Instruction)


@given(st.binary(min_size=4, max_size=120))
def test_any_command_is_read_or_refused(raw: bytes) -> None:
    command = decode_command(raw)
    if command is not None:
        assert isinstance(wire.decode_message(command), wire.Message | StatusWord)
