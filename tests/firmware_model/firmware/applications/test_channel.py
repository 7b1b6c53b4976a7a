"""Opening a channel, what ends it, and the fob's patience with those who cannot."""

import pytest

from firmware_model.firmware import keys
from firmware_model.firmware.memory import Key
from firmware_model.hardware.flash import PowerFailure
from firmware_model.units import NS_PER_SECOND
from firmware_model.wire.apdu import Command
from firmware_model.wire.codes import ErrorCode, LifeCycle, Tag
from firmware_model.wire.messages import (
    ISSUER_SECURITY_DOMAIN_AID,
    TOKEN_AID,
    ExternalAuthenticate,
    GetData,
    InitializeUpdate,
    SecurityLevel,
    Select,
    SetStatus,
)
from firmware_model.wire.objects import TriesLeft
from tests.firmware_model.firmware.applications.rig import (
    HOST_CHALLENGE,
    Fob,
    hotp_credential,
    identity,
)

PROTECTED = [level for level in SecurityLevel if level is not SecurityLevel.NONE]


@pytest.mark.parametrize("aid", [TOKEN_AID, ISSUER_SECURITY_DOMAIN_AID])
@pytest.mark.parametrize("level", PROTECTED)
def test_every_level_carries_commands_in_either_application(
    level: SecurityLevel, aid: bytes
) -> None:
    host = Fob().open(level, aid=aid)
    tag = Tag.LIFE_CYCLE if aid == TOKEN_AID else 0x00C1
    assert host.send(GetData(tag)).is_ok
    assert host.status(SetStatus(LifeCycle.PERSONALISED)) == 0x9000
    assert host.status(SetStatus(LifeCycle.BLANK)) == 0x6985
    assert host.send(GetData(tag, whole=True)).is_ok


@pytest.mark.parametrize("level", PROTECTED)
def test_seeds_go_in_at_every_level_always_under_the_dek(level: SecurityLevel) -> None:
    fob = Fob()
    assert fob.open(level).status(hotp_credential()) == 0x9000
    slot = fob.token.slots[0]
    assert slot is not None
    assert slot.code(9) == "520489"  # RFC 4226 appendix D


def test_level_00_authenticates_nothing_afterwards() -> None:
    fob = Fob()
    host = fob.open(SecurityLevel.NONE)
    assert host.status(GetData(Tag.LIFE_CYCLE)) == 0x9000
    assert host.status(identity()) == 0x6982
    assert fob.hex("84 CA DF 25 08 00 00 00 00 00 00 00 00") == "69 82"


@pytest.mark.parametrize("level", [SecurityLevel.C_MAC_C_ENC, SecurityLevel.ALL])
def test_a_command_without_data_may_come_with_a_padded_encrypted_block(
    level: SecurityLevel,
) -> None:
    fob = Fob()
    host = fob.open(level)
    session = host.channel._session  # the host's own crypto, to build what our host never sends
    session.count_command()
    block = session.encrypt(b"", response=False)
    bare = Command(0x84, 0xCA, 0xDF, 0x25, block + bytes(8), 256)
    full = session.next_command_mac(bare, block)
    session.move_on(full)
    answer = host.channel.unwrap(fob.send(Command(0x84, 0xCA, 0xDF, 0x25, block + full[:8], 256)))
    assert answer.data == bytes.fromhex("DF 25 02 01 00")


