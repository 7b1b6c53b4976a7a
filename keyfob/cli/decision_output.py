"""A verifier's decision as JSON: the same names for every verb that verifies."""

from host_tools.verification.decision import Decision


def decision_json(
    serial_number: str | None, credential_id: str | None, decision: Decision
) -> dict[str, object]:
    """Return an answer as every verb prints it for programs."""
    progress, tally = decision.standing.progress, decision.standing.tally
    return {
        "serial_number": serial_number,
        "credential_id": credential_id,
        "accepted": decision.accepted,
        "verdict": decision.verdict,
        "reason": decision.reason,
        "moving_factor": decision.factor,
        "counters": {
            "next_moving_factor": None if progress.used_up else progress.next_factor,
            "drift_steps": progress.drift_steps,
            "failures": tally.failures,
        },
    }
