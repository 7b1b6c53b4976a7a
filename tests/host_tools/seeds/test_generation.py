"""New seeds: fresh, as long as the hash wants them, for the serial numbers asked for."""

from datetime import date

import pytest

from firmware_model import catalogue
from firmware_model.generators import OtpKind
from host_tools.seeds.generation import generate, serial_range

H6 = catalogue.load("fob-h6")


def test_serial_numbers_start_with_the_models_prefix() -> None:
    assert list(serial_range(H6, 2)) == ["ZZH600000001", "ZZH600000002"]
    assert list(serial_range(H6, None)) == ["ZZH600000001"]


def test_a_range_says_how_many() -> None:
    assert len(serial_range(H6, None, "ZZH600000001-ZZH600000500")) == 500
    with pytest.raises(ValueError, match="names 500"):
        serial_range(H6, 3, "ZZH600000001+500")


@pytest.mark.parametrize("name", catalogue.names())
def test_records_are_what_the_model_needs(name: str) -> None:
    model = catalogue.load(name)
    first, second = generate(model, serial_range(model, 2), date(2031, 12, 31))
    assert first.kind is model.otp.kind
    assert first.digits == model.otp.digits
    assert first.kind is OtpKind.HOTP or first.step_seconds == model.otp.step_seconds
    assert len(first.seed) == model.otp.algorithm.output_bytes
    assert first.seed != second.seed
    assert first.model == name
    assert first.expiry_date == date(2031, 12, 31)
