from dataclasses import replace

import pytest
from conftest import add

import keyfob

START = "2029-04-01T00:00:10Z"


def next_code(fob):
    fob.wait_until_dark()
    return fob.code()


@pytest.mark.keyfob("fob-t60", preset="low-battery", start=START)
def test_low_battery_still_logs_in(fob, product, record_property):
    # A fob as old as this is past the date on its back, which this bank does not heed.
    token = add(product, fob, replace(fob.record, expiry_date=None))
    fob.press()
    notice = fob.text
    record_property("notice", notice)
    assert notice.startswith("bAtt")
    first = fob.wait_for_code()
    assert len(first) == 6
    # It is years old, so its clock is off: the bank resynchronises it.
    assert product.resynchronise(token, first, next_code(fob)) == "accepted"
    fob.wait_until_dark()
    fob.press()
    assert fob.text.startswith("bAtt")
    assert product.verify(token, fob.code()) == "accepted"  # the notice is not the code


@pytest.mark.keyfob("fob-h6", start=START)
def test_cell_runs_low_and_is_empty(fob, product, token):
    assert product.verify(token, fob.code()) == "accepted"
    fob.wait_until_dark()
    fob.set_charge(4)
    fob.press()
    assert fob.text.startswith("bAtt")
    assert product.verify(token, fob.wait_for_code()) == "accepted"
    fob.wait_until_dark()
    fob.set_charge(0)
    with pytest.raises(keyfob.NoCode):
        fob.code()
    assert fob.text == ""


@pytest.mark.keyfob("fob-t60", preset="dead", start=START)
def test_dead(fob):
    with pytest.raises(keyfob.NoCode, match="dark"):
        fob.code()
    assert fob.display.dark_because


@pytest.mark.keyfob("sid-always", preset="expired", start=START)
def test_expired_fob_is_dark(fob, rack):
    assert fob.state().expiry_date < rack.time.utc().date()
    with pytest.raises(keyfob.NoCode, match="dark"):
        fob.code()
    assert "expir" in fob.display.dark_because


@pytest.mark.keyfob("fob-h6", preset="expired", start=START)
def test_worn_out_by_presses(fob):
    with pytest.raises(keyfob.NoCode, match="dark"):
        fob.code()


@pytest.mark.keyfob("card-count", preset="expired", start=START)
def test_expired_card_says_so(fob):
    fob.press()
    assert fob.text == "EEEEEE"
    with pytest.raises(keyfob.NoCode):
        fob.wait_for_code()


@pytest.mark.keyfob("sid-always", preset="in-use", start=START)
def test_product_refuses_from_the_day_after_expiry(fob, rack, product, token):
    assert product.verify(token, fob.code()) == "accepted"
    last_day = fob.state().expiry_date  # a preset's record has none
    product.tokens[token].expires = last_day
    rack.time.forward_to(f"{last_day}T12:00:00Z")
    first = fob.code()
    rack.time.advance(60)
    assert product.resynchronise(token, first, fob.code()) == "accepted"
    rack.time.advance("1d")
    # Within its grace days the fob still shows codes; the product does not take them.
    assert product.verify(token, fob.code()) == "expired"
    rack.time.advance("7d")
    with pytest.raises(keyfob.NoCode, match="dark"):
        fob.code()
