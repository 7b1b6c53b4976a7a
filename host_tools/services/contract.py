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
    BREACH = "breach"
    CANCELLED = "cancelled"
    UNPAID = "unpaid"
    NUMBER = "number"
    SECRET = "secret"  # noqa: S105 - a name


@dataclass(slots=True)
class Stop:
    """Something stands still: `scope` as in the rulebook, `subject` the user or operation of it.

    `until` is the Unix time at which it ends by itself; 0 = only an act ends it.
    """

    scope: str
    subject: str
    cause: str
    until: int = 0


@dataclass(slots=True)
class Member:
    """A person of the contract. `secrets` are salted hashes by name; times are Unix times.

    `tokens` are the serial numbers of the generators in use. `without_code_until` is the end of
    the time granted without a code, 0 where none was. `effective_at` is when the person's entry
    into the contract is processed. `certificate` is the last one issued (PEM), `challenge` what its
    key is to sign next.
    """

    name: str
    role: str
    secrets: dict[str, str] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    locks: dict[str, int] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    without_code_until: int = 0
    effective_at: int = 0
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
    """A line of the ledger: what the customer was charged, in yen, for what, when, and if paid."""

    fee: str
    yen: int
    at: int
    paid: bool = False


@dataclass(slots=True)
class Due:
    """An act that was accepted and takes effect at `at`."""

    act: str
    user: str
    at: int


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
    """What is true for all contracts: public announcements, an outage, fees that will change.

    `new_fees` are name, yen and the Unix time from which they hold.
    """

    announcements: list[str] = field(default_factory=list)
    interrupted: bool = False
    new_fees: list[tuple[str, int, int]] = field(default_factory=list)
    certificates: dict[str, str] = field(default_factory=dict)
    authority: str = field(default="", repr=False)


@dataclass(slots=True)
class Contract:
    """One customer's contract, with everything the service knows of it.

    `facts` are what the bank has learned of the customer that may end the contract, `emails` what
    the last one to each person says, by item.
    """

    number: str
    edition: str = ""
    method: str = "otp"
    opened_at: int = 0
    used_at: int = 0
    billed_at: int = 0
    ended_at: int = 0
    members: dict[str, Member] = field(default_factory=dict)
    devices: dict[str, IssuedToken] = field(default_factory=dict)
    stops: list[Stop] = field(default_factory=list)
    ledger: list[FeeEntry] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    emails: dict[str, dict[str, str]] = field(default_factory=dict)

    def using(self, token: str) -> list[Member]:
        """Return who uses the generator `token`."""
        return [member for member in self.members.values() if token in member.tokens]

    @classmethod
    def of_document(cls, document: dict[str, Any]) -> Self:
        """Return the contract whose fields, all the way down, are in `document`."""
        rows: dict[str, type[Any]] = {
            "stops": Stop,
            "ledger": FeeEntry,
            "dues": Due,
            "transfers": Transfer,
        }
        named: dict[str, type[Any]] = {"members": Member, "devices": IssuedToken}
        values = {entry.name: document[entry.name] for entry in fields(cls)}
        for key, row in rows.items():
            values[key] = [row(**one) for one in values[key]]
        for key, row in named.items():
            values[key] = {name: row(**one) for name, one in values[key].items()}
        return cls(**values)
