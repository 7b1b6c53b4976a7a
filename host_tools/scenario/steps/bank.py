"""Steps that set a bank up: its rulebook, its customers, the generators it gives them."""

from collections.abc import Sequence
from datetime import date, timedelta

from firmware_model import catalogue
from firmware_model.errors import BadInput
from firmware_model.identity import Day
from host_tools.client.bench import DisplayReading
from host_tools.client.fob_state import read_state
from host_tools.client.keys import TEST_KEYS
from host_tools.client.session import open_session
from host_tools.provisioning.load import provision
from host_tools.scenario.bank_desk import (
    NONE,
    OTHER,
    OWN,
    BankDesk,
    desk_of,
    fill_in,
    fresh_code,
    open_desk,
)
from host_tools.scenario.parameters import REASONS
from host_tools.scenario.registry import step
from host_tools.scenario.results import Seen
from host_tools.scenario.runner import StepFailed, StepSkipped
from host_tools.scenario.steps import soft
from host_tools.scenario.world import ScenarioFob, World
from host_tools.seeds.generation import generate, serial_range
from host_tools.services import rulebook
from host_tools.services.rulebook import Rulebook
from host_tools.verification.intake import day_of

MODELS = {("totp", 60): "fob-t60", ("totp", 30): "fob-t30", ("hotp", 0): "fob-h6"}
"""Which fob of the catalogue a bank hands out for a kind of code and its time step."""


@step(en="the bank follows the rulebook {quoted}", ja="銀行は規定{quoted}に従う")
def follows(world: World, name: str) -> Seen:
    """Give the bank the rules of a TOML file beside the feature, or of a rulebook that ships."""
    return Seen(_opened(world, name).title)


@step(
    en="the bank follows the edition {quoted} of {quoted}",
    ja="銀行は版{quoted}の規定{quoted}に従う",
)
def follows_edition(world: World, edition: str, name: str) -> Seen:
    """The same, with the contract in an edition or with a method of proving oneself."""
    return Seen(f"{_opened(world, name, edition).title}: {edition}")


@step(en="this row uses the rules {quoted}", ja="この項目が使う規則は{quoted}である")
def uses_rules(world: World, paths: str) -> Seen:
    """List the rules of the rulebook that the scenario is about, with their origins."""
    rules = desk_of(world).rules
    said = []
    for path in listed(paths):
        if (stated := rules.values.get(path)) is None:
            raise BadInput(f"the rulebook {rules.name} states no {path}")
        said.append(f"{path} = {stated}")
    return Seen("; ".join(said))


@step(en="this cannot be played: {quoted}", ja="これは実行できない:{quoted}")
def cannot_be_played(world: World, reason: str) -> None:  # noqa: ARG001 - the runner's
    """Skip the rest of the scenario, for that reason."""
    raise StepSkipped(reason)


@step(en="{user} is a {quoted} of the contract", ja="{user}はこの契約の{quoted}である")
def is_member(world: World, user: str, role: str) -> None:
    """Enter a person into the contract; passwords are registered as the rulebook asks for them."""
    _admit(world, user, role, OWN)


@step(
    en="the bank accepts {user} as a {quoted} with a temporary password",
    ja="銀行は{user}を{quoted}として承諾し、仮パスワードを発行する",
)
def is_accepted(world: World, user: str, role: str) -> None:
    """The same, with a login password that the bank issued and that is to be replaced."""
    _admit(world, user, role, OWN, ["login_password"])


@step(en="{user} applies {way} for a contract", ja="{user}は{way}契約を申し込む")
def applies(world: World, user: str, way: str) -> None:
    """Ask the bank for a contract; it opens nothing until the bank accepts it."""
    desk = desk_of(world)
    desk.answer = desk.service.apply_for_contract(user, way)
    desk.people[user] = NONE


@step(
    en="the bank accepts the application of {user} as a {quoted}",
    ja="銀行は{user}の申込を{quoted}として承諾する",
)
def accepts_application(world: World, user: str, role: str) -> None:
    """Open a contract for who has applied, with a temporary password."""
    desk = desk_of(world)
    if user not in desk.service.bank.applications:
        raise BadInput(f"{user} has not applied for a contract")
    if OTHER not in desk.people.values():
        desk.service.open_contract(OTHER, world.now_seconds(), desk.current.edition)
    _admit(world, user, role, OTHER, ["login_password"])


@step(en="{user} has applied for {quoted} only", ja="{user}が申し込んだのは{quoted}だけである")
def has_applied_for(world: World, user: str, operations: str) -> None:
    """Let the contract name only these operations."""
    desk = desk_of(world)
    desk.service.limit_to(desk.contract_of(user), listed(operations))


