"""Rows of the store as values: what is read of them, and what a change writes."""

from dataclasses import dataclass, field
from datetime import date

from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKind
from host_tools.vault.key_ring import KeyRing, SealedPlace
from host_tools.vault.tables import Change, Row
from host_tools.verification.kept_factor import factor_from, kept_factor
from host_tools.verification.schema import ENROLMENT, KIND, TALLY, TOKEN
from host_tools.verification.search import Credential, Progress
from host_tools.verification.states import TokenState
from host_tools.verification.throttle import Scope, Tally

DECOY_ID = 0
"""The row that unknown names are checked against, so that they cost what known ones cost."""

# By value: calling an Enum costs ten times as much.
_KINDS = {int(kind): kind for kind in OtpKind}
_ALGORITHMS = {int(algorithm): algorithm for algorithm in Hash}
_STATES = {str(state): state for state in TokenState}


@dataclass(slots=True, kw_only=True)
class TokenRow:
    """One row of the token table; `state` is the stored one, without lock and expiry.

    `row` is what was read, which a change is compared with. It is never changed; not frozen, as it
    is made for every code, and a frozen one takes three times as long to make.
    """

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
    row: Row = field(repr=False)

    def credential(self, keys: KeyRing) -> Credential:
        """Return its credential; raises BadInput where the seed cannot be opened."""
        return Credential.of_seed(
            keys.open(self.seed, seed_place(self.serial_number)),
            self.kind,
            self.algorithm,
            self.digits,
            self.step_seconds,
            self.t0_seconds,
        )


@dataclass(slots=True)
class Holder:
    """A user of a token: assigned (`since` is None), enrolled, or no more (`ended`)."""

    user: str
    since: int | None
    ended: int | None
    waived_until: date | None
    row: Row = field(repr=False, compare=False)

    @property
    def enrolled(self) -> bool:
        """Whether the token is in this user's use now."""
        return self.since is not None and self.ended is None

    @property
    def assigned(self) -> bool:
        """Whether the token waits for this user to enrol it."""
        return self.since is None and self.ended is None


@dataclass(slots=True)
class TallyRow:
    """One failure counter; `row` is what was read, None where nothing is stored yet."""

    scope: Scope
    subject: str
    tally: Tally
    row: Row | None = field(repr=False)


def token_of(row: Row) -> TokenRow:
    """Return the token of a row; raises BadInput where no host wrote that row."""
    try:
        return TokenRow(
            id=row["id"],
            serial_number=row["serial_number"],
            credential_id=row["credential_id"] or row["serial_number"],
            kind=_KINDS[row["kind"]],
            algorithm=_ALGORITHMS[row["algorithm"]],
            digits=row["digits"],
            step_seconds=row["step_seconds"],
            t0_seconds=row["t0_seconds"],
            seed=row["seed"],
            progress=Progress(factor_from(row["next_factor"]), row["drift_steps"]),
            state=_STATES[row["state"]],
            used_at=row["used_at"],
            start_date=date_of(row["start_date"]),
            expiry_date=date_of(row["expiry_date"]),
            successor=row["successor"],
            model=row["model"],
            row=row,
        )
    except (KeyError, ValueError, TypeError):
        raise BadInput(f"{row['serial_number']}: its row in the store is damaged") from None


def token_change(read: TokenRow, now: TokenRow) -> Change:
    """Return the change that makes `read` into `now`."""
    assert now.progress.next_factor >= read.progress.next_factor, "a moving factor never goes back"
    values = {
        "next_factor": kept_factor(now.progress.next_factor),
        "drift_steps": now.progress.drift_steps,
        "state": now.state,
        "used_at": now.used_at,
        "expiry_date": None if now.expiry_date is None else now.expiry_date.isoformat(),
        "successor": now.successor,
        "seed": now.seed,
    }
    return Change(TOKEN, read.row, values)


def progress_change(read: TokenRow, progress: Progress, used_at: int | None) -> Change:
    """Return the change that a code makes: how far the token has come, and when it was used."""
    assert progress.next_factor >= read.progress.next_factor, "a moving factor never goes back"
    values = {
        "next_factor": kept_factor(progress.next_factor),
        "drift_steps": progress.drift_steps,
        "used_at": used_at,
    }
    return Change(TOKEN, read.row, values)


def seed_place(serial_number: str) -> SealedPlace:
    """Return where the seed of a token is sealed for."""
    return KIND, TOKEN.name, "seed", serial_number


def holder_of(row: Row) -> Holder:
    """Return the user of a row of the enrolment table."""
    return Holder(row["user"], row["since"], row["ended"], date_of(row["waived_until"]), row)


def enrolment_change(
    read: Holder | None,
    token_id: int,
    user: str,
    *,
    since: int | None = None,
    ended: int | None = None,
    waived_until: date | None = None,
) -> Change:
    """Return the change that makes a user's enrolment, whether there was one or not, into this."""
    values = {
        "token_id": token_id,
        "user": user,
        "since": since,
        "ended": ended,
        "waived_until": None if waived_until is None else waived_until.isoformat(),
    }
    return Change(ENROLMENT, None if read is None else read.row, values)


def tally_of(scope: Scope, subject: str, row: Row | None) -> TallyRow:
    """Return the failure counter of `subject` in `scope`, whose row may not be there yet."""
    if row is None:
        return TallyRow(scope, subject, Tally(), None)
    return TallyRow(scope, subject, Tally(row["failures"], row["failed_at"], row["locked_at"]), row)


def tally_change(row: TallyRow, tally: Tally) -> Change:
    """Return the change that makes `row` into `tally`."""
    values = {
        "scope": row.scope,
        "subject": row.subject if row.row is None else row.row["subject"],
        "failures": tally.failures,
        "failed_at": tally.failed_at,
        "locked_at": tally.locked_at,
    }
    return Change(TALLY, row.row, values)


def date_of(text: str | None) -> date | None:
    """Return a date kept as ISO 8601 text."""
    return None if text is None else date.fromisoformat(text)
