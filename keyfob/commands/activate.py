"""`keyfob soft`: the bank's desk for soft tokens, and visits to them on their ports."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click
from platformdirs import user_config_path, user_data_path

from host_tools.activation.desk import Desk
from host_tools.activation.issues import Issue, Terms
from host_tools.activation.visit import Outcome, What, serve
from host_tools.clock import ClockName, true_time
from host_tools.errors import BadInput, NoAnswer
from host_tools.seeds import Secret, write
from host_tools.session import open_session
from host_tools.vault.key_ring import KeyRing, read_key_file, write_key_file
from keyfob import options
from keyfob.output import print_json, print_rows

POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """Where the desk's store and its key are, and whose time counts."""

    store: Path
    key_file: Path
    clock: ClockName
    bench: str
    as_json: bool

    def open(self) -> Desk:
        """Open the desk; raises HostError where store or key are not what they should be."""
        return Desk(self.store, read_key_file(self.key_file))

    def now(self) -> int:
        """Return Unix time by the clock the user chose."""
        return int(true_time(self.clock, self.bench))


def place_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options every verb of the desk has; the command gets a `Place` first."""

    @wraps(command)
    def with_place(
        store: Path | None,
        key_file: Path | None,
        clock: ClockName,
        bench: str,
        *,
        as_json: bool,
        **others: Any,
    ) -> Any:
        place = Place(
            store or user_data_path("keyfob") / "soft-tokens.db",
            key_file or user_config_path("keyfob") / "soft-tokens.key",
            clock,
            bench,
            as_json,
        )
        return command(place, **others)

    decorated: Callable[..., Any] = with_place
    path = click.Path(dir_okay=False, path_type=Path)
    for option in (
        options.json_option,
        options.bench_option,
        options.clock_option,
        click.option("--key-file", type=path, metavar="FILE", help="What seals the store."),
        click.option("--store", type=path, metavar="FILE", help="The desk's store."),
    ):
        decorated = option(decorated)
    return decorated


@click.command()
@place_options
def init(place: Place) -> None:
    """Make a store for soft tokens, and a key for it if there is none yet."""
    if place.store.exists():
        raise BadInput(f"{place.store}: there is a file already")
    made = not place.key_file.exists()
    if made:
        write_key_file(place.key_file, KeyRing.generate()[1])
    with Desk(place.store, read_key_file(place.key_file), create=True):
        pass
    if place.as_json:
        print_json({"store": str(place.store), "key_file": str(place.key_file)})
        return
    click.echo(f"{place.store}: a new store for soft tokens")
    if made:
        click.echo(f"{place.key_file}: its key; whoever has both has every seed")


@click.command()
@click.option("--service", required=True, metavar="ID", help="The bank's service ID.")
@click.option("--user", metavar="ID", help="The user ID; a random one without it.")
@click.option("--prefix", default="ZZP1", show_default=True, help="Of the serial number.")
@click.option("--days", type=click.IntRange(1, 36_500), help="Its life; without it no expiry.")
@click.option(
    "--tries",
    type=click.IntRange(1, 100),
    default=5,
    show_default=True,
    metavar="N",
    help="How many wrong passwords lock it.",
)
@click.option("--password", metavar="DIGITS", help=f"The start password. {options.SEEN_BY_OTHERS}")
@place_options
def issue(
    place: Place,
    service: str,
    user: str | None,
    prefix: str,
    days: int | None,
    tries: int,
    password: str | None,
) -> None:
    """Issue a soft token to a user who chose a start password (4 to 8 digits).

    Asks for the password, or reads it from standard input. Prints what the user types into the
    app beside it.
    """
    terms = replace(Terms(), serial_prefix=prefix, life_days=days, tries=tries)
    chosen = start_password(password)
    with place.open() as desk:
        issued = desk.issue(service, chosen, place.now(), terms, user_id=user)
    _print_issue(issued, as_json=place.as_json)


@click.command("serve")
@options.port_option
@options.address_option
@click.option(
    "--wait",
    type=click.FloatRange(0, 86_400),
    default=0,
    show_default=True,
    metavar="SECONDS",
    help="Go on asking for so long until the user wants something.",
)
@place_options
def serve_(place: Place, port: str, address: int, wait: float) -> int:
    """Ask the soft token on a port what its user wants, and answer it.

    An activation, an extension, or the code of a "Direct login", which is printed. Exit status 1
    means that the answer was no.
    """
    deadline = time.monotonic() + wait
    now = partial(true_time, place.clock, place.bench)
    with place.open() as desk:
        while True:
            outcome = _visit(desk, port, address, now, patient=time.monotonic() < deadline)
            if outcome is not None and outcome.what is not What.NOTHING:
                break
            if time.monotonic() >= deadline:
                break
            time.sleep(POLL_SECONDS)
    assert outcome is not None, "the last visit is not patient"
    if place.as_json:
        print_json(_outcome_json(outcome))
    else:
        print_rows(_outcome_rows(outcome))
    return 1 if outcome.what in (What.REFUSED, What.WRONG_CLOCK) else 0


@click.command()
@place_options
def status(place: Place) -> None:
    """List the soft tokens that were issued, and where they stand."""
    with place.open() as desk:
        issues = desk.store.issues()
    if place.as_json:
        print_json([_issue_json(one) for one in issues])
    elif issues:
        print_rows([(one.serial_number, _line(one)) for one in issues])
    else:
        click.echo("no soft token was issued yet")


@click.command()
@click.option("--token", required=True, metavar="NAME", help="Its serial number.")
@place_options
def withdraw(place: Place, token: str) -> None:
    """End a soft token for good: it cannot be activated, extended or used for a direct login."""
    with place.open() as desk:
        _print_issue(desk.withdraw(token), as_json=place.as_json)


@click.command()
@click.argument("seedfile", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--token", required=True, metavar="NAME", help="Its serial number.")
@click.option("--plain", is_flag=True, help="Write the seed in clear.")
@options.secret_options
@place_options
def export(
    place: Place,
    seedfile: Path,
    token: str,
    psk_file: str | None,
    psk: str | None,
    passphrase: str | None,
    *,
    plain: bool,
) -> None:
    """Write an activated soft token's seed record to SEEDFILE, for a verification host."""
    with place.open() as desk:
        record = desk.record(token)
    secret = Secret(options.pre_shared_key(psk_file, psk), options.pass_phrase(passphrase))
    write(seedfile, [record], secret, plain=plain)
    if place.as_json:
        print_json({"serial_number": token, "file": str(seedfile)})
    else:
        click.echo(f"{seedfile}: the seed record of {token} (mode 0600)")