class TestWhatEndsAChannel:
    def test_a_wrong_mac(self) -> None:
        fob = Fob()
        host = fob.open()
        good = host.channel.wrap(identity().command())
        bad = Command(good.cla, good.ins, good.p1, good.p2, good.data[:-1] + b"\0")
        assert fob.status(bad) == 0x6982
        assert fob.status(good) == 0x6982
        assert fob.token.identity is None

    def test_a_command_in_clear(self) -> None:
        fob = Fob()
        host = fob.open()
        assert fob.status(GetData(Tag.LIFE_CYCLE)) == 0x6982
        assert host.fob.status(host.channel.wrap(identity().command())) == 0x6982
        assert fob.status(GetData(Tag.LIFE_CYCLE)) == 0x9000

    @pytest.mark.parametrize("aid", [TOKEN_AID, ISSUER_SECURITY_DOMAIN_AID])
    def test_select_of_either_application(self, aid: bytes) -> None:
        fob = Fob()
        host = fob.open()
        assert fob.send(Select(aid)).is_ok
        assert fob.status(host.channel.wrap(identity().command())) == 0x6982

    def test_initialize_update(self) -> None:
        fob = Fob()
        host = fob.open()
        fob.begin(aid=TOKEN_AID)
        assert fob.status(host.channel.wrap(identity().command())) == 0x6982

    @pytest.mark.parametrize(
        ("command", "status"),
        [
            ("80 50 7E 00 08 10 11 12 13 14 15 16 17 00", 0x6A88),  # no such key version
            ("80 50 00 00 07 10 11 12 13 14 15 16 00", 0x6700),  # a challenge of seven bytes
        ],
    )
    def test_an_initialize_update_that_is_refused(self, command: str, status: int) -> None:
        fob = Fob()
        host = fob.open()
        assert fob.hex(command) == f"{status >> 8:02X} {status & 0xFF:02X}"
        assert fob.status(host.channel.wrap(identity().command())) == 0x6982

    def test_a_refused_initialize_update_takes_the_offer_away_too(self) -> None:
        fob = Fob()
        host = fob.begin()
        assert fob.hex("80 50 7E 00 08 10 11 12 13 14 15 16 17 00") == "6A 88"
        assert fob.status(host.channel.external_authenticate()) == 0x6985

    def test_a_second_external_authenticate(self) -> None:
        fob = Fob()
        host = fob.begin()
        command = host.channel.external_authenticate()
        assert fob.status(command) == 0x9000
        assert fob.status(command) == 0x6985
        assert fob.status(host.channel.wrap(GetData(0x66).command())) == 0x6982

    def test_a_reset_of_the_line(self) -> None:
        fob = Fob()
        host = fob.open()
        fob.applications.reset()
        assert fob.status(host.channel.wrap(identity().command())) == 0x6982

    def test_not_a_select_that_finds_nothing(self) -> None:
        fob = Fob()
        host = fob.open()
        assert fob.status(Select(b"\xa0\0\0\0\x03")) == 0x6A82
        assert host.status(identity()) == 0x9000


class TestFailedAuthentication:
    def test_is_6300_and_costs_a_try_that_survives_a_reset_of_the_fob(self) -> None:
        fob = Fob()
        assert fob.fail_authentication() == 0x6300
        fob.boot()
        assert tries_left(fob) == 9

    def test_is_logged(self) -> None:
        fob = Fob()
        fob.fail_authentication()
        assert [entry.code for entry in fob.token.errors] == [ErrorCode.AUTHENTICATION_FAILED]

    def test_initialize_update_alone_is_none(self) -> None:
        fob = Fob()
        for _ in range(20):
            fob.begin()
        assert tries_left(fob) == 10

    def test_a_good_one_gives_all_tries_back(self) -> None:
        fob = Fob()
        fob.fail_authentication()
        fob.fail_authentication()
        assert tries_left(fob) == 8
        fob.open()
        assert tries_left(fob) == 10

    def test_a_right_cryptogram_with_a_wrong_mac_is_6982_and_no_failure(self) -> None:
        fob = Fob()
        good = fob.begin().channel.external_authenticate()
        assert fob.status(Command(0x84, 0x82, 0x01, 0x00, good.data)) == 0x6982  # level changed
        assert fob.status(good) == 0x6985
        assert tries_left(fob) == 10

    @pytest.mark.parametrize(
        ("command", "status"),
        [
            (Command(0x84, 0x82, 0x02, 0x00, bytes(16)), 0x6A86),
            (Command(0x84, 0x82, 0x33, 0x01, bytes(16)), 0x6A86),
            (Command(0x84, 0x82, 0x33, 0x00, bytes(15)), 0x6700),
        ],
    )
    def test_a_malformed_one_is_no_failure_and_ends_the_attempt(
        self, command: Command, status: int
    ) -> None:
        fob = Fob()
        good = fob.begin().channel.external_authenticate()
        assert fob.status(command) == status
        assert fob.status(good) == 0x6985
        assert tries_left(fob) == 10

    def test_the_offer_is_used_up(self) -> None:
        fob = Fob()
        host = fob.begin()
        good = host.channel.external_authenticate()
        wrong = ExternalAuthenticate(SecurityLevel.ALL, bytes(8), bytes(8))
        assert fob.status(wrong) == 0x6300
        assert fob.status(good) == 0x6985

    def test_a_stray_one_costs_neither_a_try_nor_flash(self) -> None:
        fob = Fob()
        stray = Command(0x84, 0x82, 0x33, 0x00, bytes(16))
        fob.begin()
        assert fob.status(stray) == 0x6300
        operations = fob.board.flash.operations
        assert fob.status(stray) == 0x6985
        assert fob.board.flash.operations == operations
        assert tries_left(fob) == 9

    @pytest.mark.parametrize("good", [True, False])
    def test_is_counted_in_flash_before_anything_is_compared(self, *, good: bool) -> None:
        # Counting takes two words; the supply fails in the third, before any answer.
        fob = Fob()
        command = fob.begin().channel.external_authenticate()
        if not good:
            command = Command(0x84, 0x82, 0x33, 0x00, bytes(16))
        fob.board.flash.arm_cut(3, 500)
        with pytest.raises(PowerFailure):
            fob.status(command)
        fob.boot()
        assert tries_left(fob) == 9

    def test_at_the_limit_secure_commands_are_blocked_for_good(self) -> None:
        fob = Fob()
        assert [fob.fail_authentication() for _ in range(10)] == [0x6300] * 10
        for _ in range(2):
            assert fob.status(InitializeUpdate(0, HOST_CHALLENGE)) == 0x6983
            assert fob.status(Command(0x84, 0x82, 0x33, 0x00, bytes(16))) == 0x6983
            assert tries_left(fob) == 0
            assert fob.status(identity()) == 0x6983
            assert fob.status(GetData(Tag.LIFE_CYCLE)) == 0x9000  # open objects stay open
            fob.boot()
            fob.advance(3600)
        assert fob.token.errors[-1].code is ErrorCode.AUTHENTICATION_BLOCKED

    def test_a_block_ends_no_seed_and_no_display(self) -> None:
        fob = Fob()
        fob.open().send(hotp_credential())
        for _ in range(10):
            fob.fail_authentication()
        assert fob.token.present_slots()
        assert fob.token.life_cycle is LifeCycle.BLANK


