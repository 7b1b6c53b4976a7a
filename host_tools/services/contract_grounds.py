"""Grounds to end a contract: what became known, and what ledger, post and calendar say."""

from host_tools.services.case import RequestCase
from host_tools.services.contract import DAY_SECONDS

UNPAID, LONG_UNPAID, UNUSED, OFTEN_LATE = "unpaid", "long_unpaid", "unused", "often_late"
PASSWORD_LETTER_RETURNED = "password_letter_returned"  # noqa: S105 - a name
WHEREABOUTS_UNKNOWN = "whereabouts_unknown"


def note(case: RequestCase, fact: str) -> None:
    """Note what became known of the customer, once."""
    if fact not in case.contract.facts:
        case.contract.facts.append(fact)


def grounds(case: RequestCase) -> list[str]:
    """Return what lets the bank end the contract now, by name; [] where nothing does.

    A ground that the rulebook lists counts when the bank was told of it, or when ledger, post or
    calendar show it.
    """
    facts = case.contract.facts
    return [one for one in case.rules["contract.grounds"] if one in facts or _is_shown(case, one)]


def _is_shown(case: RequestCase, ground: str) -> bool:
    """Tell whether ledger or calendar show a ground."""
    if ground == UNPAID:
        return LONG_UNPAID in case.contract.facts or unpaid_for(case, "contract.unpaid_days")
    if ground == OFTEN_LATE:
        return _is_often_late(case)
    days = case.rules["contract.unused_days"] if ground == UNUSED else 0
    return bool(days) and case.now - case.contract.used_at >= days * DAY_SECONDS


def unpaid_for(case: RequestCase, rule: str) -> bool:
    """Tell whether the oldest unpaid fee is as old as the days of `rule` (0 days = never)."""
    days = case.rules[rule]
    unpaid = [entry.at for entry in case.contract.ledger if entry.yen > 0 and not entry.paid_at]
    return bool(days and unpaid) and case.now - min(unpaid) >= days * DAY_SECONDS


def _is_often_late(case: RequestCase) -> bool:
    borne = case.rules["contract.payment_days"] * DAY_SECONDS
    late = [
        entry
        for entry in case.contract.ledger
        if entry.yen > 0 and (entry.paid_at or case.now) - entry.at > borne
    ]
    most = case.rules["contract.late_payments"]
    return bool(most) and len(late) >= most
