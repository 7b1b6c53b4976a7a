"""SELECT: by name, with what it answers, and what is selected when nothing was."""

import pytest

from firmware_model.wire.messages import TOKEN_AID, Select
from tests.firmware_model.firmware.applications.rig import Fob

ISSUER_FCI = "6F 11 84 08 A0 00 00 01 51 00 00 00 A5 05 9F 65 02 00 FF 90 00"
TOKEN_FCI = "6F 11 84 08 F0 4B 45 59 46 4F 42 01 A5 05 9F 65 02 00 FF 90 00"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00 A4 04 00 08 A0 00 00 01 51 00 00 00 00", ISSUER_FCI),
        ("00 A4 04 00 08 F0 4B 45 59 46 4F 42 01", TOKEN_FCI),
        ("00 A4 04 00 00 00 08 F0 4B 45 59 46 4F 42 01 00 00", TOKEN_FCI),  # extended
        ("00 A4 04 00 05 F0 4B 45 59 46", TOKEN_FCI),  # the beginning of a name
        ("00 A4 04 00 00", ISSUER_FCI),  # no name: the default
    ],
)
def test_select_answers_with_the_file_control_information(command: str, answer: str) -> None:
    assert Fob().hex(command) == answer


def test_the_issuer_security_domain_is_selected_until_another_is() -> None:
    fob = Fob()
    assert fob.hex("00 CA 00 C1 00") == "00 00 00 90 00"
    assert fob.hex("00 CA DF 25 00") == "6A 88"
    fob.send(Select(TOKEN_AID))
    assert fob.hex("00 CA 00 C1 00") == "6A 88"
    assert fob.hex("00 CA DF 25 00") == "01 00 90 00"


def test_a_reset_of_the_line_ends_the_selection() -> None:
    fob = Fob()
    fob.send(Select(TOKEN_AID))
    fob.applications.reset()
    assert fob.hex("00 CA 00 C1 00") == "00 00 00 90 00"


def test_a_name_that_is_longer_than_ours_is_not_found() -> None:
    assert Fob().status(Select(TOKEN_AID + b"\0")) == 0x6A82
