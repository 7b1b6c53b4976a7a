"""Steps of a bank's day: operations, acts by form, phone or online, and what came of them."""

from firmware_model.errors import BadInput
from host_tools.client.bench import DisplayReading
from host_tools.scenario.bank_desk import BankDesk, desk_of, fill_in, fresh_code, wrong_code
from host_tools.scenario.parameters import REASONS
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.runner import StepFailed
from host_tools.scenario.steps.bank import listed
from host_tools.scenario.world import ScenarioFob, World
from host_tools.services.answers import ServiceAnswer, Why
from host_tools.services.certificates import VOID
from host_tools.services.customer_key import CustomerKey
from host_tools.services.permission import ONLINE
from host_tools.services.proofs import CODE
from host_tools.services.schema import BANK, Act


@step(en="{user} does {quoted}", ja="{user}は{quoted}を行う")
def does(world: World, user: str, operation: str) -> Seen:
    """Do an operation of the bank, with everything right that it asks for."""
    return _operate(world, user, operation)


@step(en="{user} does {quoted} without {quoted}", ja="{user}は{quoted}を{quoted}なしで行う")
def does_without(world: World, user: str, operation: str, item: str) -> Seen:
    """The same with one item left out."""
    return _operate(world, user, operation, without=item)


@step(en="{user} does {quoted} with a wrong {quoted}", ja="{user}は{quoted}を誤った{quoted}で行う")
def does_wrongly(world: World, user: str, operation: str, item: str) -> Seen:
    """The same with one item entered wrongly."""
    return _operate(world, user, operation, wrong=item)


@step(
    en="{user} {int} times does {quoted} with a wrong {quoted}",
    ja="{user}は{int}回{quoted}を誤った{quoted}で行う",
)
def does_wrongly_often(world: World, user: str, times: int, operation: str, item: str) -> Seen:
    """The same several times in a row."""
    seen = Seen()
    for _ in range(times):
        seen = _operate(world, user, operation, wrong=item)
    return seen


@step(
    en="{user} does {quoted} with the former {quoted}", ja="{user}は{quoted}を以前の{quoted}で行う"
)
def does_as_before(world: World, user: str, operation: str, item: str) -> Seen:
    """Do an operation with a password as it was before it was changed."""
    desk = desk_of(world)
    name = desk.rules.name_of(item)
    now = desk.secrets[user]
    desk.secrets[user] = now | {name: desk.former[user][name]}
    try:
        return _operate(world, user, operation)
    finally:
        desk.secrets[user] = now


@step(
    en="{user} {int} times confirms it with a wrong {quoted}",
    ja="{user}は{int}回、誤った{quoted}でそれを確認する",
)
def confirms_wrongly(world: World, user: str, times: int, item: str) -> Seen:
    """Try to confirm what waits, with another password than one's own."""
    wrong, seen = desk_of(world).rules.name_of(item), Seen()
    for _ in range(times):
        entered, _display = fill_in(world, user, ["confirmation_password"], None, wrong=wrong)
        desk, now = desk_of(world), world.now_seconds()
        seen = _told(world, desk.service.confirm(desk.contract_of(user), user, entered, now))
    return seen


@step(en="{user} confirms it", ja="{user}はそれを確認する")
def confirms(world: World, user: str) -> Seen:
    """Confirm what waits, with the confirmation password."""
    entered, _ = fill_in(world, user, ["confirmation_password"], None)
    desk, now = desk_of(world), world.now_seconds()
    return _told(world, desk.service.confirm(desk.contract_of(user), user, entered, now))


@step(en="{user} gives a code of {fob}", ja="{user}は{fob}のコードを示す")
def gives_code(world: World, user: str, name: str) -> Seen:
    """Press the button, and enter the code where the service asks for nothing else."""
    fob = world.fob(name)
    display = fresh_code(world, fob)
    return _use(world, user, fob.code, display)


@step(en="{user} gives the same code of {fob}", ja="{user}は{fob}の同じコードを示す")
def gives_same_code(world: World, user: str, name: str) -> Seen:
    """Enter the code that was read last once more."""
    return _use(world, user, world.fob(name).code)


@step(en="{user} gives {int} wrong codes of {fob}", ja="{user}は{int}回、{fob}の誤ったコードを示す")
def gives_wrong_codes(world: World, user: str, times: int, name: str) -> Seen:
    """Enter that many codes, each another than the one displayed."""
    fob, seen = world.fob(name), Seen()
    for _ in range(times):
        display = fresh_code(world, fob)
        seen = _use(world, user, wrong_code(world, fob), display)
    return seen


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


@step(en="the service accepts it", ja="サービスはそれを受け付ける")
def accepts(world: World) -> None:
    """Expect the service's last answer to be yes."""
    answer = _last(world)
    if not answer.accepted:
        raise StepFailed(
            f"expected the service to accept, it says: {answer.message} ({answer.reason})"
        )


@step(en="the service refuses it as {reason}", ja="サービスはそれを{reason}として拒否する")
def refuses(world: World, reason: Why) -> None:
    """Expect the service's last answer to be no, for that reason."""
    answer = _last(world)
    if answer.reason is not reason:
        raise StepFailed(
            f"expected a refusal as {reason}, the service says: {answer.message} ({answer.reason})"
        )


