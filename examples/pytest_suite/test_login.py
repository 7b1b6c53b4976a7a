"""How a bank's test suite uses virtual fobs: the fixtures come with keyfob, nothing to set up."""

import pytest

import keyfob


@pytest.fixture
def host(rack):
    """The product under test; put your own service's client here."""
    with keyfob.Verifier(clock=rack.time.now) as verifier:
        verifier.import_seeds(fob.record for fob in rack)
        yield verifier


def enrol(host, fob):
    answer = host.enroll(fob.serial_number, "Sato", fob.code())
    assert answer.accepted, answer.decision.reason
    fob.wait_until_dark()


def test_the_first_code(fob):
    fob.press()
    assert fob.text == "755224"


def test_a_code_is_accepted_once(fob, host):
    enrol(host, fob)
    code = fob.code()
    assert host.verify(code, user="Sato").accepted
    assert not host.verify(code, user="Sato").accepted


def test_a_code_goes_dark_after_its_time(fob, rack):
    fob.press()
    rack.time.advance("15s")
    assert fob.text == ""
    assert fob.display.dark_because


@pytest.mark.keyfob("fob-t60", count=3, start="2029-04-01")
def test_three_clocks_agree(rack):
    rack.press()
    assert len({fob.text for fob in rack}) == 1


@pytest.mark.keyfob("fob-t60", preset="low-battery")
def test_the_fob_warns_before_it_dies(fob):
    fob.press()
    assert fob.text.startswith("bAtt")
    assert fob.wait_for_code().isdigit()
