"""`keyfob soft`: the bank's desk for soft tokens, and visits to them on their ports."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import click

from firmware_model.errors import NoAnswer
from host_tools.activation.desk import ActivationDesk
from host_tools.activation.issues import Terms
from host_tools.activation.store import inspect
from host_tools.activation.visit import VisitOutcome, What, serve
from host_tools.client.clock import true_time
from host_tools.client.session import open_session
from host_tools.seeds import Secret, write
from host_tools.seeds.key_file import key_file_of, new_key_beside
from host_tools.vault.private_file import refuse_existing
from keyfob.cli import options
from keyfob.cli.output import print_faults, print_json, print_rows
from keyfob.cli.parameters import ANY_FILE
from keyfob.cli.seed_input import SeedSecretOptions
from keyfob.cli.store_options import StoreOptions
from keyfob.cli.verbs.soft.output import (
    issue_json,
    issue_line,
    outcome_json,
    outcome_rows,
    print_issue,
)

POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class SoftDesk(StoreOptions):
    """Where the soft-token desk's store and key are."""

    what: ClassVar[str] = "soft"
    shared: ClassVar[bool] = False

    @property
    def file(self) -> Path:
        """The store's file: soft tokens are kept in no other place."""
        assert isinstance(self.store, Path)
        return self.store

    def open(self, *, create: bool = False) -> ActivationDesk:
        """Open the desk; raises KeyfobError where store or key are not what they should be."""
        return ActivationDesk(self.file, self.keys(), create=create, anchor=self.anchor())


@click.command()
@SoftDesk.options
def init(place: SoftDesk) -> None:
    """Make a store for soft tokens, and a key for it if there is none yet."""
    place.refuse_a_store()
    with place.new_key() as made:
        place.open(create=True).close()
    if place.as_json:
        print_json({"store": str(place.store), "key_file": str(place.key_file)})
        return
    click.echo(f"{place.store}: a new store for soft tokens")
    if made:
        click.echo(f"{place.key_file}: its key; whoever has both has every seed")


@click.command()
@click.option("--service", required=True, metavar="ID", help="The bank's service ID.")
@click.option("--user", metavar="ID", help="The user ID; a random one without it.")
@click.option(
    "--prefix", default="ZZP1", show_default=True, metavar="TEXT", help="Of the serial number."
)
@click.option(
    "--days", type=click.IntRange(1, 36_500), metavar="N", help="Its life; without it no expiry."
)
@click.option(
    "--tries",
    type=click.IntRange(1, 100),
    default=5,
    show_default=True,
    metavar="N",
    help="How many wrong passwords lock it.",
)
@click.option("--password", metavar="DIGITS", help=f"The start password. {options.SEEN_BY_OTHERS}")
@SoftDesk.options
def issue(
    place: SoftDesk,
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
    print_issue(issued, as_json=place.as_json)


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
@SoftDesk.options
def serve_(place: SoftDesk, port: str, address: int, wait: float) -> int:
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
        print_json(outcome_json(outcome))
    else:
        print_rows(outcome_rows(outcome))
    return 1 if outcome.what in (What.REFUSED, What.WRONG_CLOCK) else 0


@click.command()
@SoftDesk.options
def status(place: SoftDesk) -> None:
    """List the soft tokens that were issued, and where they stand."""
    with place.open() as desk:
        issues = desk.store.issues()
    if place.as_json:
        print_json([issue_json(one) for one in issues])
    elif issues:
        print_rows([(one.serial_number, issue_line(one)) for one in issues])
    else:
        click.echo("no soft token was issued yet")


@click.command()
@click.option("--head", metavar="N:MAC", help="Verify that a head kept elsewhere is in the log.")
@SoftDesk.options
def verify(place: SoftDesk, head: str | None) -> int:
    """Verify that the store is whole: each row, the log, and what the log says of each row.

    Names what was altered, deleted or put back without the key (exit status 1).
    """
    faults, now = inspect(place.file, place.keys(), place.kept_head(head))
    return print_faults(faults, now, as_json=place.as_json)


@click.command()
@click.option("--token", required=True, metavar="NAME", help="Its serial number.")
@SoftDesk.options
def withdraw(place: SoftDesk, token: str) -> None:
    """End a soft token for good: it cannot be activated, extended or used for a direct login."""
    with place.open() as desk:
        print_issue(desk.withdraw(token, place.now()), as_json=place.as_json)


@click.command()
@click.argument("seedfile", type=ANY_FILE)
@click.option("--token", required=True, metavar="NAME", help="Its serial number.")
@click.option("--plain", is_flag=True, help="Write the seed in clear.")
@SeedSecretOptions.options
@SoftDesk.options
def export(
    place: SoftDesk,
    seedfile: Path,
    token: str,
    opened_by: SeedSecretOptions,
    *,
    plain: bool,
) -> None:
    """Write an activated soft token's seed record to SEEDFILE, for a verification host.

    It is encrypted: under the key or passphrase given, or else under a new key in SEEDFILE.key
    beside SEEDFILE, where keyfob's verbs find it.
    """
    with place.open() as desk:
        record = desk.record(token)
    secret = opened_by.secret()
    if secret or plain:
        write(seedfile, [record], secret, plain=plain)
    else:
        refuse_existing(seedfile)
        with new_key_beside(seedfile) as key:
            write(seedfile, [record], Secret(key=key))
        click.echo(
            f"{seedfile} is encrypted; its key is in {key_file_of(seedfile)}, where keyfob finds"
            " it: send the two by different ways",
            err=True,
        )
    if place.as_json:
        print_json({"serial_number": record.serial_number, "file": str(seedfile)})
    else:
        click.echo(f"{seedfile}: the seed record of {record.serial_number} (mode 0600)")


def start_password(given: str | None) -> str:
    """Return the start password: as given (with a warning), by prompt, or a line of stdin."""
    if given is not None:
        options.warn_of_argument("--password", "the prompt")
        return given
    return options.ask_secret("the start password")


def _visit(
    desk: ActivationDesk, port: str, address: int, now: Callable[[], Any], *, patient: bool
) -> VisitOutcome | None:
    """Visit once; None where nothing answers yet and there is time to wait."""
    try:
        with open_session(port, address) as session:
            return serve(session, desk, now)
    except NoAnswer:
        if patient:
            return None
        raise