class TestDelay:
    def test_grows_from_the_third_failure_in_a_row_on_up_to_32_seconds(self) -> None:
        fob = Fob()
        delays = []
        for _ in range(10):
            fob.fail_authentication()
            delays.append(fob.applications.delay_ns / NS_PER_SECOND)
            fob.advance(100)
        assert delays == [0, 0, 1, 2, 4, 8, 16, 32, 32, 32]

    def test_is_only_for_the_answer_just_given(self) -> None:
        fob = Fob()
        for _ in range(3):
            fob.fail_authentication()
        assert fob.applications.delay_ns > 0
        fob.status(Select(TOKEN_AID))
        assert fob.applications.delay_ns == 0

    def test_a_new_connection_does_not_get_around_it(self) -> None:
        fob = Fob()
        for _ in range(3):
            fob.fail_authentication()
        fob.applications.reset()
        fob.advance(0.25)
        fob.begin()
        assert 0.74e9 < fob.applications.delay_ns < 0.76e9
        fob.advance(0.76)
        fob.begin()
        assert fob.applications.delay_ns == 0

    def test_a_good_authentication_ends_it(self) -> None:
        fob = Fob()
        for _ in range(3):
            fob.fail_authentication()
        fob.advance(2)
        fob.open()
        fob.fail_authentication()
        assert fob.applications.delay_ns == 0


class TestSequenceCounter:
    def test_is_in_flash_before_it_is_used(self) -> None:
        fob = Fob()
        first = fob.send(InitializeUpdate(0, HOST_CHALLENGE)).data
        fob.boot()
        second = fob.send(InitializeUpdate(0, HOST_CHALLENGE)).data
        assert (first[-3:], second[-3:]) == (b"\0\0\x01", b"\0\0\x02")
        assert first[13:21] != second[13:21]

    def test_ends_at_its_maximum_with_6985(self) -> None:
        fob = Fob()
        fob.token.journal.put(Key.SEQUENCE, b"\xff\xff\xfe")
        assert fob.status(InitializeUpdate(0, HOST_CHALLENGE)) == 0x9000
        assert fob.status(InitializeUpdate(0, HOST_CHALLENGE)) == 0x6985
        assert keys.sequence_counter(fob.token.journal) == 0xFF_FFFF

    def test_the_challenge_depends_on_the_selected_application(self) -> None:
        one, other = Fob(), Fob()
        other.send(Select(TOKEN_AID))
        answers = [fob.send(InitializeUpdate(0, HOST_CHALLENGE)).data for fob in (one, other)]
        assert answers[0][-3:] == answers[1][-3:]
        assert answers[0][13:21] != answers[1][13:21]


def tries_left(fob: Fob) -> int:
    fob.send(Select(TOKEN_AID))
    found = TriesLeft.decode(fob.send(GetData(Tag.TRIES_LEFT)).data)
    assert found is not None
    return found.count
