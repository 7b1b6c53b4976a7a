"""Rows of the store as values, and how they are read and written on the driver."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKind
from host_tools.vault.key_ring import KeyRing
from host_tools.verification.search import Credential, Progress
from host_tools.verification.states import TokenState
from host_tools.verification.throttle import Scope, Tally

ROW_COLUMNS = (
    "id, serial_number, credential_id, kind, algorithm, digits, step_seconds, t0_seconds, seed,"
    " next_factor, drift_steps, state, used_at, start_date, expiry_date, successor, model,"
    " token.revision"
)
"""What `token_of` takes, in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """One row of the token table; `state` is the stored one, without lock and expiry."""

    id: int
    serial_number: str
    credential_id: str
    kind: OtpKind
    algorithm: Hash
    digits: int
    step_seconds: int
    t0_seconds: int
    seed: bytes = field(repr=False)
    progress: Progress
    state: TokenState
    used_at: int | None
    start_date: date | None
    expiry_date: date | None
    successor: str | None
    model: str
    revision: int

    def credential(self, keys: KeyRing) -> Credential:
        """Return its credential; raises BadInput where the seed cannot be opened."""
        return Credential.of_seed(
            keys.open(self.seed, self.serial_number),
            self.kind,
            self.algorithm,
            self.digits,
            self.step_seconds,
            self.t0_seconds,
        )


@dataclass(frozen=True, slots=True)
class Holder:
    """A user of a token: assigned (`since` is None), enrolled, or no more (`ended`)."""

    user: str
    since: int | None
    ended: int | None
    waived_until: date | None

    @property
    def enrolled(self) -> bool:
        """Whether the token is in this user's use now."""
        return self.since is not None and self.ended is None

    @property
    def assigned(self) -> bool:
        """Whether the token waits for this user to enrol it."""
        return self.since is None and self.ended is None


@dataclass(frozen=True, slots=True)
class TallyRow:
    """One failure counter; revision 0 means that nothing is stored yet."""

    scope: Scope
    subject: str
    tally: Tally
    revision: int


def token_of(row: Sequence[Any]) -> TokenRow:
    """Return the token of a row of ROW_COLUMNS; raises BadInput where no host wrote that row."""
    try:
        return _token_of(row)
    except (ValueError, TypeError):
        raise BadInput(f"{row[1]}: its row in the store was altered or damaged") from None


def _token_of(row: Sequence[Any]) -> TokenRow:
    (
        number,
        serial_number,
        credential_id,
        kind,
        algorithm,
        digits,
        step_seconds,
        t0_seconds,
        seed,
        next_factor,
        drift_steps,
        state,
        used_at,
        start_date,
        expiry_date,
        successor,
        model,
        revision,
    ) = row
    return TokenRow(
        id=number,
        serial_number=serial_number,
        credential_id=credential_id or serial_number,
        kind=OtpKind(kind),
        algorithm=Hash(algorithm),
        digits=digits,
        step_seconds=step_seconds,
        t0_seconds=t0_seconds,
        seed=seed,
        progress=Progress(next_factor, drift_steps),
        state=TokenState(state),
        used_at=used_at,
        start_date=date_of(start_date),
        expiry_date=date_of(expiry_date),
        successor=successor,
        model=model,
        revision=revision,
    )


def token_values(now: TokenRow, read: TokenRow) -> tuple[object, ...]:
    """Return what the store's compare-and-set takes to make `read` into `now`."""
    assert now.progress.next_factor >= read.progress.next_factor, "a moving factor never goes back"
    return (
        now.progress.next_factor,
        now.progress.drift_steps,
        now.state,
        now.used_at,
        None if now.expiry_date is None else now.expiry_date.isoformat(),
        now.successor,
        read.id,
        read.revision,
    )


def tally_values(row: TallyRow, tally: Tally) -> tuple[object, ...]:
    """Return what the store's compare-and-set takes to make `row` into `tally`."""
    return (
        row.scope,
        row.subject,
        tally.failures,
        tally.failed_at,
        tally.locked_at,
        row.revision,
    )


def date_of(text: str | None) -> date | None:
    """Return a date kept as ISO 8601 text."""
    return None if text is None else date.fromisoformat(text)
