"""The life of an issue as its table has it, and when a token may be extended."""

import pytest

from firmware_model.errors import BadInput
from firmware_model.generators import Hash
from host_tools.activation.issues import (
    TRANSITIONS,
    Issue,
    IssueEvent,
    IssueReason,
    IssueState,
    Terms,
)

DAY = 86_400


def issue(**changes: object) -> Issue:
    values: dict[str, object] = {
        "service_id": "301245",
        "user_id": "1",
        "serial_number": "ZZP100000001",
        "state": IssueState.OPEN,
        "failures": 0,
        "tries": 5,
        "valid_until": 30 * DAY,
        "issue_days": 0,
        "expiry_days": 90,
        "life_days": 90,
        "extend_from_days": 30,
        "algorithm": Hash.SHA1,
        "digits": 6,
        "step_seconds": 30,
    }
    return Issue(**values | changes)  # type: ignore[arg-type]


def test_what_is_activated_is_never_granted_again() -> None:
    assert (IssueState.ACTIVATED, IssueEvent.GRANT) not in TRANSITIONS
    assert (IssueState.LOCKED, IssueEvent.GRANT) not in TRANSITIONS
    assert (IssueState.OPEN, IssueEvent.CONFIRM) not in TRANSITIONS
    assert all((IssueState.WITHDRAWN, event) not in TRANSITIONS for event in IssueEvent)


@pytest.mark.parametrize(
    ("changes", "now", "reason"),
    [
        ({}, 30 * DAY, None),
        ({}, 30 * DAY + 1, IssueReason.LATE),
        ({"state": IssueState.GRANTED}, 0, None),
        ({"failures": 4}, 0, None),
        ({"failures": 5}, 0, IssueReason.LOCKED),
        ({"state": IssueState.LOCKED}, 0, IssueReason.LOCKED),
        ({"state": IssueState.ACTIVATED}, 0, IssueReason.USED),
        ({"state": IssueState.WITHDRAWN}, 0, IssueReason.WITHDRAWN),
    ],
)
def test_an_issue_says_why_it_cannot_be_activated(
    changes: dict[str, object], now: int, reason: IssueReason | None
) -> None:
    assert issue(**changes).refusal(now) is reason


@pytest.mark.parametrize(
    ("changes", "today", "expected"),
    [
        ({}, 59, IssueReason.NOT_NEAR),
        ({}, 60, 180),
        ({}, 90, 180),
        ({}, 100, 190),
        ({"life_days": None, "expiry_days": None}, 60, IssueReason.NO_EXPIRY),
        ({"state": IssueState.WITHDRAWN}, 60, IssueReason.WITHDRAWN),
        ({"state": IssueState.GRANTED}, 60, IssueReason.UNKNOWN),
    ],
)
def test_an_extension_begins_near_the_date_and_goes_as_far_as_the_life_did(
    changes: dict[str, object], today: int, expected: int | IssueReason
) -> None:
    assert issue(**{"state": IssueState.ACTIVATED} | changes).extended(today * DAY) == expected


@pytest.mark.parametrize("password", ["123", "123456789", "12a4", "", "１２３４"])
def test_a_start_password_has_four_to_eight_digits_and_is_not_repeated(password: str) -> None:
    with pytest.raises(BadInput, match=r"^a start password has 4 to 8 digits$"):
        Terms().check_password(password)


@pytest.mark.parametrize("password", ["1234", "12345678", "0000"])
def test_every_number_of_that_length_will_do(password: str) -> None:
    Terms().check_password(password)
