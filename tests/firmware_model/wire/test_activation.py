"""The messages of an activation: byte for byte, every limit, and nothing that any bytes break."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.generators import Hash
from firmware_model.wire import activation as wire
from firmware_model.wire.apdu import Command, StatusWord
from tests.firmware_model.wire.activation_vectors import (
    CHALLENGE,
    GRANT,
    KEPT,
    PASSWORD,
    REQUEST,
    SALT,
    SPOKEN,
    client,
    server,
)


def secrets() -> wire.Secrets:
    return wire.secrets_of(KEPT["key"], REQUEST, CHALLENGE)


def test_every_message_is_written_as_the_page_says() -> None:
    agreement = client().agree(SALT, server().public)
    assert agreement is not None
    assert REQUEST.encode() == SPOKEN["request"]
    assert wire.enveloped(CHALLENGE) == SPOKEN["challenge"]
    assert wire.enveloped(wire.Proof(agreement.client_proof)) == SPOKEN["proof"]
    confirmation = wire.Confirmation(agreement.server_proof, secrets().seal(GRANT))
    assert wire.enveloped(confirmation) == SPOKEN["confirmation"]
    assert wire.enveloped(wire.ActivationReceipt(secrets().receipt)) == SPOKEN["receipt"]


def test_every_message_is_read_as_the_page_says() -> None:
    assert wire.Request.decode(SPOKEN["request"]) == REQUEST
    assert wire.opened(wire.Challenge, SPOKEN["challenge"]) == CHALLENGE
    confirmation = wire.opened(wire.Confirmation, SPOKEN["confirmation"])
    assert confirmation is not None
    assert secrets().open(confirmation.sealed) == GRANT


def test_seed_and_keys_come_of_what_was_agreed() -> None:
    found = secrets()
    assert found.seed(Hash.SHA1) == KEPT["seed"]
    assert found.seed(Hash.SHA512)[:20] == KEPT["seed"]
    assert [len(found.seed(each)) for each in Hash] == [20, 32, 64]
    assert found.key_set.version == 1
    assert found.key_set.keys == (KEPT["enc"], KEPT["mac"], KEPT["dek"])


def test_who_changes_the_device_or_the_salt_on_the_line_changes_every_key() -> None:
    elsewhere = wire.secrets_of(KEPT["key"], replace(REQUEST, device_id="other"), CHALLENGE)
    salted = wire.secrets_of(KEPT["key"], REQUEST, replace(CHALLENGE, salt=bytes(16)))
    for changed in (elsewhere, salted):
        assert changed.seed(Hash.SHA1) != KEPT["seed"]
        assert changed.open(secrets().seal(GRANT)) is None


def test_a_grant_that_was_touched_opens_no_more() -> None:
    sealed = secrets().seal(GRANT)
    for at in range(len(sealed)):
        touched = sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :]
        assert secrets().open(touched) is None


@pytest.mark.parametrize(
    "turn",
    [CHALLENGE, wire.Confirmation(bytes(32), bytes(60)), wire.ActivationRefusal(refused=True)],
    ids=lambda turn: type(turn).__name__,
)
def test_the_hosts_turns_come_back_as_they_went(turn: wire.Turn) -> None:
    command = wire.GeneralAuthenticate(turn).command()
    assert (command.cla, command.ins, command.p1p2) == (0x00, 0x87, 0)
    assert wire.GeneralAuthenticate.decode(command) == wire.GeneralAuthenticate(turn)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("", StatusWord.WRONG_DATA),
        ("7C 00", StatusWord.WRONG_DATA),
        ("7C 03 86 01 00", StatusWord.WRONG_DATA),
        ("7D 03 86 01 01", StatusWord.WRONG_DATA),
        ("7C 06 86 01 01 86 01 01", StatusWord.WRONG_DATA),
        ("7C 03 82 01 01", StatusWord.WRONG_DATA),
    ],
)
def test_anything_else_is_refused(data: str, status: StatusWord) -> None:
    command = Command(0x00, 0x87, 0, 0, bytes.fromhex(data))
    assert wire.GeneralAuthenticate.decode(command) is status
    assert wire.GeneralAuthenticate.decode(replace(command, p2=1)) is StatusWord.INCORRECT_P1_P2


@pytest.mark.parametrize(
    "changes",
    [
        {"service_id": None},
        {"public": None},
        {"serial_number": "ZZP100000001"},
        {"wish": wire.Wish.LOGIN},
        {"wish": wire.Wish.EXTENSION, "service_id": None, "user_id": None, "public": None},
    ],
)
def test_a_request_says_all_that_its_wish_needs_and_no_more(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="an activation names"):
        replace(REQUEST, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("a", True),
        ("A-9" * 10 + "zz", True),
        ("", False),
        ("A" * 33, False),
        ("a/b", False),
        ("a:b", False),
        ("a\n", False),
        ("é", False),
    ],
)
def test_ids_are_what_srp_can_tell_apart(text: str, good: bool) -> None:
    assert wire.is_id(text) is good


@given(st.binary(max_size=64))
def test_no_bytes_break_a_reader(data: bytes) -> None:
    command = Command(0x00, 0x87, 0, 0, data)
    assert isinstance(
        wire.GeneralAuthenticate.decode(command), wire.GeneralAuthenticate | StatusWord
    )
    wire.Request.decode(data)
    wire.AppStatus.decode(data)
    wire.Grant.decode(data)
    secrets().open(data)


def test_no_secret_is_in_a_repr() -> None:
    for value in (secrets(), wire.HandedCode("123456"), REQUEST):
        for secret in (KEPT["seed"], KEPT["dek"], PASSWORD.encode()):
            assert repr(secret)[2:-1] not in repr(value)
    assert "123456" not in repr(wire.HandedCode("123456"))
