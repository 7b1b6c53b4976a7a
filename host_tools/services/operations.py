"""What a customer does in the service: operations that ask for proofs, and enrolment."""

from firmware_model.errors import BadInput, Denied
from host_tools.services import contract_grounds, offer, proofs
from host_tools.services.answers import Refusal, RefusalReason
from host_tools.services.case import Entered, RequestCase
from host_tools.services.contract import DeliveryPlace, Member, ServiceEnd, StopCause, Transfer
from host_tools.services.vocabulary import SOFT
from host_tools.verification.decision import Verdict
from host_tools.verification.states import Actor, Role


def operate(case: RequestCase, name: str, operation: str, entered: Entered) -> int | None:
    """Carry out an operation, or take it up until it is confirmed; refuses what does not prove.

    The code is looked at last, so that nothing uses it up in vain. Returns its moving factor.
    """
    member = _active(case, name)
    if entered.get("from") == "abroad" and case.rules["contract.abroad"] == "refused":
        raise Refusal(RefusalReason.NOT_PERMITTED, "the service is not offered abroad")
    offer.refuse_not_offered(case, operation)
    offer.refuse_account(case, entered.get("account", ""))
    asks = case.rules[f"operations.{operation}.asks"]
    by_code = proofs.CODE in asks
    case.refuse_stopped(member, operation, by_code=by_code)
    if by_code and not _asked_now(case, member):
        asks = [item for item in asks if item != proofs.CODE]
    confirm_seconds = case.rules[f"operations.{operation}.confirm_seconds"]
    later = [item for item in asks if confirm_seconds and item == "confirmation_password"]
    now = [item for item in asks if item not in later]
    factor = prove(case, member, now, entered, operation)
    proofs.replace_temporary(case, member, entered)
    if case.rules[f"operations.{operation}.order"]:
        transfer = Transfer(operation, name, case.now)
        if later:
            transfer.confirm_by, transfer.state = case.now + confirm_seconds, "waiting"
        case.contract.transfers.append(transfer)
    case.contract.used_at = case.now
    return factor


def confirm(case: RequestCase, name: str, entered: Entered) -> None:
    """Confirm the person's last operation; what comes too late makes it void."""
    member = _active(case, name)
    open_ones = [
        one for one in case.contract.transfers if one.confirm_by and one.state != "settled"
    ]
    if not open_ones:
        raise Refusal(Verdict.UNKNOWN, "nothing waits to be confirmed")
    transfer = open_ones[-1]
    case.refuse_stopped(member, transfer.operation, by_code=False)
    if transfer.state == "void":
        raise Refusal(RefusalReason.TOO_LATE, "the time to confirm is over: the order is void")
    proofs.check(case, member, ["confirmation_password"], entered, transfer.operation)
    transfer.state = "settled"


def prove(
    case: RequestCase, member: Member, asks: list[str], entered: Entered, operation: str = ""
) -> int | None:
    """Check all that `asks` wants, the code last; return the code's moving factor."""
    if proofs.CODE in asks and not member.tokens:
        raise Refusal(Verdict.NOT_ENROLLED, f"{member.name} has no generator in use")
    proofs.check(case, member, asks, entered, operation)
    if proofs.CODE not in asks:
        return None
    (code,) = proofs.codes_of(asks, entered)
    return case.verify(member, code)


