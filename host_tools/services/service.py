"""The service: the one object a bank's desk and its web pages work with (SERVICES §1)."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from host_tools.seeds.record import SeedRecord
from host_tools.services import (
    acts,
    certificates,
    contract_acts,
    contract_grounds,
    device_acts,
    due,
    offer,
    operations,
    post,
    proofs,
)
from host_tools.services.administration import ContractAdministration
from host_tools.services.answers import Refusal, RefusalReason, ServiceAnswer
from host_tools.services.case import Entered, RequestCase
from host_tools.services.contract import (
    Contract,
    DeliveryPlace,
    StopCause,
)
from host_tools.services.permission import ONLINE
from host_tools.services.vocabulary import BANK, Act
from host_tools.verification.decision import Verdict


class Service(ContractAdministration):
    """One bank's service, by its rulebook, over a verification host that follows its policy.

    Times are Unix times in whole seconds, always given by the caller. People are named as within
    their contract. What was answered is in the store when the answer is given.
    """

    def mail(self, number: str, record: SeedRecord, now_seconds: int) -> ServiceAnswer:
        """Send a generator to the registered address, for an order that is open.

        One that came back is sent again for an order of that kind.
        """
        serial = record.serial_number
        answer = self._by_post(number, now_seconds, lambda case: post.send(case, serial))
        if answer.accepted:
            self.hand_over(number, record, DeliveryPlace.MAILED)
        return answer

    def deliver(self, number: str, token: str, now_seconds: int) -> ServiceAnswer:
        """Let the post hand over what was mailed; refuses what is not on its way."""
        return self._by_post(number, now_seconds, lambda case: post.deliver(case, token))

    def return_mail(
        self, number: str, token: str, now_seconds: int, *, wrong_address: bool
    ) -> ServiceAnswer:
        """Let the post bring back what was mailed: nobody fetched it, or nobody lives there."""
        return self._by_post(
            number,
            now_seconds,
            lambda case: post.bring_back(case, token, wrong_address=wrong_address),
        )

    def _by_post(
        self, number: str, now_seconds: int, work: Callable[[RequestCase], None]
    ) -> ServiceAnswer:
        return self._answered(number, now_seconds, "", BANK, work)

    def enrol(self, number: str, name: str, entered: Entered, now_seconds: int) -> ServiceAnswer:
        """Let a person enrol a generator by all that the rulebook asks for."""
        return self._answered(
            number, now_seconds, name, ONLINE, lambda case: operations.enrol(case, name, entered)
        )

    def operate(
        self,
        number: str,
        name: str,
        operation: str,
        entered: Entered,
        now_seconds: int,
        edition: str | None = None,
    ) -> ServiceAnswer:
        """Let a person do an operation, in another edition of the contract's if one is named.

        Raises:
            BadInput: the bank has no operation of that name, or the contract not that edition.
        """
        if edition is not None:
            self._require_edition(number, edition)
        operation = self.rules.operation(operation)
        answer = self._answered(
            number,
            now_seconds,
            name,
            ONLINE,
            lambda case: operations.operate(case, name, operation, entered),
            edition,
        )
        return replace(answer, screen=self._screen_after(number, name, operation, answer))

    def _screen_after(self, number: str, name: str, operation: str, answer: ServiceAnswer) -> str:
        contract = self._store.contract(number)
        if contract is None or name not in contract.members:
            return ""
        rules = self.rules.for_edition(contract.edition)
        uses = contract.members[name].tokens
        page = ""
        if answer.accepted and not uses:
            page = rules["pages.not_enrolled"]
        elif answer.reason is RefusalReason.INCOMPLETE and uses:
            page = rules["pages.code"]
        return page if proofs.CODE in rules[f"operations.{operation}.asks"] else ""

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
        """Take it that everything charged so far was paid, and that the account has money again."""

        def paid(case: RequestCase) -> None:
            case.contract.account_empty = False
            for entry in case.contract.ledger:
                entry.paid_at = entry.paid_at or case.now
            owed = (contract_grounds.UNPAID, contract_grounds.LONG_UNPAID)
            case.contract.facts = [one for one in case.contract.facts if one not in owed]

        self._answered(number, now_seconds, "", BANK, paid)

    def write(self, number: str, name: str, items: Mapping[str, str], now_seconds: int) -> None:
        """Send a person the e-mail to set a soft token up with: of `items` what the rules say."""
        self._by_post(number, now_seconds, lambda case: post.write_email(case, name, items))

    def learn(self, number: str, fact: str, now_seconds: int) -> None:
        """Note what became known of a customer, such as a ground to end the contract."""

        def learned(case: RequestCase) -> None:
            contract_grounds.note(case, fact)
            if fact in case.rules["contract.ends_by"]:
                contract_acts.terminate(case, "", {})

        self._by_post(number, now_seconds, learned)

    def settle_fact(self, number: str, fact: str, now_seconds: int) -> None:
        """Note that something known of a customer is no longer so."""

        def settled(case: RequestCase) -> None:
            case.contract.facts = [one for one in case.contract.facts if one != fact]

        self._answered(number, now_seconds, "", BANK, settled)

    def stop_app(self, number: str, token: str, now_seconds: int) -> ServiceAnswer:
        """Take note that a soft token's user has set it to stopped: nobody uses it any more."""

        def stopped(case: RequestCase) -> None:
            for member in case.contract.using(token):
                device_acts.release_all(case, member)

        return self._answered(number, now_seconds, "", BANK, stopped)

    def close_account(self, number: str, account: str, now_seconds: int) -> ServiceAnswer:
        """Note that a related account of a contract was closed."""
        return self._by_post(number, now_seconds, lambda case: offer.close_account(case, account))

    def empty_account(self, number: str, now_seconds: int) -> None:
        """Let the account that fees are drawn from hold no money until something is paid in."""

        def emptied(case: RequestCase) -> None:
            case.contract.account_empty = True

        self._by_post(number, now_seconds, emptied)

    def return_password_letter(self, number: str, now_seconds: int) -> None:
        """Let the post bring back the letter with the login password: nobody could take it."""
        self.learn(number, contract_grounds.PASSWORD_LETTER_RETURNED, now_seconds)

    def look(self, number: str, now_seconds: int) -> Contract:
        """Return the contract after everything that is due by now has happened.

        Raises:
            BadInput: there is none of that number.
        """
        self._answered(number, now_seconds, "", BANK, lambda _: None)
        return self.contract(number)

    def _answered(
        self,
        number: str,
        now_seconds: int,
        actor: str,
        way: str,
        work: Callable[[RequestCase], int | None],
        edition: str | None = None,
    ) -> ServiceAnswer:
        contract = self._store.contract(number)
        if contract is None:
            return ServiceAnswer(RefusalReason.NOT_ELIGIBLE, f"there is no contract {number}")
        bank = self._store.bank()
        rules = due.rules_at(self.rules, bank, now_seconds).for_edition(
            contract.edition if edition is None else edition
        )
        case = RequestCase(
            rules, contract, bank, self._host, now_seconds, actor, way, self._password_cost
        )
        before = due.copy_of(case)
        due.catch_up(case)
        trial = due.copy_of(case)
        try:
            answer = ServiceAnswer(Verdict.ACCEPTED, "accepted", work(trial))
            case = trial
        except Refusal as refusal:
            answer = refusal.answer
            _keep_counters(case.contract, trial.contract)
        self._keep(before, case)
        return answer

    def _keep(self, before: RequestCase, after: RequestCase) -> None:
        """Store what a request has changed; what it has not needs no entry in the log either."""
        if after.bank != before.bank:
            self._store.save(after.contract, after.bank)
        elif after.contract != before.contract:
            self._store.save(after.contract)


_COUNTED = frozenset({StopCause.FAILURES, StopCause.SECRET, StopCause.NUMBER})
"""Stops that a refused request may bring about: it was the wrong one too many."""


def _keep_counters(contract: Contract, refused: Contract) -> None:
    """Keep of a refused request what it counted: wrong entries, what they locked, challenges."""
    for name, member in contract.members.items():
        if (after := refused.members.get(name)) is not None:
            member.tries, member.locks = after.tries, after.locks
            member.challenge = after.challenge
    contract.stops += [
        one for one in refused.stops if one.cause in _COUNTED and one not in contract.stops
    ]
