"""Steps of the post and of the customer's own machines."""

from host_tools.scenario.bank_desk import OWN, desk_of
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.runner import StepFailed
from host_tools.scenario.steps.bank import new_generator
from host_tools.scenario.world import World


@step(en="the bank mails {fob}", ja="銀行は{fob}を郵送する")
def mails(world: World, name: str) -> Seen:
    """Take and provision a fob as the rulebook wants it, and mail it for an open order.

    One that came back is mailed again.
    """
    desk = desk_of(world)
    fob = world.fob(name) if name in world.fobs else new_generator(world, name)
    assert fob.record is not None
    orders = [one.number for one in desk.contracts(world) if one.orders]
    number = orders[0] if orders else OWN
    desk.answer = desk.service.mail(number, fob.record, world.now_seconds())
    return Seen(desk.answer.message)


@step(en="the post delivers {fob}", ja="{fob}が配達される")
def delivers(world: World, name: str) -> Seen:
    """Let what was mailed arrive."""
    desk = desk_of(world)
    number = _contract_with(world, name)
    desk.answer = desk.service.deliver(number, _serial(world, name), world.now_seconds())
    return Seen(desk.answer.message)


@step(en="the post returns {fob}: not collected", ja="{fob}は留置期間経過で返戻される")
def returns_uncollected(world: World, name: str) -> Seen:
    """Let it come back because nobody fetched it in time."""
    return _returned(world, name, wrong_address=False)


@step(en="the post returns {fob}: wrong address", ja="{fob}は住所不正確で返戻される")
def returns_wrong_address(world: World, name: str) -> Seen:
    """Let it come back because the registered address is not right."""
    return _returned(world, name, wrong_address=True)


@step(en="{int} accepted orders will be carried out", ja="受付済みの依頼{int}件は手続きされる")
def carried_out(world: World, count: int) -> None:
    """Expect how many of the operations that were accepted still stand."""
    transfers = desk_of(world).contract(world).transfers
    standing = [one for one in transfers if one.state == "settled"]
    if len(standing) != count:
        raise StepFailed(f"expected {count} orders to stand, {len(standing)} do")


@step(
    en="the post returns the letter with the password of {user}",
    ja="{user}のパスワードの書面は不着で返戻される",
)
def returns_password_letter(world: World, user: str) -> None:
    """Let the letter with the login password come back: it could not be handed over."""
    desk = desk_of(world)
    desk.service.return_password_letter(desk.contract_of(user), world.now_seconds())


@step(en="the open order of {user} goes to {quoted}", ja="{user}への送付先は{quoted}である")
def order_goes_to(world: World, user: str, address: str) -> None:
    """Expect an open order, and to which address its generator will be mailed."""
    desk = desk_of(world)
    if not desk.contract(world, user).orders:
        raise StepFailed(f"expected an open order of {user}, there is none")
    found = desk.current["mail.generators_to"]
    if desk.rules.name_of(address) != found:
        raise StepFailed(f"expected it to go to {address}, it goes to {found or 'nowhere'}")


@step(en="the charge of {fob} is {int} percent", ja="{fob}の電池残量は{int}%である")
def has_charge(world: World, name: str, percent: int) -> None:
    """Set what is left in the coin cell (bench)."""
    world.fob(name).require_bench.set_charge(percent)


@step(en="the bank has {int} generators to send", ja="銀行が送付すべき生成機は{int}個である")
def on_order(world: World, count: int) -> Seen:
    """Expect how many orders are open."""
    orders = desk_of(world).contract(world).orders
    if len(orders) != count:
        raise StepFailed(f"expected {count} open orders, there are {len(orders)}")
    return Seen(", ".join(orders))


def _returned(world: World, name: str, *, wrong_address: bool) -> Seen:
    desk, now = desk_of(world), world.now_seconds()
    desk.answer = desk.service.return_mail(
        _contract_with(world, name), _serial(world, name), now, wrong_address=wrong_address
    )
    return Seen(desk.answer.message)


def _contract_with(world: World, name: str) -> str:
    serial = _serial(world, name)
    held = (one.number for one in desk_of(world).contracts(world) if serial in one.devices)
    return next(held, OWN)


def _serial(world: World, name: str) -> str:
    record = world.fob(name).record
    return record.serial_number if record else ""
