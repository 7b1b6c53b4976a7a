"""Where tokens stand, for people and programs."""

from dataclasses import dataclass
from datetime import date

from host_tools.verification.case import TokenCase
from host_tools.verification.policy import Policy
from host_tools.verification.rows import DECOY_ID, Holder
from host_tools.verification.states import TokenState
from host_tools.verification.store import HostStore
from host_tools.verification.throttle import settled


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenStatus:
    """Everything a host knows of a token but its seed; times are Unix times.

    Example:
        >>> with keyfob.Verifier() as host:
        ...     host.import_seeds(keyfob.generate_seeds("fob-h6"))
        ...     host.status("ZZH600000001").state.value
        1
        'stocked'
    """

    serial_number: str
    credential_id: str
    model: str
    kind: str
    state: TokenState
    holders: list[Holder]
    next_factor: int | None
    drift_steps: int
    failures: int
    locked_at: int | None
    used_at: int | None
    expiry_date: date | None
    successor: str | None


def status_of(case: TokenCase, now_seconds: int, policy: Policy) -> TokenStatus:
    """Return where the token of `case` stands at `now_seconds`."""
    tally = settled(case.tally.tally, now_seconds, policy.limits)
    token = case.token
    return TokenStatus(
        serial_number=token.serial_number,
        credential_id=token.credential_id,
        model=token.model,
        kind=token.kind.name.lower(),
        state=case.state(now_seconds, policy),
        holders=case.holders,
        next_factor=None if token.progress.used_up else token.progress.next_factor,
        drift_steps=token.progress.drift_steps,
        failures=tally.failures,
        locked_at=tally.locked_at,
        used_at=token.used_at,
        expiry_date=token.expiry_date,
        successor=token.successor,
    )


def summary_of(store: HostStore) -> dict[str, int]:
    """Return how many tokens are stored in each state, those without any left out."""
    counts = store.read(
        "SELECT state, count(*) FROM token WHERE id <> ? GROUP BY state ORDER BY state", (DECOY_ID,)
    )
    return {str(state): count for state, count in counts}
