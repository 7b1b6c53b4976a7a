"""Acts on generators: ordered, mailed again, exchanged, suspended, released, lost and found."""

from firmware_model.errors import BadInput
from host_tools.services import operations, post, proofs
from host_tools.services.answers import Refusal, RefusalReason
from host_tools.services.case import Entered, RequestCase
from host_tools.services.contract import DeliveryPlace, Member, StopCause
from host_tools.services.vocabulary import SOFT
from host_tools.verification.decision import Verdict
from host_tools.verification.states import TokenEvent
from host_tools.verification.throttle import Scope

LOST = "lost"
"""Why a generator is void, where it matters afterwards."""


def order(case: RequestCase, _target: str, entered: Entered) -> None:
    """Order a generator: the first, or one more."""
    for other in case.rules["devices.only_without"]:
        if not entered.get(f"without_{other}"):
            raise Refusal(RefusalReason.NOT_ELIGIBLE, f"hardware is for users without {other}")
    hardware = [device for device in case.contract.devices.values() if device.kind != SOFT]
    _ordered(case, "additional" if hardware or case.contract.orders else "first")


def reissue(case: RequestCase, target: str, _entered: Entered) -> None:
    """Order one in the place of one that was lost."""
    lost = [
        device
        for device in case.contract.devices.values()
        if device.void == LOST and not device.replaced
    ]
    own = case.member(target).tokens
    mine = [device for device in lost if device.serial_number in own] or [
        device for device in lost if not case.contract.using(device.serial_number)
    ]
    if mine:
        mine[-1].replaced = True
        if mine[-1].kind != SOFT:  # else nothing is mailed: the app is set up anew
            _ordered(case, "reissue")
    elif not any(
        one.cause == StopCause.LOSS and one.subject == target for one in case.contract.stops
    ):
        raise Refusal(Verdict.UNKNOWN, f"no generator of {target} was reported lost")


def order_exchange(case: RequestCase, _target: str, _entered: Entered) -> None:
    """Order one in the place of one whose battery ends."""
    _ordered(case, "exchange")


def _ordered(case: RequestCase, fee: str) -> None:
    case.charge(fee)
    case.contract.orders.append(fee)


def resend(case: RequestCase, _target: str, _entered: Entered) -> None:
    """Mail again what came back."""
    back = [d for d in case.contract.devices.values() if d.place == DeliveryPlace.RETURNED]
    if len(back) <= case.contract.orders.count(post.AGAIN):
        raise Refusal(Verdict.UNKNOWN, "no generator came back")
    case.contract.orders.append(post.AGAIN)


def exchange(case: RequestCase, target: str, entered: Entered) -> None:
    """Let the old generator prove itself, and the new one take its place."""
    member = case.member(target)
    if not member.tokens:
        raise Refusal(Verdict.NOT_ENROLLED, f"{target} has no generator in use")
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
    operations.refuse_device(case, token, entered.get("new_terminal", ""))
    old = member.token
    try:
        proof, start = case.host.exchange(
            old, token, old_codes, codes, case.now, user=case.host_user(target)
        )
    except BadInput as error:
        raise Refusal(RefusalReason.UNFIT, str(error)) from None
    case.settle(member, proof)
    assert start is not None, "the old one proved itself"
    case.settle(member, start)
    case.make_void(old, "replaced")
    member.tokens = [start.serial_number]


def suspend(case: RequestCase, target: str, _entered: Entered) -> None:
    """Suspend a person's generator."""
    case.move(TokenEvent.SUSPEND, _token_of(case, target))


def resume(case: RequestCase, target: str, _entered: Entered) -> None:
    """Let it go on."""
    case.move(TokenEvent.RESUME, _token_of(case, target))
    case.member(target).without_code_until = 0


def unlock(case: RequestCase, target: str, _entered: Entered) -> None:
    """Forget the wrong codes, also those of an enrolment that never succeeded."""
    if case.rules["limits.scope"] == Scope.GENERATOR:
        case.move(TokenEvent.UNLOCK, _token_of(case, target), target)
        return
    user = case.host_user(case.member(target).name)
    case.host.unlock_user(user, case.now, case.host_actor())


def revoke(case: RequestCase, target: str, entered: Entered) -> None:
    """Make the generator of a person unusable; another one can be enrolled after a while."""
    token = _token_of(case, target)
    whole = case.rules["acts.revoke.of"] == "generator"
    ready = case.now + case.rules["acts.revoke.after_seconds"]
    for member in case.contract.using(token) if whole else [case.member(target)]:
        if not case.is_void(token):
            case.move(TokenEvent.RELEASE, token, member.name)
        member.enrols_from = ready
    if not case.rules["acts.revoke.after_seconds"]:
        release(case, target, entered)


def release(case: RequestCase, target: str, _entered: Entered) -> None:
    """Take a person's generators out of use."""
    release_all(case, case.member(target))


def release_all(case: RequestCase, member: Member) -> None:
    """Take a person's generators out of use; their registration is void."""
    for token in member.tokens:
        if not case.is_void(token):
            case.move(TokenEvent.RELEASE, token, member.name)
            device = case.device(token)
            if device is not None and device.kind == SOFT and not case.rules["devices.soft_again"]:
                device.void = "released"
    member.tokens = []


def report_loss(case: RequestCase, target: str, entered: Entered) -> None:
    """Put a person's generator out of use for all who share it.

    It may be one that was named, one in use, or one that is on its way or not enrolled yet. Who
    has none is heard all the same: what the act stops is stopped.
    """
    for token in _lost_by(case, target, entered):
        if not case.is_void(token):
            case.move(TokenEvent.LOSE, token)
            case.make_void(token, LOST)


def _lost_by(case: RequestCase, target: str, entered: Entered) -> list[str]:
    member = case.member(target)
    for item in proofs.TOKEN_NAMES:
        if name := entered.get(item):
            device = case.device(name)
            if device is None:
                raise Refusal(Verdict.UNKNOWN, f"{name} is no generator of the contract")
            return [device.serial_number]
    if member.tokens:
        return member.tokens
    unused = case.contract.unused()
    alone = len(case.contract.members) == 1 or len(unused) == 1
    return [one.serial_number for one in unused] if alone else []


def find(case: RequestCase, target: str, _entered: Entered) -> None:
    """Let what a person lost be enrolled anew."""
    member = case.member(target)
    for device in case.contract.devices.values():
        number = device.serial_number
        if device.void == LOST and (number in member.tokens or not case.contract.using(number)):
            case.move(TokenEvent.FIND, number)
            device.void = ""


def _token_of(case: RequestCase, target: str) -> str:
    if not (token := case.member(target).token):
        raise Refusal(Verdict.NOT_ENROLLED, f"{target} has no generator in use")
    return token
