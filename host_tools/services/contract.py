"""Where a contract stands: plain values, kept as one JSON document (see `store`)."""

from dataclasses import dataclass, field, fields
from enum import StrEnum, unique
from typing import Any, Self

DAY_SECONDS = 86_400


@unique
class StopCause(StrEnum):
    """Why something stands still; each cause has the act that ends it (`acts.LIFTED_BY`)."""

    FAILURES = "failures"
    SUSPENSION = "suspension"
    LOSS = "loss"
    RETURNED_MAIL = "returned_mail"
    EMERGENCY = "emergency"
    LEAK = "leak"
    BREACH = "breach"
    NUMBER = "number"
    SECRET = "secret"  # noqa: S105 - a name


@dataclass(slots=True)
class Stop:
    """Something is stopped: `scope` as in the rulebook, or "operation" for the one named.

    `subject` is the person (of the scope generator: the serial number) it came from, "" for the
    contract: an act for somebody else does not end it. `until` is the Unix time at which it ends
    by itself; 0 = only an act ends it.
    """

    scope: str
    subject: str
    cause: str
    until: int = 0
    operation: str = ""


@dataclass(slots=True)
class Member:
    """A person of the contract. `secrets` are salted hashes by name; times are Unix times.

    `tokens` are the serial numbers of the generators in use. `without_code_until` is the end of
    the time granted without a code, 0 where none was. `effective_at` is when the person's entry
    into the contract is processed. `enrols_from` is when the generator that was revoked is gone
    and another can be enrolled, 0 = none was. `temporary` are the secrets that the bank issued and
    the person has not replaced yet. `certificate` is the last one issued (PEM), `challenge` what
    its key is to sign next.
    """

    name: str
    role: str
    secrets: dict[str, str] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    locks: dict[str, int] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    without_code_until: int = 0
    effective_at: int = 0
    enrols_from: int = 0
    temporary: list[str] = field(default_factory=list)
    certificate: str = ""
    challenge: str = ""

    @property
    def token(self) -> str:
        """The generator that codes are checked against: the one enrolled last, or ""."""
        return self.tokens[-1] if self.tokens else ""


@unique
class DeliveryPlace(StrEnum):
    """Where a generator is on its way to the customer."""

    MAILED = "mailed"
    RETURNED = "returned"
    DELIVERED = "delivered"


@dataclass(slots=True)
class IssuedToken:
    """A generator that the bank gave to the contract.

    `kind` is hardware or soft, `factor` totp or hotp, `step_seconds` as in RFC 6238 §4;
    `expires_at` is the end of its last day, 0 = it has none; `terminal` is the phone or PC a soft
    token is installed on. `void` says why it cannot be enrolled any more, "" while it can.
    `replaced`: another one was ordered in its place.
    """

    serial_number: str
    credential_id: str
    kind: str
    factor: str
    step_seconds: int
    place: str = DeliveryPlace.DELIVERED
    expires_at: int = 0
    terminal: str = ""
    replaced: bool = False
    void: str = ""


@dataclass(slots=True)
class FeeEntry:
    """A line of the ledger: what was charged, in yen, when, and when it was paid (0 = not yet).

    `account` is the one that it is drawn from, "" where the customer pays a bill.
    """

    fee: str
    yen: int
    at: int
    paid_at: int = 0
    account: str = ""


@dataclass(slots=True)
class CustomerMessage:
    """What the bank sent: a letter or an e-mail, to a person or ("") to the contract.

    `sender` and `address` are an e-mail's, `text` is it as it was written, `content` the items that
    it tells.
    """

    medium: str
    to: str
    subject: str
    at: int
    sender: str = ""
    address: str = ""
    text: str = ""
    content: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Compensation:
    """A loss by fraud that was reported at `at`, and what the bank paid for it, in yen."""

    loss_yen: int
    paid_yen: int
    at: int


@dataclass(slots=True)
class Due:
    """An act that was accepted and takes effect at `at`."""

    act: str
    user: str
    at: int


@dataclass(slots=True)
class WaitingAct:
    """An act that was asked for online and waits for its printed confirmation."""

    act: str
    user: str
    entered: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class Transfer:
    """An order that was accepted: `state` is waiting, settled or void."""

    operation: str
    user: str
    at: int
    confirm_by: int = 0
    state: str = "settled"


