"""The OATH applet by literal bytes: Yubico's YKOATH page, RFC 4226, RFC 6238 and RFC 4231."""

import hmac
from dataclasses import replace

import pytest

from firmware_model import catalogue
from firmware_model.firmware.question import Question
from firmware_model.wire import tlv
from firmware_model.wire.apdu import Command, decode_command
from firmware_model.wire.messages import TOKEN_AID
from tests.firmware_model.firmware.applications.rig import Fob, hotp_credential

SELECT = "00 A4 04 00 07 A0 00 00 05 27 21 01"
SELECT_MANAGEMENT = "00 A4 04 00 08 A0 00 00 05 27 47 11 17"
SEED = b"12345678901234567890"
OK = "90 00"


def card(version: str = "5.7.4", slots: int | None = None) -> Fob:
    """Return a fob with the applet, which is selected."""
    shelf = catalogue.load("ykoath")
    assert shelf.card is not None
    fob = Fob(replace(shelf, card=replace(shelf.card, version=version)), slots)
    assert fob.hex(SELECT).endswith(OK)
    return fob


def put(name: bytes, kind: int = 0x11, seed: bytes = SEED, digits: int = 6, rest: str = "") -> str:
    data = tlv.encode(0x71, name) + tlv.encode(0x73, bytes((kind, digits)) + seed)
    return command(0x01, data + bytes.fromhex(rest))


def calculate(name: bytes, challenge: bytes = b"", p2: int = 1) -> str:
    return command(0xA2, tlv.encode(0x71, name) + tlv.encode(0x74, challenge), p2=p2)


def command(ins: int, data: bytes = b"", p1: int = 0, p2: int = 0) -> str:
    return (bytes((0, ins, p1, p2)) + (bytes((len(data),)) + data if data else b"")).hex(" ")


def code(answer: str) -> str:
    """Return the code of a truncated response."""
    raw = bytes.fromhex(answer)
    assert raw[:2] == b"\x76\x05"
    assert raw[-2:] == b"\x90\x00"
    number = int.from_bytes(raw[3:7], "big")
    assert number < 1 << 31
    return str(number % 10 ** raw[2]).zfill(raw[2])


class TestSelection:
    def test_version_and_salt_and_no_challenge(self) -> None:
        answer = bytes.fromhex(card().hex(SELECT))
        items = dict(tlv.decode_all(answer[:-2]) or [])
        assert items.keys() == {0x79, 0x71}
        assert items[0x79] == bytes((5, 7, 4))
        assert len(items[0x71]) == 8

    def test_the_management_applet_tells_version_serial_number_and_the_one_applet(self) -> None:
        fob = card()
        assert bytes.fromhex(fob.hex(SELECT_MANAGEMENT)).startswith(
            b"Virtual mgr - FW version 5.7.4"
        )
        assert fob.hex("00 1D 00 00 00") == (
            "19 01 02 00 20 02 04 06 07 08 09 03 02 00 20 04 01 01 05 03 05 07 04 0A 01 00 90 00"
        )
        assert fob.hex("00 1D 01 00 00") == "6A 86"
        assert fob.hex("00 1C 00 00 00") == "6D 00"

    def test_a_model_that_does_not_name_it_does_not_have_it(self) -> None:
        assert Fob().hex(SELECT) == "6A 82"
        assert Fob().hex(SELECT_MANAGEMENT) == "6A 82"

    def test_another_class_or_instruction_is_refused(self) -> None:
        fob = card()
        assert fob.hex("80 A1 00 00") == "6E 00"
        assert fob.hex("00 CA DF 20 00") == "6D 00"


