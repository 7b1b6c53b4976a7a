"""Steps at a soft token: its user installs, types and taps; the bank asks it over its port."""

from contextlib import suppress
from dataclasses import replace
from fnmatch import fnmatchcase

from firmware_model import catalogue
from firmware_model.errors import BadInput, Denied, NoAnswer
from firmware_model.generators import OtpKind
from firmware_model.units import SECONDS_PER_DAY
from firmware_model.wire.activation import AppStanding
from host_tools.activation import soft_user
from host_tools.activation.issues import IssueReason, Terms
from host_tools.activation.visit import VisitOutcome, What
from host_tools.scenario.bank_desk import BankDesk
from host_tools.scenario.issuing import SERVICE_ID, Issuing, issuing_of, visit
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.runner import StepFailed
from host_tools.scenario.world import ScenarioFob, World
from host_tools.seeds.record import SeedRecord
from host_tools.verification.states import TokenEvent

REASONS = {
    IssueReason.UNKNOWN: "不明",
    IssueReason.WRONG: "パスワード誤り",
    IssueReason.LOCKED: "ロック中",
    IssueReason.USED: "使用済み",
    IssueReason.LATE: "期限切れ",
    IssueReason.WITHDRAWN: "取消済み",
    IssueReason.NOT_NEAR: "有効期限はまだ先",
    IssueReason.NO_EXPIRY: "有効期限なし",
}
"""The desk's reasons in Japanese; in English they are the reasons' own words."""

OUTCOMES = {
    What.NOTHING: "要求なし",
    What.ACTIVATED: "設定完了",
    What.REFUSED: "拒否",
    What.WRONG_CLOCK: "端末の時計の誤り",
    What.EXTENDED: "有効期限を延長",
    What.CODE: "コードを受信",
}

_LONG_PRESS_SECONDS = 2
_PAGES_MAX = 8


@step(
    en="the bank issues a soft token to {user} with the start password {quoted}",
    ja="銀行は{user}に利用開始パスワード{quoted}でソフトトークンを発行する",
)
def issues(world: World, user: str, password: str) -> Seen:
    """Take the user's start password, and give him service ID and user ID."""
    return _issued(world, user, password)


