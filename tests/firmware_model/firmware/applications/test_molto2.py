"""The Molto2 command set: literal bytes of its published page, and a host that knows only that.

`tests/strangers/molto2_client.py` and `vectors/wire/molto2.json` were there before the application.
"""

import json
from pathlib import Path

import pytest

from firmware_model import catalogue
from firmware_model.firmware.question import Question
from firmware_model.wire import molto2
from firmware_model.wire.apdu import Command
from tests.firmware_model.firmware.applications.rig import NOW, Fob
from tests.strangers.molto2_client import Molto2Client, sm4_ecb

VECTORS = json.loads((Path(__file__).parents[4] / "vectors/wire/molto2.json").read_text("utf-8"))
COMMANDS = {one["name"]: one["apdu"] for one in VECTORS["commands"]}
SEED = b"12345678901234567890"
OK, QUEUED = 0x9000, 0x9060


class Card(Fob):
    """A fob, and its client's connection."""

    def __init__(self) -> None:
        super().__init__(catalogue.load("molto2"), None)
        self.client = Molto2Client(self.exchange)

    def exchange(self, apdu: bytes) -> tuple[bytes, int]:
        raw = self.applications.transact(apdu)
        return raw[:-2], int.from_bytes(raw[-2:], "big")

    def press(self) -> None:
        """Answer the question that is open."""
        assert isinstance(self.applications.question, Question)
        assert self.applications.decide(pressed=True) == b"", "it was answered before"

    def restart(self) -> None:
        self.boot()


@pytest.fixture
def card() -> Card:
    made = Card()
    assert made.client.authenticate() == OK
    return made


class TestKeys:
    def test_sm4_and_the_key_of_the_factory(self) -> None:
        block = bytes.fromhex(VECTORS["sm4"]["plain"])
        key = bytes.fromhex(VECTORS["sm4"]["key"])
        assert molto2.encrypt(key, block) == bytes.fromhex(VECTORS["sm4"]["cipher"])
        assert molto2.decrypt(key, bytes.fromhex(VECTORS["sm4"]["cipher"])) == block
        assert bytes.fromhex(VECTORS["device_key"]["key"]) == molto2.DEFAULT_KEY

    @pytest.mark.parametrize("name", [name for name in COMMANDS if name != "clear profile 2"])
    def test_every_published_command_is_taken(self, card: Card, name: str) -> None:
        assert card.hex(COMMANDS[name]) == ("90 60" if "key" in name else "90 00")

    @pytest.mark.parametrize("name", COMMANDS)
    def test_a_byte_changed_anywhere_is_refused(self, card: Card, name: str) -> None:
        raw = bytearray.fromhex(COMMANDS[name])
        for at in (3, 5, len(raw) - 5, len(raw) - 1):
            changed = bytearray(raw)
            changed[at] ^= 1
            answer = card.hex(changed.hex(" "))
            assert answer in ("69 83", "6A 86"), at
        assert card.token.present_slots() == []

    def test_what_was_not_authenticated_is_refused(self) -> None:
        card = Card()
        for name in COMMANDS:
            assert card.hex(COMMANDS[name]) == "69 82", name
        assert card.client.lock() == 0x6982

    def test_a_wrong_key_costs_a_try_also_over_a_restart(self) -> None:
        card = Card()
        wrong = Molto2Client(card.exchange, b"0123456789ABCDEF")
        assert [wrong.authenticate() for _ in range(3)] == [0x6307, 0x6306, 0x6305]
        card.restart()
        assert wrong.authenticate() == 0x6304
        assert card.client.authenticate() == OK
        assert wrong.authenticate() == 0x6307

    def test_at_the_end_of_the_tries_nothing_but_a_reset_helps(self) -> None:
        card = Card()
        wrong = Molto2Client(card.exchange, b"0123456789ABCDEF")
        assert [wrong.authenticate() for _ in range(8)][-1] == 0x6300
        assert card.client.authenticate() == 0x6983
        assert card.client.factory_reset() == QUEUED
        card.press()
        assert card.client.authenticate() == OK

    def test_a_challenge_serves_once(self) -> None:
        card = Card()
        assert card.hex("80 CE 00 00 10" + " 00" * 16) == "69 85"
        first, _ = card.exchange(bytes.fromhex("80 4B 08 00 00"))
        proof = "80 CE 00 00 10 " + sm4_ecb(molto2.DEFAULT_KEY, first + bytes(8)).hex(" ")
        assert [card.hex(proof), card.hex(proof)] == ["90 00", "69 85"]
        second, _ = card.exchange(bytes.fromhex("80 4B 08 00 00"))
        card.restart()
        third, _ = card.exchange(bytes.fromhex("80 4B 08 00 00"))
        assert len({first, second, third}) == 3

    def test_a_new_key_holds_after_a_press_only(self, card: Card) -> None:
        new = Molto2Client(card.exchange, b"another key 1234")
        assert card.client.change_key(b"another key 1234") == QUEUED
        assert new.authenticate() >> 8 == 0x63
        card.applications.reset()
        card.press()
        assert card.client.write_title(0, "x") == 0x6982
        assert new.authenticate() == OK
        assert card.client.authenticate() >> 8 == 0x63


