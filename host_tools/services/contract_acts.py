"""Acts on a contract: its people, their secrets and certificates, its end, its fees."""

import json

from host_tools.services import certificates, contract_grounds, proofs
from host_tools.services.answers import Refusal, RefusalReason
from host_tools.services.case import Entered, RequestCase
from host_tools.services.contract import DAY_SECONDS, Compensation, Member, ServiceEnd
from host_tools.services.device_acts import release_all
from host_tools.services.schema import rule_of
from host_tools.verification.throttle import Scope


def add_user(case: RequestCase, _target: str, entered: Entered) -> None:
    """Enter a person, from when that is processed."""
    name = _newcomer(case, entered)
    ready = case.now + case.rules["acts.add_user.after_seconds"]
    role = entered.get("new_role") or case.rules.roles[-1]
    secrets = {
        key.removeprefix(_HASHED): text
        for key, text in without_secrets(case, entered).items()
        if key.startswith(_HASHED)
    }
    case.contract.members[name] = Member(name, role, secrets, effective_at=ready)


_NEW, _HASHED = "new_secret_", "hashed_secret_"


def without_secrets(case: RequestCase, entered: Entered) -> dict[str, str]:
    """Return what was entered with the hashes of new secrets in their place."""
    return {
        key.replace(_NEW, _HASHED, 1) if key.startswith(_NEW) else key: (
            case.hashed(text) if key.startswith(_NEW) else text
        )
        for key, text in entered.items()
    }


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


def known(case: RequestCase, target: str, _entered: Entered) -> None:
    """Refuse who is no user of the contract; the act's rules say what is stopped."""
    case.member(target)


def change_address(case: RequestCase, _target: str, _entered: Entered) -> None:
    """Take the new address: the customer's whereabouts are known again."""
    if contract_grounds.WHEREABOUTS_UNKNOWN in case.contract.facts:
        case.contract.facts.remove(contract_grounds.WHEREABOUTS_UNKNOWN)


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
        member.secrets[name] = case.hashed(text)
        proofs.forget_wrong_ones(case, member, name)
        if name in member.temporary:
            member.temporary.remove(name)


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

    To a service that was ended an application leads back.
    """
    _end(case, ServiceEnd.CANCELLED)


def _end(case: RequestCase, end: ServiceEnd) -> None:
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
    else:
        contract.service_end = end


def apply(case: RequestCase, _target: str, _entered: Entered) -> None:
    """Take an application for a service that was ended; an enrolment starts it again."""
    if not case.contract.service_end:
        raise Refusal(RefusalReason.NOT_ELIGIBLE, "the service was not ended")
    if found := contract_grounds.grounds(case):
        raise Refusal(RefusalReason.ENDED, f"the service was ended: {', '.join(found)}")
    case.contract.service_end = ServiceEnd.NOT


def terminate_at_once(case: RequestCase, _target: str, _entered: Entered) -> None:
    """End the contract, or the service, where there are grounds.

    When they are gone the service goes on: soft tokens by enrolment, hardware by application first.
    """
    if not contract_grounds.grounds(case):
        raise Refusal(RefusalReason.NOT_ELIGIBLE, "there are no grounds to end it at once")
    _end(case, ServiceEnd.FOR_CAUSE)


def cancel_unpaid(case: RequestCase, _target: str, _entered: Entered) -> None:
    """End what was not paid for so long that only an application leads back."""
    told = contract_grounds.LONG_UNPAID in case.contract.facts
    if not (told or contract_grounds.unpaid_for(case, "contract.long_unpaid_days")):
        raise Refusal(RefusalReason.NOT_ELIGIBLE, "no fee has been unpaid for so long")
    _end(case, ServiceEnd.CANCELLED)


def interrupt(case: RequestCase, _target: str, _entered: Entered) -> None:
    """Interrupt the use of codes, or all services, for every customer."""
    scope = case.rules["acts.interrupt.stops"]
    case.bank.interrupted = Scope.BANKING if scope == Scope.BANKING else Scope.SERVICE


def restore(case: RequestCase, _target: str, _entered: Entered) -> None:
    """End the interruption."""
    case.bank.interrupted = ""


def change_fee(case: RequestCase, _target: str, entered: Entered) -> None:
    """Announce a new fee."""
    days = case.rules["fee_terms.notice_days"]
    ahead, yen = (_number(entered, name) for name in ("days", "yen"))
    if ahead < days:
        raise Refusal(RefusalReason.TOO_EARLY, f"a new fee is announced {days} days before")
    valid_from = case.now + ahead * DAY_SECONDS
    case.bank.new_fees.append((_given(entered, "fee"), yen, valid_from))


def end_with_term(case: RequestCase, _target: str, _entered: Entered) -> None:
    """Let the contract end with its term."""
    case.contract.ends_with_term = True


def withdraw_order(case: RequestCase, _target: str, _entered: Entered) -> None:
    """Take the wish to have the last order back in hand, for a fee."""
    settled = [one for one in case.contract.transfers if one.state == "settled"]
    if not settled or not case.rules[f"operations.{settled[-1].operation}.withdrawn"]:
        raise Refusal(RefusalReason.NOT_PERMITTED, "there is no order that could be withdrawn")
    case.charge("withdrawal")


def change_terms(case: RequestCase, _target: str, entered: Entered) -> None:
    """Publish a rule that changes: item `rule` is its path, `value` JSON, `days` from when."""
    path, ahead = _given(entered, "rule"), _number(entered, "days")
    days = case.rules["terms.notice_days"]
    if ahead < days:
        raise Refusal(RefusalReason.TOO_EARLY, f"new terms are published {days} days before")
    stated, rule = case.rules.stated(path), rule_of(path)
    try:
        value = json.loads(_given(entered, "value"))
    except ValueError:
        raise Refusal(RefusalReason.UNFIT, "value is to be JSON") from None
    if stated is None or rule is None or not rule.kind.fits(value):
        raise Refusal(RefusalReason.UNFIT, f"{path} cannot become {value!r}")
    valid_from = case.now + ahead * DAY_SECONDS
    case.bank.new_terms.append((path, json.dumps(value), valid_from))


def claim(case: RequestCase, _target: str, entered: Entered) -> None:
    """Compensate a loss by fraud: item `loss` is yen, `days_ago` when it happened."""
    loss, ago = _number(entered, "loss"), _number(entered, "days_ago")
    rules, claims = case.rules, case.contract.claims
    if excluded := [one for one in rules["compensation.excludes"] if one in entered.values()]:
        raise Refusal(RefusalReason.NOT_ELIGIBLE, f"nothing is paid: {', '.join(excluded)}")
    if ago > rules["compensation.report_days"]:
        raise Refusal(RefusalReason.TOO_LATE, f"a loss of {ago} days ago is not compensated")
    whole = case.contract.method in rules["compensation.methods"]
    yen = loss if whole else loss * rules["compensation.reduced_percent"] // 100
    year = case.now - 365 * DAY_SECONDS
    left = rules["compensation.yearly_yen"] - sum(c.paid_yen for c in claims if c.at > year)
    claims.append(Compensation(loss, min(yen, left), case.now))


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
