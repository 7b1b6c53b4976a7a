"""SCP03 against the public handshakes and the worked trace, and both ends against each other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.wire.apdu import Command, Response, StatusWord, decode_command, decode_response
from firmware_model.wire.messages import ChannelOffer, InitializeUpdate, SecurityLevel
from firmware_model.wire.scp03 import (
    CardChannel,
    HostChannel,
    SessionCipher,
    WrongCardCryptogramError,
    WrongResponseError,
    card_challenge,
)
from firmware_model.wire.scp03_keys import (
    KEY_BYTES,
    TEST_KEYS,
    KeySet,
    decrypt_chain,
    encrypt_block,
    encrypt_chain,
)
from tests.firmware_model.wire.vectors import load, octets

VECTORS = load("scp03.json")
AID = octets(VECTORS["challenge_aid"])
KDD = octets(VECTORS["diversification_data"])
HANDSHAKES = {handshake["name"]: handshake for handshake in VECTORS["handshakes"]}
TRACE = VECTORS["trace"]
CHALLENGE = bytes(range(8))
CLEAR = Command(0x80, 0xE2, 0x90, 0x00, b"\x55" * 20)
SECURED = [level for level in SecurityLevel if level is not SecurityLevel.NONE]


def keys_of(handshake: dict[str, Any]) -> KeySet:
    enc, mac, dek = (octets(handshake[name]) for name in ("enc", "mac", "dek"))
    return KeySet(int(handshake["version"], 16), enc, mac, dek)


def offer_of(handshake: dict[str, Any]) -> ChannelOffer:
    challenge, cryptogram = (
        octets(handshake["card_challenge"]),
        octets(handshake["card_cryptogram"]),
    )
    counter = int(handshake["sequence_counter"], 16)
    return ChannelOffer(KDD, int(handshake["version"], 16), challenge, cryptogram, counter)


def command_of(raw: str) -> Command:
    command = decode_command(octets(raw))
    assert command is not None
    return command


def response_of(raw: str) -> Response:
    response = decode_response(octets(raw))
    assert response is not None
    return response


def open_both(level: SecurityLevel, keys: KeySet = TEST_KEYS) -> tuple[HostChannel, CardChannel]:
    card = CardChannel()
    offer = card.offer(keys, 1, AID, CHALLENGE, KDD)
    host = HostChannel(keys, CHALLENGE, offer, level, AID)
    assert card.authenticate(host.external_authenticate()) is StatusWord.OK
    assert card.level is level
    return host, card


@pytest.mark.parametrize("handshake", HANDSHAKES.values(), ids=list(HANDSHAKES))
class TestPublicHandshake:
    def test_the_fob_makes_this_offer(self, handshake: dict[str, Any]) -> None:
        counter = int(handshake["sequence_counter"], 16)
        challenge = octets(handshake["host_challenge"])
        offer = CardChannel().offer(keys_of(handshake), counter, AID, challenge, KDD)
        assert offer == offer_of(handshake)

    def test_the_host_answers_it_with_these_bytes(self, handshake: dict[str, Any]) -> None:
        challenge = octets(handshake["host_challenge"])
        level = SecurityLevel(int(handshake["level"], 16))
        host = HostChannel(keys_of(handshake), challenge, offer_of(handshake), level, AID)
        assert host.external_authenticate().encode() == octets(handshake["external_authenticate"])

    def test_the_fob_opens_the_channel_for_them(self, handshake: dict[str, Any]) -> None:
        card = CardChannel()
        counter = int(handshake["sequence_counter"], 16)
        challenge = octets(handshake["host_challenge"])
        card.offer(keys_of(handshake), counter, AID, challenge, KDD)
        raw = handshake["external_authenticate"]
        assert card.authenticate(command_of(raw)) is StatusWord.OK
        assert card.level == int(handshake["level"], 16)


class TestWorkedTrace:
    handshake = HANDSHAKES[TRACE["handshake"]]

    def test_the_host_speaks_and_understands_it(self) -> None:
        challenge = octets(self.handshake["host_challenge"])
        first = InitializeUpdate(0x30, challenge).command()
        assert first.encode() == octets(TRACE["initialize_update"])
        offer = ChannelOffer.decode(octets(TRACE["offer"]))
        assert offer is not None
        host = HostChannel(keys_of(self.handshake), challenge, offer, SecurityLevel.ALL)
        host.external_authenticate()
        for step in TRACE["steps"]:
            assert host.wrap(command_of(step["plain"])).encode() == octets(step["wrapped"])
            if "response" in step:
                plain = host.unwrap(response_of(step["response"]))
                assert plain == response_of(step["plain_response"])

    def test_the_fob_understands_and_answers_it(self) -> None:
        card = CardChannel()
        card.offer(keys_of(self.handshake), 3, AID, octets(self.handshake["host_challenge"]), KDD)
        card.authenticate(command_of(self.handshake["external_authenticate"]))
        for step in TRACE["steps"]:
            assert card.unwrap(command_of(step["wrapped"])) == command_of(step["plain"])
            if "response" in step:
                answer = card.wrap(response_of(step["plain_response"]))
                assert answer.encode() == octets(step["response"])


@pytest.mark.parametrize("level", SecurityLevel)
@pytest.mark.parametrize("key_bytes", [16, 24, 32])
def test_both_ends_agree_at_every_level(level: SecurityLevel, key_bytes: int) -> None:
    keys = KeySet(1, *(bytes((value,)) * key_bytes for value in (1, 2, 3)))
    host, card = open_both(level, keys)
    for length in (0, 1, 15, 16, 17, 230, 231, 239, 240, 255, 256, 2000):
        command = Command(0x80, 0xE2, 0x90, 0x00, bytes(length), 256)
        unwrapped = card.unwrap(host.wrap(command))
        assert isinstance(unwrapped, Command)
        assert (unwrapped.header, unwrapped.data) == (command.header, command.data)
        response = Response(bytes(length), 0x9000)
        assert host.unwrap(card.wrap(response)) == response


@pytest.mark.parametrize("level", SECURED)
@pytest.mark.parametrize("extended", [False, True])
def test_no_flipped_bit_of_a_command_gets_through(level: SecurityLevel, extended: bool) -> None:
    command = Command(0x80, 0xE2, 0x90, 0x00, b"\x55" * 20, extended=extended)
    raw = open_both(level)[0].wrap(command).encode()
    for at in range(len(raw)):
        spoilt = decode_command(raw[:at] + bytes((raw[at] ^ 0x10,)) + raw[at + 1 :])
        card = open_both(level)[1]
        if spoilt is not None:
            assert card.unwrap(spoilt) is StatusWord.SECURITY_STATUS_NOT_SATISFIED
            assert card.level is None


@pytest.mark.parametrize("level", [level for level in SECURED if level.authenticates_responses])
def test_no_flipped_bit_of_a_response_gets_through(level: SecurityLevel) -> None:
    host, card = open_both(level)
    card.unwrap(host.wrap(CLEAR))
    raw = card.wrap(Response(b"\xaa" * 20)).encode()
    for at in range(len(raw) - 2):
        spoilt = decode_response(raw[:at] + bytes((raw[at] ^ 0x10,)) + raw[at + 1 :])
        assert spoilt is not None
        with pytest.raises(WrongResponseError):
            host.unwrap(spoilt)
    with pytest.raises(WrongResponseError):
        host.unwrap(Response(b"", 0x9000))
    assert host.unwrap(Response(raw[:-2], 0x9000)).data == b"\xaa" * 20


@pytest.mark.parametrize("level", SECURED)
class TestChannelIsOver:
    def test_after_a_replay(self, level: SecurityLevel) -> None:
        host, card = open_both(level)
        wrapped = host.wrap(CLEAR)
        assert card.unwrap(wrapped) == CLEAR
        assert card.unwrap(wrapped) is StatusWord.SECURITY_STATUS_NOT_SATISFIED
        assert card.unwrap(host.wrap(CLEAR)) is StatusWord.SECURITY_STATUS_NOT_SATISFIED

    def test_after_a_command_in_clear(self, level: SecurityLevel) -> None:
        host, card = open_both(level)
        assert card.unwrap(CLEAR) is StatusWord.SECURITY_STATUS_NOT_SATISFIED
        assert card.unwrap(host.wrap(CLEAR)) is StatusWord.SECURITY_STATUS_NOT_SATISFIED

    def test_after_a_command_too_short_for_a_mac(self, level: SecurityLevel) -> None:
        for length in range(8):
            card = open_both(level)[1]
            short = Command(0x84, 0xE2, 0x90, 0x00, bytes(length))
            assert card.unwrap(short) is StatusWord.SECURITY_STATUS_NOT_SATISFIED
            assert card.level is None

    def test_after_close_and_a_clear_command_then_passes(self, level: SecurityLevel) -> None:
        card = open_both(level)[1]
        card.close()
        assert card.unwrap(CLEAR) == CLEAR
        assert card.wrap(Response(b"x")) == Response(b"x")


def test_a_padded_encrypted_block_without_content_is_a_command_without_data() -> None:
    host, card = open_both(SecurityLevel.C_MAC_C_ENC)
    session = host._session
    session.count_command()
    body = session.encrypt(b"", response=False)
    assert len(body) == 16
    secured = Command(0x84, 0xF0, 0x80, 0x07, body + bytes(8))
    full = session.next_command_mac(secured, body)
    unwrapped = card.unwrap(Command(0x84, 0xF0, 0x80, 0x07, body + full[:8]))
    assert unwrapped == Command(0x80, 0xF0, 0x80, 0x07)


def test_a_good_mac_over_a_bad_padding_ends_the_channel() -> None:
    for body in (bytes(16), b"\x80" * 15):
        host, card = open_both(SecurityLevel.C_MAC_C_ENC)
        session = host._session
        secured = Command(0x84, 0xE2, 0x90, 0x00, body + bytes(8))
        full = session.next_command_mac(secured, body)
        spoilt = Command(0x84, 0xE2, 0x90, 0x00, body + full[:8])
        assert card.unwrap(spoilt) is StatusWord.SECURITY_STATUS_NOT_SATISFIED
        assert card.level is None


@pytest.mark.parametrize("status", [0x6982, 0x6985, 0x6A80, 0x6F00])
def test_errors_carry_neither_data_nor_mac(status: int) -> None:
    host, card = open_both(SecurityLevel.ALL)
    card.unwrap(host.wrap(CLEAR))
    assert card.wrap(Response(b"data", status)) == Response(b"", status)
    assert host.unwrap(Response(b"", status)) == Response(b"", status)


@pytest.mark.parametrize("status", [0x6282, 0x63C3])
def test_warnings_carry_a_mac(status: int) -> None:
    host, card = open_both(SecurityLevel.ALL)
    card.unwrap(host.wrap(CLEAR))
    assert len(card.wrap(Response(b"", status)).data) == 8
    assert host.unwrap(card.wrap(Response(b"ab", status))) == Response(b"ab", status)


class TestHandshakeRefused:
    def offered(self) -> tuple[HostChannel, CardChannel]:
        card = CardChannel()
        offer = card.offer(TEST_KEYS, 1, AID, CHALLENGE, KDD)
        return HostChannel(TEST_KEYS, CHALLENGE, offer), card

    def test_a_wrong_host_cryptogram_is_6300_and_ends_the_attempt(self) -> None:
        host, card = self.offered()
        good = host.external_authenticate()
        wrong = bytes((good.data[0] ^ 1,)) + good.data[1:]
        assert card.authenticate(Command(0x84, 0x82, 0x33, 0, wrong)) == 0x6300
        assert card.authenticate(good) is StatusWord.CONDITIONS_NOT_SATISFIED
        assert card.level is None

    def test_a_wrong_mac_is_6982(self) -> None:
        host, card = self.offered()
        good = host.external_authenticate()
        wrong = good.data[:-1] + bytes((good.data[-1] ^ 1,))
        assert card.authenticate(Command(0x84, 0x82, 0x33, 0, wrong)) == 0x6982

    def test_a_class_without_secure_messaging_is_6982_whatever_its_mac(self) -> None:
        host, card = self.offered()
        session = host._session
        cryptogram = host.external_authenticate().data[:8]
        session.move_on(bytes(16))
        plain = Command(0x80, 0x82, 0x33, 0, cryptogram + bytes(8))
        full = session.next_command_mac(plain, cryptogram)
        wrong = Command(0x80, 0x82, 0x33, 0, cryptogram + full[:8])
        assert card.authenticate(wrong) is StatusWord.SECURITY_STATUS_NOT_SATISFIED

    def test_another_level_than_the_host_meant_is_6982(self) -> None:
        host, card = self.offered()
        good = host.external_authenticate()
        assert card.authenticate(Command(0x84, 0x82, 0x01, 0, good.data)) == 0x6982

    def test_without_an_offer_and_a_second_time_it_is_6985(self) -> None:
        host, card = self.offered()
        good = host.external_authenticate()
        assert CardChannel().authenticate(good) is StatusWord.CONDITIONS_NOT_SATISFIED
        assert card.authenticate(good) is StatusWord.OK
        assert card.authenticate(good) is StatusWord.CONDITIONS_NOT_SATISFIED
        assert card.level is None

    def test_an_impossible_level_is_6a86(self) -> None:
        _, card = self.offered()
        assert card.authenticate(Command(0x84, 0x82, 0x02, 0, bytes(16))) == 0x6A86

    def test_the_host_does_not_speak_to_a_fob_with_other_keys(self) -> None:
        offer = CardChannel().offer(KeySet(1, *[bytes(16)] * 3), 1, AID, CHALLENGE, KDD)
        with pytest.raises(WrongCardCryptogramError):
            HostChannel(TEST_KEYS, CHALLENGE, offer)

    def test_the_host_can_insist_on_the_counters_own_challenge(self) -> None:
        offer = CardChannel().offer(TEST_KEYS, 1, AID, CHALLENGE, KDD)
        with pytest.raises(WrongCardCryptogramError):
            HostChannel(TEST_KEYS, CHALLENGE, offer, aid=b"\xa0\0\0\0\0")

    def test_a_new_offer_ends_the_channel_before(self) -> None:
        host, card = open_both(SecurityLevel.ALL)
        card.offer(TEST_KEYS, 2, AID, CHALLENGE, KDD)
        assert card.level is None
        assert card.unwrap(host.wrap(CLEAR)) is StatusWord.SECURITY_STATUS_NOT_SATISFIED


def test_every_counter_gives_another_challenge() -> None:
    assert len({card_challenge(TEST_KEYS, counter, AID) for counter in range(100)}) == 100


@given(
    st.sampled_from(SECURED), st.binary(max_size=300), st.none() | st.integers(1, 256), st.data()
)
def test_any_dialogue_comes_through(
    level: SecurityLevel, data: bytes, ne: int | None, draw: st.DataObject
) -> None:
    host, card = open_both(level)
    for _ in range(3):
        command = Command(0x80, draw.draw(st.integers(0, 255)), 0, 0, data, ne)
        unwrapped = card.unwrap(host.wrap(command))
        assert isinstance(unwrapped, Command)
        assert (unwrapped.ins, unwrapped.data, unwrapped.ne) == (command.ins, data, ne)
        assert host.unwrap(card.wrap(Response(data))) == Response(data)


BLOCKS = st.integers(1, 17).flatmap(lambda n: st.binary(min_size=16 * n, max_size=16 * n))
NUMBERS = st.integers(0, 2**128 - 1)


@given(st.sampled_from(KEY_BYTES), st.lists(st.tuples(st.booleans(), NUMBERS, BLOCKS)))
def test_one_chain_through_all_messages_is_a_chain_of_its_own_for_each(
    key_bytes: int, messages: list[tuple[bool, int, bytes]]
) -> None:
    key = bytes(range(key_bytes))
    cipher = SessionCipher(key)
    for is_sent, number, data in messages:
        initial = encrypt_block(key, number.to_bytes(16))
        alone = encrypt_chain if is_sent else decrypt_chain
        found = cipher.encrypt(number, data) if is_sent else cipher.decrypt(number, data)
        assert found == alone(key, initial, data)


@given(st.sampled_from(SecurityLevel), st.binary(min_size=4, max_size=80))
def test_no_command_raises_in_the_fob(level: SecurityLevel, raw: bytes) -> None:
    card = open_both(level)[1]
    command = decode_command(raw)
    if command is not None:
        card.unwrap(command)
        card.authenticate(command)
        card.wrap(Response(raw))