def start_password(given: str | None) -> str:
    """Return the start password: as given (with a warning), by prompt, or a line of stdin."""
    if given is not None:
        options.warn_of_argument("--password", "the prompt")
        return given
    return options.ask_secret("the start password")


def _visit(
    desk: Desk, port: str, address: int, now: Callable[[], Any], *, patient: bool
) -> Outcome | None:
    """Visit once; None where nothing answers yet and there is time to wait."""
    try:
        with open_session(port, address) as session:
            return serve(session, desk, now)
    except NoAnswer:
        if patient:
            return None
        raise


def _print_issue(one: Issue, *, as_json: bool) -> None:
    if as_json:
        print_json(_issue_json(one))
    else:
        print_rows(
            [
                ("service ID", one.service_id),
                ("user ID", one.user_id),
                ("serial number", one.serial_number),
                ("state", one.state),
            ]
        )


def _line(one: Issue) -> str:
    device = f" on {one.device_id}" if one.device_id else ""
    many = "s" * (one.failures != 1)
    wrong = f", {one.failures} wrong password{many}" if one.failures else ""
    return f"{one.state}{device}; service {one.service_id}, user {one.user_id}{wrong}"


def _issue_json(one: Issue) -> dict[str, object]:
    return {
        "serial_number": one.serial_number,
        "service_id": one.service_id,
        "user_id": one.user_id,
        "state": one.state,
        "device_id": one.device_id or None,
        "failures": one.failures,
        "tries": one.tries,
    }


def _outcome_json(outcome: Outcome) -> dict[str, object]:
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


def _outcome_rows(outcome: Outcome) -> list[tuple[str, str]]:
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
