"""What `keyfob host` prints: answers, tokens, the audit log; for people and for programs."""

from datetime import UTC, datetime

import click

from host_tools.vault.audit import Entry
from host_tools.verification.attempts import Answer
from host_tools.verification.profiles import Opinion, Profile
from host_tools.verification.status import TokenStatus
from keyfob.commands.verify import decision_json
from keyfob.output import print_json, print_rows

_WORDS = {True: "accepted", False: "refused", None: "not known"}


def print_answers(answers: list[Answer], *, as_json: bool) -> int:
    """Print what the host said to codes and return the exit status: 1 where one was refused."""
    if as_json:
        told = [
            decision_json(each.serial_number, each.credential_id, each.decision)
            | {"user": each.user}
            for each in answers
        ]
        print_json(told[0] if len(told) == 1 else told)
    else:
        for each in answers:
            word = _WORDS[each.accepted]
            click.echo(f"{each.serial_number}: {word}: {each.decision.reason}")
    return 0 if all(each.accepted for each in answers) else 1


def status_json(status: TokenStatus) -> dict[str, object]:
    """Return where a token stands, for programs; times are Unix times."""
    return {
        "serial_number": status.serial_number,
        "credential_id": status.credential_id,
        "model": status.model,
        "kind": status.kind,
        "state": status.state,
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


def print_status(status: TokenStatus) -> None:
    """Print where a token stands, for people."""
    users = [holder.user for holder in status.holders if holder.ended is None]
    rows = [
        (status.serial_number, str(status.state)),
        ("  users", ", ".join(users)),
        ("  next", f"moving factor {status.next_factor}, drift {status.drift_steps} steps"),
        ("  failures", str(status.failures)),
        ("  expires", str(status.expiry_date or "")),
    ]
    if status.successor:
        rows.append(("  exchanged for", status.successor))
    print_rows(rows)


def entry_json(number: int, entry: Entry) -> dict[str, object]:
    """Return a row of the audit log, for programs."""
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


def entry_line(number: int, entry: Entry) -> str:
    """Return a row of the audit log as one line."""
    words = [entry.event, entry.outcome, entry.serial_number, entry.user, entry.actor, entry.detail]
    at = datetime.fromtimestamp(entry.at, UTC)
    return f"{number:>6}  {at:%Y-%m-%dT%H:%M:%SZ}  {'  '.join(filter(None, words))}"


def print_profiles(profiles: tuple[Profile, ...], *, as_json: bool) -> None:
    """Print the habits of known verifiers."""
    if as_json:
        print_json({profile.name: _profile_json(profile) for profile in profiles})
        return
    for profile in profiles:
        cells = (f"{key} {cell.value} ({cell.mark})" for key, cell in profile.cells.items())
        print_rows([(profile.title, ", ".join(cells).replace("_", " "))])


def print_opinions(opinions: list[Opinion], *, as_json: bool) -> None:
    """Print what known verifiers would have said."""
    if as_json:
        print_json(
            [
                {"profile": each.profile.name, "accepted": each.accepted, "reason": each.reason}
                for each in opinions
            ]
        )
        return
    print_rows(
        [(each.profile.title, f"{_WORDS[each.accepted]}: {each.reason}") for each in opinions]
    )


def _profile_json(profile: Profile) -> dict[str, object]:
    cells = {
        key: {"value": cell.value, "mark": cell.mark, "note": cell.note}
        for key, cell in profile.cells.items()
    }
    return {"title": profile.title, **cells}
