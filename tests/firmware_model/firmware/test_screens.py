"""Texts beside codes: everything the program puts on the glass has segments."""

import pytest

from firmware_model.inputs import Wake
from firmware_model.units import SimTime
from tests.firmware_model.fobs import DAY_NS, START, after, changed, personalised, press, shown

T0 = after(START, 600)


@pytest.mark.parametrize(
    ("counter", "text"),
    [(168, "0000A8"), (0xABCDEF, "AbCdEF"), (0x1_0000_00B0, "0000b0")],
)
def test_a_counter_in_hex_takes_the_letters_that_segments_have(counter: int, text: str) -> None:
    device = personalised("hotp-card", counter=counter)
    assert shown(press(device, T0, 3)) == [text]
    assert device.face(after(T0, 3.3)).text == text


def test_a_models_own_end_text_is_shown_as_far_as_segments_go() -> None:
    model = changed("card-count", life={"presses": 1, "end_text": "KAPUT!"}, notices=())
    device = personalised(model)
    press(device, T0)
    assert shown(press(device, after(T0, 60))) == ["_APUt_"]
    assert device.face(after(T0, 60.5)).text == "_APUt_"


def test_so_is_one_that_stands_where_the_code_always_stood() -> None:
    today = START // DAY_NS
    model = changed("sid-always", life={"end_text": "EXPIrd"})
    device = personalised(model, expiry_days=today)
    later = SimTime(START + 5 * DAY_NS)
    device.handle(Wake(), later)
    assert device.face(later).text == "E_PIrd"
