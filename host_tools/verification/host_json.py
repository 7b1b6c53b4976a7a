"""What a host says, as JSON: the same names for the command line and over HTTP (HOST §9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from host_tools.vault.audit import AuditEntry
from host_tools.verification.decision import Decision
from host_tools.verification.profiles import Opinion, Profile
from host_tools.verification.status import TokenStatus

if TYPE_CHECKING:
    from host_tools.verification.attempts import HostAnswer

Json = dict[str, Any]


def decision_json(serial_number: str | None, credential_id: str | None, decision: Decision) -> Json:
    """Return an answer as every verb prints it for programs."""
    progress, tally = decision.standing.progress, decision.standing.tally
    return {
        "serial_number": serial_number,
        "credential_id": credential_id,
        "accepted": decision.accepted,
        "verdict": str(decision.verdict),
        "reason": decision.reason,
        "moving_factor": decision.factor,
        "counters": {
            "next_moving_factor": None if progress.used_up else progress.next_factor,
            "drift_steps": progress.drift_steps,
            "failures": tally.failures,
        },
    }


def answer_json(answer: HostAnswer) -> Json:
    """Return what the host says to a code.

    An unknown token has no Credential ID, and where only a user was named no serial number.
    """
    serial_number, credential_id = answer.serial_number or None, answer.credential_id or None
    told = decision_json(serial_number, credential_id, answer.decision)
    return told | {"user": answer.user or None}


def status_json(status: TokenStatus) -> Json:
    """Return where a token stands; times are Unix times."""
    return {
        "serial_number": status.serial_number,
        "credential_id": status.credential_id,
        "model": status.model,
        "kind": status.kind,
        "state": str(status.state),
        "users": [
            {
                "user": holder.user,
                "enrolled_at": holder.since,
                "ended_at": holder.ended,
                "waived_until": holder.waived_until and str(holder.waived_until),
            }
            for holder in status.holders
        ],
        "counters": {
            "next_moving_factor": status.next_factor,
            "drift_steps": status.drift_steps,
            "failures": status.failures,
        },
        "locked_at": status.locked_at,
        "used_at": status.used_at,
        "expiry_date": status.expiry_date and str(status.expiry_date),
        "successor": status.successor,
    }


def entry_json(number: int, entry: AuditEntry) -> Json:
    """Return a row of the audit log."""
    return {
        "number": number,
        "at": entry.at,
        "event": entry.event,
        "outcome": entry.outcome,
        "serial_number": entry.serial_number,
        "user": entry.user,
        "actor": entry.actor,
        "detail": entry.detail,
    }


def profile_json(profile: Profile) -> Json:
    """Return the habits of a known verifier."""
    cells = {
        key: {"value": cell.value, "mark": cell.mark, "note": cell.note}
        for key, cell in profile.cells.items()
    }
    return {"title": profile.title, **cells}


def opinion_json(opinion: Opinion) -> Json:
    """Return what a known verifier would have said."""
    return {
        "profile": opinion.profile.name,
        "accepted": opinion.accepted,
        "reason": opinion.reason,
    }
