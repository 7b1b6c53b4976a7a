"""What a customer enters to prove something: checked against what the contract knows."""

import unicodedata
from collections.abc import Sequence

from host_tools.services import certificates, passwords
from host_tools.services.answers import Refusal, RefusalReason
from host_tools.services.case import Entered, RequestCase
from host_tools.services.contract import Member, StopCause

CODE = "code"
TOKEN_NAMES = ("serial_number", "credential_id", "token_id")
"""Items that name a generator; any one of them is the generator's name in an enrolment."""

POSSESSION = "possession"
"""What goes with a certificate: its key's signature over the service's challenge."""

CHOSEN = ("email", "start_password")
"""What a customer chooses at that moment: it only has to be of the right form."""
AGAIN = "_again"
"""What an item ends in that is to be entered twice and equal."""


def refuse_unfit(case: RequestCase, name: str, secret: str) -> None:
    """Refuse a secret that has not the form the rulebook wants; the refusal does not repeat it."""
    low, high = (case.rules[f"secrets.{name}.digits_{end}"] for end in ("min", "max"))
    if high and not (secret.isascii() and secret.isdecimal() and low <= len(secret) <= high):
        raise Refusal(RefusalReason.UNFIT, f"{name} is to be {low} to {high} digits")
    letters = case.rules[f"secrets.{name}.letters_max"]
    if letters and not (0 < len(secret) <= letters and all(map(_full_width, secret))):
        raise Refusal(RefusalReason.UNFIT, f"{name} is to be 1 to {letters} full-width letters")


def check(
    case: RequestCase, member: Member, asks: Sequence[str], entered: Entered, operation: str = ""
) -> None:
    """Check every item of `asks` but codes and generators' names; refuses the first that fails.

    A wrong secret is counted where its rules have a number of tries; only an entry that is right in
    every item ends the row of wrong ones.
    """
    for item in asks:
        if item != CODE and not entered.get(item):
            raise Refusal(RefusalReason.INCOMPLETE, f"{item} is asked for")
    for item in asks:
        if item in (CODE, *TOKEN_NAMES):
            continue
        if item in CHOSEN:
            refuse_unfit(case, item, entered[item])
        elif item.endswith(AGAIN):
            if entered[item] != entered.get(item.removesuffix(AGAIN)):
                raise Refusal(RefusalReason.MISMATCH, f"{item} is not the same")
        elif item == "certificate":
            certificates.check(case, member, entered[item], entered.get(POSSESSION, ""))
        elif item in ("contract_number", "user_id"):
            own = case.contract.number if item == "contract_number" else member.name
            if entered[item] != own:
                raise Refusal(RefusalReason.MISMATCH, f"{item} does not match")
        else:
            _check_secret(case, member, item, entered[item], operation)
    for item in asks:
        member.tries.pop(_counter(case, item), None)


def codes_of(asks: Sequence[str], entered: Entered) -> list[str]:
    """Return as many codes as `asks` wants, refusing if there are fewer or more."""
    given = [entered[key] for key in sorted(entered) if key == CODE or key.startswith("code_")]
    if len(given) != asks.count(CODE):
        raise Refusal(
            RefusalReason.INCOMPLETE, f"codes asked for: {asks.count(CODE)}, given: {len(given)}"
        )
    return given


def _check_secret(
    case: RequestCase, member: Member, name: str, secret: str, operation: str
) -> None:
    refuse_unfit(case, name, secret)
    kept = member.secrets.get(name)
    if kept is not None and passwords.is_kept(kept, secret):
        if not passwords.has_cost(kept, case.password_cost):
            member.secrets[name] = case.hashed(secret)
        return
    counter = _counter(case, name)
    tries = case.rules[f"secrets.{counter}.tries"]
    member.tries[counter] = member.tries.get(counter, 0) + 1
    if tries and member.tries[counter] >= tries:
        _lock(case, member, counter, operation)
    raise Refusal(RefusalReason.MISMATCH, f"{name} does not match")


def forget_wrong_ones(case: RequestCase, member: Member, name: str) -> None:
    """Forget what was entered wrongly for a secret, and how often that locked it."""
    for counts in (member.tries, member.locks):
        counts.pop(_counter(case, name), None)


def replace_temporary(case: RequestCase, member: Member, entered: Entered) -> None:
    """Take new secrets in the place of those that the bank issued; refuses where one is missing."""
    for name in list(member.temporary):
        new = entered.get(f"new_secret_{name}", "")
        if not new:
            raise Refusal(RefusalReason.TEMPORARY, f"{name} is temporary: enter a new one")
        refuse_unfit(case, name, new)
        member.secrets[name] = case.hashed(new)
        member.temporary.remove(name)


def _counter(case: RequestCase, name: str) -> str:
    counted_with: str = case.rules[f"secrets.{name}.counted_with"]
    return counted_with or name


def _lock(case: RequestCase, member: Member, name: str, operation: str) -> None:
    member.tries.pop(name)
    member.locks[name] = member.locks.get(name, 0) + 1
    most = case.rules[f"secrets.{name}.locks"]
    seconds = case.rules[f"secrets.{name}.lock_seconds"]
    for_good = not seconds or (most and member.locks[name] > most)
    until = 0 if for_good else case.now + seconds
    scope = case.rules[f"secrets.{name}.stops"]
    by_number = scope == "operation"
    cause = StopCause.NUMBER if by_number else StopCause.SECRET
    case.stop(scope, member.name, cause, until, operation if by_number else "")


def _full_width(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "FW"
