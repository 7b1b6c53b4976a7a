"""What a contract may use: the services offered to it, and the accounts that it has filed."""

from host_tools.services.answers import Refusal, RefusalReason
from host_tools.services.case import Entered, RequestCase

WHEN_ADDED = "when_added"
"""Of an operation: it is offered from when the bank adds it."""

_MAIN = ""
"""What is entered where no related account is meant: the contract's representative account."""


def refuse_not_offered(case: RequestCase, operation: str) -> None:
    """Refuse an operation that this contract has not applied for, or that there is not (yet).

    A contract that names no operations has applied for all that were offered from the start.
    """
    contract, bank = case.contract, case.bank
    later = case.rules[f"operations.{operation}.offered"] == WHEN_ADDED
    applied = operation in (*contract.applied_for, *contract.applied_since)
    if operation in bank.abolished or (later and operation not in bank.added):
        raise Refusal(RefusalReason.NOT_ELIGIBLE, f"{operation} is not offered")
    without_application = not bank.added[operation] if later else not contract.applied_for
    if not (applied or without_application):
        raise Refusal(RefusalReason.NOT_ELIGIBLE, f"{operation} was not applied for")


def refuse_account(case: RequestCase, account: str) -> None:
    """Refuse a related account that was closed, or never filed."""
    if account in case.contract.closed_accounts:
        raise Refusal(RefusalReason.ENDED, f"the related account {account} was closed")
    if account not in (_MAIN, *case.contract.accounts):
        raise Refusal(RefusalReason.NOT_ELIGIBLE, f"no related account {account} was filed")


def add_service(case: RequestCase, _target: str, entered: Entered) -> None:
    """Offer an operation (item `service`) from now on; `designated = yes`: who applies for it."""
    operation = _operation(case, entered)
    if case.rules[f"operations.{operation}.offered"] != WHEN_ADDED:
        raise Refusal(RefusalReason.TAKEN, f"{operation} is offered already")
    case.bank.added[operation] = entered.get("designated") == "yes"


def apply_for_service(case: RequestCase, _target: str, entered: Entered) -> None:
    """Take an application for one more operation (item `service`)."""
    case.contract.applied_since.append(_operation(case, entered))


def abolish(case: RequestCase, _target: str, entered: Entered) -> None:
    """Offer an operation (item `service`) no longer, to nobody."""
    case.bank.abolished.append(_operation(case, entered))


def file_account(case: RequestCase, _target: str, entered: Entered) -> None:
    """Take a related account (item `account`) into the contract."""
    if not (account := entered.get("account", "")):
        raise Refusal(RefusalReason.INCOMPLETE, "account is missing")
    filed, most = case.contract.accounts, case.rules["contract.accounts"]
    if account in filed:
        raise Refusal(RefusalReason.TAKEN, f"the related account {account} was filed already")
    if len(filed) >= most:
        raise Refusal(RefusalReason.TOO_MANY, f"a contract has at most {most} related accounts")
    filed.append(account)


def close_account(case: RequestCase, account: str) -> None:
    """Let the contract end as far as that related account goes."""
    if account not in case.contract.accounts:
        raise Refusal(RefusalReason.NOT_ELIGIBLE, f"no related account {account} was filed")
    case.contract.accounts.remove(account)
    case.contract.closed_accounts.append(account)


def _operation(case: RequestCase, entered: Entered) -> str:
    if not entered.get("service"):
        raise Refusal(RefusalReason.INCOMPLETE, "service is missing")
    return case.rules.operation(entered["service"])
