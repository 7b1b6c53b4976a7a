"""Steps of what customers do in the service: operations, confirmations, codes."""

from collections.abc import Mapping

from host_tools.client.bench import DisplayReading
from host_tools.scenario.bank_desk import (
    at_hand,
    desk_of,
    fill_in,
    fob_of,
    fresh_code,
    told,
    wrong_code,
)
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.steps.answers import accepts
from host_tools.scenario.world import World


@step(en="{user} does {quoted}", ja="{user}は{quoted}を行う")
def does(world: World, user: str, operation: str) -> Seen:
    """Do an operation of the bank, with everything right that it asks for."""
    return operate(world, user, operation)


@step(en="{user} does {quoted} in the edition {quoted}", ja="{user}は{quoted}を版{quoted}で行う")
def does_in_edition(world: World, user: str, operation: str, edition: str) -> Seen:
    """The same in a further edition of the contract."""
    return operate(world, user, operation, edition=desk_of(world).rules.name_of(edition))


@step(en="{user} does {quoted} on the device {quoted}", ja="{user}は{quoted}を端末{quoted}で行う")
def does_on_device(world: World, user: str, operation: str, device: str) -> Seen:
    """The same at that phone or PC; no bank of ours asks at which one."""
    return Seen(f"{device}: {operate(world, user, operation).text}")


@step(en="{user} does {quoted} from abroad", ja="{user}は{quoted}を海外から行う")
def does_abroad(world: World, user: str, operation: str) -> Seen:
    """The same from a connection outside Japan."""
    return operate(world, user, operation, beside={"from": "abroad"})


@step(en="the time of the lockout passes", ja="ロックアウトの期間が過ぎる")
def lockout_passes(world: World) -> None:
    """Let as much time pass as wrong passwords lock for."""
    world.advance(desk_of(world).current["secrets.login_password.lock_seconds"] + 1)


@step(
    en="{user} is locked out more often than the bank allows",
    ja="{user}は銀行が定める回数を超えてロックアウトされる",
)
def locked_out_too_often(world: World, user: str) -> None:
    """Enter wrong passwords until locked out, wait, and again; wait after the last time too."""
    rules = desk_of(world).current
    for _ in range(rules["secrets.login_password.locks"] + 1):
        for _ in range(rules["secrets.login_password.tries"]):
            operate(world, user, "login", wrong="login_password")
        lockout_passes.function(world)


@step(en="{user} does {quoted} without {quoted}", ja="{user}は{quoted}を{quoted}なしで行う")
def does_without(world: World, user: str, operation: str, item: str) -> Seen:
    """The same with one item left out."""
    return operate(world, user, operation, without=item)


@step(en="{user} does {quoted} with a wrong {quoted}", ja="{user}は{quoted}を誤った{quoted}で行う")
def does_wrongly(world: World, user: str, operation: str, item: str) -> Seen:
    """The same with one item entered wrongly."""
    return operate(world, user, operation, wrong=item)


@step(
    en="{user} {int} times does {quoted} with a wrong {quoted}",
    ja="{user}は{int}回{quoted}を誤った{quoted}で行う",
)
def does_wrongly_often(world: World, user: str, times: int, operation: str, item: str) -> Seen:
    """The same several times in a row."""
    seen = Seen()
    for _ in range(times):
        seen = operate(world, user, operation, wrong=item)
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
        return operate(world, user, operation)
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
        seen = told(world, desk.service.confirm(desk.contract_of(user), user, entered, now))
    return seen


@step(en="{user} confirms it", ja="{user}はそれを確認する")
def confirms(world: World, user: str) -> Seen:
    """Confirm what waits, with the confirmation password."""
    entered, _ = fill_in(world, user, ["confirmation_password"], None)
    desk, now = desk_of(world), world.now_seconds()
    return told(world, desk.service.confirm(desk.contract_of(user), user, entered, now))


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
    """Press the button once, and enter that many codes, each another than the one displayed."""
    fob, seen = world.fob(name), Seen()
    display = fresh_code(world, fob)
    wrong = wrong_code(world, fob)
    for _ in range(times):
        seen = _use(world, user, wrong, display)
    return seen


@step(
    en="{user} gives a code of {fob} every {int} days for {duration}",
    ja="{user}は{fob}のコードを{int}日ごとに{duration}の間示す",
)
def gives_regularly(world: World, user: str, name: str, days: int, seconds: int) -> Seen:
    """Let that time pass, and use the fob again and again; each code must be accepted."""
    end, seen = world.now() + seconds, Seen()
    while world.now() < end:
        world.advance(days * 86_400)
        seen = gives_code.function(world, user, name)
        accepts.function(world)
    return seen


@step(
    en="{user} gives one wrong code less than stops with {fob}",
    ja="{user}は停止に至る回数より1回少なく{fob}の誤ったコードを示す",
)
def gives_nearly_too_many(world: World, user: str, name: str) -> Seen:
    """Enter wrong codes in a row, one fewer than the bank's own number."""
    times = desk_of(world).current["limits.lock_after_failures"] - 1
    seen: Seen = gives_wrong_codes.function(world, user, times, name)
    return seen


def operate(
    world: World,
    user: str,
    operation: str,
    *,
    wrong: str = "",
    without: str = "",
    edition: str | None = None,
    beside: Mapping[str, str] | None = None,
) -> Seen:
    """Let a person do an operation, and return what was seen of the answer.

    Of what it asks for, `wrong` is entered wrongly and `without` is left out; `edition` is another
    one than the contract's, `beside` what is entered though it is not asked for.
    """
    desk = desk_of(world)
    rules = desk.current if edition is None else desk.rules.for_edition(edition)
    asked = rules[f"operations.{rules.operation(operation)}.asks"]
    entered, display = fill_in(
        world,
        user,
        at_hand(desk, user, asked),
        fob_of(world, user),
        wrong=rules.name_of(wrong),
        without=rules.name_of(without),
    )
    number, now = desk.contract_of(user), world.now_seconds()
    entered |= {**(beside or {}), **desk.replacements(world, user)}
    answer = desk.service.operate(number, user, operation, entered, now, edition)
    if answer.accepted:
        desk.learn_replacements(user, entered)
    return told(world, answer, display)


def _use(world: World, user: str, code: str, display: DisplayReading | None = None) -> Seen:
    desk = desk_of(world)
    number = desk.contract_of(user)
    return told(world, desk.service.use_code(number, user, code, world.now_seconds()), display)
