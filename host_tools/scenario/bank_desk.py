"""The bank's desk in a scenario: its service, who is whose customer, and what they know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKey, OtpKind, time_step
from host_tools.activation.issues import Terms
from host_tools.client.bench import DisplayReading
from host_tools.scenario.parameters import REASONS
from host_tools.scenario.results import Seen
from host_tools.scenario.runner import StepFailed
from host_tools.scenario.world import ScenarioFob, World
from host_tools.seeds.record import SeedRecord
from host_tools.services.answers import ServiceAnswer
from host_tools.services.contract import Contract, CustomerMessage
from host_tools.services.customer_key import CustomerKey
from host_tools.services.proofs import AGAIN, CHOSEN, CODE, POSSESSION, TOKEN_NAMES
from host_tools.services.rulebook import Rulebook
from host_tools.services.service import Service
from host_tools.services.store import ServiceStore
from host_tools.vault.key_ring import KeyRing

OWN, OTHER, NONE = "1", "2", "0"
"""The numbers of the contract a scenario is about, of somebody else's, and of one there is not."""

_NOTICE_SECONDS = 3
"""How long a notice such as "bAtt 5" stands before the code, at most."""

_NEAR = 1000
"""How many codes are near: no window of ours reaches further."""

_NOT_SECRET = (CODE, *TOKEN_NAMES, *CHOSEN, "certificate", "contract_number", "user_id")


@dataclass(slots=True)
class BankDesk:
    """What the steps of one scenario know of a bank and its customers.

    By user: `people` is the number of the contract, `secrets` what the person remembers by name,
    `former` what it was before a change, `generators` the scenario's name of the one in use, `keys`
    the key on the person's computer.
    """

    rules: Rulebook
    service: Service
    people: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    former: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    generators: dict[str, str] = field(default_factory=dict)
    keys: dict[str, CustomerKey] = field(default_factory=dict)
    answer: ServiceAnswer | None = None

    def contract_of(self, user: str) -> str:
        """Return the number of a person's contract; who has none asks in the scenario's own."""
        return self.people.get(user, OWN)

    def contract(self, world: World, user: str = "") -> Contract:
        """Return the contract of `user` (else the scenario's own) as it stands now."""
        return self.service.look(self.contract_of(user), world.now_seconds())

    def contracts(self, world: World) -> list[Contract]:
        """Return the scenario's contracts, its own first."""
        numbers = dict.fromkeys([OWN, *self.people.values()])
        return [self.service.look(one, world.now_seconds()) for one in numbers if one != NONE]

    def replacements(self, world: World, user: str) -> dict[str, str]:
        """Return new secrets that a person enters in the place of temporary ones."""
        number = self.contract_of(user)
        member = self.contract(world, user).members.get(user) if number != NONE else None
        known = self.secrets.get(user, {})
        return {
            f"new_secret_{name}": f"{known[name]}+" for name in (member.temporary if member else ())
        }

    def learn_replacements(self, user: str, entered: Mapping[str, str]) -> None:
        """Let a person remember what took the place of temporary secrets."""
        for key, text in entered.items():
            if key.startswith("new_secret_"):
                self.secrets[user] = self.secrets[user] | {key.removeprefix("new_secret_"): text}

    def last_email(self, world: World, user: str) -> CustomerMessage | None:
        """Return the last e-mail to a person, None where there was none."""
        sent = self.emails(world, user)
        return sent[-1] if sent else None

    def emails(self, world: World, user: str) -> list[CustomerMessage]:
        """Return the e-mails to a person, the first one first."""
        messages = self.contract(world, user).messages
        return [one for one in messages if one.medium == "email" and one.to == user]

    @property
    def current(self) -> Rulebook:
        """The rules as they are for the scenario's contract now."""
        return self.rules.for_edition(self.service.contract(OWN).edition)

    def terms(self) -> Terms:
        """Return on what terms this bank issues soft tokens."""
        rules = self.current
        fewest, most = (rules[f"secrets.start_password.digits_{end}"] for end in ("min", "max"))
        usual = Terms()
        return Terms(
            step_seconds=rules["devices.step_seconds"]
            if rules.stated("devices.step_seconds")
            else usual.step_seconds,
            life_days=rules["expiry.soft_days"] or None,
            extend_from_days=rules["expiry.notice_days_before"] or usual.extend_from_days,
            password_digits=(fewest, most) if most else usual.password_digits,
            password_days=rules["activation.password_days"],
            tries=rules["activation.tries"],
        )

    def secret_items(self) -> list[str]:
        """Return the names of all passwords and answers this bank ever asks for."""
        asked = [
            item
            for path, stated in self.rules.values.items()
            if path.endswith(".asks")
            for item in stated.value
        ]
        items = [*asked, *self.rules.names("secrets")]
        return [
            item
            for item in dict.fromkeys(items)
            if item not in _NOT_SECRET and not item.endswith(AGAIN)
        ]

    def sample(self, item: str) -> str:
        """Return a secret in the form that the rulebook wants."""
        most = self.rules[f"secrets.{item}.digits_max"] or (6 if item == "start_password" else 0)
        if most:
            return "1357924680"[:most]
        letters = self.rules[f"secrets.{item}.letters_max"]
        return "サッカー部"[:letters] if letters else f"{item} 1"


def desk_of(world: World) -> BankDesk:
    """Return the scenario's desk; raises BadInput where no rulebook is in force."""
    desk = world.desk(BankDesk)
    if desk is None:
        raise BadInput("no bank yet: a step that names its rulebook must come first")
    return desk


