"""The post: generators on their way to the customer and back, letters and e-mails."""

from collections.abc import Mapping

from host_tools.services import contract_grounds
from host_tools.services.answers import Refusal
from host_tools.services.case import RequestCase
from host_tools.services.contract import (
    CustomerMessage,
    DeliveryPlace,
    IssuedToken,
    StopCause,
)
from host_tools.verification.decision import Verdict

AGAIN = "resend"
"""The order of a generator that came back; no other order is for it."""


WITH_CONTRACT = "with_contract"
"""The order of a generator that is issued with the contract itself, for the fee of a first one."""


def send(case: RequestCase, token: str) -> None:
    """Take an order up by sending the generator `token`; refuses where nothing is on order."""
    came_back = case.device(token) is not None
    fitting = [one for one in case.contract.orders if (one == AGAIN) is came_back]
    if not fitting:
        raise Refusal(Verdict.UNKNOWN, "nothing is on order")
    case.contract.orders.remove(fitting[0])
    if fitting[0] == WITH_CONTRACT:
        case.charge("first")


def deliver(case: RequestCase, token: str) -> None:
    """Hand over what was mailed; refuses what is not on its way."""
    _mailed(case, token).place = DeliveryPlace.DELIVERED


def bring_back(case: RequestCase, token: str, *, wrong_address: bool) -> None:
    """Bring back what was mailed: nobody fetched it, or nobody lives there."""
    _mailed(case, token).place = DeliveryPlace.RETURNED
    if wrong_address:
        case.stop(case.rules["mail.returned_stops"], "", StopCause.RETURNED_MAIL)
        contract_grounds.note(case, contract_grounds.WHEREABOUTS_UNKNOWN)


def write_email(case: RequestCase, name: str, items: Mapping[str, str]) -> None:
    """Send a person the e-mail to set a soft token up with: of `items` what the rules say."""
    rules = case.rules
    content = {item: items[item] for item in rules["mail.holds"] if item in items}
    text = rules["mail.text"]
    for item, value in content.items():
        text = text.replace(f"{{{item}}}", value)
    case.contract.messages.append(
        CustomerMessage(
            "email",
            name,
            rules["mail.subject"],
            case.now,
            rules["mail.sender"],
            items.get("email", ""),
            text,
            content,
        )
    )


def _mailed(case: RequestCase, token: str) -> IssuedToken:
    device = case.device(token)
    if device is None or device.place != DeliveryPlace.MAILED:
        raise Refusal(Verdict.UNKNOWN, "it is not in the mail")
    return device
