"""The acts: everything that happens to a contract besides its use, each with what it does."""

from collections.abc import Callable, Mapping

from host_tools.services import contract_acts, device_acts, help_hours, offer, operations, proofs
from host_tools.services.answers import Refusal, RefusalReason
from host_tools.services.case import Entered, RequestCase
from host_tools.services.contract import DAY_SECONDS, Due, StopCause, WaitingAct
from host_tools.services.permission import ONLINE, permitted
from host_tools.services.vocabulary import BANK, PHONE, Act
from host_tools.verification.decision import Verdict

LIFTED_BY: Mapping[Act, tuple[StopCause, ...]] = {
    Act.UNLOCK: (StopCause.FAILURES,),
    Act.RESUME: (StopCause.SUSPENSION,),
    Act.READMIT: (StopCause.LOSS, StopCause.EMERGENCY, StopCause.BREACH),
    Act.CHANGE_ADDRESS: (StopCause.RETURNED_MAIL,),
    Act.RESET_SECRET: (StopCause.SECRET, StopCause.LEAK),
    Act.CHANGE_SECRET: (StopCause.LEAK,),
    Act.REOPEN: (StopCause.NUMBER,),
}
"""Which stops of the person it is for (and of the contract) each act ends; other acts end none.

The stop after a loss ends with the enrolment of what was reissued, too (`operations.enrol`).
"""

PUBLIC = frozenset(
    {
        Act.INTERRUPT,
        Act.RESTORE,
        Act.CHANGE_FEE,
        Act.CHANGE_TERMS,
        Act.ABOLISH,
        Act.ADD_SERVICE,
    }
)
"""Acts that are about every contract at once."""


def perform(case: RequestCase, act: Act, target: str, entered: Entered) -> None:
    """Do `act` for the person `target` (or for the contract), if the rulebook grants it.

    It may take effect later; what is asked online is checked first, the permission before that.
    """
    rule = f"acts.{act}"
    if case.way == ONLINE and case.actor in case.contract.members:
        by_code = proofs.CODE in case.rules[f"{rule}.asks"]
        if act is not Act.EXCHANGE:
            case.refuse_stopped(case.member(case.actor), "", by_code=by_code)
    _refuse_unpermitted(case, act, target)
    if case.way == PHONE and case.rules[f"{rule}.hours"] == "office":
        help_hours.refuse_closed(case)
    if case.way == ONLINE:
        actor = case.member(case.actor)
        if case.contract.ended_at:
            raise Refusal(RefusalReason.ENDED, "the contract has ended")
        asks = case.rules[f"{rule}.asks"]
        if case.rules[f"{rule}.expired"] == "no_code" and case.has_expired(actor.token):
            asks = [item for item in asks if item != proofs.CODE]
        if case.rules["otp.required"] == "once_enrolled" and not actor.tokens:
            asks = [item for item in asks if item != proofs.CODE]
        if act is not Act.EXCHANGE:
            operations.prove(case, actor, asks, entered)
    ground = case.rules[f"{rule}.ground"]
    if ground and ground not in case.contract.facts:
        raise Refusal(RefusalReason.NOT_ELIGIBLE, f"{ground} is not known of the customer")
    _require(case, rule, entered)
    targets = _targets(case, act, target)
    if case.way == ONLINE and case.rules[f"{rule}.printed"]:
        kept = contract_acts.without_secrets(case, entered)
        case.contract.waiting += [WaitingAct(act, one, kept) for one in targets]
        return
    if (delay := case.rules[f"{rule}.after_seconds"]) and act not in _WAITING:
        case.contract.dues += [Due(act, one, case.now + delay) for one in targets]
    else:
        for one in targets:
            carry_out(case, act, one, entered)
    if case.rules[f"{rule}.announced"] and case.way == BANK:
        case.bank.announcements.append((str(act), dict(entered)))
    if case.rules[f"{rule}.notified"] and case.way == BANK:
        case.write(target, str(act), entered)


_WAITING = frozenset({Act.ADD_USER, Act.REVOKE})
"""Acts that happen at once and of which only a part comes later; they see to that themselves."""


PERSONAL = frozenset(
    {Act.SUSPEND, Act.RESUME, Act.UNLOCK, Act.RELEASE, Act.REVOKE, Act.DELETE_USER}
)
"""Acts that name the person they are for; the bank may do them for all who use a generator."""


def _targets(case: RequestCase, act: Act, target: str) -> list[str]:
    if target or act not in PERSONAL:
        return [target]
    if case.way != BANK:
        raise Refusal(RefusalReason.INCOMPLETE, "the person it is for is missing")
    return [member.name for member in case.contract.members.values() if member.tokens]


