"""The vocabulary of tests: every press counts, a code is a code, time and clock go where told."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKey
from keyfob.testing.duration import seconds_of
from keyfob.testing.fob import NoCode
from keyfob.testing.rack import Rack
from keyfob.testing.rack_time import seconds_to_step_end

SEED = OtpKey(b"12345678901234567890")  # RFC 4226 appendix D, which preset fobs hold
RFC_4226 = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583"]
START = "2029-04-01T00:00:05Z"


@pytest.fixture
def h6() -> Iterator[Rack]:
    with Rack.start(start=START, dice="h6") as rack:
        yield rack


@pytest.fixture
def t60() -> Iterator[Rack]:
    with Rack.start(model="fob-t60", count=2, start=START, dice="t60") as rack:
        yield rack


def test_every_code_is_the_next_and_a_code_that_stands_there_is_read_again(h6: Rack) -> None:
    fob = h6[1]
    assert [fob.code(), fob.code()] == RFC_4226[:1] * 2
    assert fob.idle_presses(5) == RFC_4226[1:6]
    assert fob.code() == RFC_4226[6]


def test_idle_presses_take_a_number_from_0(h6: Rack) -> None:
    assert h6[1].idle_presses(0) == []
    with pytest.raises(BadInput, match=r"idle_presses\(-1\): expected 0 or more"):
        h6[1].idle_presses(-1)


def test_a_notice_is_never_a_code() -> None:
    with Rack.start(model="fob-t60", preset="low-battery", start=START, dice="low") as rack:
        fob = rack[1]
        fob.press()
        assert fob.text.startswith("bAtt")
        assert fob.wait_for_code().isdigit()
        fob.wait_until_dark()
        assert fob.text == ""
        assert len(fob.code()) == 6


def test_where_no_code_comes_the_reason_is_told() -> None:
    with Rack.start(preset="blank") as rack:
        with pytest.raises(NoCode, match=r"^fob 1 \(fob-h6\): no code within 1 s: it is dark: no"):
            rack[1].code(seconds=1)
        with pytest.raises(BadInput, match="its clock was never set"):
            rack[1].set_clock_offset(3)
        assert rack[1].clock_error is None


def test_a_clock_drifts_with_age_and_is_set_to_an_offset_exactly(t60: Rack) -> None:
    fob = t60[1]
    assert abs(fob.clock_error or Decimal(0)) < 1
    fob.age("2y")
    drifted = fob.clock_error
    assert drifted is not None
    assert 1 < abs(drifted) < 400  # ±5 ppm and ageing over two years
    fob.set_clock_offset(-90)
    assert fob.clock_error == -90
    assert t60[2].clock_error != drifted, "twins have crystals of their own"


def test_a_step_ends_by_the_fobs_own_clock_or_by_true_time(t60: Rack) -> None:
    fob = t60[1]
    fob.set_clock_offset(-20)
    fob.to_step_end(before=2)
    own = t60.time.now() + (fob.clock_error or 0)
    assert round(own % 60, 3) == 58
    step = int(own) // 60  # a crystal is off by some microseconds meanwhile
    assert fob.code() == SEED.code(step, 6)
    t60.time.advance(3)
    assert fob.code() == SEED.code(step + 1, 6)
    t60.time.to_step_end(60, before=1)
    assert t60.time.now() % 60 == 59


def test_the_same_dice_and_start_are_the_same_fob() -> None:
    errors = []
    for dice in ("one", "one", "other"):
        with Rack.start(model="fob-t60", start=START, dice=dice) as rack:
            rack[1].age("2y")
            errors.append(rack[1].clock_error)
    assert errors[0] == errors[1] != errors[2]


def test_wrong_keys_are_counted_by_the_fob(h6: Rack) -> None:
    fob = h6[1]
    before = fob.state().tries_left
    assert before is not None
    assert fob.wrong_keys() == before - 1
    assert fob.wrong_keys(0) == before - 1
    assert fob.code() == RFC_4226[0], "the lock never stops the display"


def test_the_cell_and_the_supply_are_in_hand(h6: Rack) -> None:
    fob = h6[1]
    fob.set_charge(7)
    assert fob.charge == 7
    fob.cut_power()
    assert fob.display.dark_because
    fob.restore_power()
    assert fob.code() == RFC_4226[0]


def test_all_fobs_are_pressed_at_once() -> None:
    with Rack.start(count=50, start=START) as rack:
        rack.press()
        assert {fob.text for fob in rack} == {RFC_4226[0]}
        assert len({fob.serial_number for fob in rack}) == len(rack) == 50


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("90", 90),
        ("1.5min", 90),
        ("2y", 63_115_200),
        (3, 3),
        (0.25, Decimal("0.25")),
        (timedelta(days=1), 86_400),
    ],
)
def test_a_duration_is_seconds_or_text(
    duration: str | float | timedelta, seconds: Decimal | int
) -> None:
    assert seconds_of(duration) == seconds


@pytest.mark.parametrize("duration", ["", "3x", "-3", "٣s", "1e3", -1, timedelta(seconds=-1)])
def test_what_is_not_a_duration_is_refused(duration: str | int | timedelta) -> None:
    with pytest.raises(BadInput, match=r"^invalid duration"):
        seconds_of(duration)


@pytest.mark.parametrize(
    ("now", "before", "left"),
    [
        ("0", "1", "59"),
        ("59", "1", "0"),
        ("59.5", "1", "59.5"),
        ("120", "0", "60"),
        ("90", "30", "0"),
    ],
)
def test_where_too_little_of_a_step_is_left_the_next_one_is_meant(
    now: str, before: str, left: str
) -> None:
    assert seconds_to_step_end(Decimal(now), 60, Decimal(before)) == Decimal(left)
