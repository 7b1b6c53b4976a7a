"""The back of a fob: names, date and barcodes, as its model prescribes."""

import pytest

from firmware_model import catalogue
from firmware_model.errors import BadInput
from firmware_model.identity import Day, is_credential_id
from firmware_model.label import credential_id_of, expiry_of, label_of, printed_date
from tests.firmware_model.fobs import FOBS, model_text

MADE = Day(2026, 11, 29)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("MM/DD/YY", "02/03/31"),
        ("YYYY-MM-DD", "2031-02-03"),
        ("YYYY/MM", "2031/02"),
        ("MM/YY", "02/31"),
        ("none", ""),
    ],
)
def test_a_date_in_each_form(form: str, text: str) -> None:
    assert printed_date(form, Day(2031, 2, 3)) == text


@pytest.mark.parametrize("name", catalogue.names())
def test_only_soft_tokens_have_no_date(name: str) -> None:
    model = catalogue.load(name)
    assert (expiry_of(model, MADE) is None) is (name not in FOBS)


def test_a_date_is_so_many_years_after_the_day_of_manufacture() -> None:
    assert expiry_of(catalogue.load("fob-h6"), MADE) == Day(2030, 11, 29)
    assert expiry_of(catalogue.load("fob-t60"), Day(2028, 2, 29)) == Day(2033, 2, 28)


@pytest.mark.parametrize(
    ("name", "serial_number", "credential_id"),
    [
        ("fob-h6", "ZZH600000001", "ZZH600000001"),
        ("fob-t30", "ZZT300000042", "ZZVF00000042"),
        ("hotp-card", "ZZC2-7", "ZZVC00000007"),
        ("fob-t30", "2600124800001", "ZZVF24800001"),
        ("fob-t30", "NAME", "ZZVF00000000"),
    ],
)
def test_a_credential_id_beside_the_makers_serial_number(
    name: str, serial_number: str, credential_id: str
) -> None:
    found = credential_id_of(catalogue.load(name), serial_number)
    assert found == credential_id
    assert is_credential_id(found)


def test_a_whole_label() -> None:
    label = label_of(catalogue.load("fob-t30"), "ZZT300000042", Day(2031, 11, 29))
    assert (label.credential_id, label.credential_barcode) == ("ZZVF00000042", "code128")
    assert (label.serial_number, label.serial_barcode) == ("ZZT300000042", "none")
    assert (label.model, label.expiry_date) == ("fob-t30", "2031/11")
    assert label_of(catalogue.load("soft-pc"), "ZZP200000001", None).expiry_date == ""


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('serial_prefix = "ZZH6"', 'serial_prefix = "zz h6"', "identity.serial_prefix"),
        ('serial_prefix = "ZZH6"', 'serial_prefix = "ZZH6ZZH6ZZH6"', "identity.serial_prefix"),
        ('credential_prefix = ""', 'credential_prefix = "AB1"', "identity.credential_prefix"),
        ("valid_years = 4", "valid_years = 0", "identity.expiry_print"),
        ('expiry_print = "MM/DD/YY"', 'expiry_print = "none"', "identity.expiry_print"),
        ('expiry_print = "MM/DD/YY"', 'expiry_print = "DD.MM."', "identity.expiry_print"),
    ],
)
def test_what_cannot_be_printed_is_refused(old: str, new: str, named: str) -> None:
    text = model_text("fob-h6")
    assert old in text
    with pytest.raises(BadInput, match=named):
        catalogue.parse(text.replace(old, new), "own.toml")