def _hand_in_confirmation(case: RequestCase, _target: str, _entered: Entered) -> None:
    """Carry out what was asked for online and waited for this paper."""
    if not case.contract.waiting:
        raise Refusal(Verdict.UNKNOWN, "nothing waits for a printed confirmation")
    waiting = case.contract.waiting.pop(0)
    carry_out(case, Act(waiting.act), waiting.user, waiting.entered)


def _require(case: RequestCase, rule: str, entered: Entered) -> None:
    for item in case.rules[f"{rule}.requires"]:
        if item == "order" and case.contract.orders:
            case.contract.orders.pop(0)
        elif not entered.get(item):
            raise Refusal(RefusalReason.INCOMPLETE, f"{item} is missing")


def carry_out(case: RequestCase, act: Act, target: str, entered: Entered) -> None:
    """Let `act` take effect now."""
    _DOINGS[act](case, target, entered)
    case.lift(LIFTED_BY.get(act, ()), target)
    if act not in PUBLIC:
        cause = _CAUSES.get(act, StopCause.SUSPENSION)
        case.stop(case.rules[f"acts.{act}.stops"], target, cause)
    if days := case.rules[f"acts.{act}.without_code_days"]:
        case.member(target).without_code_until = case.now + days * DAY_SECONDS


_CAUSES = {
    Act.REPORT_LOSS: StopCause.LOSS,
    Act.EMERGENCY_STOP: StopCause.EMERGENCY,
    Act.REPORT_LEAK: StopCause.LEAK,
    Act.STOP_SERVICE: StopCause.BREACH,
}


def _refuse_unpermitted(case: RequestCase, act: Act, target: str) -> None:
    members = case.contract.members
    concerned = {target: members[target].role} if target in members else {}
    for token in members[target].tokens if target in members else []:
        concerned |= {member.name: member.role for member in case.contract.using(token)}
    role = members[case.actor].role if case.actor in members else ""
    granted = case.rules[f"acts.{act}.by"]
    if case.actor and not role:
        raise Refusal(RefusalReason.NOT_PERMITTED, f"{case.actor} is no user of the contract")
    if not permitted(granted, case.way, case.actor, role, list(concerned.items())):
        way = f"{role or 'stranger'} online" if case.way == ONLINE else case.way
        raise Refusal(RefusalReason.NOT_PERMITTED, f"{act} is not granted this way ({way})")


def _nothing(_case: RequestCase, _target: str, _entered: Entered) -> None:
    """The act's rules say all it does, or another desk does it, such as issuing a soft token."""


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
    Act.REVOKE: device_acts.revoke,
    Act.REPORT_LOSS: device_acts.report_loss,
    Act.EMERGENCY_STOP: contract_acts.known,
    Act.REPORT_LEAK: contract_acts.known,
    Act.FIND: device_acts.find,
    Act.READMIT: _nothing,
    Act.ISSUE_TOKEN: _nothing,
    Act.ADD_USER: contract_acts.add_user,
    Act.DELETE_USER: contract_acts.delete_user,
    Act.REPLACE_ADMINISTRATOR: contract_acts.replace_administrator,
    Act.HAND_IN_CONFIRMATION: _hand_in_confirmation,
    Act.CHANGE_ADDRESS: contract_acts.change_address,
    Act.RESET_SECRET: contract_acts.reset_secret,
    Act.CHANGE_SECRET: contract_acts.reset_secret,
    Act.REOPEN: _nothing,
    Act.CHANGE_METHOD: contract_acts.change_method,
    Act.ISSUE_CERTIFICATE: contract_acts.issue_certificate,
    Act.RENEW_CERTIFICATE: contract_acts.renew_certificate,
    Act.DELETE_CERTIFICATE: contract_acts.delete_certificate,
    Act.TERMINATE: contract_acts.terminate,
    Act.TERMINATE_AT_ONCE: contract_acts.terminate_at_once,
    Act.CANCEL_UNPAID: contract_acts.cancel_unpaid,
    Act.APPLY: contract_acts.apply,
    Act.HELP: _nothing,
    Act.CHANGE_EMAIL: _nothing,
    Act.ABOLISH: offer.abolish,
    Act.ADD_SERVICE: offer.add_service,
    Act.APPLY_SERVICE: offer.apply_for_service,
    Act.FILE_ACCOUNT: offer.file_account,
    Act.NO_RENEWAL: contract_acts.end_with_term,
    Act.WITHDRAW_ORDER: contract_acts.withdraw_order,
    Act.STOP_SERVICE: _nothing,
    Act.INTERRUPT: contract_acts.interrupt,
    Act.RESTORE: contract_acts.restore,
    Act.CHANGE_FEE: contract_acts.change_fee,
    Act.CHANGE_TERMS: contract_acts.change_terms,
    Act.CLAIM: contract_acts.claim,
}
