"""The checker of models: it names file, key, value and what was expected."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model import catalogue
from firmware_model.catalogue import parse
from firmware_model.errors import BadInput
from tests.firmware_model.fobs import FOBS, model_text, with_part

TEXT = model_text("fob-h6")


def refused(pattern: str, replacement: str, text: str = TEXT) -> str:
    """Return what the checker says of a model with one line changed."""
    changed, count = re.subn(pattern, replacement, text, count=1, flags=re.MULTILINE)
    assert count == 1, "the line to change is not there"
    with pytest.raises(BadInput) as caught:
        parse(changed, "own.toml")
    assert caught.value.exit_status == 2
    return str(caught.value)


@pytest.mark.parametrize("name", catalogue.names())
def test_every_built_in_model_checks(name: str) -> None:
    assert catalogue.load(name).name == name


def test_the_catalogue_has_the_usual_kinds_of_fob() -> None:
    assert {
        "fob-h6",
        "fob-t60",
        "fob-t30",
        "sid-always",
        "go7-menu",
        "card-count",
        "hotp-card",
    } <= {*FOBS}


@pytest.mark.parametrize(
    ("line", "instead", "complaint"),
    [
        (r"^digits = 6", "digits = 11", "own.toml: otp.digits = 11: expected a whole number 4..10"),
        (r"^digits = 6", "digits = 6.0", "otp.digits = 6.0: expected a whole number 4..10"),
        (r"^digits = 6", "digits = true", "otp.digits = True: expected a whole number"),
        (r"^digits = 6", "digits = 7", "otp.digits = 7: expected at most the display's 6"),
        (r'^kind = "hotp"', 'kind = "motp"', "otp.kind = 'motp': expected one of hotp, totp"),
        (r"^debounce_ms = 20", "", "own.toml: button.debounce_ms is missing"),
        (r"^debounce_ms", "debounce_s", "unknown key button.debounce_s"),
        (r"^debounce_ms", "debounce_msec", "did you mean debounce_ms?"),
        (r"^show = \[\]", 'show = ["weather"]', "pages.show = ['weather']: expected some of"),
        (r'^until = "timeout"', 'until = "dawn"', "screen.until = 'dawn': expected one of timeout"),
        (r'^until = "timeout"', 'until = "step"', "'timeout' for a press-counted fob"),
        (r'^second_press = "next"', 'second_press = "same"', "'next' or 'off'"),
        (r"^sealed = false", "sealed = 0", "security.sealed = 0: expected true or false"),
        (
            r'^manufacturer = "oath.ZZ"',
            "manufacturer = 5",
            "identity.manufacturer = 5: expected text",
        ),
        (r'^cell = "cr2016"', 'cell = "cr9999"', "parts.cell = 'cr9999': expected one of cr2016"),
        (r'^cell = "cr2016"', "cell = {}", "parts.cell.from is missing"),
        (r'^display = "lcd-6"', 'display = { from = "lcd-6", on_na = -1 }', "parts.display.on_na"),
        (r"^voltage_percent = .*$", "voltage_percent = []", "a list of [x, y] pairs"),
        (r"^voltage_percent = .*$", "voltage_percent = [[1, 2, 3]]", "a list of [x, y] pairs"),
        (r"^voltage_percent = .*$", "voltage_percent = [[1, 101]]", "y 0..100"),
        (r"^voltage_percent = .*$", "voltage_percent = [[2, 1], [2, 2]]", "pairs with rising x"),
        (r'^text = "bAtt \{n\}"', 'text = "bAtt  {n}"', "notice[0].text = 'bAtt  5'"),
        (r"^below = 6", "below = 12", "at most 6 positions, with its number"),
        (
            r'^end_text = ""',
            'end_text = "EXPIRED"',
            "life.end_text = 'EXPIRED': expected at most 6",
        ),
        (r"^\[\[notice\]\]", "[notice]", "expected tables [[notice]]"),
        (r"^\[security\]", "[safety]", "unknown key safety"),
        (r"^slots = 1", "slots = 1\nslots = 2", "own.toml: not TOML"),
    ],
)
def test_a_fault_is_told_with_file_key_value_and_expectation(
    line: str, instead: str, complaint: str
) -> None:
    said = refused(line, instead)
    assert said.startswith("own.toml: ")
    assert complaint in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("part", "own", "complaint"),
    [
        ("contact", '{ from = "dome", bounce_us_min = 7000 }', "at most bounce_us_max"),
        ("flash", '{ from = "mcu-eeprom", word_bytes = 3 }', "flash.word_bytes = 3: expected 1, 2"),
        ("flash", '{ from = "mcu-flash", pages = 2 }', "flash.pages = 2: expected at least 4"),
        ("mcu", '{ from = "lcd-mcu", brown_out_mv = 3000, brown_out_hysteresis_mv = 400 }', "3250"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(part: str, own: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=re.escape(complaint)):
        with_part("fob-h6", part, own)


def test_an_unknown_model_is_told_with_the_nearest() -> None:
    with pytest.raises(BadInput, match=r"unknown model 'fob-h7'; known: .*; did you mean fob-h6\?"):
        catalogue.load("fob-h7")


@given(text=st.text(max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    with pytest.raises(BadInput):
        parse(text, "own.toml")


@given(
    number=st.integers(0, TEXT.count("\n") - 1),
    value=st.sampled_from(["-1", "[]", "{}", '""', "1e9", "nan", "2026-01-01", "[[1]]", '["x"]']),
)
def test_no_value_of_any_key_raises_anything_else(number: int, value: str) -> None:
    lines = TEXT.splitlines()
    key, equals, _ = lines[number].partition(" = ")
    lines[number] = f"{key} = {value}" if equals else lines[number]
    with suppress(BadInput):
        parse("\n".join(lines), "own.toml")
