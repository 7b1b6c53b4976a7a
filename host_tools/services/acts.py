"""The acts: everything that happens to a contract besides its use, each with what it does."""

from collections.abc import Callable, Mapping
from enum import StrEnum, unique

from host_tools.errors import BadInput
from host_tools.services import certificates, help_hours, operations, proofs
from host_tools.services.answers import No, Reason
from host_tools.services.case import Case, Entered
from host_tools.services.contract import DAY_SECONDS, Cause, Due, Member, Place
from host_tools.services.permission import ONLINE, permitted
from host_tools.services.schema import BANK, PHONE, SOFT
from host_tools.verification.states import Event


@unique
class Act(StrEnum):
    """What can be asked of a bank. The value is its name in a rulebook."""

    ORDER = "order"
    REISSUE = "reissue"
    ORDER_EXCHANGE = "order_exchange"
    RESEND = "resend"
    EXCHANGE = "exchange"
    SUSPEND = "suspend"
    RESUME = "resume"
    UNLOCK = "unlock"
    RELEASE = "release"
    REVOKE = "revoke"
    REPORT_LOSS = "report_loss"
    FIND = "find"
    READMIT = "readmit"
    ISSUE_TOKEN = "issue_token"  # noqa: S105 - a name
    ADD_USER = "add_user"
    DELETE_USER = "delete_user"
    REPLACE_ADMINISTRATOR = "replace_administrator"
    CHANGE_ADDRESS = "change_address"
    RESET_SECRET = "reset_secret"  # noqa: S105 - a name
    REOPEN = "reopen"
    CHANGE_METHOD = "change_method"
    ISSUE_CERTIFICATE = "issue_certificate"
    RENEW_CERTIFICATE = "renew_certificate"
    DELETE_CERTIFICATE = "delete_certificate"
    TERMINATE = "terminate"
    TERMINATE_AT_ONCE = "terminate_at_once"
    REAPPLY = "reapply"
    STOP_SERVICE = "stop_service"
    INTERRUPT = "interrupt"
    RESTORE = "restore"
    CHANGE_FEE = "change_fee"


LIFTED_BY: Mapping[Act, tuple[Cause, ...]] = {
    Act.UNLOCK: (Cause.FAILURES,),
    Act.RESUME: (Cause.SUSPENSION,),
    Act.READMIT: (Cause.LOSS, Cause.BREACH),
    Act.CHANGE_ADDRESS: (Cause.RETURNED_MAIL,),
    Act.RESET_SECRET: (Cause.SECRET,),
    Act.REOPEN: (Cause.NUMBER,),
    Act.REISSUE: (Cause.LOSS,),
}
"""What each act sets going again; an act that is missing here sets nothing going."""

PUBLIC = frozenset({Act.INTERRUPT, Act.RESTORE, Act.CHANGE_FEE})
"""Acts that are about every contract at once."""


def perform(case: Case, act: Act, target: str, entered: Entered) -> None:
    """Do `act` for the person `target` (or for the contract), if the rulebook grants it.

    It may take effect later; what is asked online is checked first, the permission before that.
    """
    rule = f"acts.{act}"
    _refuse_unpermitted(case, act, target)
    if case.way == PHONE and case.rules[f"{rule}.hours"] == "office":
        help_hours.refuse_closed(case)
    if case.way == ONLINE:
        actor = case.member(case.actor)
        if case.contract.ended_at and act is not Act.REAPPLY:
            raise No(Reason.ENDED, "the contract has ended")
        asks = case.rules[f"{rule}.asks"]
        if act is not Act.EXCHANGE:
            case.refuse_stopped(actor, "", by_code=proofs.CODE in asks)
            operations.prove(case, actor, asks, entered)
    for item in case.rules[f"{rule}.requires"]:
        if item == "order" and case.contract.orders:
            case.contract.orders.pop(0)
        elif not entered.get(item):
            raise No(Reason.INCOMPLETE, f"{item} is missing")
    if (delay := case.rules[f"{rule}.after_seconds"]) and act is not Act.ADD_USER:
        case.contract.dues.append(Due(act, target, case.now + delay))
    else:
        carry_out(case, act, target, entered)
    if case.rules[f"{rule}.announced"] and case.way == BANK:
        case.bank.announcements.append(str(act))