@step(en="the last certificate of {user} is void", ja="{user}の最後の電子証明書は無効である")
def certificate_void(world: World, user: str) -> None:
    """Expect the bank to have ended the certificate itself, not only the contract."""
    desk = desk_of(world)
    owner = f"{desk.contract_of(user)}/{user}"
    states = [state for state in desk.service.bank.certificates.values() if owner in state]
    if not states or not states[-1].startswith(VOID):
        raise StepFailed(f"expected a void certificate, there is: {states[-1:]}")


@step(en="{user} is asked to enrol", ja="{user}に利用登録画面が表示される")
def asked_to_enrol(world: World, user: str) -> None:
    """Expect that the person has no generator in use, so that the enrolment screen is shown."""
    if _generators(world, user):
        raise StepFailed(f"expected the enrolment screen, {user} has a generator in use")


@step(en="{user} is not asked to enrol", ja="{user}に利用登録画面は表示されない")
def not_asked_to_enrol(world: World, user: str) -> None:
    """Expect that the person has a generator in use."""
    if not _generators(world, user):
        raise StepFailed(f"expected no enrolment screen, {user} has no generator in use")


@step(en="{int} yen were charged so far", ja="これまでの手数料は{int}円である")
def charged(world: World, yen: int) -> Seen:
    """Expect the sum of the contract's ledger."""
    ledger = desk_of(world).contract(world).ledger
    total = sum(entry.yen for entry in ledger)
    if total != yen:
        raise StepFailed(f"expected {yen} yen, the ledger has {total}")
    return Seen(", ".join(f"{entry.fee} {entry.yen}" for entry in ledger))


@step(en="the bank has announced {act}", ja="銀行は{act}を公表している")
def announced(world: World, act: Act) -> None:
    """Expect a public announcement of that act."""
    if act not in desk_of(world).service.bank.announcements:
        raise StepFailed(f"expected an announcement of {act}, there is none")


@step(en="the bank has told the customer of {act}", ja="銀行は{act}を契約者に通知している")
def notified(world: World, act: Act) -> None:
    """Expect a letter to the customer about that act."""
    if f"notice of {act}" not in desk_of(world).contract(world).letters:
        raise StepFailed(f"expected a notice of {act}, the customer had none")


@step(en="the bank has announced nothing", ja="銀行は何も公表していない")
def not_announced(world: World) -> None:
    """Expect no public announcement."""
    if told := desk_of(world).service.bank.announcements:
        raise StepFailed(f"expected no announcement, there are: {', '.join(told)}")


def _operate(
    world: World, user: str, operation: str, *, wrong: str = "", without: str = ""
) -> Seen:
    desk = desk_of(world)
    rules = desk.current
    asked = rules[f"operations.{rules.operation(operation)}.asks"]
    entered, display = fill_in(
        world,
        user,
        _at_hand(desk, user, asked),
        _fob_of(world, user),
        wrong=rules.name_of(wrong),
        without=rules.name_of(without),
    )
    number, now = desk.contract_of(user), world.now_seconds()
    answer = desk.service.operate(number, user, operation, entered, now)
    return _told(world, answer, display)


def _use(world: World, user: str, code: str, display: DisplayReading | None = None) -> Seen:
    desk = desk_of(world)
    number = desk.contract_of(user)
    return _told(world, desk.service.use_code(number, user, code, world.now_seconds()), display)


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
        asked = _at_hand(desk, user, rules[f"acts.{act}.asks"])
        entered, display = fill_in(
            world, user, asked, _fob_of(world, user), without=rules.name_of(without)
        )
    for item in listed(items):
        name, _, text = item.partition("=")
        entered[rules.name_of(name.strip())] = rules.name_of(text.strip()) or "yes"
    new_secrets = _new_secrets(desk, target) if act is Act.RESET_SECRET else {}
    entered |= {f"new_secret_{item}": secret for item, secret in new_secrets.items()}
    key_pair = CustomerKey.generate() if act is Act.ISSUE_CERTIFICATE else desk.keys.get(target)
    if key_pair is not None:
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
    return _told(world, answer, display)


def _new_secrets(desk: BankDesk, user: str) -> dict[str, str]:
    """Return another of the first secret that somebody might have forgotten."""
    known = desk.secrets.get(user, {})
    item = "login_password" if "login_password" in known else next(iter(known))
    return {item: f"{known[item]}+"}


def _generators(world: World, user: str) -> list[str]:
    return desk_of(world).contract(world).members[user].tokens


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
    return _told(world, answer, display)


def _at_hand(desk: BankDesk, user: str, asked: list[str]) -> list[str]:
    # Who has no generator cannot enter a code.
    return [item for item in asked if item != CODE or user in desk.generators]


def _fob_of(world: World, user: str) -> ScenarioFob | None:
    name = desk_of(world).generators.get(user)
    return None if name is None else world.fob(name)


def _told(world: World, answer: ServiceAnswer, display: DisplayReading | None = None) -> Seen:
    desk_of(world).answer = answer
    return Seen(world.in_language(en=answer.message, ja=REASONS[answer.reason][1]), display)


def _last(world: World) -> ServiceAnswer:
    answer = desk_of(world).answer
    if answer is None:
        raise BadInput("nobody has asked the service for anything yet")
    return answer
