"""Every check of `keyfob check`, on every kind of door, virtual or real."""

import pytest

from firmware_model import catalogue
from host_tools.check import CHECKS, Check, CheckOutcome, Subject, judge
from tests.token import in_process


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_the_fob_keeps_the_promise(check: Check, fob: Subject, may_erase: bool) -> None:
    verdict = judge(check, fob, erase=may_erase)
    if verdict.outcome is CheckOutcome.SKIPPED:
        pytest.skip(verdict.reason)
    assert verdict.outcome is CheckOutcome.PASSED, (
        f"{check.promise} ({check.section}): {verdict.reason}"
    )


def test_every_check_has_its_own_name_and_says_what_it_is_about() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        assert check.promise.endswith("."), check.name
        assert check.section.startswith("WIRE §"), check.name


@pytest.mark.slow
@pytest.mark.parametrize("model", catalogue.names())
def test_every_model_keeps_every_promise(model: str) -> None:
    fob = Subject(in_process.port(model))
    verdicts = [judge(check, fob, erase=True) for check in CHECKS]
    others = [verdict for verdict in verdicts if verdict.outcome is not CheckOutcome.PASSED]
    # Molto2's commands come without a SELECT: three checks begin with the issuer's application.
    assert len(others) == (3 if model == "molto2" else 0), others
    assert all(verdict.reason.startswith("another application") for verdict in others), others
