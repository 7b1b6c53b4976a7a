"""Class bytes, lengths and instructions: what is refused before anything is looked at."""

import pytest

from tests.firmware_model.firmware.applications.rig import Fob


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("", "67 00"),
        ("00 A4 04", "67 00"),
        ("00 A4 04 00 08 F0", "67 00"),
        ("FF CA 00 66 00", "6E 00"),
        ("20 CA 00 66 00", "6E 00"),
        ("A0 CA 00 66 00", "6E 00"),
        ("01 CA 00 66 00", "68 81"),
        ("83 CA 00 66 00", "68 81"),
        ("40 CA 00 66 00", "68 81"),
        ("C0 CA 00 66 00", "68 81"),
        ("90 E2 90 00 00", "68 84"),
        ("0C CA 00 66 00", "68 82"),
        ("80 A4 04 00 00", "6E 00"),
        ("04 A4 04 00 00", "68 82"),
        ("84 50 00 00 08 00 00 00 00 00 00 00 00", "68 82"),
        ("00 50 00 00 08 00 00 00 00 00 00 00 00", "6E 00"),
        ("80 82 01 00 00", "6E 00"),
        ("00 D8 00 81 00", "6E 00"),
        ("00 F0 80 7F 00", "6E 00"),
        ("00 77 00 00", "6D 00"),
        ("80 E2 90 00 00", "6D 00"),  # the issuer security domain stores nothing
        ("84 CA 00 66 08 00 00 00 00 00 00 00 00", "69 82"),  # no channel
        ("00 A4 00 00 00", "6A 86"),
        ("00 A4 04 00 02 3F 00", "6A 82"),
        ("80 50 00 01 08 00 00 00 00 00 00 00 00", "6A 86"),
        ("80 50 00 00 01 00", "67 00"),
        ("80 50 20 00 08 00 00 00 00 00 00 00 00", "6A 88"),
        ("84 82 33 00 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", "69 85"),
        ("00 C0 00 00 00", "69 85"),
        ("00 C0 01 00 00", "6A 86"),
    ],
)
def test_a_fresh_fob_refuses_with_the_status_word_of_the_standard(
    command: str, answer: str
) -> None:
    assert Fob().hex(command) == answer


def class_byte_answers() -> dict[int, str]:
    """What GET DATA gets with each class byte (ISO/IEC 7816-4 §5.4.1, GlobalPlatform §11.1.4)."""
    answers = dict.fromkeys(range(256), "68 81")  # logical channels, first and further
    for base in (0x00, 0x80):
        answers[base] = "00 00 00 90 00"
        answers[base | 0x04] = "69 82"  # GlobalPlatform's secure messaging, without a channel
        answers |= dict.fromkeys((base | 0x08, base | 0x0C), "68 82")
        answers |= dict.fromkeys(range(base | 0x10, base | 0x20, 4), "68 84")
        answers |= dict.fromkeys(range(base | 0x20, base | 0x40), "6E 00")
    return answers | {0x80: "C1 03 00 00 00 90 00", 0xFF: "6E 00"}


def test_every_class_byte_has_the_answer_of_the_standard() -> None:
    fob = Fob()
    answers = {cla: fob.hex(f"{cla:02X} CA 00 C1 00") for cla in range(256)}
    assert answers == class_byte_answers()


def test_refusals_change_nothing_that_is_selected() -> None:
    fob = Fob()
    fob.hex("00 A4 04 00 08 F0 4B 45 59 46 4F 42 01")
    for refused in ("00 A4 04 00 02 3F 00", "FF A4 04 00 00", "00 77 00 00"):
        fob.hex(refused)
    assert fob.hex("00 CA DF 25 00") == "01 00 90 00"