@dataclass(slots=True)
class Bank:
    """What is true for all contracts: announcements, an interruption, fees and terms to come.

    `announcements` are the act and what was said about it, by item. `interrupted` is what is: "",
    service or banking. `new_fees` are name, yen and the Unix time from which they hold, `new_terms`
    a rule's path, its value as JSON and that time. `applications` are who has applied for a
    contract, `abolished` the operations that are no longer offered, `added` those that are offered
    since the bank added them, with whether they must be applied for.
    """

    announcements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    interrupted: str = ""
    applications: list[str] = field(default_factory=list)
    abolished: list[str] = field(default_factory=list)
    added: dict[str, bool] = field(default_factory=dict)
    new_fees: list[tuple[str, int, int]] = field(default_factory=list)
    new_terms: list[tuple[str, str, int]] = field(default_factory=list)
    certificates: dict[str, str] = field(default_factory=dict)
    authority: str = field(default="", repr=False)

    @classmethod
    def of_document(cls, document: dict[str, Any]) -> Self:
        """Return the bank whose fields are in `document`; older releases kept less of it."""
        values = {one.name: document[one.name] for one in fields(cls) if one.name in document}
        told = values.get("announcements", [])
        values["announcements"] = [
            (one, {}) if isinstance(one, str) else (one[0], one[1]) for one in told
        ]
        for name in ("new_fees", "new_terms"):
            values[name] = [tuple(one) for one in values.get(name, [])]
        if values.get("interrupted") in (True, False):
            values["interrupted"] = "service" if values["interrupted"] else ""
        return cls(**values)


@unique
class ServiceEnd(StrEnum):
    """How the service of a contract was ended, while the contract itself goes on."""

    NOT = ""
    CANCELLED = "cancelled"  # an application leads back
    FOR_CAUSE = "for_cause"  # when the cause is gone: hardware by application, soft by enrolment


@dataclass(slots=True)
class Contract:
    """One customer's contract, with everything the service knows of it.

    `applied_for` are the operations that were applied for ([] = all), `applied_since` those that
    were added to it. `accounts` are the related accounts that were filed and not closed since.
    `facts` are what the bank has learned of the customer that may end the contract, `orders` the
    generators to be sent, by the fee they go with.
    """

    number: str
    edition: str = ""
    method: str = "otp"
    opened_at: int = 0
    used_at: int = 0
    billed_at: int = 0
    ended_at: int = 0
    service_end: str = ServiceEnd.NOT
    members: dict[str, Member] = field(default_factory=dict)
    devices: dict[str, IssuedToken] = field(default_factory=dict)
    stops: list[Stop] = field(default_factory=list)
    ledger: list[FeeEntry] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    messages: list[CustomerMessage] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    claims: list[Compensation] = field(default_factory=list)
    waiting: list[WaitingAct] = field(default_factory=list)
    further_editions: list[str] = field(default_factory=list)
    renewals: int = 0
    ends_with_term: bool = False
    account_empty: bool = False
    applied_for: list[str] = field(default_factory=list)
    applied_since: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    closed_accounts: list[str] = field(default_factory=list)

    def using(self, token: str) -> list[Member]:
        """Return who uses the generator `token`."""
        return [member for member in self.members.values() if token in member.tokens]

    def unused(self) -> list[IssuedToken]:
        """Return the generators that nobody uses and somebody could still enrol."""
        used = {token for member in self.members.values() for token in member.tokens}
        return [
            one for one in self.devices.values() if one.serial_number not in used and not one.void
        ]

    @classmethod
    def of_document(cls, document: dict[str, Any]) -> Self:
        """Return the contract whose fields, all the way down, are in `document`."""
        rows: dict[str, type[Any]] = {
            "stops": Stop,
            "ledger": FeeEntry,
            "dues": Due,
            "transfers": Transfer,
            "messages": CustomerMessage,
            "claims": Compensation,
            "waiting": WaitingAct,
        }
        named: dict[str, type[Any]] = {"members": Member, "devices": IssuedToken}
        values = {
            entry.name: document[entry.name] for entry in fields(cls) if entry.name in document
        }
        for key, row in rows.items():
            values[key] = [_read(row, one) for one in values.get(key, [])]
        for key, row in named.items():
            values[key] = {name: _read(row, one) for name, one in values.get(key, {}).items()}
        return cls(**values)


def _read(kind: type[Any], document: dict[str, Any]) -> Any:
    """Return a value of `kind`; what older releases kept otherwise, or did not keep, is fitted."""
    if document.pop("paid", False):  # up to 0.1: whether, not when
        document["paid_at"] = document["at"]
    return kind(**{one.name: document[one.name] for one in fields(kind) if one.name in document})
