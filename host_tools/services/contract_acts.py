"""Acts on a contract: its people, their secrets and certificates, its end, its fees."""

from host_tools.services import certificates, proofs
from host_tools.services.answers import Refusal, RefusalReason
from host_tools.services.case import Entered, RequestCase
from host_tools.services.contract import DAY_SECONDS, Member, StopCause
from host_tools.services.device_acts import CANCELLED, release_all
from host_tools.services.schema import SOFT
from host_tools.verification.throttle import Scope


def add_user(case: RequestCase, _target: str, entered: Entered) -> None:
    """Enter a person, from when that is processed."""
    name = _newcomer(case, entered)
    ready = case.now + case.rules["acts.add_user.after_seconds"]
    role = entered.get("new_role") or case.rules.roles[-1]
    prefix = "new_secret_"
    secrets = {
        key.removeprefix(prefix): proofs.hashed(text)
        for key, text in entered.items()
        if key.startswith(prefix)
    }
    case.contract.members[name] = Member(name, role, secrets, effective_at=ready)


def delete_user(case: RequestCase, target: str, _entered: Entered) -> None:
    """Release and remove a person."""
    release_all(case, case.member(target))
    del case.contract.members[target]


def replace_administrator(case: RequestCase, target: str, entered: Entered) -> None:
    """Put another person in the place of one."""
    role = case.member(target).role
    _newcomer(case, entered)
    delete_user(case, target, entered)
    add_user(case, target, {**entered, "new_role": role})


def reset_secret(case: RequestCase, target: str, entered: Entered) -> None:
    """Take new secrets in the place of forgotten ones, and forget wrong ones."""
    member = case.member(target)
    new = {
        name: text
        for key, text in entered.items()
        if (name := key.removeprefix("new_secret_")) != key and name in member.secrets
    }
    if not new:
        raise Refusal(RefusalReason.INCOMPLETE, "a new secret is missing")
    for name, text in new.items():
        proofs.refuse_unfit(case, name, text)
    for name, text in new.items():
        member.secrets[name] = proofs.hashed(text)
        proofs.forget_wrong_ones(case, member, name)


def change_method(case: RequestCase, _target: str, entered: Entered) -> None:
    """Change to another way of proving oneself."""
    method = _given(entered, "method")
    if method not in case.rules["contract.methods"]:
        raise Refusal(RefusalReason.NOT_ELIGIBLE, f"this bank has no {method}")
    for member in case.contract.members.values():
        release_all(case, member)
        certificates.end(case, member, certificates.VOID)
    case.contract.method = method
    case.contract.edition = method if method in case.rules.editions else ""


def issue_certificate(case: RequestCase, target: str, entered: Entered) -> None:
    """Issue a certificate."""
    _refuse_other_method(case)
    certificates.issue(case, case.member(target), entered.get("request", ""))


def renew_certificate(case: RequestCase, target: str, entered: Entered) -> None:
    """Renew a certificate."""
    _refuse_other_method(case)
    certificates.renew(case, case.member(target), entered.get("request", ""))


def delete_certificate(case: RequestCase, target: str, _entered: Entered) -> None:
    """Delete a certificate for good."""
    certificates.end(case, case.member(target), certificates.DELETED)


def _refuse_other_method(case: RequestCase) -> None:
    if case.contract.method != "certificate":
        raise Refusal(
            RefusalReason.NOT_ELIGIBLE, f"the contract proves itself by {case.contract.method}"
        )


def terminate(case: RequestCase, _target: str, _entered: Entered) -> None:
    """End the contract, and all that belongs to it; or the service only, if the rules say so.

    What was ended in part goes on with the next enrolment; hardware is ordered anew before it.
    """
    contract = case.contract
    if case.rules["fee_terms.refunded"]:
        contract.ledger.extend(
            [type(one)(f"refund of {one.fee}", -one.yen, case.now) for one in contract.ledger]
        )
    if not case.rules["contract.orders_survive"]:
        for transfer in contract.transfers:
            transfer.state = "void"
    for member in contract.members.values():
        release_all(case, member)
        certificates.end(case, member, certificates.VOID)
    if case.rules["contract.ends"] == "contract":
        contract.ended_at = case.now
        return
    case.stop(Scope.SERVICE, "", StopCause.CANCELLED)
    for device in contract.devices.values():
        if device.kind != SOFT:
            device.void = device.void or CANCELLED


def terminate_at_once(case: RequestCase, target: str, entered: Entered) -> None:
    """End the contract where there are grounds; unpaid fees stop what is left until paid."""
    contract = case.contract
    unpaid = [entry.at for entry in contract.ledger if entry.yen > 0 and not entry.paid]
    owes = _so_long(case, "unpaid", min(unpaid, default=case.now))
    known = set(contract.facts) & set(case.rules["contract.grounds"])
    if not (owes or known or _so_long(case, "unused", contract.used_at)):
        raise Refusal(RefusalReason.NOT_ELIGIBLE, "there are no grounds to end it at once")
    terminate(case, target, entered)
    if owes and not contract.ended_at:
        case.stop(Scope.SERVICE, "", StopCause.UNPAID)


def _so_long(case: RequestCase, what: str, since: int) -> bool:
    days = case.rules[f"contract.{what}_days"]
    return bool(days) and case.now - since >= days * DAY_SECONDS


def interrupt(case: RequestCase, _target: str, _entered: Entered) -> None:
    """Interrupt the use of codes, for all."""
    case.bank.interrupted = True


def restore(case: RequestCase, _target: str, _entered: Entered) -> None:
    """End the interruption."""
    case.bank.interrupted = False


def change_fee(case: RequestCase, _target: str, entered: Entered) -> None:
    """Announce a new fee."""
    days = case.rules["fee_terms.notice_days"]
    ahead, yen = (_number(entered, name) for name in ("days", "yen"))
    if ahead < days:
        raise Refusal(RefusalReason.TOO_EARLY, f"a new fee is announced {days} days before")
    valid_from = case.now + ahead * DAY_SECONDS
    case.bank.new_fees.append((_given(entered, "fee"), yen, valid_from))


def _newcomer(case: RequestCase, entered: Entered) -> str:
    name = _given(entered, "new_user")
    if name in case.contract.members:
        raise Refusal(RefusalReason.TAKEN, f"{name} is a user already")
    return name


def _given(entered: Entered, item: str) -> str:
    if not entered.get(item):
        raise Refusal(RefusalReason.INCOMPLETE, f"{item} is missing")
    return entered[item]


def _number(entered: Entered, item: str) -> int:
    text = _given(entered, item)
    if not (text.isascii() and text.isdecimal()):
        raise Refusal(RefusalReason.UNFIT, f"{item} is to be a number")
    return int(text)