class TestProfiles:
    def test_a_seed_a_title_and_a_configuration(self, card: Card) -> None:
        client = card.client
        assert client.write_seed(99, SEED) == OK
        assert client.write_title(99, "Zürich") == OK
        assert client.configure(99, NOW, timeout=3, algorithm=2, digits=8, step=60) == OK
        card.restart()
        assert client.profile(99) == {
            "title": "Zürich", "clock": NOW, "algorithm": 2, "step": 60, "digits": 8,
            "has_seed": True,
        }  # fmt: skip
        assert client.profile(0) == {
            "title": "", "clock": NOW, "algorithm": 1, "step": 30, "digits": 6, "has_seed": False,
        }  # fmt: skip

    def test_the_seed_takes_what_the_profile_was_configured_to_before_and_after(
        self, card: Card
    ) -> None:
        client = card.client
        client.configure(3, 59, algorithm=2, digits=8)
        client.write_seed(3, b"12345678901234567890123456789012")
        slot = card.token.slots[3]
        assert slot is not None
        assert slot.code(1) == "46119246"  # RFC 6238 appendix B
        client.configure(3, 59, algorithm=1, digits=8)
        client.write_seed(3, SEED)
        card.restart()
        slot = card.token.slots[3]
        assert slot is not None
        assert slot.code(1) == "94287082"

    def test_another_step_keeps_the_instant_that_was_shown(self, card: Card) -> None:
        from firmware_model.firmware.slots import store_factor

        card.client.write_seed(0, SEED)
        slot = card.token.slots[0]
        assert slot is not None
        store_factor(card.token.journal, slot, 1001, press=1)
        card.client.configure(0, 30030, step=60)
        slot = card.token.slots[0]
        assert slot is not None
        assert (slot.factor, slot.presses, slot.step_seconds) == (500, 1, 60)

    @pytest.mark.parametrize("length", [1, 8, 15, 16, 32, 63])
    def test_every_length_of_seed_arrives_whole(self, card: Card, length: int) -> None:
        seed = bytes(range(1, length + 1))
        assert card.client.write_seed(0, seed) == OK
        slot = card.token.slots[0]
        assert slot is not None
        from firmware_model.generators import hotp

        assert slot.code(7) == hotp(seed, 7)

    def test_a_seed_goes_without_a_key_and_the_title_stays(self, card: Card) -> None:
        card.client.write_seed(5, SEED)
        card.client.write_title(5, "bank")
        anybody = Molto2Client(card.exchange)
        card.restart()
        assert anybody.delete_seed(5) == OK
        assert anybody.delete_seed(5) == 0x6A83
        assert anybody.profile(5)["title"] == "bank"
        assert anybody.profile(5)["has_seed"] is False

    def test_zeros_clear_a_seed(self, card: Card) -> None:
        card.client.write_seed(5, SEED)
        assert card.client.write_seed(5, bytes(20)) == OK
        assert card.client.write_seed(5, bytes(20)) == OK
        assert card.client.profile(5)["has_seed"] is False

    def test_a_hundred_profiles_fit_and_the_store_still_turns(self, card: Card) -> None:
        client = card.client
        for number in range(100):
            assert client.write_seed(number, bytes([number + 1]) * 63) == OK
            assert client.write_title(number, f"profile {number}") == OK
        assert client.configure(50, NOW, digits=10) == OK
        card.restart()
        assert [client.profile(n)["has_seed"] for n in range(100)] == [True] * 100
        assert client.profile(50)["digits"] == 10
        assert card.status(Command(0x80, 0x41, 0, 100, b"\x70")) == 0x6A86

    def test_the_device_tells_its_serial_number_and_its_clock(self, card: Card) -> None:
        assert card.client.info() == ("004419622471689", 0)
        assert card.client.set_time(0, NOW) == OK
        card.advance(10.5)
        assert card.client.info() == ("004419622471689", NOW + 10)

    def test_a_reset_leaves_nothing(self, card: Card) -> None:
        client = card.client
        client.write_seed(1, SEED)
        client.write_title(1, "bank")
        client.lock()
        assert client.factory_reset() == QUEUED
        assert client.profile(1)["has_seed"] is True
        card.press()
        assert client.profile(1)["title"] == ""
        assert client.profile(1)["has_seed"] is False
        cells = b"".join(bytes(page.cells) for page in card.board.flash.pages)
        assert SEED not in cells


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ("00 41 00 00 00", "6E 00"),
        ("80 40 00 00 00", "6D 00"),
        ("80 41 00 01 00", "6A 86"),
        ("80 41 01 00 00", "6A 86"),
        ("80 41 00 00 01 71", "6A 80"),
        ("80 4B 00 00 00", "6A 86"),
        ("80 CE 00 00 0F" + " 00" * 15, "67 00"),
        ("80 D8 0C 02 01 02", "6A 80"),
        ("80 D8 0C 03 00", "6A 86"),
        ("84 C5 01 00 04 00 00 00 00", "67 00"),
        ("80 C5 01 00 04 00 00 00 00", "69 82"),
        ("84 C5 01 64 05 00 00 00 00 00", "6A 86"),
    ],
)
def test_what_is_not_as_published(card: Card, sent: str, answer: str) -> None:
    assert card.hex(sent) == answer


