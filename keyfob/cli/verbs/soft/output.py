"""What `keyfob soft` prints: issues and visits; for people and for programs."""

from host_tools.activation.issues import Issue
from host_tools.activation.visit import VisitOutcome
from keyfob.cli.output import print_json, print_rows


def print_issue(one: Issue, *, as_json: bool) -> None:
    """Print what the user types into the app, and where the issue stands."""
    if as_json:
        print_json(issue_json(one))
    else:
        print_rows(
            [
                ("service ID", one.service_id),
                ("user ID", one.user_id),
                ("serial number", one.serial_number),
                ("state", one.state),
            ]
        )


def issue_line(one: Issue) -> str:
    """Return where an issue stands as one line."""
    device = f" on {one.device_id}" if one.device_id else ""
    many = "s" * (one.failures != 1)
    wrong = f", {one.failures} wrong password{many}" if one.failures else ""
    return f"{one.state}{device}; service {one.service_id}, user {one.user_id}{wrong}"


def issue_json(one: Issue) -> dict[str, object]:
    """Return where an issue stands, for programs."""
    return {
        "serial_number": one.serial_number,
        "service_id": one.service_id,
        "user_id": one.user_id,
        "state": one.state,
        "device_id": one.device_id or None,
        "failures": one.failures,
        "tries": one.tries,
    }


def outcome_json(outcome: VisitOutcome) -> dict[str, object]:
    """Return what came of a visit, for programs."""
    return {
        "outcome": outcome.what,
        "reason": outcome.reason,
        "serial_number": outcome.serial_number or None,
        "standing": outcome.standing.name.lower(),
        "device_id": outcome.device_id,
        "expiry_date": outcome.expiry_date and outcome.expiry_date.isoformat(),
        "clock_ahead_seconds": outcome.clock_ahead_seconds,
        "code": outcome.code or None,
    }


def outcome_rows(outcome: VisitOutcome) -> list[tuple[str, str]]:
    """Return what came of a visit, for people."""
    rows = [("outcome", f"{outcome.what}{f': {outcome.reason}' if outcome.reason else ''}")]
    if outcome.serial_number:
        rows.append(("serial number", outcome.serial_number))
    rows.append(
        ("app", f"{outcome.standing.name.lower().replace('_', ' ')}, on {outcome.device_id}")
    )
    if outcome.expiry_date is not None:
        rows.append(("expiry date", outcome.expiry_date.isoformat()))
    if outcome.clock_ahead_seconds:
        rows.append(("device clock", f"{outcome.clock_ahead_seconds} s ahead"))
    if outcome.code:
        rows.append(("code", outcome.code))
    return rows
