"""How a bank's test suite uses virtual fobs: the fixtures come with keyfob, nothing to set up."""

import pytest

from firmware_model.generators import OtpKey

RFC_4226_SEED = b"12345678901234567890"  # what preset fobs hold


def test_the_first_code(fob):
    fob.press()
    assert fob.text == "755224"


def test_a_code_goes_dark_after_its_time(fob, bench):
    fob.press()
    bench.advance(15)
    assert fob.text == ""
    assert fob.display.dark_because


@pytest.mark.keyfob(model="fob-t60", count=3, start="2029-04-01")
def test_three_clocks_agree(rack, bench):
    step = int(bench.now()) // 60
    for fob in rack:
        fob.press()
        assert fob.text == OtpKey(RFC_4226_SEED).code(step, 6)


@pytest.mark.keyfob(preset="low-battery")
def test_the_fob_warns_before_it_dies(fob):
    fob.press()
    assert fob.text.startswith("bAtt")
