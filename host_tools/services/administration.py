"""The administration of contracts: opened, with people, editions and generators, by its rules."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKind
from host_tools.seeds.record import SeedRecord
from host_tools.services import (
    due,
    passwords,
    post,
)
from host_tools.services.answers import RefusalReason, ServiceAnswer
from host_tools.services.contract import (
    DAY_SECONDS,
    Bank,
    Contract,
    DeliveryPlace,
    IssuedToken,
    Member,
)
from host_tools.services.rulebook import Rulebook
from host_tools.services.store import ServiceStore
from host_tools.services.vocabulary import HARDWARE, SOFT
from host_tools.verification.decision import Verdict
from host_tools.verification.host import Host


class ContractAdministration:
    """A bank's contracts, kept in a store; what they say is for `Service` to work on.

    Times are Unix times in whole seconds, always given by the caller. `password_cost` is what the
    hash of a password costs (`passwords.hashed`).
    """

    def __init__(
        self,
        rules: Rulebook,
        host: Host,
        store: ServiceStore,
        password_cost: int = passwords.COST,
    ) -> None:
        self.rules = rules
        self._host = host
        self._store = store
        self._password_cost = password_cost

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
        contract.orders += [post.WITH_CONTRACT] * self.rules["devices.with_contract"]
        self._store.save(contract)
        return contract

    def admit(
        self,
        number: str,
        name: str,
        role: str,
        secrets: Mapping[str, str],
        temporary: Sequence[str] = (),
    ) -> None:
        """Enter a person into a contract, with the secrets that were registered.

        Those named in `temporary` were issued by the bank, and are to be replaced.

        Raises:
            BadInput: there is no such contract or role, or somebody of that name.
        """
        contract = self.contract(number)
        if role not in self.rules.roles:
            raise BadInput(f"{role!r} is no role: {', '.join(self.rules.roles)}")
        if name in contract.members:
            raise BadInput(f"{name} is in the contract already")
        kept = {key: passwords.hashed(text, self._password_cost) for key, text in secrets.items()}
        contract.members[name] = Member(name, role, kept, temporary=list(temporary))
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
        if (
            post.WITH_CONTRACT in contract.orders
            and place == DeliveryPlace.DELIVERED
            and not terminal
        ):
            contract.orders.remove(post.WITH_CONTRACT)
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

    def add_edition(self, number: str, edition: str) -> None:
        """Let a contract have a further edition; raises BadInput where there is none such."""
        if edition not in ("", *self.rules.editions):
            raise BadInput(f"{edition!r} is no edition: {', '.join(self.rules.editions)}")
        contract = self.contract(number)
        contract.further_editions.append(edition)
        self._store.save(contract)

    def _require_edition(self, number: str, edition: str) -> None:
        contract = self.contract(number)
        if edition not in (contract.edition, *contract.further_editions):
            raise BadInput(f"the contract has no edition {edition!r}")

    def withdraw(self, number: str, token: str) -> None:
        """Take a generator back from a contract of which nobody uses it."""
        contract = self.contract(number)
        contract.devices.pop(token, None)
        self._store.save(contract)

    def apply_for_contract(self, name: str, way: str) -> ServiceAnswer:
        """Take somebody's application for a contract, if it comes in a way that is granted."""
        if way not in self.rules["contract.applied_by"]:
            return ServiceAnswer(RefusalReason.NOT_PERMITTED, f"it is not applied for {way}")
        bank = self._store.bank()
        bank.applications.append(name)
        self._store.save_bank(bank)
        return ServiceAnswer(Verdict.ACCEPTED, "taken")

    def limit_to(self, number: str, operations_: Sequence[str]) -> None:
        """Let a contract have been applied for these operations only."""
        contract = self.contract(number)
        contract.applied_for = [self.rules.operation(one) for one in operations_]
        self._store.save(contract)

    def set_rule(self, path: str, value: Any, now_seconds: int) -> None:
        """Let a rule that the bank sets at its own discretion have another value from now on."""
        bank = self._store.bank()
        bank.new_terms.append((path, json.dumps(value), now_seconds))
        self._store.save_bank(bank)

    def rules_of(self, number: str, now_seconds: int) -> Rulebook:
        """Return the rules that hold for a contract at that time."""
        rules = due.rules_at(self.rules, self._store.bank(), now_seconds)
        return rules.for_edition(self.contract(number).edition)

    def back_of(self, record: SeedRecord) -> str:
        """Return what is printed on a generator's back: its last day, as this bank writes it."""
        assert record.expiry_date is not None
        american = self.rules["expiry.printed"] == "MM/DD/YY"
        return record.expiry_date.strftime("%m/%d/%y" if american else "%Y-%m-%d")


_EPOCH_ORDINAL = 719_163
"""The proleptic Gregorian ordinal of 1970-01-01, day 0 of Unix time."""