class TestCalculation:
    def test_hotp_counts_as_rfc_4226_appendix_d_and_over_a_restart(self) -> None:
        fob = card()
        assert fob.hex(put(b"bank")) == OK
        assert [code(fob.hex(calculate(b"bank"))) for _ in range(3)] == [
            "755224",
            "287082",
            "359152",
        ]
        fob.boot()
        fob.hex(SELECT)
        assert code(fob.hex(calculate(b"bank"))) == "969429"

    def test_hotp_begins_at_the_counter_it_is_given(self) -> None:
        fob = card()
        assert fob.hex(put(b"bank", digits=8, rest="7A 04 00 00 00 09")) == OK
        assert code(fob.hex(calculate(b"bank"))) == "45520489"

    @pytest.mark.parametrize(
        ("kind", "repeats", "expected"),
        [(0x21, 2, "94287082"), (0x22, 4, "46119246"), (0x23, 7, "90693936")],
    )
    def test_totp_of_rfc_6238_at_59_seconds(self, kind: int, repeats: int, expected: str) -> None:
        seed = (b"1234567890" * repeats)[: {0x21: 20, 0x22: 32, 0x23: 64}[kind]]
        fob = card()
        assert fob.hex(put(b"t", kind, seed, 8)) == OK
        assert code(fob.hex(calculate(b"t", bytes(7) + b"\x01"))) == expected

    def test_a_whole_response_is_the_hmac_of_rfc_4231_case_2(self) -> None:
        fob = card()
        assert fob.hex(put(b"j", 0x22, b"Jefe")) == OK
        answer = fob.hex(calculate(b"j", b"what do ya want for nothing?", p2=0))
        mac = "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843"
        assert answer.replace(" ", "") == "752106" + mac + "9000"

    def test_all_at_once_leaves_out_counters_and_touch(self) -> None:
        fob = card()
        for name, kind, rest in ((b"h", 0x11, ""), (b"t", 0x21, ""), (b"touch", 0x21, "78 02")):
            assert fob.hex(put(name, kind, rest=rest)) == OK
        answer = fob.hex(command(0xA4, bytes.fromhex("74 08 00 00 00 00 00 00 00 01"), p2=1))
        assert answer == (
            "71 01 68 77 01 06 71 01 74 76 05 06 41 39 7E EA 71 05 74 6F 75 63 68 7C 01 06 90 00"
        )

    def test_only_increasing_challenges_are_answered_also_after_a_restart(self) -> None:
        fob = card()
        assert fob.hex(put(b"t", 0x21, rest="78 01")) == OK
        ten, nine = bytes((0,) * 7 + (10,)), bytes((0,) * 7 + (9,))
        assert fob.hex(calculate(b"t", ten)).endswith(OK)
        assert fob.hex(calculate(b"t", ten)) == "69 82"
        fob.boot()
        fob.hex(SELECT)
        assert fob.hex(calculate(b"t", nine)) == "69 82"

    def test_a_credential_that_is_not_there(self) -> None:
        assert card().hex(calculate(b"nobody")) == "69 84"


class TestTouch:
    def touchy(self) -> Fob:
        fob = card()
        assert fob.hex(put(b"bank", rest="78 02")) == OK
        assert fob.hex(calculate(b"bank")) == "", "it waits for a press"
        assert isinstance(fob.applications.question, Question)
        assert (fob.applications.question.text, fob.applications.question.seconds) == ("touch", 15)
        return fob

    def test_a_press_lets_it_go_on(self) -> None:
        fob = self.touchy()
        assert code(fob.applications.decide(pressed=True).hex()) == "755224"
        assert fob.applications.question is None

    def test_without_one_it_is_refused_and_no_counter_is_spent(self) -> None:
        fob = self.touchy()
        assert fob.applications.decide(pressed=False).hex() == "6982"
        fob.hex(calculate(b"bank"))
        assert code(fob.applications.decide(pressed=True).hex()) == "755224"

    def test_another_command_and_a_reset_withdraw_the_question(self) -> None:
        fob = self.touchy()
        fob.hex("00 A1 00 00")
        assert fob.applications.question is None
        fob.hex(calculate(b"bank"))
        fob.applications.reset()
        assert fob.applications.question is None