@step(
    en="the bank issues a soft token good for {duration} to {user} with the start password"
    " {quoted}",
    ja="銀行は有効期間{duration}のソフトトークンを{user}に利用開始パスワード{quoted}で発行する",
)
def issues_for(world: World, seconds: int, user: str, password: str) -> Seen:
    """The same with an expiry date that long after the activation, and as long for extensions."""
    issuing = issuing_of(world)
    issuing.terms = replace(issuing.terms, life_days=max(1, seconds // SECONDS_PER_DAY))
    return _issued(world, user, password)


@step(
    en="{user} installs the app of {fob} on the device {quoted}",
    ja="{user}は{fob}のアプリを端末{quoted}にインストールする",
)
def installs(world: World, user: str, name: str, device: str) -> Seen:  # noqa: ARG001 - the text's
    """Put the app afresh on a phone or PC (bench); without a step before, a new soft-phone."""
    if name not in world.fobs:
        world.take(name, "soft-phone")
    fob = world.fob(name)
    soft_user.install_app(fob.require_bench, device)
    return _shown(fob)


@step(
    en="{user} types service ID, user ID and the start password {quoted} into {fob}",
    ja="{user}はサービスIDとユーザIDと利用開始パスワード{quoted}を{fob}に入力する",
)
def types(world: World, user: str, password: str, name: str) -> Seen:
    """Type what the bank sent (bench); the bank asks the app over its port, and answers."""
    issue, desk = issuing_of(world).issue(user), world.desk(BankDesk)
    ids = {"service_id": issue.service_id, "user_id": issue.user_id}
    if desk and (email := desk.last_email(world, user)):
        ids = email.content  # all that the user knows
    if missing := {"service_id", "user_id"} - set(ids):
        raise StepFailed(f"the e-mail to {user} does not say {', '.join(sorted(missing))}")
    return _typed(world, user, world.fob(name), ids["user_id"], password, ids["service_id"])


@step(
    en="{user} types the service ID {quoted}, the right user ID and the start password {quoted}"
    " into {fob}",
    ja="{user}はサービスID{quoted}と正しいユーザIDと利用開始パスワード{quoted}を{fob}に入力する",
)
def types_service_id(world: World, user: str, service_id: str, password: str, name: str) -> Seen:
    """The same with a service ID of one's own choice."""
    user_id = issuing_of(world).issue(user).user_id
    return _typed(world, user, world.fob(name), user_id, password, service_id)


@step(
    en="{user} types the user ID {quoted} and the start password {quoted} into {fob}",
    ja="{user}はユーザID{quoted}と利用開始パスワード{quoted}を{fob}に入力する",
)
def types_user_id(world: World, user: str, user_id: str, password: str, name: str) -> Seen:
    """The same with a user ID of one's own choice."""
    return _typed(world, user, world.fob(name), user_id, password)


@step(
    en="{user} has activated {fob} on the device {quoted}",
    ja="{user}は{fob}を端末{quoted}で利用できる状態にしている",
)
def has_activated(world: World, user: str, name: str, device: str) -> Seen:
    """Issue where nothing was, install, type, and expect that the bank agrees."""
    if name not in world.fobs:
        world.take(name, "soft-phone")
    issuing, fob = issuing_of(world), world.fob(name)
    if user not in issuing.issues or issuing.issues[user].user_id in issuing.used:
        counts = catalogue.load(fob.model).otp.kind is OtpKind.HOTP
        _issued(world, user, _PASSWORD, replace(issuing.terms, step_seconds=0) if counts else None)
    soft_user.install_app(fob.require_bench, device)
    seen = _typed(world, user, fob, issuing.issue(user).user_id, _PASSWORD)
    issuing.last(What.ACTIVATED)
    return seen


_PASSWORD = "246810"  # noqa: S105 - a sample for scenarios that are about something else


@step(en="the bank activates {fob}", ja="銀行は{fob}の設定を完了する")
def activates(world: World, name: str) -> Seen:
    """Expect that the last visit ended so."""
    outcome = issuing_of(world).last(What.ACTIVATED)
    return _told(world, world.fob(name), outcome)


@step(en="the bank refuses the app as {quoted}", ja="銀行はアプリの要求を{quoted}として拒否する")
def refuses(world: World, text: str) -> None:
    """Expect that the last visit ended with a no, for that reason."""
    outcome = issuing_of(world).last(What.REFUSED)
    assert outcome.reason is not None, "a no has a reason"
    if text not in (outcome.reason, REASONS[outcome.reason]):
        raise StepFailed(f"expected a no as {text}, the bank says: {outcome.reason}")


@step(
    en="the app of {fob} finds the device clock wrong",
    ja="{fob}のアプリは端末の日時の誤りに気付く",
)
def finds_clock_wrong(world: World, name: str) -> Seen:
    """Expect that the activation ended because of the device's clock, and that the app says so."""
    outcome = issuing_of(world).last(What.WRONG_CLOCK)
    fob = world.fob(name)
    if "clock" not in _text(fob):
        raise StepFailed(f"expected words about the clock, the screen shows {_text(fob)!r}")
    return _told(world, fob, outcome)


@step(en="{fob} shows the text {quoted}", ja="{fob}は文字{quoted}を表示する")
def shows_text(world: World, name: str, text: str) -> Seen:
    """Expect these words on the screen (bench); `*` stands for anything."""
    fob = world.fob(name)
    if not fnmatchcase(_text(fob), text):
        raise StepFailed(f"expected {text!r} on the screen, it shows {_text(fob)!r}")
    return _shown(fob)


@step(en="{fob} does not show the text {quoted}", ja="{fob}は文字{quoted}を表示しない")
def shows_no_text(world: World, name: str, text: str) -> Seen:
    """Expect other text on the screen (bench); `*` stands for anything."""
    fob = world.fob(name)
    if fnmatchcase(_text(fob), text):
        raise StepFailed(f"expected no {text!r} on the screen, it shows {_text(fob)!r}")
    return _shown(fob)


@step(en="{fob} shows its serial number", ja="{fob}はシリアル番号を表示する")
def shows_serial(world: World, name: str) -> Seen:
    """Open the app's menu (bench) and expect its serial number there."""
    fob = world.fob(name)
    return _in_menu(fob, _record(fob).serial_number)


@step(en="{fob} shows its expiry date", ja="{fob}は有効期限を表示する")
def shows_expiry(world: World, name: str) -> Seen:
    """Open the app's menu (bench) and expect the expiry date there that the bank knows."""
    fob = world.fob(name)
    date = _record(fob).expiry_date
    if date is None:
        raise BadInput("this soft token has no expiry date")
    return _in_menu(fob, f"Expires {date}")


@step(en="{user} extends {fob}", ja="{user}は{fob}の有効期限延長を行う")
def extends(world: World, user: str, name: str) -> Seen:  # noqa: ARG001 - the text's
    """Tap "extend" (bench); the bank asks the app over its port, and answers."""
    return _tapped(world, world.fob(name), "EXTend")


@step(en="the bank extends {fob}", ja="銀行は{fob}の有効期限を延長する")
def is_extended(world: World, name: str) -> Seen:
    """Expect that the last visit ended so."""
    return _told(world, world.fob(name), issuing_of(world).last(What.EXTENDED))


@step(en="{user} taps Direct login in {fob}", ja="{user}は{fob}のDirectログインを押す")
def direct_login(world: World, user: str, name: str) -> Seen:  # noqa: ARG001 - the text's
    """Tap "Direct login" (bench); the bank reads the code over the port, in a secure channel."""
    fob = world.fob(name)
    seen = _tapped(world, fob, "LOGin")
    outcome = issuing_of(world).outcomes[-1]
    fob.code = outcome.code or fob.code
    return seen


@step(en="{fob} hands its code over by itself", ja="{fob}はコードを自動で入力する")
def hands_over(world: World, name: str) -> Seen:
    """Expect a code in the last visit, though nobody read the screen."""
    outcome = issuing_of(world).last(What.CODE)
    return _told(world, world.fob(name), outcome)


@step(en="{user} stops {fob}", ja="{user}は{fob}を利用停止に設定する")
def stops(world: World, user: str, name: str) -> Seen:
    """Tap "stop" in the app (bench): it shows no code any more, and the bank is told over the port.

    A bank whose customers give their generators up themselves takes it out of use.
    """
    fob, desk = world.fob(name), world.desk(BankDesk)
    soft_user.tap_entry(fob.require_bench, "STOP")
    if desk and fob.record and "customer" in desk.current["acts.release.by"]:
        standing = visit(world, fob).standing
        if standing is AppStanding.STOPPED:
            number = desk.contract_of(user)
            desk.service.stop_app(number, fob.record.serial_number, world.now_seconds())
    return _shown(fob)


@step(en="{user} deletes the app of {fob}", ja="{user}は{fob}のアプリを端末から消去する")
def deletes(world: World, user: str, name: str) -> Seen:  # noqa: ARG001 - the text's
    """Delete the app with all it has (bench)."""
    fob = world.fob(name)
    soft_user.tap_entry(fob.require_bench, "DELete")
    fob.record = None
    return Seen(display=fob.require_bench.display())


@step(en="{fob} hands nothing over", ja="{fob}は何も自動で入力しない")
def hands_nothing_over(world: World, name: str) -> None:
    """Expect no code in the last visit."""
    outcomes = issuing_of(world).outcomes
    if outcomes and outcomes[-1].code:
        raise StepFailed(f"expected no code from {world.fob(name).port}, the app gave one")


@step(en="the bank hears nothing from {fob}", ja="{fob}は銀行に応答しない")
def hears_nothing(world: World, name: str) -> None:
    """Expect no answer at all on the port."""
    try:
        outcome = visit(world, world.fob(name))
    except NoAnswer:
        return
    raise StepFailed(
        f"expected silence, the app is {outcome.standing.name.lower().replace('_', ' ')}"
    )


@step(en="the bank asks {fob}", ja="銀行は{fob}に問い合わせる")
def asks(world: World, name: str) -> Seen:
    """Ask the app for its user's wish over its port, and answer it."""
    fob = world.fob(name)
    return _told(world, fob, visit(world, fob))


@step(
    en="the app of {fob} is copied to the device {quoted}",
    ja="{fob}のアプリを別の端末{quoted}に複製する",
)
def is_copied(world: World, name: str, device: str) -> Seen:
    """Copy the app's data to another phone or PC, and look at it there (bench)."""
    fob = world.fob(name)
    soft_user.copy_app(fob.require_bench, device)
    return _shown(fob)


@step(en="the device clock of {fob} is {duration} fast", ja="{fob}の端末の時計が{duration}進む")
def is_fast(world: World, name: str, seconds: int) -> None:
    """Set the clock of the phone or PC forward (bench)."""
    soft_user.shift_clock(world.fob(name).require_bench, seconds)


@step(en="the device clock of {fob} is {duration} slow", ja="{fob}の端末の時計が{duration}遅れる")
def is_slow(world: World, name: str, seconds: int) -> None:
    """Set the clock of the phone or PC back (bench)."""
    soft_user.shift_clock(world.fob(name).require_bench, -seconds)


def _issued(world: World, user: str, password: str, terms: Terms | None = None) -> Seen:
    issuing = issuing_of(world)
    issue = issuing.desk.issue(SERVICE_ID, password, world.now_seconds(), terms or issuing.terms)
    issuing.issues[user] = issue
    return Seen(
        world.in_language(
            en=f"service ID {issue.service_id}, user ID {issue.user_id}",
            ja=f"サービスID {issue.service_id}、ユーザID {issue.user_id}",
        )
    )


def _typed(
    world: World,
    user: str,
    fob: ScenarioFob,
    user_id: str,
    password: str,
    service_id: str = SERVICE_ID,
) -> Seen:
    soft_user.type_credentials(fob.require_bench, service_id, user_id, password)
    outcome = visit(world, fob)
    if outcome.what is What.ACTIVATED:
        issuing_of(world).used.add(user_id)
        fob.record = _record_of(issuing_of(world), outcome)
        world.host.import_tokens([fob.record], world.now_seconds())
        fob.terminal = outcome.device_id
        if (desk := world.desk(BankDesk)) is not None:
            number = desk.contract_of(user)
            desk.service.hand_over(number, fob.record, terminal=fob.terminal)
    return _told(world, fob, outcome)


def _tapped(world: World, fob: ScenarioFob, entry: str) -> Seen:
    soft_user.tap_entry(fob.require_bench, entry)
    outcome = visit(world, fob)
    if outcome.what is What.EXTENDED:
        fob.record = _record_of(issuing_of(world), outcome)
        serial_number, until = fob.record.serial_number, fob.record.expiry_date
        with suppress(Denied):  # the host has no use for the date before the token is enrolled
            world.host.move(TokenEvent.EXTEND, serial_number, world.now_seconds(), until=until)
    return _told(world, fob, outcome)


def _record_of(issuing: Issuing, outcome: VisitOutcome) -> SeedRecord:
    return issuing.desk.record(outcome.serial_number)


def _record(fob: ScenarioFob) -> SeedRecord:
    if fob.record is None:
        raise BadInput("the soft token has no serial number yet: activate it first")
    return fob.record


def _in_menu(fob: ScenarioFob, expected: str) -> Seen:
    """Go through the app's menu to its end, and expect a page of those words."""
    fob.require_bench.press(_LONG_PRESS_SECONDS)
    seen: list[Seen] = []
    while _text(fob) and len(seen) < _PAGES_MAX:
        seen.append(_shown(fob))
        fob.require_bench.press()
    for page in seen:
        if page.text == expected:
            return page
    raise StepFailed(f"expected {expected!r} in the menu, it has {[page.text for page in seen]}")


def _told(world: World, fob: ScenarioFob, outcome: VisitOutcome) -> Seen:
    ja = OUTCOMES[outcome.what]
    en: str = outcome.what
    if outcome.reason is not None:
        en, ja = f"{en}: {outcome.reason}", f"{ja}:{REASONS[outcome.reason]}"
    if outcome.code:
        en, ja = f"{en}: {outcome.code}", f"{ja}:{outcome.code}"
    return Seen(world.in_language(en=en, ja=ja), fob.require_bench.display())


def _shown(fob: ScenarioFob) -> Seen:
    return Seen(_text(fob), fob.require_bench.display())


def _text(fob: ScenarioFob) -> str:
    return fob.require_bench.display().text.strip()
