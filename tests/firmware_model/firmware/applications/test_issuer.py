"""The issuer security domain: what it tells of itself, and PUT KEY."""

import pytest

from firmware_model.wire.apdu import Command
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import (
    ISSUER_SECURITY_DOMAIN_AID,
    InitializeUpdate,
    PutKey,
    SecurityLevel,
    SetStatus,
)
from firmware_model.wire.scp03_keys import TEST_KEYS, KeySet, encode_key_data
from tests.firmware_model.firmware.applications.rig import HOST_CHALLENGE, Fob, Host

NEW = KeySet(0x31, bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48)))
NEW_256 = KeySet(0x32, bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96)))


def open_issuer(fob: Fob, keys: KeySet = TEST_KEYS) -> Host:
    return fob.open(SecurityLevel.ALL, keys, ISSUER_SECURITY_DOMAIN_AID)


def put(new: KeySet, replaced: int = 0, dek: bytes = TEST_KEYS.dek) -> PutKey:
    return PutKey(replaced, encode_key_data(new, dek))


class TestObjects:
    """GlobalPlatform Card Specification 2.3.1 §H.2, Table 11-30; Amendment D §7.1.1; CPLC."""

    RECOGNITION = (
        "73 2F 06 07 2A 86 48 86 FC 6B 01 60 0C 06 0A 2A 86 48 86 FC 6B 02 02 03 01"
        " 63 09 06 07 2A 86 48 86 FC 6B 03 64 0B 06 09 2A 86 48 86 FC 6B 04 03 70"
    )
    KEYS = "C0 04 01 FF 88 10 C0 04 02 FF 88 10 C0 04 03 FF 88 10"
    # Made on day 318 of 2023; chip serial number 06070809, batch 0405.
    CPLC = f"{'00 ' * 10}33 18 06 07 08 09 04 05{' 00' * 24}"

    @pytest.mark.parametrize(
        ("command", "answer"),
        [
            ("00 CA 00 66 00", f"{RECOGNITION} 90 00"),
            ("80 CA 00 66 00", f"66 31 {RECOGNITION} 90 00"),
            ("00 CA 00 E0 00", f"{KEYS} 90 00"),
            ("80 CA 00 E0 00", f"E0 12 {KEYS} 90 00"),
            ("00 CA 00 C1 00", "00 00 00 90 00"),
            ("80 CA 00 C1 00", "C1 03 00 00 00 90 00"),
            ("00 CA 9F 7F 00", f"{CPLC} 90 00"),
            ("80 CA 9F 7F 00", f"9F 7F 2A {CPLC} 90 00"),
            ("00 CA 00 42 00", "6A 88"),
            ("00 CA DF 20 00", "6A 88"),
        ],
    )
    def test_are_as_globalplatform_lays_them_out(self, command: str, answer: str) -> None:
        assert Fob().hex(command) == answer

    def test_the_sequence_counter_counts_every_offer(self) -> None:
        fob = Fob()
        for _ in range(3):
            fob.begin()
        assert fob.hex("00 CA 00 C1 00") == "00 00 03 90 00"
        fob.boot()
        assert fob.hex("00 CA 00 C1 00") == "00 00 03 90 00"

    def test_a_terminated_fob_tells_nothing_of_keys(self) -> None:
        fob = Fob()
        assert open_issuer(fob).status(SetStatus(LifeCycle.TERMINATED)) == 0x9000
        fob.applications.reset()
        assert fob.hex("00 CA 00 66 00").endswith("90 00")
        assert fob.hex("00 CA 9F 7F 00").endswith("90 00")
        assert fob.hex("00 CA 00 E0 00") == "69 85"
        assert fob.hex("00 CA 00 C1 00") == "69 85"
        assert fob.hex("80 50 00 00 08 00 00 00 00 00 00 00 00") == "69 85"