def carry_out(case: Case, act: Act, target: str, entered: Entered) -> None:
    """Let `act` take effect now."""
    _DOINGS[act](case, target, entered)
    for cause in LIFTED_BY.get(act, ()):
        case.lift(cause)
    case.stop(case.rules[f"acts.{act}.stops"], target, _CAUSES.get(act, Cause.SUSPENSION))
    if days := case.rules[f"acts.{act}.without_code_days"]:
        case.member(target).without_code_until = case.now + days * DAY_SECONDS


_CAUSES = {Act.REPORT_LOSS: Cause.LOSS, Act.STOP_SERVICE: Cause.BREACH}


def _refuse_unpermitted(case: Case, act: Act, target: str) -> None:
    members = case.contract.members
    concerned = {target: members[target].role} if target in members else {}
    for token in members[target].tokens if target in members else []:
        concerned |= {member.name: member.role for member in case.contract.using(token)}
    role = members[case.actor].role if case.actor in members else ""
    granted = case.rules[f"acts.{act}.by"]
    if not permitted(granted, case.way, case.actor, role, list(concerned.items())):
        way = f"{role or 'stranger'} online" if case.way == ONLINE else case.way
        raise No(Reason.NOT_PERMITTED, f"{act} is not granted this way ({way})")


def _order(case: Case, _target: str, entered: Entered) -> None:
    for other in case.rules["devices.only_without"]:
        if not entered.get(f"without_{other}"):
            raise No(Reason.NOT_ELIGIBLE, f"hardware is only for who cannot use {other}")
    fee = "additional" if case.contract.devices or case.contract.orders else "first"
    _ordered(case, fee)


def _reissue(case: Case, _target: str, _entered: Entered) -> None:
    if not any(device.void for device in case.contract.devices.values()):
        raise No(Reason.UNKNOWN, "no generator was reported lost")
    _ordered(case, "reissue")


def _order_exchange(case: Case, _target: str, _entered: Entered) -> None:
    _ordered(case, "exchange")


def _ordered(case: Case, fee: str) -> None:
    case.charge(fee)
    case.contract.orders.append(fee)


def _resend(case: Case, _target: str, _entered: Entered) -> None:
    back = [d for d in case.contract.devices.values() if d.place == Place.RETURNED]
    if not back:
        raise No(Reason.UNKNOWN, "no generator came back")
    for device in back:
        device.place = Place.MAILED


def _exchange(case: Case, target: str, entered: Entered) -> None:
    member = case.member(target)
    if not member.tokens:
        raise No(Reason.NOT_ENROLLED, f"{target} has no generator in use")
    case.refuse_stopped(member, "", by_code=True)
    proofs.check(case, member, case.rules["acts.exchange.asks"], entered)
    asks = case.rules["enrolment.asks"]
    new = {
        key.removeprefix("new_"): text
        for key, text in entered.items()
        if not key.startswith(proofs.CODE)
    }
    proofs.check(case, member, [item for item in asks if item != proofs.CODE], new)
    codes = proofs.codes_of(asks, new)
    old_codes = proofs.codes_of(case.rules["acts.exchange.asks"], entered)
    token = next((new[name] for name in proofs.TOKEN_NAMES if name in new), "")
    operations.refuse_device(case, token)
    old = member.token
    try:
        proof, start = case.host.exchange(
            old, token, old_codes, codes, case.now, user=case.host_user(target)
        )
    except BadInput as error:
        raise No(Reason.UNFIT, str(error)) from None
    case.settle(member, proof)
    assert start is not None, "the old one proved itself"
    case.settle(member, start)
    case.make_void(old)
    member.tokens = [start.serial_number]


