"""Steps of soft tokens at the bank's desk, of time in Japan, and of letters."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from firmware_model.errors import BadInput
from host_tools.scenario.bank_desk import OWN, desk_of, fill_in
from host_tools.scenario.issuing import SERVICE_ID, issuing_of
from host_tools.scenario.parameters import REASONS
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.runner import StepFailed
from host_tools.scenario.steps.bank import listed
from host_tools.scenario.world import World
from host_tools.services.help_hours import JAPAN
from host_tools.services.permission import ONLINE
from host_tools.services.vocabulary import Act

_SATURDAY = 5
_MONTH_AND_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")
_DAYS = (
    ("weekday", "平日"),
    ("Saturday", "土曜日"),
    ("1 January", "1月1日"),
    ("Sunday", "日曜日"),
    ("holiday", "祝日"),
)

DOWNLOAD_ADDRESS = "https://app.example.jp/"
"""Where the app is, in every scenario; a sample of ours."""


@step(
    en="{user} orders a soft token with the start password {quoted}",
    ja="{user}は利用開始パスワード{quoted}でトークン発行を依頼する",
)
def orders(world: World, user: str, password: str) -> Seen:
    """Ask online for a soft token, all that is asked for right; the desk issues it on a yes."""
    return _ordered(world, user, {"start_password": password})


@step(
    en="{user} orders a soft token with {quoted}",
    ja="{user}は{quoted}でトークン発行を依頼する",
)
def orders_with(world: World, user: str, items: str) -> Seen:
    """The same with some items as they stand there: `item = text`, with commas between."""
    desk = desk_of(world)
    changes = {}
    for item in listed(items):
        name, _, text = item.partition("=")
        changes[desk.rules.name_of(name.strip())] = text.strip()
    return _ordered(world, user, changes)


@step(
    en="{user} orders a soft token without {quoted}",
    ja="{user}は{quoted}なしでトークン発行を依頼する",
)
def orders_without(world: World, user: str, item: str) -> Seen:
    """The same with one item left out."""
    return _ordered(world, user, {desk_of(world).rules.name_of(item): ""})


@step(en="the e-mail to {user} holds {quoted}", ja="{user}への電子メールには{quoted}が記載される")
def mail_holds(world: World, user: str, items: str) -> Seen:
    """Expect exactly those items in the last e-mail, in any order."""
    desk = desk_of(world)
    sent = desk.last_email(world, user)
    email = sent.content if sent else {}
    wanted = [desk.rules.name_of(item) for item in listed(items)]
    if set(email) != set(wanted):
        raise StepFailed(f"expected {', '.join(wanted)}; the e-mail holds {', '.join(email)}")
    return Seen(", ".join(f"{item} {text}" for item, text in email.items()))


@step(
    en="{user} starts with the code that {fob} handed over",
    ja="{user}は{fob}が自動で入力したコードで利用を開始する",
)
def starts_directly(world: World, user: str, name: str) -> Seen:
    """Let the first Direct login start the use, with the code the app handed over."""
    desk, fob = desk_of(world), world.fob(name)
    entered = {"code": fob.code, "by": "direct_login", "terminal": fob.terminal}
    number = desk.contract_of(user)
    desk.answer = desk.service.enrol(number, user, entered, world.now_seconds())
    if desk.answer.accepted:
        desk.generators[user] = name
    return _told(world)


@step(
    en="{user} does {quoted} with the code that {fob} handed over",
    ja="{user}は{quoted}を{fob}が自動で入力したコードで行う",
)
def does_directly(world: World, user: str, operation: str, name: str) -> Seen:
    """Do an operation with the code the app handed over; nobody typed it."""
    desk = desk_of(world)
    rules = desk.current
    asked = rules[f"operations.{rules.operation(operation)}.asks"]
    entered, _ = fill_in(world, user, asked, None, without="code")
    entered["code"] = world.fob(name).code
    number, now = desk.contract_of(user), world.now_seconds()
    desk.answer = desk.service.operate(number, user, operation, entered, now)
    return _told(world)


@step(
    en="it is the next {quoted} at {int} hours {int} in Japan",
    ja="日本時間で次の{quoted}の{int}時{int}分である",
)
def is_when(world: World, day: str, hour: int, minute: int) -> Seen:
    """Let time pass (bench) to the next weekday, Saturday, holiday, 02-11 ..., at that hour."""
    kinds = {kind: number for number, names in enumerate(_DAYS) for kind in names}
    date = _MONTH_AND_DAY.fullmatch(day) is not None
    if day not in kinds and not date:
        raise BadInput(f"{day!r} is none of {', '.join(kinds)}")
    holidays = desk_of(world).current["help.holidays"]
    now = datetime.fromtimestamp(world.now_seconds(), UTC).astimezone(JAPAN)
    then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)

    def is_wanted() -> bool:
        if date:  # one that is no weekend
            return f"{then:%m-%d}" == day and then.weekday() < _SATURDAY
        return _kind(then, holidays) == kinds[day]

    while then <= now or not is_wanted():
        then += timedelta(days=1)
    world.advance(Decimal(int(then.timestamp())) - world.now())
    return Seen(f"{then:%Y-%m-%d %H:%M}")


@step(en="the contract was renewed {int} times", ja="契約は{int}回継続された")
def was_renewed(world: World, times: int) -> None:
    """Expect how often the contract's term has begun anew."""
    renewals = desk_of(world).contract(world).renewals
    if renewals != times:
        raise StepFailed(f"expected {times} renewals, there were {renewals}")