@step(
    en="the certificate of {user} is good for {duration}",
    ja="{user}の電子証明書の有効期間は{duration}である",
)
def certificate_good_for(world: World, user: str, seconds: int) -> None:  # noqa: ARG001 - the text's
    """Let certificates that are obtained from now on have that validity."""
    desk = desk_of(world)
    desk.service.set_rule("certificate.valid_days", seconds // 86_400, world.now_seconds())


@step(en="the contract has the further edition {quoted}", ja="この契約には版{quoted}もある")
def has_further_edition(world: World, edition: str) -> None:
    """Let the contract have another edition beside its own; operations may name it."""
    desk = desk_of(world)
    desk.service.add_edition(OWN, desk.rules.name_of(edition))


@step(en="{user} is a {quoted} of another contract", ja="{user}は別の契約の{quoted}である")
def is_member_elsewhere(world: World, user: str, role: str) -> None:
    """The same in a second contract with the same bank."""
    desk = desk_of(world)
    if OTHER not in desk.people.values():
        desk.service.open_contract(OTHER, world.now_seconds(), desk.service.contract(OWN).edition)
    _admit(world, user, role, OTHER)


@step(en="{user} has no contract with the bank", ja="{user}は銀行と契約がない")
def is_stranger(world: World, user: str) -> None:
    """Let a person ask who is not a customer."""
    desk_of(world).people[user] = NONE


@step(en="{fob} is from the bank", ja="{fob}は銀行が交付したものである")
def is_given(world: World, name: str) -> Seen:
    """Take a fob as the rulebook wants it, provision it over its port, hand it to the contract."""
    return _given(world, name, None)


@step(en="{fob} is a {quoted} from the bank", ja="{fob}は銀行が交付した{quoted}である")
def is_given_as(world: World, name: str, model: str) -> Seen:
    """The same with a model of one's own choice, whatever the rulebook wants."""
    return _given(world, name, None, model)


@step(
    en="{fob} is from the bank and good for {int} days",
    ja="{fob}は銀行が交付し、あと{int}日有効なものである",
)
def is_given_until(world: World, name: str, days: int) -> Seen:
    """The same with a last day, printed on its back."""
    return _given(world, name, day_of(world.now_seconds()) + timedelta(days=days))


@step(en="{user} uses {fob}", ja="{user}は{fob}を利用している")
def uses(world: World, user: str, name: str) -> Seen:
    """Enrol the fob with all that the rulebook asks for; it must be accepted.

    In the bank's hands it becomes the person's: one of another contract is given to that one.
    """
    _give_to_contract_of(world, user, name)
    seen, answer = _enrols(world, user, name), desk_of(world).answer
    assert answer is not None
    if not answer.accepted:
        raise StepFailed(f"expected the enrolment to be accepted: {answer.message}")
    return Seen(world.fob(name).model, seen.display)


@step(
    en="{user} uses {fob} as a soft token on the device {quoted}",
    ja="{user}は{fob}を端末{quoted}のソフトトークンとして利用している",
)
def uses_soft(world: World, user: str, name: str, device: str) -> Seen:
    """Take a new soft-phone, activate it on that phone or PC, and enrol it."""
    soft.has_activated.function(world, user, name, device)
    seen: Seen = uses.function(world, user, name)
    return seen


@step(en="{user} enrols {fob}", ja="{user}は{fob}を利用登録する")
def enrols(world: World, user: str, name: str) -> Seen:
    """Enter all that the rulebook asks for to enrol the fob, everything right."""
    return _enrols(world, user, name)


@step(en="{user} enrols {fob} without {quoted}", ja="{user}は{fob}を{quoted}なしで利用登録する")
def enrols_without(world: World, user: str, name: str, item: str) -> Seen:
    """The same with one item left out."""
    return _enrols(world, user, name, without=desk_of(world).rules.name_of(item))


@step(
    en="{user} enrols {fob} with the same code twice",
    ja="{user}は{fob}を同じコード2回で利用登録する",
)
def enrols_with_one_code_twice(world: World, user: str, name: str) -> Seen:
    """The same with the first code in the place of the second."""
    desk = desk_of(world)
    entered, display = fill_in(world, user, _enrolment(desk), world.fob(name))
    return _asked(world, user, name, entered | {"code_2": entered["code"]}, display)


@step(
    en="{user} enrols {fob} with codes that do not follow one another",
    ja="{user}は{fob}を連続しない2つのコードで利用登録する",
)
def enrols_with_a_gap(world: World, user: str, name: str) -> Seen:
    """The same with a code between the first and the second that is not entered."""
    desk, fob = desk_of(world), world.fob(name)
    entered, _ = fill_in(world, user, _enrolment(desk), fob)
    display = fresh_code(world, fob)
    return _asked(world, user, name, entered | {"code_2": fob.code}, display)


@step(
    en="{user} enrols {fob} on the device {quoted}",
    ja="{user}は{fob}を端末{quoted}から利用登録する",
)
def enrols_from(world: World, user: str, name: str, terminal: str) -> Seen:
    """Enter everything right, at that phone or PC; elsewhere it is the one the app is on."""
    entered, display = fill_in(world, user, _enrolment(desk_of(world)), world.fob(name))
    return _asked(world, user, name, entered, display, terminal)


@step(
    en="{user} enrols {fob} with a wrong {quoted}",
    ja="{user}は{fob}を誤った{quoted}で利用登録する",
)
def enrols_wrongly(world: World, user: str, name: str, item: str) -> Seen:
    """The same with one item entered wrongly."""
    return _enrols(world, user, name, wrong=desk_of(world).rules.name_of(item))


@step(
    en="the back of {fob} shows its last day as {quoted}",
    ja="{fob}の裏面の有効期限は{quoted}の形である",
)
def back_shows(world: World, name: str, form: str) -> Seen:
    """Read the last day over the port, and compare what the bank prints with that form."""
    desk, fob = desk_of(world), world.fob(name)
    assert fob.record is not None
    with open_session(fob.port) as session:
        expiry = read_state(session).expiry_date
    if expiry is None:
        raise StepFailed("expected a last day, the fob has none")
    printed = desk.service.back_of(fob.record)
    forms = {"MM/DD/YY": Day(expiry.year, expiry.month, expiry.day).back_print}
    if printed != forms.get(form, str(expiry)):
        raise StepFailed(f"expected {form} of {expiry}, the back says {printed}")
    return Seen(printed)


def listed(text: str) -> list[str]:
    """Return the parts of a list written with commas, in either language."""
    return [part.strip() for part in text.replace("、", ",").split(",") if part.strip()]


def _opened(world: World, name: str, edition: str = "") -> Rulebook:
    file = world.beside(f"{name}.toml")
    if file is None and name not in rulebook.names():
        known = ", ".join(rulebook.names())
        raise BadInput(f"there is no {name}.toml beside the feature, and what ships is {known}")
    rules = rulebook.load(file) if file else rulebook.shipped(name)
    service = open_desk(world, rules).service
    service.open_contract(OWN, world.now_seconds(), rules.name_of(edition))
    return rules


def _enrolment(desk: BankDesk) -> list[str]:
    asks: list[str] = desk.current["enrolment.asks"]
    return asks


def _enrols(world: World, user: str, name: str, *, wrong: str = "", without: str = "") -> Seen:
    desk = desk_of(world)
    entered, display = fill_in(
        world, user, _enrolment(desk), world.fob(name), wrong=wrong, without=without
    )
    return _asked(world, user, name, entered, display)


def _give_to_contract_of(world: World, user: str, name: str) -> None:
    desk, record = desk_of(world), world.fob(name).record
    number = desk.contract_of(user)
    if number == OWN or record is None or world.fob(name).terminal:
        return
    own = desk.contract(world)
    if record.serial_number in own.devices and not own.using(record.serial_number):
        desk.service.withdraw(OWN, record.serial_number)
        desk.service.hand_over(number, record)


def _asked(
    world: World,
    user: str,
    name: str,
    entered: dict[str, str],
    display: DisplayReading | None,
    terminal: str = "",
) -> Seen:
    desk, number = desk_of(world), desk_of(world).contract_of(user)
    entered |= {"terminal": terminal or world.fob(name).terminal}
    desk.answer = desk.service.enrol(number, user, entered, world.now_seconds())
    if desk.answer.accepted:
        desk.generators[user] = name
    words = world.in_language(en=desk.answer.message, ja=REASONS[desk.answer.reason][1])
    return Seen(words, display)


def _admit(world: World, user: str, role: str, number: str, temporary: Sequence[str] = ()) -> None:
    desk = desk_of(world)
    secrets = {item: desk.sample(item) for item in desk.secret_items()}
    desk.service.admit(number, user, desk.rules.name_of(role), secrets, temporary)
    desk.people[user], desk.secrets[user] = number, secrets


def _given(world: World, name: str, expiry: date | None, model: str = "") -> Seen:
    fob = new_generator(world, name, expiry, model)
    assert fob.record is not None
    desk_of(world).service.hand_over(OWN, fob.record)
    return Seen(f"{fob.model} {fob.record.serial_number}")


def new_generator(
    world: World, name: str, expiry: date | None = None, model: str = ""
) -> ScenarioFob:
    """Take a fob of the bank's kind (or of `model`), provision it, and tell the host of it."""
    rules = desk_of(world).rules
    factor = rules["devices.factors"][0]
    step_seconds = rules["devices.step_seconds"] if factor == "totp" else 0
    model = model or MODELS[factor, step_seconds]
    fob = world.take(name, model)
    if expiry is None and (days := rules["expiry.valid_days"]):
        expiry = day_of(world.now_seconds()) + timedelta(days=days)
    kind = catalogue.load(model)
    (record,) = list(generate(kind, serial_range(kind, len(world.fobs)), expiry))[-1:]
    with open_session(fob.port) as session:
        provision(session, record, TEST_KEYS, world.now)
    fob.record = record
    world.host.import_tokens([record], world.now_seconds())
    return fob