def _suspend(case: Case, target: str, _entered: Entered) -> None:
    case.move(Event.SUSPEND, _token_of(case, target))


def _resume(case: Case, target: str, _entered: Entered) -> None:
    case.move(Event.RESUME, _token_of(case, target))
    case.member(target).without_code_until = 0


def _unlock(case: Case, target: str, _entered: Entered) -> None:
    case.move(Event.UNLOCK, _token_of(case, target), target)


def _release(case: Case, target: str, _entered: Entered) -> None:
    release(case, case.member(target))


def release(case: Case, member: Member) -> None:
    """Take a person's generators out of use; their registration is void."""
    for token in member.tokens:
        if not case.is_void(token):
            case.move(Event.RELEASE, token, member.name)
            device = case.device(token)
            if device is not None and device.kind == SOFT:
                device.void = True  # a soft token is issued anew
    member.tokens = []


def _report_loss(case: Case, target: str, _entered: Entered) -> None:
    token = _token_of(case, target)
    case.move(Event.LOSE, token)
    case.make_void(token)


def _find(case: Case, _target: str, _entered: Entered) -> None:
    for device in case.contract.devices.values():
        if device.void:
            case.move(Event.FIND, device.serial_number)
            device.void = False


def _issue_token(case: Case, target: str, _entered: Entered) -> None:
    case.contract.letters.append(f"e-mail to {target}: {', '.join(case.rules['mail.holds'])}")


def _add_user(case: Case, _target: str, entered: Entered) -> None:
    name = entered["new_user"]
    if name in case.contract.members:
        raise No(Reason.TAKEN, f"{name} is a user already")
    ready = case.now + case.rules["acts.add_user.after_seconds"]
    role = entered.get("new_role") or case.rules.roles[-1]
    prefix = "new_secret_"
    secrets = {
        key.removeprefix(prefix): proofs.hashed(text)
        for key, text in entered.items()
        if key.startswith(prefix)
    }
    case.contract.members[name] = Member(name, role, secrets, effective_at=ready)


def _delete_user(case: Case, target: str, _entered: Entered) -> None:
    release(case, case.member(target))
    del case.contract.members[target]


def _replace_administrator(case: Case, target: str, entered: Entered) -> None:
    role = case.member(target).role
    _delete_user(case, target, entered)
    _add_user(case, target, {**entered, "new_role": role})


def _change_address(case: Case, _target: str, _entered: Entered) -> None:
    case.contract.address_known = True


def _reset_secret(case: Case, target: str, entered: Entered) -> None:
    member = case.member(target)
    for key, text in entered.items():
        name = key.removeprefix("new_secret_")
        if name in member.secrets and name != key:
            proofs.refuse_unfit(case, name, text)
            member.secrets[name] = proofs.hashed(text)
            member.tries.pop(name, None)
            member.locks.pop(name, None)


def _nothing(_case: Case, _target: str, _entered: Entered) -> None:
    """What the act does is all in its rules: what it lifts and what it stops."""


def _change_method(case: Case, _target: str, entered: Entered) -> None:
    method = entered["method"]
    if method not in case.rules["contract.methods"]:
        raise No(Reason.NOT_ELIGIBLE, f"this bank has no {method}")
    for member in case.contract.members.values():
        release(case, member)
        certificates.end(case, member, certificates.VOID)
    case.contract.method = method
    case.contract.edition = method if method in case.rules.editions else ""


def _issue_certificate(case: Case, target: str, _entered: Entered) -> None:
    _refuse_other_method(case)
    certificates.issue(case, case.member(target))


def _renew_certificate(case: Case, target: str, _entered: Entered) -> None:
    _refuse_other_method(case)
    certificates.renew(case, case.member(target))