@step(en="the bank learns of the customer: {quoted}", ja="銀行は契約者について{quoted}を知る")
def learns(world: World, fact: str) -> None:
    """Let something become known that may be a ground to end the contract."""
    desk = desk_of(world)
    desk.service.learn(OWN, desk.rules.name_of(fact), world.now_seconds())


@step(en="it is no longer true of the customer: {quoted}", ja="契約者の{quoted}は解消している")
def is_settled(world: World, fact: str) -> None:
    """Let a ground to end the contract be gone."""
    desk = desk_of(world)
    desk.service.settle_fact(OWN, desk.rules.name_of(fact), world.now_seconds())


@step(
    en="the account that fees are drawn from is empty",
    ja="手数料の引落口座に残高がない",
)
def account_is_empty(world: World) -> None:
    """Let fees stay unpaid from now on, until the contract pays them."""
    desk_of(world).service.empty_account(OWN, world.now_seconds())


@step(en="the contract has paid its fees", ja="契約者は手数料を支払っている")
def has_paid(world: World) -> None:
    """Take it that everything was paid up to now."""
    desk_of(world).service.pay(OWN, world.now_seconds())


def _kind(day: datetime, holidays: Sequence[str]) -> int:
    if (day.month, day.day) == (1, 1):
        return 2
    if day.weekday() >= _SATURDAY:
        return 1 if day.weekday() == _SATURDAY else 3
    return 4 if f"{day:%m-%d}" in holidays else 0


def _ordered(world: World, user: str, changes: dict[str, str]) -> Seen:
    desk = desk_of(world)
    asked = desk.current[f"acts.{Act.ISSUE_TOKEN}.asks"]
    entered, _ = fill_in(world, user, asked, None)
    for item in asked:
        base = item.removesuffix("_again")
        if base in changes and item not in changes:
            entered[item] = changes[base]
    entered |= {item: text for item, text in changes.items() if item in asked}
    number, now = desk.contract_of(user), world.now_seconds()
    desk.answer = desk.service.act(
        Act.ISSUE_TOKEN, number, now, way=ONLINE, actor=user, target=user, entered=entered
    )
    if desk.answer.accepted:
        issuing = issuing_of(world)
        password = (entered | changes).get("start_password") or desk.sample("start_password")
        issue = issuing.desk.issue(SERVICE_ID, password, now, issuing.terms)
        issuing.issues[user] = issue
        items = {
            "email": entered.get("email", ""),
            "service_id": issue.service_id,
            "user_id": issue.user_id,
            "download_address": DOWNLOAD_ADDRESS,
        }
        desk.service.write(number, user, items, now)
    return _told(world)


def _told(world: World) -> Seen:
    answer = desk_of(world).answer
    assert answer is not None
    return Seen(world.in_language(en=answer.message, ja=REASONS[answer.reason][1]))
