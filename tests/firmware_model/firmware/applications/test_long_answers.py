"""Le and what does not fit into it: 61xx, GET RESPONSE, 6Cxx, short and extended."""

import pytest

from firmware_model.wire.apdu import Response
from firmware_model.wire.codes import Tag
from firmware_model.wire.messages import TOKEN_AID, GetData, GetResponse, Select
from firmware_model.wire.objects import Slots
from tests.firmware_model.firmware.applications.rig import Fob, hotp_credential, totp_credential

MODEL = "66 6F 62 2D 68 36"  # fob-h6
WHOLE = f"DF 22 06 {MODEL}"


@pytest.fixture
def fob() -> Fob:
    fob = Fob()
    fob.send(Select(TOKEN_AID))
    return fob


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00 CA DF 22", f"{MODEL} 90 00"),
        ("00 CA DF 22 00", f"{MODEL} 90 00"),
        ("00 CA DF 22 06", f"{MODEL} 90 00"),
        ("00 CA DF 22 07", f"{MODEL} 90 00"),
        ("00 CA DF 22 00 00 00", f"{MODEL} 90 00"),
        ("00 CA DF 22 00 00 06", f"{MODEL} 90 00"),
        ("80 CA DF 22", f"{WHOLE} 90 00"),
        ("80 CA DF 22 00", f"{WHOLE} 90 00"),
        ("80 CA DF 22 00 00 00", f"{WHOLE} 90 00"),
        ("00 CA DF 22 05", "6C 06"),
        ("00 CA DF 22 00 00 05", "6C 06"),
        ("80 CA DF 22 01", "6C 09"),
    ],
)
def test_get_data_gives_the_value_or_the_whole_object_with_any_le(
    fob: Fob, command: str, answer: str
) -> None:
    assert fob.hex(command) == answer


def test_what_does_not_fit_into_le_waits_for_get_response(fob: Fob) -> None:
    assert fob.hex("00 A4 04 00 08 F0 4B 45 59 46 4F 42 01 0C") == (
        "6F 11 84 08 F0 4B 45 59 46 4F 42 01 61 07"
    )
    assert fob.hex("00 C0 00 00 03") == "A5 05 9F 61 04"
    assert fob.hex("00 C0 00 00 00") == "65 02 00 FF 90 00"
    assert fob.hex("00 C0 00 00 00") == "69 85"


def test_get_response_works_without_le_and_with_the_other_class(fob: Fob) -> None:
    fob.hex("00 A4 04 00 08 F0 4B 45 59 46 4F 42 01 10")
    assert fob.hex("80 C0 00 00") == "02 00 FF 90 00"


def test_any_other_command_drops_what_waits(fob: Fob) -> None:
    fob.hex("00 A4 04 00 08 F0 4B 45 59 46 4F 42 01 01")
    fob.hex("00 CA DF 22 00")
    assert fob.hex("00 C0 00 00 00") == "69 85"


def test_a_reset_drops_what_waits(fob: Fob) -> None:
    fob.hex("00 A4 04 00 08 F0 4B 45 59 46 4F 42 01 01")
    fob.applications.reset()
    assert fob.hex("00 C0 00 00 00") == "69 85"


def test_an_answer_of_256_bytes_is_the_longest_that_fits_at_once() -> None:
    # Four press-counted slots, three timed ones, seven empty: 4 x 29 + 3 x 35 + 7 x 5 = 256.
    fob = Fob("fob-t60", slots=14)
    host = fob.open()
    for number in range(1, 8):
        load = hotp_credential(number) if number <= 4 else totp_credential(number)
        assert host.status(load) == 0x9000
    fob.send(Select(TOKEN_AID))
    assert len(fob.send(GetData(Tag.SLOTS)).data) == 256
    assert fob.hex("00 CA FF 2B FF") == "6C 00"


class TestAnAnswerOfMoreThan256Bytes:
    """Seven full slots of sixteen: 7 x 35 + 9 x 5 = 290 bytes."""

    @pytest.fixture
    def fob(self) -> Fob:
        fob = Fob("fob-t60", slots=16)
        host = fob.open()
        for number in range(1, 8):
            assert host.status(totp_credential(number)) == 0x9000
        fob.send(Select(TOKEN_AID))
        return fob

    @pytest.mark.parametrize("le", ["", "00", "40"])
    def test_it_comes_in_parts_to_a_short_command(self, fob: Fob, le: str) -> None:
        answer = bytes.fromhex(fob.hex(f"00 CA FF 2B {le}"))
        first = int(le or "00", 16) or 256
        assert len(answer) == first + 2
        assert answer[-2:] == bytes((0x61, min(290 - first, 256) % 256))
        whole = answer[:-2]
        while answer[-2] == 0x61:
            answer = bytes.fromhex(fob.hex("00 C0 00 00 50"))
            whole += answer[:-2]
        assert len(whole) == 290
        slots = Slots.decode(whole)
        assert slots is not None
        assert [slot.is_present for slot in slots.slots] == [True] * 7 + [False] * 9

    @pytest.mark.parametrize("le", ["00 00 00", "00 01 22"])
    def test_it_comes_at_once_to_an_extended_command(self, fob: Fob, le: str) -> None:
        answer = bytes.fromhex(fob.hex(f"00 CA FF 2B {le}"))
        assert (len(answer), answer[-2:]) == (292, b"\x90\x00")

    def test_inside_a_channel_get_response_in_clear_fetches_the_rest(self, fob: Fob) -> None:
        host = fob.open()
        first = fob.send(host.channel.wrap(GetData(Tag.SLOTS).command()))
        # 290 bytes padded to 304, and an R-MAC.
        assert (len(first.data), first.status) == (256, 0x6100 | 304 + 8 - 256)
        rest = fob.send(GetResponse())
        whole = host.channel.unwrap(Response(first.data + rest.data, rest.status))
        assert len(whole.data) == 290
        # The channel goes on.
        assert host.send(GetData(Tag.LIFE_CYCLE)).data == bytes.fromhex("01 00")