def open_desk(world: World, rules: Rulebook) -> BankDesk:
    """Let a bank open under `rules`; raises BadInput where the host is at work already."""
    world.obey(rules.policy_text())
    keys, _ = KeyRing.generate()
    store = ServiceStore(world.folder / "services.db", keys)
    world.ends.callback(store.close)
    return world.set_up(BankDesk(rules, Service(rules, world.host, store, world.password_cost)))


def fresh_code(world: World, fob: ScenarioFob) -> DisplayReading:
    """Wait until the fob has a code it never showed, press its button, and read it off."""
    record = fob.record
    if record is None:
        raise BadInput("the fob has no seed yet: load it first")
    if record.kind is OtpKind.TOTP:
        now, step = world.now(), record.step_seconds
        world.advance(Decimal((now // step + 1) * step + 1) - now)
    else:
        world.advance(60)
    fob.require_bench.press()
    display = fob.require_bench.display()
    if not display.text.strip():
        # Some models go dark by a second press, and take no press right after another.
        world.advance(1)
        fob.require_bench.press()
        display = fob.require_bench.display()
    if display.text.strip() and not display.text.strip().isdecimal():
        world.advance(_NOTICE_SECONDS)
        display = fob.require_bench.display()
    if not display.text.strip().isdecimal():
        saw = repr(display.text) if display.text.strip() else f"nothing: {display.dark_because}"
        raise StepFailed(f"expected a code, the display shows {saw}")
    fob.code = display.text.strip()
    return display


def wrong_code(world: World, fob: ScenarioFob) -> str:
    """Return the code read last with another last digit, one that `fob` gives nowhere near."""
    front, last = fob.code[:-1], int(fob.code[-1])
    near = _codes_near(fob.record, world.now_seconds()) if fob.record else frozenset()
    others = (front + str((last + by) % 10) for by in (5, 1, 2, 3, 4, 6, 7, 8, 9))
    return next(other for other in others if other not in near)


def _codes_near(record: SeedRecord, now_seconds: int) -> frozenset[str]:
    """Return the codes that some window might take for right."""
    first = record.counter
    if record.kind is OtpKind.TOTP:
        first = time_step(now_seconds, record.step_seconds, record.t0_seconds) - _NEAR // 2
    key = OtpKey(record.seed, record.algorithm)
    return frozenset(key.code(n, record.digits) for n in range(max(0, first), first + _NEAR))


def fill_in(
    world: World,
    user: str,
    asks: Iterable[str],
    fob: ScenarioFob | None,
    *,
    wrong: str = "",
    without: str = "",
) -> tuple[dict[str, str], DisplayReading | None]:
    """Return what `user` enters where `asks` is asked for, and the last display read for it.

    The item `wrong` is entered wrongly, the item `without` is left out. Of several codes, each
    is a fresh one.
    """
    desk = desk_of(world)
    asks = [one for one in asks if one != without]
    asks.sort(key=CODE.__eq__)  # what takes time comes last
    entered: dict[str, str] = {}
    display, codes = None, 0
    for item in asks:
        key = item
        if item == CODE:
            if wrong == f"{CODE}_{codes + 1}" and fob is not None:
                display, codes = fresh_code(world, fob), codes + 1
                entered[wrong] = wrong_code(world, fob)
                continue
            if fob is None:
                raise BadInput(f"{user} has no fob to read a code off")
            display, codes = fresh_code(world, fob), codes + 1
            key = CODE if codes == 1 else f"{CODE}_{codes}"
            if key == without:
                continue
            text = wrong_code(world, fob) if wrong == item else fob.code
        else:
            text = _text(world, desk, user, item, fob)
            if item == "certificate":
                # A certificate that was copied to another computer has not its key beside it.
                key_pair = CustomerKey.generate() if wrong == item else desk.keys.get(user)
                challenge = desk.service.challenge(
                    desk.contract_of(user), user, world.now_seconds()
                )
                entered[POSSESSION] = key_pair.prove(challenge) if key_pair else ""
            elif wrong == item:
                text = _changed(item, text)
        entered[key] = text
    return entered, display


def _text(world: World, desk: BankDesk, user: str, item: str, fob: ScenarioFob | None) -> str:
    if item == "contract_number":
        return desk.contract_of(user)
    if item == "user_id":
        return user
    if item == "certificate":
        member = desk.contract(world, user).members.get(user)
        return member.certificate if member else ""
    if item.endswith(AGAIN):
        return _text(world, desk, user, item.removesuffix(AGAIN), fob)
    if item == "email":
        return "user@example.jp"
    if item in TOKEN_NAMES:
        if fob is None or fob.record is None:
            raise BadInput(f"{user} has no loaded fob whose {item} could be entered")
        return fob.record.credential_id if item == "credential_id" else fob.record.serial_number
    return desk.secrets.get(user, {}).get(item) or desk.sample(item)


def _changed(item: str, text: str) -> str:
    return "ZZT699999999" if item in TOKEN_NAMES else f"not {text}"


def told(world: World, answer: ServiceAnswer, display: DisplayReading | None = None) -> Seen:
    """Keep the service's answer, and return what was seen of it."""
    desk_of(world).answer = answer
    return Seen(world.in_language(en=answer.message, ja=REASONS[answer.reason][1]), display)


def last_answer(world: World) -> ServiceAnswer:
    """Return the service's last answer; raises BadInput where there is none."""
    answer = desk_of(world).answer
    if answer is None:
        raise BadInput("nobody has asked the service for anything yet")
    return answer


def at_hand(desk: BankDesk, user: str, asked: list[str]) -> list[str]:
    """Return what of `asked` a person can enter: who has no generator has no code."""
    return [item for item in asked if item != CODE or user in desk.generators]


def fob_of(world: World, user: str) -> ScenarioFob | None:
    """Return the fob a person uses, None where there is none."""
    name = desk_of(world).generators.get(user)
    return None if name is None else world.fob(name)
