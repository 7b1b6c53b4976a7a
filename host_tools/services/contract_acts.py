"""Acts on a contract: its people, their secrets and certificates, its end, its fees."""

from host_tools.services import certificates, proofs
from host_tools.services.answers import No, Reason
from host_tools.services.case import Case, Entered
from host_tools.services.contract import DAY_SECONDS, Member
from host_tools.services.device_acts import release_all


def add_user(case: Case, _target: str, entered: Entered) -> None:
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


def delete_user(case: Case, target: str, _entered: Entered) -> None:
    """Release and remove a person."""
    release_all(case, case.member(target))
    del case.contract.members[target]


def replace_administrator(case: Case, target: str, entered: Entered) -> None:
    """Put another person in the place of one."""
    role = case.member(target).role
    _newcomer(case, entered)
    delete_user(case, target, entered)
    add_user(case, target, {**entered, "new_role": role})


def change_address(case: Case, _target: str, _entered: Entered) -> None:
    """Take it that the address is right."""
    case.contract.address_known = True


def reset_secret(case: Case, target: str, entered: Entered) -> None:
    """Take new secrets, and forget wrong ones."""
    member = case.member(target)
    for key, text in entered.items():
        name = key.removeprefix("new_secret_")
        if name in member.secrets and name != key:
            proofs.refuse_unfit(case, name, text)
            member.secrets[name] = proofs.hashed(text)
            member.tries.pop(name, None)
            member.locks.pop(name, None)


def change_method(case: Case, _target: str, entered: Entered) -> None:
    """Change to another way of proving oneself."""
    method = _given(entered, "method")
    if method not in case.rules["contract.methods"]:
        raise No(Reason.NOT_ELIGIBLE, f"this bank has no {method}")
    for member in case.contract.members.values():
        release_all(case, member)
        certificates.end(case, member, certificates.VOID)
    case.contract.method = method
    case.contract.edition = method if method in case.rules.editions else ""


def issue_certificate(case: Case, target: str, _entered: Entered) -> None:
    """Issue a certificate."""
    _refuse_other_method(case)
    certificates.issue(case, case.member(target))


def renew_certificate(case: Case, target: str, _entered: Entered) -> None:
    """Renew a certificate."""
    _refuse_other_method(case)
    certificates.renew(case, case.member(target))


def delete_certificate(case: Case, target: str, _entered: Entered) -> None:
    """Delete a certificate for good."""
    certificates.end(case, case.member(target), certificates.DELETED)


def _refuse_other_method(case: Case) -> None:
    if case.contract.method != "certificate":
        raise No(Reason.NOT_ELIGIBLE, f"the contract proves itself by {case.contract.method}")


def terminate(case: Case, _target: str, _entered: Entered) -> None:
    """End the contract, and all that belongs to it."""
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
    contract.ended_at = case.now


def terminate_at_once(case: Case, target: str, entered: Entered) -> None:
    """End the contract where there are grounds."""
    contract = case.contract
    since = {"unpaid": contract.paid_at, "unused": contract.used_at}
    for what, at in since.items():
        days = case.rules[f"contract.{what}_days"]
        if days and case.now - at >= days * DAY_SECONDS:
            return terminate(case, target, entered)
    raise No(Reason.NOT_ELIGIBLE, "there are no grounds to end it at once")


def reapply(case: Case, _target: str, _entered: Entered) -> None:
    """Let an ended contract go on."""
    case.contract.ended_at = 0
    # What was out before must be ordered again.
    for device in case.contract.devices.values():
        device.void = True


def interrupt(case: Case, _target: str, _entered: Entered) -> None:
    """Interrupt the use of codes, for all."""
    case.bank.interrupted = True


def restore(case: Case, _target: str, _entered: Entered) -> None:
    """End the interruption."""
    case.bank.interrupted = False


def change_fee(case: Case, _target: str, entered: Entered) -> None:
    """Announce a new fee."""
    days = case.rules["fee_terms.notice_days"]
    ahead, yen = (_number(entered, name) for name in ("days", "yen"))
    if ahead < days:
        raise No(Reason.TOO_EARLY, f"a new fee is announced {days} days before")
    valid_from = case.now + ahead * DAY_SECONDS
    case.bank.new_fees.append((_given(entered, "fee"), yen, valid_from))


def _newcomer(case: Case, entered: Entered) -> str:
    name = _given(entered, "new_user")
    if name in case.contract.members:
        raise No(Reason.TAKEN, f"{name} is a user already")
    return name


def _given(entered: Entered, item: str) -> str:
    if not entered.get(item):
        raise No(Reason.INCOMPLETE, f"{item} is missing")
    return entered[item]


def _number(entered: Entered, item: str) -> int:
    text = _given(entered, item)
    if not (text.isascii() and text.isdecimal()):
        raise No(Reason.UNFIT, f"{item} is to be a number")
    return int(text)
