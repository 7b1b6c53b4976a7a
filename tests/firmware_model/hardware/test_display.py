"""The seven segments: letters, contrast by supply and cold, broken segments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model import catalogue
from firmware_model.datasheet.segments import SEGMENTS, displayable, letters_of
from firmware_model.hardware.display import Latch
from firmware_model.units import NS_PER_MS, SimTime
from tests.firmware_model.fobs import FOBS

PART = catalogue.load("fob-h6").display
NOW = SimTime(1_000_000_000)
SETTLED = SimTime(NOW + 10_000 * NS_PER_MS)


def showing(text: str) -> Latch:
    latch = Latch(PART, NOW)
    latch.write(latch.glass.memory(text), NOW)
    return latch


def read(latch: Latch) -> str:
    return letters_of(latch.segments(latch.memory))


# bit 0 = a .. bit 6 = g, the usual lettering of calculators.
@pytest.mark.parametrize(
    ("character", "pattern"),
    [
        *zip("0123456789", bytes.fromhex("3F 06 5B 4F 66 6D 7D 07 7F 6F"), strict=True),
        *zip("AbCcdEFHhJL", bytes.fromhex("77 7C 39 58 5E 79 71 76 74 1E 38"), strict=True),
        *zip("noPrStUuy-_ ", bytes.fromhex("54 5C 73 50 6D 78 3E 1C 6E 40 08 00"), strict=True),
    ],
)
def test_the_usual_patterns(character: str, pattern: int) -> None:
    assert SEGMENTS[character] == pattern


@pytest.mark.parametrize("text", ["bAtt 5", "bAtt07", "End 2", "LASt 1", "Lo", "CLoC", "Err 2"])
def test_every_text_of_the_catalogue_can_be_read_back(text: str) -> None:
    assert displayable(text) == text
    # An S reads as the digit 5: the same segments.
    assert read(showing(text)).rstrip() == text.replace("S", "5")


def test_every_notice_and_end_text_of_every_model_can_be_formed() -> None:
    for name in FOBS:
        model = catalogue.load(name)
        texts = [notice.text.replace("{n}", "3") for notice in model.notices]
        for text in [*texts, model.life.end_text]:
            assert displayable(text) == text, (name, text)


def test_what_segments_cannot_form_takes_its_other_case_or_an_underscore() -> None:
    assert displayable("aBMW5") == "Ab__5"


def test_a_code_keeps_its_leading_zeros_and_fills_the_glass_with_blanks() -> None:
    assert read(showing("0042")) == "0042  "


@pytest.mark.parametrize(
    ("supply_mv", "percent"), [(3000, 100), (2400, 100), (2200, 50), (2000, 0), (0, 0)]
)
def test_it_fades_with_the_supply(supply_mv: int, percent: int) -> None:
    assert showing("888888").contrast_percent(supply_mv, 25_000, SETTLED) == percent


@pytest.mark.parametrize(
    ("celsius", "milliseconds", "percent"),
    [(25, 1, 100), (0, 200, 50), (0, 400, 100), (-20, 750, 50), (-20, 1500, 100), (-20, 0, 0)],
)
def test_it_is_slow_in_the_cold(celsius: int, milliseconds: int, percent: int) -> None:
    instant = SimTime(NOW + milliseconds * NS_PER_MS)
    assert showing("888888").contrast_percent(3000, celsius * 1000, instant) == percent


def test_broken_segments_stay_dark_and_may_make_another_character() -> None:
    latch = showing("888888")
    latch.broken = ((0, 6), (5, 0), (99, 3))
    assert read(latch) == "08888?"


def test_step_bars_lie_behind_the_cells() -> None:
    glass = showing("").glass
    memory = glass.memory("12", bars=5)
    assert memory == bytes.fromhex("06 5B 00 00 00 00 1F 00")
    assert (glass.text(memory), glass.bars(memory)) == ("12", 5)
    assert glass.bars(glass.memory("12")) == 0


def test_a_screen_has_a_code_point_a_cell() -> None:
    glass = Latch(catalogue.load("soft-phone").display, NOW).glass
    memory = glass.memory("é7", bars=2)
    assert memory[:8] == bytes.fromhex("E9 00 00 00 37 00 00 00")
    assert (glass.text(memory), glass.bars(memory), glass.patterns(memory)) == ("é7", 2, b"")


@given(st.binary(max_size=120), st.sampled_from(("fob-h6", "soft-pc")))
def test_any_memory_can_be_looked_at(memory: bytes, model: str) -> None:
    latch = Latch(catalogue.load(model).display, NOW)
    latch.write(memory, NOW)
    assert len(latch.glass.text(memory)) <= latch.glass.positions
    assert len(latch.segments(memory)) in (0, latch.glass.positions)
    assert 0 <= latch.glass.bars(memory) <= 16
