"""Steps of what is asked of the bank, by form, phone or online, and what it decides."""

from host_tools.scenario.bank_desk import (
    BankDesk,
    at_hand,
    desk_of,
    fill_in,
    fob_of,
    last_answer,
    told,
)
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.runner import StepFailed
from host_tools.scenario.steps.bank import listed
from host_tools.scenario.world import World
from host_tools.services.customer_key import CustomerKey
from host_tools.services.permission import ONLINE
from host_tools.services.vocabulary import BANK, PAPER, Act

FOR_WHOM = "for_whom"
"""The item of a form that names the person it is for."""


@step(en="{user} hands in the printed confirmation", ja="{user}は印刷した確認書を提出する")
def hands_in_confirmation(world: World, user: str) -> Seen:
    """Hand in what was printed from the screen; what was asked for there is done then."""
    return _act(world, user, PAPER, Act.HAND_IN_CONFIRMATION, user)


@step(
    en="{user} chooses the menu {quoted} for {user}",
    ja="{user}はメニュー{quoted}を{user}のために選ぶ",
)
def chooses_menu(world: World, user: str, menu: str, target: str) -> Seen:
    """Do online what the service's pages offer under that menu."""
    rules = desk_of(world).current
    acts = [name for name in rules.names("acts") if rules[f"acts.{name}.menu"] == menu]
    if not acts:
        raise StepFailed(f"the service has no menu {menu!r}")
    return _act(world, user, ONLINE, Act(acts[0]), target)


@step(en="{user} asks {way} for {act}", ja="{user}は{way}{act}を求める")
def asks(world: World, user: str, way: str, act: Act) -> Seen:
    """Ask the bank for an act for oneself; online, with everything right that it asks for."""
    return _act(world, user, way, act, user)


@step(en="{user} asks {way} for {act} of {user}", ja="{user}は{way}{act}を{user}のために求める")
def asks_for(world: World, user: str, way: str, act: Act, target: str) -> Seen:
    """Ask the bank for an act for somebody else."""
    return _act(world, user, way, act, target)


@step(
    en="{user} asks {way} for {act} with {quoted}", ja="{user}は{way}{act}を{quoted}を添えて求める"
)
def asks_with(world: World, user: str, way: str, act: Act, items: str) -> Seen:
    """Ask with what the act needs beside: items, or `item = what it says`, with commas between."""
    return _act(world, user, way, act, user, items)


@step(
    en="{user} asks online for {act} without {quoted}",
    ja="{user}はオンラインで{act}を{quoted}なしで求める",
)
def asks_without(world: World, user: str, act: Act, item: str) -> Seen:
    """Ask online with one item left out."""
    return _act(world, user, ONLINE, act, user, without=item)


@step(
    en="{user} asks online for {act} with {quoted} but without {quoted}",
    ja="{user}はオンラインで{act}を{quoted}を添え、{quoted}なしで求める",
)
def asks_with_without(world: World, user: str, act: Act, items: str, item: str) -> Seen:
    """Ask online with what the act needs beside, and one item left out."""
    return _act(world, user, ONLINE, act, user, items, without=item)


@step(
    en="{user} asks online for {act} of {user} without {quoted}",
    ja="{user}はオンラインで{act}を{user}のために{quoted}なしで求める",
)
def asks_for_without(world: World, user: str, act: Act, target: str, item: str) -> Seen:
    """Ask online for somebody else, with one item left out."""
    return _act(world, user, ONLINE, act, target, without=item)


@step(en="{user} exchanges {fob} for {fob}", ja="{user}は{fob}を{fob}に交換する")
def exchanges(world: World, user: str, old: str, new: str) -> Seen:
    """Ask online for an exchange: what the rulebook asks of the old one, and an enrolment."""
    return _exchange(world, user, old, new)


@step(
    en="{user} exchanges {fob} for {fob} without {quoted}",
    ja="{user}は{fob}を{fob}に{quoted}なしで交換する",
)
def exchanges_without(world: World, user: str, old: str, new: str, item: str) -> Seen:
    """The same with one item of the old one left out."""
    return _exchange(world, user, old, new, without=item)


