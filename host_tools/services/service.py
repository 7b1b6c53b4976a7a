"""The service: the one object a bank's desk and its web pages work with (SERVICES §1)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKind
from host_tools.seeds.record import SeedRecord
from host_tools.services import acts, certificates, operations, proofs
from host_tools.services.acts import PUBLIC
from host_tools.services.answers import Refusal, RefusalReason, ServiceAnswer
from host_tools.services.case import Entered, RequestCase
from host_tools.services.contract import (
    DAY_SECONDS,
    Bank,
    Contract,
    DeliveryPlace,
    IssuedToken,
    Member,
    StopCause,
)
from host_tools.services.permission import ONLINE
from host_tools.services.rulebook import Rulebook
from host_tools.services.schema import BANK, HARDWARE, SOFT, Act
from host_tools.services.store import ServiceStore
from host_tools.verification.decision import Verdict
from host_tools.verification.host import Host

REPLACEMENT = "replacement"


class Service:
    """One bank's service, by its rulebook, over a verification host that follows its policy.

    Times are Unix times in whole seconds, always given by the caller. People are named as within
    their contract. What was answered is in the store when the answer is given.
    """

    def __init__(self, rules: Rulebook, host: Host, store: ServiceStore) -> None:
        self.rules = rules
        self._host = host
        self._store = store

    def open_contract(self, number: str, now_seconds: int, edition: str = "") -> Contract:
        """Open a contract; `edition` is an edition, or one of the methods of proving oneself.

        Raises:
            BadInput: there is one of that number, or no such edition.
        """
        editions = [*self.rules.editions, *self.rules["contract.methods"], ""]
        if edition not in editions:
            raise BadInput(f"{edition!r} is no edition: {', '.join(editions)}")
        if self._store.contract(number) is not None:
            raise BadInput(f"there is a contract {number} already")
        method = edition if edition in self.rules["contract.methods"] else "otp"
        contract = Contract(number, edition, method, now_seconds, now_seconds, now_seconds)
        self._store.save(contract)
        return contract

    def admit(self, number: str, name: str, role: str, secrets: Mapping[str, str]) -> None:
        """Enter a person into a contract, with the secrets he registered.

        Raises:
            BadInput: there is no such contract or role, or somebody of that name.
        """
        contract = self.contract(number)
        if role not in self.rules.roles:
            raise BadInput(f"{role!r} is no role: {', '.join(self.rules.roles)}")
        if name in contract.members:
            raise BadInput(f"{name} is in the contract already")
        kept = {key: proofs.hashed(text) for key, text in secrets.items()}
        contract.members[name] = Member(name, role, kept)
        self._store.save(contract)

    def contract(self, number: str) -> Contract:
        """Return a contract as it stands; raises BadInput where there is none of that number."""
        contract = self._store.contract(number)
        if contract is None:
            raise BadInput(f"there is no contract {number}")
        return contract

    @property
    def bank(self) -> Bank:
        """What is true for all contracts."""
        return self._store.bank()

    def hand_over(
        self,
        number: str,
        record: SeedRecord,
        place: DeliveryPlace = DeliveryPlace.DELIVERED,
        terminal: str = "",
    ) -> None:
        """Give a generator to a contract: over the counter, or into the mail.

        `terminal` is the phone or PC on which a soft token is installed; hardware has none.
        """
        contract = self.contract(number)
        end = record.expiry_date
        contract.devices[record.serial_number] = IssuedToken(
            record.serial_number,
            record.credential_id,
            SOFT if terminal else HARDWARE,
            "totp" if record.kind is OtpKind.TOTP else "hotp",
            record.step_seconds,
            place,
            (end.toordinal() - _EPOCH_ORDINAL + 1) * DAY_SECONDS if end else 0,
            terminal,
        )
        self._store.save(contract)

    def mail(self, number: str, record: SeedRecord, now_seconds: int) -> ServiceAnswer:
        """Send a generator to the registered address, for an order that is open."""

        def sent(case: RequestCase) -> None:
            if not case.contract.orders:
                raise Refusal(Verdict.UNKNOWN, "nothing is on order")
            case.contract.orders.pop(0)

        answer = self._answered(number, now_seconds, "", BANK, sent)
        if answer.accepted:
            self.hand_over(number, record, DeliveryPlace.MAILED)
        return answer

    def deliver(self, number: str, token: str, now_seconds: int) -> ServiceAnswer:
        """Let the post hand over what was mailed; refuses what is not on its way."""

        def handed(case: RequestCase) -> None:
            device = case.device(token)
            if device is None or device.place != DeliveryPlace.MAILED:
                raise Refusal(Verdict.UNKNOWN, "it is not in the mail")
            device.place = DeliveryPlace.DELIVERED

        return self._answered(number, now_seconds, "", BANK, handed)

    def return_mail(
        self, number: str, token: str, now_seconds: int, *, wrong_address: bool
    ) -> ServiceAnswer:
        """Let the post bring back what was mailed: nobody fetched it, or nobody lives there."""

        def returned(case: RequestCase) -> None:
            device = case.device(token)
            if device is None or device.place != DeliveryPlace.MAILED:
                raise Refusal(Verdict.UNKNOWN, "it is not in the mail")
            device.place = DeliveryPlace.RETURNED
            if wrong_address:
                case.stop(case.rules["mail.returned_stops"], "", StopCause.RETURNED_MAIL)

        return self._answered(number, now_seconds, "", BANK, returned)

    def enrol(self, number: str, name: str, entered: Entered, now_seconds: int) -> ServiceAnswer:
        """Let a person enrol a generator by all that the rulebook asks for."""
        return self._answered(
            number, now_seconds, name, ONLINE, lambda case: operations.enrol(case, name, entered)
        )

    def operate(
        self, number: str, name: str, operation: str, entered: Entered, now_seconds: int
    ) -> ServiceAnswer:
        """Let a person do an operation; raises BadInput where the bank has none of that name."""
        operation = self.rules.operation(operation)
        return self._answered(
            number,
            now_seconds,
            name,
            ONLINE,
            lambda case: operations.operate(case, name, operation, entered),
        )

    def use_code(self, number: str, name: str, code: str, now_seconds: int) -> ServiceAnswer:
        """Check a person's code as any operation would that asks for nothing else."""

        def used(case: RequestCase) -> int | None:
            member = case.member(name)
            case.refuse_stopped(member, "", by_code=True)
            return operations.prove(case, member, [proofs.CODE], {proofs.CODE: code})

        return self._answered(number, now_seconds, name, ONLINE, used)

    def challenge(self, number: str, name: str, now_seconds: int) -> str:
        """Return what a person's key is to sign to show that a certificate is his; "" to nobody."""
        asked: list[str] = []

        def challenged(case: RequestCase) -> None:
            asked.append(certificates.challenge(case.member(name)))

        self._answered(number, now_seconds, name, ONLINE, challenged)
        return asked[0] if asked else ""

    def confirm(self, number: str, name: str, entered: Entered, now_seconds: int) -> ServiceAnswer:
        """Let a person confirm what waits for it."""
        return self._answered(
            number, now_seconds, name, ONLINE, lambda case: operations.confirm(case, name, entered)
        )

    def act(
        self,
        act: Act,
        number: str,
        now_seconds: int,
        *,
        way: str = BANK,
        actor: str = "",
        target: str = "",
        entered: Entered | None = None,
    ) -> ServiceAnswer:
        """Let somebody ask for an act, by a way (`online` for a person of the contract)."""
        return self._answered(
            number,
            now_seconds,
            actor,
            way,
            lambda case: acts.perform(case, act, target, entered or {}),
        )

    def pay(self, number: str, now_seconds: int) -> None:
        """Take it that everything charged so far was paid."""

        def paid(case: RequestCase) -> None:
            for entry in case.contract.ledger:
                entry.paid = True
            case.lift(StopCause.UNPAID)

        self._answered(number, now_seconds, "", BANK, paid)

    def write(self, number: str, name: str, items: Mapping[str, str], now_seconds: int) -> None:
        """Send a person the e-mail to set a soft token up with: of `items` what the rules say."""

        def written(case: RequestCase) -> None:
            holds = case.rules["mail.holds"]
            case.contract.emails[name] = {item: items[item] for item in holds if item in items}

        self._answered(number, now_seconds, "", BANK, written)

    def learn(self, number: str, fact: str, now_seconds: int) -> None:
        """Note what became known of a customer, such as a ground to end the contract."""
        self._answered(number, now_seconds, "", BANK, lambda case: case.contract.facts.append(fact))

    def look(self, number: str, now_seconds: int) -> Contract:
        """Return the contract after everything that is due by now has happened.

        Raises:
            BadInput: there is none of that number.
        """
        self._answered(number, now_seconds, "", BANK, lambda _: None)
        return self.contract(number)

    def back_of(self, record: SeedRecord) -> str:
        """Return what is printed on a generator's back: its last day, as this bank writes it."""
        assert record.expiry_date is not None
        american = self.rules["expiry.printed"] == "MM/DD/YY"
        return record.expiry_date.strftime("%m/%d/%y" if american else "%Y-%m-%d")

    def _answered(
        self,
        number: str,
        now_seconds: int,
        actor: str,
        way: str,
        work: Callable[[RequestCase], int | None],
    ) -> ServiceAnswer:
        contract = self._store.contract(number)
        if contract is None:
            return ServiceAnswer(RefusalReason.NOT_ELIGIBLE, f"there is no contract {number}")
        with self._case(contract, now_seconds, actor, way) as case:
            try:
                factor = work(case)
            except Refusal as refusal:
                return refusal.answer
            return ServiceAnswer(Verdict.ACCEPTED, "accepted", factor)

    @contextmanager
    def _case(
        self, contract: Contract, now_seconds: int, actor: str, way: str
    ) -> Iterator[RequestCase]:
        bank = self._store.bank()
        rules = self.rules.for_edition(contract.edition)
        case = RequestCase(rules, contract, bank, self._host, now_seconds, actor, way)
        _catch_up(case)
        yield case
        self._store.save(contract, bank)


