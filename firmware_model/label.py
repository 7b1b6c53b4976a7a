"""The back of a fob: serial number, Credential ID, model, expiry date, and their barcodes.

What a model's `[identity]` table prescribes (MODELS §4.2), worked out for one unit.
"""

import re
from dataclasses import dataclass

from firmware_model.catalogue import Model
from firmware_model.identity import Day

CREDENTIAL_DIGITS = 8
_LAST_DIGITS = re.compile(r"([0-9]*)[^0-9]*\Z")


@dataclass(frozen=True, slots=True)
class FobLabel:
    """What is printed on one fob; "" for what is not.

    The barcodes are `code128`, `code39`, `qr` or `none`; each carries the text it belongs to.
    """

    serial_number: str
    serial_barcode: str
    credential_id: str
    credential_barcode: str
    model: str
    expiry_date: str


def label_of(model: Model, serial_number: str, expiry: Day | None) -> FobLabel:
    """Return the label of the fob of `model` with that serial number and expiry date, if any."""
    rules = model.identity
    return FobLabel(
        serial_number,
        rules.serial_barcode,
        credential_id_of(model, serial_number),
        rules.credential_barcode,
        model.name,
        "" if expiry is None else printed_date(rules.expiry_print, expiry),
    )


def credential_id_of(model: Model, serial_number: str) -> str:
    """Return the Credential ID of that fob.

    The model's four letters and the last eight digits of the serial number, or the serial
    number itself where the model has no letters of its own.
    """
    prefix = model.identity.credential_prefix
    if not prefix:
        return serial_number
    found = _LAST_DIGITS.search(serial_number)
    digits = found[1] if found else ""
    return prefix + digits[-CREDENTIAL_DIGITS:].zfill(CREDENTIAL_DIGITS)


def expiry_of(model: Model, made: Day) -> Day | None:
    """Return the expiry date of a fob made on that day, None where the model has none.

    It is the last day of validity: the same day `valid_years` later, 28 February for the 29th.
    """
    years = model.identity.valid_years
    if not years:
        return None
    try:
        return Day(made.year + years, made.month, made.day)
    except ValueError:
        return Day(made.year + years, 2, 28)


def printed_date(form: str, day: Day) -> str:
    """Return `day` in one of the forms of `expiry_print`; "" for `none`."""
    parts = {"YYYY": f"{day.year:04d}", "YY": f"{day.year % 100:02d}"}
    parts |= {"MM": f"{day.month:02d}", "DD": f"{day.day:02d}"}
    return "" if form == "none" else re.sub("YYYY|YY|MM|DD", lambda part: parts[part[0]], form)