@step(en="the bank decides on {act} with {quoted}", ja="銀行は{act}を{quoted}で決める")
def decides_with(world: World, act: Act, items: str) -> Seen:
    """Let the bank do an act about all contracts, with what belongs to it."""
    return _act(world, "", BANK, act, "", items)


@step(en="the bank decides on {act} for {user}", ja="銀行は{act}を{user}について決める")
def decides_for(world: World, act: Act, user: str) -> Seen:
    """Let the bank do an act by itself."""
    return _act(world, "", BANK, act, user)


@step(en="the bank decides on {act}", ja="銀行は{act}を決める")
def decides(world: World, act: Act) -> Seen:
    """Let the bank do an act that is about the contract, or about all of them."""
    return _act(world, "", BANK, act, "")


@step(en="{user} taps {quoted}", ja="{user}は{quoted}を押す")
def taps(world: World, user: str, button: str) -> Seen:
    """Tap a button of the page that is shown, with nothing entered; most lead away from it."""
    rules, screen = desk_of(world).current, last_answer(world).screen
    if not screen or button not in rules["pages.buttons"]:
        raise StepFailed(f"there is no {button!r} on the page {screen!r}")
    if button != rules["pages.buttons"][0]:
        return Seen(screen)
    return _act(world, user, ONLINE, Act.ISSUE_TOKEN, user)


def _act(
    world: World,
    user: str,
    way: str,
    act: Act,
    target: str,
    items: str = "",
    without: str = "",
) -> Seen:
    desk = desk_of(world)
    rules = desk.current
    entered: dict[str, str] = {}
    display = None
    if way == ONLINE:
        asked = at_hand(desk, user, rules[f"acts.{act}.asks"])
        entered, display = fill_in(
            world, user, asked, fob_of(world, user), without=rules.name_of(without)
        )
    for item in listed(items):
        name, given, text = item.partition("=")
        named = rules.name_of(text.strip()) or ("" if given else "yes")
        entered[rules.name_of(name.strip())] = named
    target = entered.pop(FOR_WHOM, target)
    changes = act in (Act.RESET_SECRET, Act.CHANGE_SECRET)
    new_secrets = _new_secrets(desk, target) if changes else {}
    entered |= {f"new_secret_{item}": secret for item, secret in new_secrets.items()}
    key_pair = CustomerKey.generate() if act is Act.ISSUE_CERTIFICATE else desk.keys.get(target)
    if key_pair is not None and target:
        entered["request"] = key_pair.request(target)
    if newcomer := entered.get("new_user"):
        secrets = {item: desk.sample(item) for item in desk.secret_items()}
        entered |= {f"new_secret_{item}": secret for item, secret in secrets.items()}
        desk.people[newcomer] = desk.contract_of(user)
        desk.secrets[newcomer] = secrets
    number = desk.contract_of(target or user)
    answer = desk.service.act(
        act, number, world.now_seconds(), way=way, actor=user, target=target, entered=entered
    )
    if answer.accepted and key_pair is not None:
        desk.keys[target] = key_pair
    if answer.accepted and new_secrets:
        desk.former[target] = desk.secrets[target]
        desk.secrets[target] = desk.secrets[target] | new_secrets
    return told(world, answer, display)


def _new_secrets(desk: BankDesk, user: str) -> dict[str, str]:
    """Return another of the first secret that somebody might have forgotten."""
    known = desk.secrets.get(user, {})
    item = "login_password" if "login_password" in known else next(iter(known), "")
    return {item: f"{known[item]}+"} if item else {}


def _exchange(world: World, user: str, old: str, new: str, without: str = "") -> Seen:
    desk = desk_of(world)
    rules = desk.current
    asked = rules["acts.exchange.asks"]
    entered, _ = fill_in(world, user, asked, world.fob(old), without=rules.name_of(without))
    fresh, display = fill_in(world, user, rules["enrolment.asks"], world.fob(new))
    fresh["terminal"] = world.fob(new).terminal
    entered |= {f"new_{item}": text for item, text in fresh.items()}
    number, now = desk.contract_of(user), world.now_seconds()
    answer = desk.service.act(
        Act.EXCHANGE, number, now, way=ONLINE, actor=user, target=user, entered=entered
    )
    if answer.accepted:
        desk.generators[user] = new
    return told(world, answer, display)
