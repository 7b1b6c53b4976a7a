"""One request before the service: the rules, the contract, the host, and the time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from firmware_model.errors import BadInput, Denied
from host_tools.services import passwords
from host_tools.services.answers import Refusal, RefusalReason
from host_tools.services.contract import (
    Bank,
    Contract,
    CustomerMessage,
    FeeEntry,
    IssuedToken,
    Member,
    Stop,
    StopCause,
)
from host_tools.services.rulebook import Rulebook
from host_tools.verification.attempts import HostAnswer
from host_tools.verification.decision import Verdict
from host_tools.verification.host import Host
from host_tools.verification.states import Actor, Role, TokenEvent
from host_tools.verification.throttle import Scope

Entered = Mapping[str, str]
"""What a customer entered, by item; further codes are `code_2`, `code_3`."""


@dataclass(slots=True)
class RequestCase:
    """What a request is decided by; `actor` and `way` tell the log who asked, and how.

    `password_cost` is what a new password's hash costs (`passwords.hashed`).
    """

    rules: Rulebook
    contract: Contract
    bank: Bank
    host: Host
    now: int
    actor: str = ""
    way: str = "online"
    password_cost: int = passwords.COST

    def hashed(self, secret: str) -> str:
        """Return what is kept of a new secret."""
        return passwords.hashed(secret, self.password_cost)

    def member(self, name: str) -> Member:
        """Return the person `name` of the contract; refuses who is not of it."""
        if name not in self.contract.members:
            raise Refusal(
                RefusalReason.NOT_ELIGIBLE, f"{name or 'nobody'} is no user of the contract"
            )
        return self.contract.members[name]

    def device(self, token: str) -> IssuedToken | None:
        """Return the contract's generator with that serial number or Credential ID, if any."""
        found = (
            device
            for device in self.contract.devices.values()
            if token in (device.serial_number, device.credential_id)
        )
        return next(found, None)

    def is_void(self, token: str) -> bool:
        """Tell whether a generator was lost, replaced or given up."""
        device = self.device(token)
        return device is not None and bool(device.void)

    def make_void(self, token: str, why: str) -> None:
        """Let a generator never come into use again, unless it was lost and is found."""
        if (device := self.device(token)) is not None:
            device.void = why

    def is_on_stock(self, token: str) -> bool:
        """Tell whether the bank knows a generator that nobody uses."""
        try:
            return not any(one.enrolled for one in self.host.status(token, self.now).holders)
        except BadInput:
            return False

    def host_user(self, name: str) -> str:
        """Return how the verification host calls a person of the contract."""
        return f"{self.contract.number}/{name}"

    def verify(self, member: Member, code: str) -> int | None:
        """Check a code against the generator `member` uses; return its moving factor.

        What the failure counter stops then stands still in the contract too.
        """
        answer = self.host.verify(
            [code], self.now, token=member.token, user=self.host_user(member.name)
        )
        return self.settle(member, answer)

    def settle(self, member: Member, answer: HostAnswer) -> int | None:
        """Take over what the host said to a code; refuses if it said no."""
        decision = answer.decision
        if decision.locks:
            scope = self.rules["limits.scope"]
            subjects = {Scope.GENERATOR: answer.serial_number, Scope.USER: member.name}
            # The host counts for the whole contract where more than a person is stopped.
            self.stop(scope, subjects.get(scope, ""), StopCause.FAILURES)
        if not decision.accepted:
            raise Refusal(decision.verdict, decision.reason)
        return decision.factor

    def host_actor(self) -> Actor:
        """Return who acts, as the host's log has it: the bank, by which way and for whom."""
        return Actor(Role.BANK, " ".join(filter(None, (self.way, self.actor))))

    def move(
        self, event: TokenEvent, token: str, user: str = "", until: date | None = None
    ) -> None:
        """Move a token at the host; refuses what its state forbids."""
        named = self.host_user(user) if user else ""
        try:
            self.host.move(event, token, self.now, self.host_actor(), named, until)
        except (Denied, BadInput) as error:
            raise Refusal(Verdict.NOT_ACTIVE, str(error)) from None

    def stop(
        self, scope: str, subject: str, cause: StopCause, until: int = 0, operation: str = ""
    ) -> None:
        """Stop something, unless `scope` is none; the same stop twice is one."""
        new = Stop(scope, subject, cause, until, operation)
        if scope != "none" and new not in self.contract.stops:
            self.contract.stops.append(new)

    def lift(self, causes: Sequence[StopCause], subject: str) -> None:
        """End the stops for those causes that came from `subject` or from the contract.

        A generator's stop is its users'. What came from somebody else stays stopped.
        """
        member = self.contract.members.get(subject)
        ended = {"", subject, *(member.tokens if member else ())}
        self.contract.stops = [
            one
            for one in self.contract.stops
            if one.cause not in causes or one.subject not in ended
        ]

    def write(
        self,
        to: str,
        subject: str,
        content: Mapping[str, str] | None = None,
    ) -> None:
        """Send the customer a letter."""
        told = dict(content or {})
        self.contract.messages.append(
            CustomerMessage("letter", to, subject, self.now, content=told)
        )

    def has_expired(self, token: str) -> bool:
        """Tell whether a generator's last day is over."""
        device = self.device(token)
        return device is not None and 0 < device.expires_at <= self.now

    def refuse_stopped(
        self,
        member: Member,
        operation: str,
        *,
        by_code: bool,
        but: Sequence[StopCause] = (),
    ) -> None:
        """Refuse what is stopped for `member` and `operation`.

        `by_code`: it asks for a code. `but`: causes that do not count where they are the member's.
        """
        self.refuse_interrupted(by_code=by_code)
        self.contract.stops = [
            one for one in self.contract.stops if not one.until or one.until > self.now
        ]
        for one in self.contract.stops:
            passed_over = one.cause in but and one.subject == member.name
            if not passed_over and (
                one.scope == Scope.BANKING
                or (one.scope == Scope.SERVICE and by_code)
                or (one.scope == Scope.USER and one.subject == member.name)
                or (one.scope == "operation" and one.operation == operation)
            ):
                raise Refusal(
                    RefusalReason.STOPPED, f"stopped ({one.scope}) because of {one.cause}"
                )

    def refuse_interrupted(self, *, by_code: bool) -> None:
        """Refuse what an interruption stops for every customer."""
        if self.bank.interrupted == Scope.BANKING:
            raise Refusal(RefusalReason.INTERRUPTED, "all services are interrupted")
        if self.bank.interrupted and by_code and self.rules["otp.outage"] == "refused":
            raise Refusal(RefusalReason.INTERRUPTED, "the use of one-time passwords is interrupted")

    def charge(self, fee: str, at: int | None = None) -> None:
        """Enter a fee into the ledger, as high as it is then; a fee of 0 yen is no entry."""
        at = self.now if at is None else at
        yen = self.rules[f"fees.{fee}"]
        for name, new_yen, valid_from in self.bank.new_fees:
            if name == fee and valid_from <= at:
                yen = new_yen
        if yen:
            drawn = self.rules["fee_terms.collected"] == "automatic"
            account = self.rules["fee_terms.account"] if drawn else ""
            paid_at = at if drawn and not self.contract.account_empty else 0
            self.contract.ledger.append(FeeEntry(fee, yen, at, paid_at, account))