def _delete_certificate(case: Case, target: str, _entered: Entered) -> None:
    certificates.end(case, case.member(target), certificates.DELETED)


def _refuse_other_method(case: Case) -> None:
    if case.contract.method != "certificate":
        raise No(Reason.NOT_ELIGIBLE, f"the contract proves itself by {case.contract.method}")


def _terminate(case: Case, _target: str, _entered: Entered) -> None:
    contract = case.contract
    if case.rules["fee_terms.refunded"]:
        contract.ledger.extend(
            [type(one)(f"refund of {one.fee}", -one.yen, case.now) for one in contract.ledger]
        )
    if not case.rules["contract.orders_survive"]:
        for transfer in contract.transfers:
            transfer.state = "void"
    for member in contract.members.values():
        release(case, member)
        certificates.end(case, member, certificates.VOID)
    contract.ended_at = case.now


def _terminate_at_once(case: Case, target: str, entered: Entered) -> None:
    contract = case.contract
    since = {"unpaid": contract.paid_at, "unused": contract.used_at}
    for what, at in since.items():
        days = case.rules[f"contract.{what}_days"]
        if days and case.now - at >= days * DAY_SECONDS:
            return _terminate(case, target, entered)
    raise No(Reason.NOT_ELIGIBLE, "there are no grounds to end it at once")


def _reapply(case: Case, _target: str, _entered: Entered) -> None:
    case.contract.ended_at = 0
    # What was out before must be ordered again.
    for device in case.contract.devices.values():
        device.void = True


def _interrupt(case: Case, _target: str, _entered: Entered) -> None:
    case.bank.interrupted = True


def _restore(case: Case, _target: str, _entered: Entered) -> None:
    case.bank.interrupted = False


def _change_fee(case: Case, _target: str, entered: Entered) -> None:
    days = case.rules["fee_terms.notice_days"]
    if int(entered["days"]) < days:
        raise No(Reason.TOO_EARLY, f"a new fee is announced {days} days before")
    valid_from = case.now + int(entered["days"]) * DAY_SECONDS
    case.bank.new_fees.append((entered["fee"], int(entered["yen"]), valid_from))


def _token_of(case: Case, target: str) -> str:
    if not (token := case.member(target).token):
        raise No(Reason.NOT_ENROLLED, f"{target} has no generator in use")
    return token


_DOINGS: Mapping[Act, Callable[[Case, str, Entered], None]] = {
    Act.ORDER: _order,
    Act.REISSUE: _reissue,
    Act.ORDER_EXCHANGE: _order_exchange,
    Act.RESEND: _resend,
    Act.EXCHANGE: _exchange,
    Act.SUSPEND: _suspend,
    Act.RESUME: _resume,
    Act.UNLOCK: _unlock,
    Act.RELEASE: _release,
    Act.REVOKE: _release,
    Act.REPORT_LOSS: _report_loss,
    Act.FIND: _find,
    Act.READMIT: _nothing,
    Act.ISSUE_TOKEN: _issue_token,
    Act.ADD_USER: _add_user,
    Act.DELETE_USER: _delete_user,
    Act.REPLACE_ADMINISTRATOR: _replace_administrator,
    Act.CHANGE_ADDRESS: _change_address,
    Act.RESET_SECRET: _reset_secret,
    Act.REOPEN: _nothing,
    Act.CHANGE_METHOD: _change_method,
    Act.ISSUE_CERTIFICATE: _issue_certificate,
    Act.RENEW_CERTIFICATE: _renew_certificate,
    Act.DELETE_CERTIFICATE: _delete_certificate,
    Act.TERMINATE: _terminate,
    Act.TERMINATE_AT_ONCE: _terminate_at_once,
    Act.REAPPLY: _reapply,
    Act.STOP_SERVICE: _nothing,
    Act.INTERRUPT: _interrupt,
    Act.RESTORE: _restore,
    Act.CHANGE_FEE: _change_fee,
}
