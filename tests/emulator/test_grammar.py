"""SCPI's grammar: units, headers, data (IEEE 488.2 §7, SCPI-99 vol. 1 §6 and §8)."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.bench.declared import spellings
from emulator.bench.errors import Number, ScpiError
from emulator.bench.grammar import Channels, Numeric, Text, Word, parse, split


@pytest.mark.parametrize(
    ("line", "units"),
    [
        ("*IDN?", ["*IDN?"]),
        ("BUTT:PRES 0.2;*OPC?", ["BUTT:PRES 0.2", "*OPC?"]),
        ('DISP:WAIT? "a;b",3;*WAI', ['DISP:WAIT? "a;b",3', "*WAI"]),
        ("DISP:WAIT? 'a\"b;'", ["DISP:WAIT? 'a\"b;'"]),
        ("BUTT:PRES (@1,5:9);", ["BUTT:PRES (@1,5:9)", ""]),
    ],
)
def test_a_line_is_split_at_semicolons_outside_quotes(line: str, units: list[str]) -> None:
    assert split(line) == units


@pytest.mark.parametrize(
    ("path", "text", "header", "path_after"),
    [
        ("", "butt:pres", "BUTT:PRES", "BUTT:"),
        ("BUTT:", "DOWN", "BUTT:DOWN", "BUTT:"),
        ("BUTT:", ":TIME:NOW?", "TIME:NOW?", "TIME:"),
        ("BUTT:", "*OPC?", "*OPC?", "BUTT:"),
        ("SYST:", "ERR:NEXT?", "SYST:ERR:NEXT?", "SYST:ERR:"),
    ],
)
def test_a_header_starts_where_the_last_one_stood(
    path: str, text: str, header: str, path_after: str
) -> None:
    unit, after = parse(text, path)
    assert (unit.header, after) == (header, path_after)


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("0.2", Numeric(Decimal("0.2"), "")),
        ("-10", Numeric(Decimal(-10), "")),
        (".5e-3 S", Numeric(Decimal("0.0005"), "S")),
        ("#H1f", Numeric(Decimal(31), "")),
        ("#q17", Numeric(Decimal(15), "")),
        ("#B1000000", Numeric(Decimal(64), "")),
        ("200ms", Numeric(Decimal(200), "MS")),
        ("on", Word("ON")),
        ('"it""s"', Text('it"s')),
        ("'don''t'", Text("don't")),
        ("(@1,5:9)", Channels(((1, 1), (5, 9)))),
        ("(@ 3 : 1 )", Channels(((3, 1),))),
    ],
)
def test_data_of_each_kind_is_read(text: str, datum: object) -> None:
    unit, _ = parse(f"X {text}", "")
    assert unit.data == (datum,)


def test_channels_are_named_in_the_order_given() -> None:
    assert Channels(((5, 7), (2, 2), (3, 1))).numbers() == [5, 6, 7, 2, 3, 2, 1]


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ('DISP:WAIT? "open', Number.INVALID_STRING_DATA),
        ("BUTT:PRES (@1", Number.INVALID_EXPRESSION),
        ("BUTT:PRES (1)", Number.INVALID_EXPRESSION),
        ("BUTT:PRES (@a)", Number.INVALID_EXPRESSION),
        ("BUTT:PRES (@1:10000,1)", Number.TOO_MUCH_DATA),
        ("BUTT:PRES 1..2", Number.NUMERIC_DATA_ERROR),
        ("DISP:SEGM:BROK #B2", Number.SYNTAX_ERROR),
        ("DISP:SEGM:BROK #H", Number.SYNTAX_ERROR),
        ("BUTT:PRES ,", Number.SYNTAX_ERROR),
        ("12", Number.SYNTAX_ERROR),
        ("{", Number.SYNTAX_ERROR),
    ],
)
def test_what_is_no_message_has_its_error_number(line: str, number: Number) -> None:
    with pytest.raises(ScpiError) as caught:
        read(line)
    assert caught.value.number is number


@given(st.text(max_size=200))
def test_no_text_does_more_than_a_scpi_error(line: str) -> None:
    with suppress(ScpiError):
        read(line)


def read(line: str) -> None:
    for unit in split(line):
        parse(unit, "")


def test_a_header_may_be_short_or_long_with_optional_nodes_left_out() -> None:
    assert sorted(spellings("SYSTem:ERRor[:NEXT]?")) == [
        "SYST:ERR:NEXT?",
        "SYST:ERR?",
        "SYST:ERROR:NEXT?",
        "SYST:ERROR?",
        "SYSTEM:ERR:NEXT?",
        "SYSTEM:ERR?",
        "SYSTEM:ERROR:NEXT?",
        "SYSTEM:ERROR?",
    ]


def test_an_errors_line_stays_within_the_standards_length() -> None:
    line = str(ScpiError(Number.UNDEFINED_HEADER, 'A"\n' + "B" * 1000))
    assert line.startswith('-113,"Undefined header;A"" BBB')
    assert len(line) <= len('-113,""') + 255 + 1
