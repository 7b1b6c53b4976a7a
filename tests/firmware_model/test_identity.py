"""Serial numbers, Credential IDs, check digits, ranges and days."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model import catalogue
from firmware_model.identity import (
    RANGE_MAX,
    Day,
    SerialRange,
    check_identifier,
    is_credential_id,
)


@pytest.mark.parametrize("text", ["ZZH600000001", "FT1200000001", "UBHE57586348"])
def test_twelve_of_capitals_and_digits_are_a_credential_id(text: str) -> None:
    assert is_credential_id(text)


@pytest.mark.parametrize(
    "text", ["", "ZZH60000001", "ZZH6000000011", "zzh600000001", "ZZH6000000é1"]
)
def test_other_forms_are_no_credential_id(text: str) -> None:
    assert not is_credential_id(text)


@pytest.mark.parametrize("name", catalogue.names())
def test_every_models_own_serial_numbers_are_credential_ids(name: str) -> None:
    prefix = catalogue.load(name).identity.serial_prefix
    assert prefix.startswith("ZZ")  # no manufacturer's
    assert is_credential_id(f"{prefix}00000001")


@pytest.mark.parametrize("text", ["", " A", "A ", "A\n", "A\tB", "é", "A" * 65, "\x1b[2J"])
def test_what_cannot_be_printed_on_a_case_is_no_identifier(text: str) -> None:
    with pytest.raises(ValueError, match="identifier"):
        check_identifier(text)


def test_an_identifier_may_have_64_characters_and_spaces_inside() -> None:
    assert check_identifier("A" * 64) == "A" * 64
    assert check_identifier("eToken 00A") == "eToken 00A"


@pytest.mark.parametrize(
    ("text", "count", "ends", "length"),
    [
        ("ZZH600000001-ZZH600000500", None, ("ZZH600000001", "ZZH600000500"), 500),
        ("ZZH600000001+500", None, ("ZZH600000001", "ZZH600000500"), 500),
        ("ZZH600000001", 3, ("ZZH600000001", "ZZH600000003"), 3),
        ("ZZH600000001", None, ("ZZH600000001", "ZZH600000001"), 1),
        ("AB-007-AB-009", None, ("AB-007", "AB-009"), 3),
        ("2600124800001+2", 2, ("2600124800001", "2600124800002"), 2),
        ("99", None, ("99", "99"), 1),
    ],
)
def test_ranges_in_each_spelling(
    text: str, count: int | None, ends: tuple[str, str], length: int
) -> None:
    serials = SerialRange.parse(text, count)
    assert (serials[0], serials[len(serials) - 1]) == ends
    assert len(serials) == length == len(list(serials))
    assert str(serials) == f"{ends[0]}-{ends[1]}"


@pytest.mark.parametrize(
    ("text", "count", "reason"),
    [
        ("ZZH600000002-ZZH600000001", None, "ends before it starts"),
        ("ZZH600000001-ZZT600000005", None, "same prefix"),
        ("ZZH01-ZZH100", None, "same prefix and length"),
        ("ZZH600000001-ZZH600000500", 400, "names 500 serial numbers, but 400"),
        ("ABC", None, "ends in digits"),
        ("A98+3", None, "does not fit into 2 digits"),
        ("A0+0", None, "names 1 to"),
        ("A00000000+10000001", None, "names 1 to 10,000,000"),
        ("A\n1", None, "printable"),
    ],
)
def test_impossible_ranges_are_refused(text: str, count: int | None, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        SerialRange.parse(text, count)


def test_a_huge_range_costs_nothing_and_knows_its_members() -> None:
    serials = SerialRange.parse(f"ZZH600000001+{RANGE_MAX}")
    assert "ZZH610000000" in serials
    assert "ZZH610000001" not in serials
    assert "ZZH600000000" not in serials
    assert "ZZT600000001" not in serials
    assert "ZZH60000001" not in serials
    assert 1 not in serials
    with pytest.raises(IndexError):
        serials[RANGE_MAX]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2031-12-31", Day(2031, 12, 31)),
        ("12/31/31", Day(2031, 12, 31)),
        ("02/29/00", Day(2000, 2, 29)),
        ("2400-02-29", Day(2400, 2, 29)),
    ],
)
def test_days_in_both_spellings(text: str, day: Day) -> None:
    assert Day.parse(text) == day
    assert Day.parse(str(day)) == day


def test_a_day_is_printed_on_the_back_as_month_day_year() -> None:
    assert Day(2031, 2, 3).back_print == "02/03/31"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31/12/31",
        "2031-02-29",
        "2100-02-29",
        "1969-12-31",
        "2031-1-1",
        "12/31/2031",
        "２０３１-01-01",
    ],
)
def test_no_day_is_made_of_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"day|year"):
        Day.parse(text)


@given(st.dates(datetime.date(1970, 1, 1), datetime.date(9999, 12, 31)))
def test_days_are_numbered_as_the_standard_library_does(day: datetime.date) -> None:
    ours = Day(day.year, day.month, day.day)
    assert ours.number == (day - datetime.date(1970, 1, 1)).days
    assert Day.from_number(ours.number) == ours


def test_days_sort_by_time() -> None:
    assert Day(2030, 12, 31) < Day(2031, 1, 1) < Day(2031, 2, 1)