class TestCredentials:
    def test_they_are_listed_renamed_deleted(self) -> None:
        fob = card()
        long_name = b"n" * 64
        assert fob.hex(put(b"a", 0x21)) == OK
        assert fob.hex(put(long_name, 0x13)) == OK
        listed = "72 02 21 61 72 41 13" + " 6E" * 64 + " 90 00"
        assert fob.hex("00 A1 00 00") == listed
        assert fob.hex(command(0x05, bytes.fromhex("71 01 61 71 02 62 63"))) == OK
        assert fob.hex(command(0x02, tlv.encode(0x71, long_name))) == OK
        fob.boot()
        fob.hex(SELECT)
        assert fob.hex("00 A1 00 00") == "72 03 21 62 63 90 00"
        assert code(fob.hex(calculate(b"bc", bytes(7) + b"\x01"))) == "287082"

    def test_renaming_needs_an_old_name_and_a_new_one(self) -> None:
        fob = card()
        fob.hex(put(b"a"))
        fob.hex(put(b"b"))
        assert fob.hex(command(0x05, bytes.fromhex("71 01 61 71 01 62"))) == "6A 80"
        assert fob.hex(command(0x05, bytes.fromhex("71 01 63 71 01 64"))) == "69 84"

    def test_a_put_of_the_same_name_replaces_seed_and_counter(self) -> None:
        fob = card()
        fob.hex(put(b"a"))
        fob.hex(calculate(b"a"))
        assert fob.hex(put(b"a")) == OK
        assert code(fob.hex(calculate(b"a"))) == "755224"
        assert fob.hex("00 A1 00 00") == "72 02 11 61 90 00"

    def test_the_token_applications_credentials_are_not_its_own(self) -> None:
        fob = card()
        host = fob.open(aid=TOKEN_AID)
        assert host.status(hotp_credential(1, SEED)) == 0x9000
        fob.hex(SELECT)
        assert fob.hex("00 A1 00 00") == OK
        assert fob.hex(put(b"a")) == OK
        assert fob.hex("00 04 DE AD") == OK
        assert [slot and slot.number for slot in fob.token.slots[:2]] == [1, None]

    @pytest.mark.parametrize(("version", "most"), [("5.6.9", 32), ("5.7.0", 64)])
    def test_the_firmware_decides_how_many_there_may_be(self, version: str, most: int) -> None:
        fob = card(version)
        answers = [fob.hex(put(b"%d" % number, seed=bytes(64))) for number in range(most + 1)]
        assert answers == [OK] * most + ["6A 84"]
        assert fob.hex(put(b"0", seed=bytes(64))) == OK, "replacing needs no further slot"
        listed = fob.hex("00 A1 00 00")
        while listed[-5:-3] == "61":
            listed = listed[:-5] + fob.hex("00 A5 00 00")
        assert len(tlv.decode_all(bytes.fromhex(listed)[:-2]) or []) == most

    @pytest.mark.parametrize(
        ("version", "sent", "answer"),
        [
            ("4.2.3", put(b"a", rest="78 02"), "6A 80"),
            ("4.2.4", put(b"a", rest="78 02"), OK),
            ("4.3.0", put(b"a", 0x13), "6A 80"),
            ("4.3.1", put(b"a", 0x13), OK),
            ("5.2.9", "00 05 00 00 06 71 01 61 71 01 62", "6D 00"),
            ("5.3.0", "00 05 00 00 06 71 01 61 71 01 62", "69 84"),
        ],
    )
    def test_the_firmware_decides_what_there_is(self, version: str, sent: str, answer: str) -> None:
        assert card(version).hex(sent) == answer

    @pytest.mark.parametrize(
        "sent",
        [
            "00 01 00 00",
            put(b""),
            put(b"n" * 65),
            put(b"a", 0x31),
            put(b"a", 0x14),
            put(b"a", digits=5),
            put(b"a", digits=9),
            put(b"a", seed=b""),
            put(b"a", seed=bytes(65)),
            put(b"a", rest="7A 03 00 00 00"),
            put(b"a", rest="78"),
            put(b"a", rest="78 04"),
            put(b"a", rest="7A 04 00 00 00 00 7A 04 00 00 00 00"),
            put(b"a", rest="74 01 00"),
            "00 01 00 00 04 73 02 11 06",
            "00 01 00 00 03 71 05 61",
            "00 02 00 00 02 71 00",
            "00 A2 00 00 03 71 01 61",
            "00 A4 00 00",
            "00 A3 00 00 02 75 00",
        ],
    )
    def test_data_that_is_not_as_declared(self, sent: str) -> None:
        assert card().hex(sent) == "6A 80"

    @pytest.mark.parametrize("sent", ["00 04 00 00", "00 A1 01 00", "00 A4 00 02 02 74 00"])
    def test_parameters_that_are_not_as_declared(self, sent: str) -> None:
        assert card().hex(sent) == "6A 86"