class TestPutKey:
    def test_answers_with_the_check_values_and_the_new_keys_open_channels(self) -> None:
        fob = Fob()
        answer = open_issuer(fob).send(put(NEW))
        assert answer.data == bytes.fromhex("31 C35280 013808 840DE5")
        open_issuer(fob, NEW)
        assert fob.hex("00 CA 00 C1 00") == "69 82"  # in clear inside a channel: it ends
        assert fob.hex("00 CA 00 C1 00") == "00 00 01 90 00"
        assert fob.hex("00 CA 00 E0 00") == (
            "C0 04 01 31 88 10 C0 04 02 31 88 10 C0 04 03 31 88 10 90 00"
        )

    def test_the_new_keys_are_in_flash_and_the_old_ones_are_unknown(self) -> None:
        fob = Fob()
        open_issuer(fob).send(put(NEW_256))
        fob.boot()
        open_issuer(fob, NEW_256)
        assert fob.status(InitializeUpdate(0xFF, HOST_CHALLENGE)) == 0x6A88
        assert fob.status(InitializeUpdate(0x00, HOST_CHALLENGE)) == 0x9000

    def test_the_channel_goes_on_under_its_own_keys(self) -> None:
        fob = Fob()
        host = open_issuer(fob)
        assert host.status(put(NEW)) == 0x9000
        assert host.status(put(NEW_256, replaced=0x31)) == 0x9000  # still under the old DEK

    def test_takes_the_form_without_length_bytes(self) -> None:
        fob = Fob()
        data = encode_key_data(NEW, TEST_KEYS.dek, length_bytes=False)
        assert open_issuer(fob).status(PutKey(0, data)) == 0x9000
        open_issuer(fob, NEW)

    @pytest.mark.parametrize("replaced", [0x00, 0xFF])
    def test_the_factory_set_is_replaced_by_name_or_by_the_first_set(self, replaced: int) -> None:
        assert open_issuer(Fob()).status(put(NEW, replaced)) == 0x9000

    def test_refuses_a_set_that_is_not_there(self) -> None:
        assert open_issuer(Fob()).status(put(NEW, 0x30)) == 0x6A88

    def test_refuses_a_second_set_beside_the_first(self) -> None:
        host = open_issuer(Fob())
        assert host.status(put(NEW)) == 0x9000
        assert host.status(put(NEW_256)) == 0x6A84

    def test_refuses_a_wrong_check_value_and_keeps_its_keys(self) -> None:
        fob = Fob()
        data = bytearray(encode_key_data(NEW, TEST_KEYS.dek))
        data[-1] ^= 1
        assert open_issuer(fob).status(PutKey(0, bytes(data))) == 0x6982
        open_issuer(fob)

    @pytest.mark.parametrize("data", ["", "31", "31 88 11 10", "00", "80"])
    def test_refuses_what_is_no_key_set(self, data: str) -> None:
        assert open_issuer(Fob()).status(PutKey(0, bytes.fromhex(data))) == 0x6A80

    def test_refuses_other_forms_of_the_command(self) -> None:
        host = open_issuer(Fob())
        data = encode_key_data(NEW, TEST_KEYS.dek)
        assert host.status(Command(0x80, 0xD8, 0x00, 0x01, data)) == 0x6A86

    def test_needs_a_channel(self) -> None:
        fob = Fob()
        assert fob.status(put(NEW)) == 0x6982
        host = fob.open(SecurityLevel.NONE, aid=ISSUER_SECURITY_DOMAIN_AID)
        assert host.status(put(NEW)) == 0x6982

    def test_a_locked_fob_keeps_its_keys(self) -> None:
        host = open_issuer(Fob())
        for step in (LifeCycle.PERSONALISED, LifeCycle.SEALED, LifeCycle.LOCKED):
            assert host.status(SetStatus(step)) == 0x9000
        assert host.status(put(NEW)) == 0x6985

    def test_is_no_command_of_the_token_application(self) -> None:
        assert Fob().open().status(put(NEW)) == 0x6D00