def enrol(case: RequestCase, name: str, entered: Entered) -> int | None:
    """Put a generator into a person's use: everything the rulebook asks for must match."""
    member = _active(case, name)
    reissued = any(
        device.void == "lost" and device.replaced for device in case.contract.devices.values()
    )
    case.refuse_stopped(member, "", by_code=True, but=(StopCause.LOSS,) if reissued else ())
    if member.enrols_from > case.now:
        raise Refusal(RefusalReason.TOO_EARLY, "the revocation is not finished yet")
    if case.contract.method != "otp":
        raise Refusal(
            RefusalReason.NOT_ELIGIBLE, f"the contract proves itself by {case.contract.method}"
        )
    if case.rules["enrolment.first_code"] != entered.get("by", "page"):
        raise Refusal(
            RefusalReason.NOT_PERMITTED,
            f"the first code comes by {case.rules['enrolment.first_code']}",
        )
    asks = case.rules["enrolment.asks"]
    proofs.check(case, member, asks, entered)
    codes = proofs.codes_of(asks, entered)
    token = _named(case, asks, entered)
    refuse_device(case, token, entered.get("terminal", ""))
    _refuse_ended(case, token)
    in_use = [one for one in member.tokens if not case.is_void(one)]
    if len(in_use) >= case.rules["devices.per_user"]:
        raise Refusal(RefusalReason.TAKEN, f"{name} has a generator in use already")
    user, by = case.host_user(name), Actor(Role.BANK, f"{case.way} {name}")
    try:
        answer = case.host.enroll(token, user, codes, case.now, by)
    except Denied as error:
        raise Refusal(RefusalReason.TAKEN, str(error)) from None
    except BadInput as error:
        raise Refusal(RefusalReason.UNFIT, str(error)) from None
    factor = case.settle(member, answer)
    member.tokens = [*in_use, answer.serial_number]
    device = case.device(answer.serial_number)
    if device is not None and device.kind == SOFT:
        case.charge("soft")
    member.without_code_until = 0
    case.contract.service_end = ServiceEnd.NOT
    if reissued:
        case.lift((StopCause.LOSS,), name)
    return factor


def refuse_device(case: RequestCase, token: str, terminal: str) -> None:
    """Refuse a generator that this bank does not use, or that is not in the customer's hands.

    `terminal` is the phone or PC from which it is enrolled. What another customer uses is for the
    host to refuse, and so is what nobody knows.
    """
    device = case.device(token)
    if device is None:
        if case.is_on_stock(token):
            raise Refusal(Verdict.NOT_ACTIVE, "the generator was not given to this contract")
        return
    if device.place != DeliveryPlace.DELIVERED or device.void:
        raise Refusal(Verdict.NOT_ACTIVE, f"the generator is {device.void or device.place}")
    if device.kind == SOFT:
        bound = case.rules["enrolment.soft_from"] == "its_device"
        if bound and terminal != device.terminal:
            raise Refusal(
                RefusalReason.NOT_PERMITTED, "it is enrolled from the device it is installed on"
            )
        return
    if device.factor not in case.rules["devices.factors"]:
        raise Refusal(RefusalReason.NOT_ELIGIBLE, f"this bank uses no {device.factor} generators")
    if device.factor == "totp" and device.step_seconds != case.rules["devices.step_seconds"]:
        raise Refusal(RefusalReason.NOT_ELIGIBLE, f"not a generator of {device.step_seconds} s")


def _active(case: RequestCase, name: str) -> Member:
    if case.contract.ended_at:
        raise Refusal(RefusalReason.ENDED, "the contract has ended")
    member = case.member(name)
    if member.effective_at > case.now:
        raise Refusal(RefusalReason.TOO_EARLY, f"the registration of {name} is not processed yet")
    return member


def _refuse_ended(case: RequestCase, token: str) -> None:
    """Refuse an enrolment in a service that was ended, where it alone does not lead back."""
    end, device = case.contract.service_end, case.device(token)
    if not end:
        return
    if found := contract_grounds.grounds(case):
        raise Refusal(RefusalReason.ENDED, f"the service was ended: {', '.join(found)}")
    if end == ServiceEnd.CANCELLED or device is None or device.kind != SOFT:
        raise Refusal(RefusalReason.ENDED, "the service was ended: an application comes first")


def _asked_now(case: RequestCase, member: Member) -> bool:
    if case.bank.interrupted:
        return False
    if member.without_code_until:
        if case.now < member.without_code_until:
            return False
        raise Refusal(RefusalReason.TOO_LATE, "the days without a code are over")
    return bool(member.tokens) or case.rules["otp.required"] == "always"


def _named(case: RequestCase, asks: list[str], entered: Entered) -> str:
    names = {entered[item] for item in asks if item in proofs.TOKEN_NAMES}
    if not names:
        # Nobody is asked which one it is: the one that was given out last.
        names = {device.serial_number for device in [*case.contract.devices.values()][-1:]}
    if len(names) != 1:
        raise Refusal(RefusalReason.MISMATCH, "these are not the names of one generator")
    (name,) = names
    return name