class TestAccessKey:
    KEY = bytes(range(16))

    def lock(self) -> tuple[Fob, bytes]:
        """Return a fob whose applet is locked, and its challenge."""
        fob = card()
        fob.hex(put(b"a"))
        proof = hmac.digest(self.KEY, b"12345678", "sha1")
        data = tlv.encode(0x73, b"\x21" + self.KEY) + tlv.encode(0x74, b"12345678")
        assert fob.hex(command(0x03, data + tlv.encode(0x75, proof))) == OK
        items = dict(tlv.decode_all(bytes.fromhex(fob.hex(SELECT))[:-2]) or [])
        assert items[0x7B] == b"\x21"
        return fob, items[0x74]

    def validate(self, fob: Fob, challenge: bytes, key: bytes = KEY) -> str:
        proof = hmac.digest(key, challenge, "sha1")
        return fob.hex(command(0xA3, tlv.encode(0x75, proof) + tlv.encode(0x74, b"abcdefgh")))

    def test_nothing_but_validate_and_reset_is_permitted(self) -> None:
        fob, _ = self.lock()
        for sent in (put(b"b"), calculate(b"a"), "00 A1 00 00", "00 03 00 00 02 73 00"):
            assert fob.hex(sent) == "69 82"
        assert fob.hex("00 04 DE AD") == OK
        assert fob.hex(SELECT).count("74 08") == 0

    def test_both_ends_show_that_they_know_the_key(self) -> None:
        fob, challenge = self.lock()
        proof = hmac.digest(self.KEY, b"abcdefgh", "sha1").hex(" ").upper()
        assert self.validate(fob, challenge) == f"75 14 {proof} 90 00"
        assert code(fob.hex(calculate(b"a"))) == "755224"

    def test_a_wrong_key_and_an_old_challenge_are_refused(self) -> None:
        fob, challenge = self.lock()
        assert self.validate(fob, challenge, bytes(16)) == "6A 80"
        fob.hex(SELECT)
        assert self.validate(fob, challenge) == "6A 80", "each selection has its own challenge"
        fob.boot()
        items = dict(tlv.decode_all(bytes.fromhex(fob.hex(SELECT))[:-2]) or [])
        assert items[0x74] != challenge

    def test_it_is_set_only_by_who_knows_it_and_can_be_taken_back(self) -> None:
        fob, challenge = self.lock()
        self.validate(fob, challenge)
        wrong = tlv.encode(0x73, b"\x21" + self.KEY) + bytes.fromhex("74 01 00 75 01 00")
        assert fob.hex(command(0x03, wrong)) == "69 84"
        assert fob.hex(command(0x03, bytes.fromhex("73 00"))) == OK
        assert "74 08" not in fob.hex(SELECT)
        assert self.validate(fob, challenge) == "69 84"

    def test_a_reset_leaves_no_seed_in_flash_and_a_new_salt(self) -> None:
        fob = card()
        fob.hex(put(b"a"))
        before = fob.hex(SELECT)
        fob.hex("00 04 DE AD")
        assert fob.hex(SELECT) != before
        cells = b"".join(bytes(page.cells) for page in fob.board.flash.pages)
        assert SEED not in cells


class TestThroughAChannel:
    def test_every_command_goes_through_scp03(self) -> None:
        fob = card()
        host = fob.open(aid=bytes.fromhex("A0 00 00 05 27 21 01"))
        for sent, answer in (
            (put(b"t", 0x21), ""),
            ("00 A1 00 00", "72 02 21 74"),
            ("00 A4 00 01 0A 74 08 00 00 00 00 00 00 00 01", "71 01 74 76 05 06 41 39 7E EA"),
        ):
            response = host.send(plain(sent))
            assert (response.data.hex(" ").upper(), response.status) == (answer, 0x9000)


def plain(sent: str) -> Command:
    found = decode_command(bytes.fromhex(sent))
    assert found is not None
    return found
