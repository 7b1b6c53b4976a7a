"""The acts: everything that happens to a contract besides its use, each with what it does."""

from collections.abc import Callable, Mapping

from host_tools.services import contract_acts, device_acts, help_hours, operations, proofs
from host_tools.services.answers import Refusal, RefusalReason
from host_tools.services.case import Entered, RequestCase
from host_tools.services.contract import DAY_SECONDS, Due, StopCause
from host_tools.services.permission import ONLINE, permitted
from host_tools.services.schema import BANK, PHONE, Act

LIFTED_BY: Mapping[Act, tuple[StopCause, ...]] = {
    Act.UNLOCK: (StopCause.FAILURES,),
    Act.RESUME: (StopCause.SUSPENSION,),
    Act.READMIT: (StopCause.LOSS, StopCause.BREACH),
    Act.CHANGE_ADDRESS: (StopCause.RETURNED_MAIL,),
    Act.RESET_SECRET: (StopCause.SECRET,),
    Act.REOPEN: (StopCause.NUMBER,),
    Act.REISSUE: (StopCause.LOSS,),
}
"""What each act sets going again; an act that is missing here sets nothing going."""

PUBLIC = frozenset({Act.INTERRUPT, Act.RESTORE, Act.CHANGE_FEE})
"""Acts that are about every contract at once."""


def perform(case: RequestCase, act: Act, target: str, entered: Entered) -> None:
    """Do `act` for the person `target` (or for the contract), if the rulebook grants it.

    It may take effect later; what is asked online is checked first, the permission before that.
    """
    rule = f"acts.{act}"
    _refuse_unpermitted(case, act, target)
    if case.way == PHONE and case.rules[f"{rule}.hours"] == "office":
        help_hours.refuse_closed(case)
    if case.way == ONLINE:
        actor = case.member(case.actor)
        if case.contract.ended_at:
            raise Refusal(RefusalReason.ENDED, "the contract has ended")
        asks = case.rules[f"{rule}.asks"]
        if act is not Act.EXCHANGE:
            case.refuse_stopped(actor, "", by_code=proofs.CODE in asks)
            operations.prove(case, actor, asks, entered)
    for item in case.rules[f"{rule}.requires"]:
        if item == "order" and case.contract.orders:
            case.contract.orders.pop(0)
        elif not entered.get(item):
            raise Refusal(RefusalReason.INCOMPLETE, f"{item} is missing")
    if (delay := case.rules[f"{rule}.after_seconds"]) and act is not Act.ADD_USER:
        case.contract.dues.append(Due(act, target, case.now + delay))
    else:
        carry_out(case, act, target, entered)
    if case.rules[f"{rule}.announced"] and case.way == BANK:
        case.bank.announcements.append(str(act))
    if case.rules[f"{rule}.notified"] and case.way == BANK:
        case.contract.letters.append(f"notice of {act}")


def carry_out(case: RequestCase, act: Act, target: str, entered: Entered) -> None:
    """Let `act` take effect now."""
    _DOINGS[act](case, target, entered)
    for cause in LIFTED_BY.get(act, ()):
        case.lift(cause)
    case.stop(case.rules[f"acts.{act}.stops"], target, _CAUSES.get(act, StopCause.SUSPENSION))
    if days := case.rules[f"acts.{act}.without_code_days"]:
        case.member(target).without_code_until = case.now + days * DAY_SECONDS


_CAUSES = {Act.REPORT_LOSS: StopCause.LOSS, Act.STOP_SERVICE: StopCause.BREACH}


def _refuse_unpermitted(case: RequestCase, act: Act, target: str) -> None:
    members = case.contract.members
    concerned = {target: members[target].role} if target in members else {}
    for token in members[target].tokens if target in members else []:
        concerned |= {member.name: member.role for member in case.contract.using(token)}
    role = members[case.actor].role if case.actor in members else ""
    granted = case.rules[f"acts.{act}.by"]
    if not permitted(granted, case.way, case.actor, role, list(concerned.items())):
        way = f"{role or 'stranger'} online" if case.way == ONLINE else case.way
        raise Refusal(RefusalReason.NOT_PERMITTED, f"{act} is not granted this way ({way})")


def _nothing(_case: RequestCase, _target: str, _entered: Entered) -> None:
    """What the act does is all in its rules, or is another desk's, such as issuing a soft token."""


_DOINGS: Mapping[Act, Callable[[RequestCase, str, Entered], None]] = {
    Act.ORDER: device_acts.order,
    Act.REISSUE: device_acts.reissue,
    Act.ORDER_EXCHANGE: device_acts.order_exchange,
    Act.RESEND: device_acts.resend,
    Act.EXCHANGE: device_acts.exchange,
    Act.SUSPEND: device_acts.suspend,
    Act.RESUME: device_acts.resume,
    Act.UNLOCK: device_acts.unlock,
    Act.RELEASE: device_acts.release,
    Act.REVOKE: device_acts.release,
    Act.REPORT_LOSS: device_acts.report_loss,
    Act.FIND: device_acts.find,
    Act.READMIT: _nothing,
    Act.ISSUE_TOKEN: _nothing,
    Act.ADD_USER: contract_acts.add_user,
    Act.DELETE_USER: contract_acts.delete_user,
    Act.REPLACE_ADMINISTRATOR: contract_acts.replace_administrator,
    Act.CHANGE_ADDRESS: _nothing,
    Act.RESET_SECRET: contract_acts.reset_secret,
    Act.REOPEN: _nothing,
    Act.CHANGE_METHOD: contract_acts.change_method,
    Act.ISSUE_CERTIFICATE: contract_acts.issue_certificate,
    Act.RENEW_CERTIFICATE: contract_acts.renew_certificate,
    Act.DELETE_CERTIFICATE: contract_acts.delete_certificate,
    Act.TERMINATE: contract_acts.terminate,
    Act.TERMINATE_AT_ONCE: contract_acts.terminate_at_once,
    Act.STOP_SERVICE: _nothing,
    Act.INTERRUPT: contract_acts.interrupt,
    Act.RESTORE: contract_acts.restore,
    Act.CHANGE_FEE: contract_acts.change_fee,
}