@pytest.mark.parametrize(
    "body",
    [
        "81 00",
        "82 06 0F 04 65 53 F1 00",
        "81 05 0F 03 65 53 F1",
        "81 03 1F 01 04",
        "81 05 86 03 0A 01 03",
        "81 05 86 03 0B 01 05",
        "81 05 86 03 0D 01 1F",
        "81 04 86 02 0A 00",
        "81 06 1F 01 00 1F 01 01",
        "81 03 70 01 00",
        "81 06 0F 04 65 53 F1",
    ],
)
def test_a_configuration_that_is_not_as_published(card: Card, body: str) -> None:
    raw = bytes.fromhex(body)
    assert card.client._secured(0xD4, 1, 0, raw) == 0x6A80


def test_the_fobs_own_application_is_a_select_away(card: Card) -> None:
    assert card.hex("00 A4 04 00 08 F0 4B 45 59 46 4F 42 01").endswith("90 00")
    assert card.hex("80 41 00 00 00") == "6D 00"
    card.applications.reset()
    assert card.hex("80 41 00 00 00").startswith("95 17 02 0F")


def test_a_firmware_before_2_1_does_not_lock() -> None:
    from dataclasses import replace

    shelf = catalogue.load("molto2")
    assert shelf.card is not None
    fob = Fob(replace(shelf, card=replace(shelf.card, version="2.0.9")), None)
    assert fob.hex("80 D8 0C 02 00") == "6D 00"
