"""What `keyfob host` prints: answers, tokens, the audit log; for people and for programs."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

import click

from host_tools.vault.audit import AuditEntry
from host_tools.verification.attempts import HostAnswer
from host_tools.verification.host_json import answer_json, opinion_json, profile_json
from host_tools.verification.profiles import Opinion, Profile, ProfileResult
from host_tools.verification.rows import Holder
from host_tools.verification.status import TokenStatus
from keyfob.cli.output import print_json, print_rows

_WORDS = {True: "accepted", False: "refused", None: "not known"}


def print_answer(answer: HostAnswer, *, as_json: bool) -> int:
    """Print what the host said to a code and return the exit status: 1 where it said no."""
    if as_json:
        print_json(answer_json(answer))
    else:
        _say(answer)
    return 0 if answer.accepted else 1


def print_exchange(old: HostAnswer, new: HostAnswer | None, *, as_json: bool) -> int:
    """Print what the host said to an exchange; `new` is None where the old token was refused."""
    if as_json:
        print_json({"old": answer_json(old), "new": new and answer_json(new)})
    else:
        for each in filter(None, (old, new)):
            _say(each)
    return 0 if new is not None and new.accepted else 1


def print_status(status: TokenStatus) -> None:
    """Print where a token stands, for people; what does not hold is left out."""
    drift = f", drift {status.drift_steps:+} steps" if status.drift_steps else ""
    locked = f", locked since {_instant(status.locked_at)}" if status.locked_at else ""
    other_name = status.credential_id if status.credential_id != status.serial_number else ""
    rows = [
        ("  Credential ID", other_name),
        ("  model", status.model),
        ("  users", ", ".join(each.user for each in status.holders if each.ended is None)),
        ("  without a code", _waivers(status.holders)),
        ("  next", f"{_next_factor(status)}{drift}"),
        ("  last used", _instant(status.used_at) if status.used_at else ""),
        ("  failures", f"{status.failures}{locked}"),
        ("  last day", str(status.expiry_date or "")),
        ("  exchanged for", status.successor or ""),
    ]
    print_rows([(status.serial_number, str(status.state)), *(row for row in rows if row[1])])


def _next_factor(status: TokenStatus) -> str:
    if status.next_factor is None:
        return "none, the token is used up"
    return f"moving factor {status.next_factor}"


def entry_line(number: int, entry: AuditEntry) -> str:
    """Return a row of the audit log as one line."""
    words = [entry.event, entry.outcome, entry.serial_number, entry.user, entry.actor, entry.detail]
    # What could end a line, or steer a terminal, is spelled out: each row stays one line.
    text = "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode()
        for sign in "  ".join(str(word) for word in words if word)
    )
    return f"{number:>6}  {_instant(entry.at)}  {text}"


def print_profiles(profiles: tuple[Profile, ...], *, as_json: bool) -> None:
    """Print the habits of known verifiers."""
    if as_json:
        print_json({profile.name: profile_json(profile) for profile in profiles})
        return
    for profile in profiles:
        cells = (f"{key} {_spelled(cell)} ({cell.mark})" for key, cell in profile.cells.items())
        print_rows([(profile.title, ", ".join(cells).replace("_", " "))])


def print_opinions(opinions: list[Opinion], *, as_json: bool) -> None:
    """Print what known verifiers would have said."""
    if as_json:
        print_json([opinion_json(each) for each in opinions])
        return
    print_rows(
        [(each.profile.title, f"{_WORDS[each.accepted]}: {each.reason}") for each in opinions]
    )


def _say(answer: HostAnswer) -> None:
    name = answer.serial_number or answer.user
    click.echo(f"{name}: {_WORDS[answer.accepted]}: {answer.decision.reason}")


def _waivers(holders: Sequence[Holder]) -> str:
    return ", ".join(
        f"{each.user} until {each.waived_until}" for each in holders if each.waived_until
    )


def _instant(at: int) -> str:
    # A log that somebody altered is shown as it is.
    with suppress(ValueError, OverflowError, OSError, TypeError):
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return str(at)


def _spelled(cell: ProfileResult) -> str:
    if isinstance(cell.value, bool):
        return "yes" if cell.value else "no"
    return str(cell.value)