_MONTH_SECONDS = 30 * DAY_SECONDS

_EPOCH_ORDINAL = 719_163
"""The proleptic Gregorian ordinal of 1970-01-01, day 0 of Unix time."""


def _catch_up(case: RequestCase) -> None:
    contract = case.contract
    due = [one for one in contract.dues if one.at <= case.now]
    contract.dues = [one for one in contract.dues if one.at > case.now]
    for one in due:
        if one.user in contract.members or Act(one.act) in PUBLIC:
            with suppress(Refusal):  # impossible by now: it must not hold up what comes after
                acts.carry_out(case, Act(one.act), one.user, {})
    days = case.rules["expiry.replaced_days_before"]
    for device in contract.devices.values():
        near = device.expires_at and case.now >= device.expires_at - days * DAY_SECONDS
        if days and near and not (device.replaced or device.void):
            device.replaced = True
            contract.orders.append(REPLACEMENT)
            contract.letters.append(f"{REPLACEMENT} of {device.serial_number}")
    while contract.billed_at + _MONTH_SECONDS <= case.now:
        contract.billed_at += _MONTH_SECONDS
        case.charge("monthly", contract.billed_at)
    term = case.rules["contract.term_days"] * DAY_SECONDS
    if term:
        while contract.opened_at + term <= case.now:
            contract.opened_at += term
            contract.letters.append("renewal")
