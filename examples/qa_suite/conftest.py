import pytest
from product import Verifier


@pytest.fixture
def product(rack):
    """The product under test, on the rack's time."""
    return Verifier(rack.time.now)


@pytest.fixture
def token(fob, product):
    """The serial number of `fob`, whose seed the product has imported."""
    return add(product, fob)


def add(product, fob, record=None):
    record = record or fob.record
    product.add(
        record.serial_number,
        record.seed,
        time_based=record.kind.name == "TOTP",
        digits=record.digits,
        step_seconds=record.step_seconds,
        counter=record.counter,
        expires=record.expiry_date,
    )
    return record.serial_number
