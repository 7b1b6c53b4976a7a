"""`keyfob station run`: a seed file and a tray of blank fobs in, sealed fobs out."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import click

from firmware_model.catalogue import names as model_names
from firmware_model.errors import BadInput, KeyfobError
from host_tools.ceremony.key_file import KeyFile, KeyRole, parse, read_key_file
from host_tools.client.bench import BenchClient
from host_tools.client.clock import ClockName, true_time
from host_tools.client.keys import TEST_KEYS
from host_tools.provisioning.station.clock import WatchedClock
from host_tools.provisioning.station.confirm import BenchDisplayReader, DisplayReader
from host_tools.provisioning.station.desk import KeyPlan, StationDesk
from host_tools.provisioning.station.labels import label, write_label
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.matching import Fault, MatchRule, usable
from host_tools.provisioning.station.others import known_elsewhere
from host_tools.provisioning.station.place import StationEvent
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.provisioning.station.tray import Tray, lines
from host_tools.seeds.record import SeedRecord
from keyfob.cli import options
from keyfob.cli.key_input import key_file_passphrase
from keyfob.cli.output import print_json
from keyfob.cli.parameters import EXISTING_FILE, EXISTING_FOLDER
from keyfob.cli.seed_input import SeedSecretOptions, read_seeds
from keyfob.cli.verbs.station.screen import Person, StationScreen
from keyfob.cli.verbs.station.store import StationStoreOptions, operator_option

KEYS_VARIABLE = "KEYFOB_STATION_KEYS"

WORDS_MAX = 10
"""How many records that are refused for one cause are named on the screen; all are on record."""


@click.command()
@click.option(
    "--seeds",
    "seed_file",
    type=EXISTING_FILE,
    required=True,
    metavar="FILE",
    help="The seed file; its records go into fobs in its order.",
)
@SeedSecretOptions.options
@click.option(
    "--keys",
    "key_file",
    type=EXISTING_FILE,
    metavar="FILE",
    help="The sealed key file of keyfob keys combine; its passphrase by prompt or"
    f" KEYFOB_KEYS_PASSPHRASE. Or the key sets in {KEYS_VARIABLE}.",
)
@click.option(
    "--test-keys",
    is_flag=True,
    help="Open fobs under the PUBLIC test keys; every receipt says TEST.",
)
@click.option(
    "--port",
    "ports",
    envvar="KEYFOB_PORT",
    multiple=True,
    required=True,
    metavar="URL",
    help="A line with fobs; several are worked at once. [env: KEYFOB_PORT]",
)
@options.addresses_option("1", "The places on each line")
@click.option(
    "--match",
    "rule",
    type=click.Choice([rule.value for rule in MatchRule]),
    default=MatchRule.NEXT.value,
    show_default=True,
    help="Which record a blank fob gets: the next of the file, the one of its place, or the one"
    " on its label. A fob that tells a serial number gets that one.",
)
@click.option(
    "--confirm",
    type=click.Choice(["operator", "bench"]),
    default="operator",
    show_default=True,
    help="Who presses and reads the display.",
)
@click.option(
    "--also",
    "others",
    type=EXISTING_FILE,
    multiple=True,
    metavar="FILE",
    help="Another desk's ledger: what is on its books is not loaded here.",
)
@click.option("--wait", is_flag=True, help="Wait for fobs plugged in one after the other.")
@click.option(
    "--labels",
    "label_folder",
    type=EXISTING_FOLDER,
    metavar="FOLDER",
    help="Write an SVG label for each fob when it is sealed.",
)
@operator_option
@StationStoreOptions.options
def run(
    place: StationStoreOptions,
    seed_file: Path,
    opened_by: SeedSecretOptions,
    key_file: Path | None,
    ports: tuple[str, ...],
    addresses: list[int],
    rule: str,
    confirm: str,
    others: tuple[Path, ...],
    label_folder: Path | None,
    operator: str,
    *,
    test_keys: bool,
    wait: bool,
) -> int:
    """Load the seeds of a file into blank fobs, seal them, and keep a receipt of each.

    Stop it anywhere, pull any cable, and run it again: it goes on where it was. Exit status 1 if
    a fob or a record did not get on.
    """
    plan = _key_plan(key_file, test_keys=test_keys)
    records = read_seeds(seed_file, opened_by)
    if plan.are_test_keys:
        click.echo("TEST KEYS: anybody can read what is sent; receipts say TEST", err=True)
    if place.is_new:
        click.echo(f"{place.store}: a new ledger, which knows of no seed yet", err=True)
    if place.prepare():
        click.echo(f"{place.key_file}: a new key, which the ledger is chained with", err=True)
    with _clock(place.clock, place.bench) as (now, steady):
        with place.open(operator) as ledger:
            watched = WatchedClock(now, steady, ledger.last_at())
            records, faults = _planned(ledger, others, records, str(seed_file), int(watched()))
        desk = StationDesk(records=tuple(records), keys=plan, rule=MatchRule(rule), clock=watched)
        board = StationScreen(len(records))
        tray = Tray(
            desk,
            partial(_opened, place, operator, records),
            lambda: _reader(confirm, place.bench, board),
            partial(_on_event, board, label_folder, desk.by_serial()),
            wait=wait,
        )
        with board:
            errors = tray.work(lines(ports, addresses))
    _sum_up(board, faults, errors, as_json=place.as_json)
    if errors:
        raise errors[0]
    return 1 if board.causes or faults else 0


def _key_plan(key_file: Path | None, *, test_keys: bool) -> KeyPlan:
    held = KeyFile({})
    if key_file is not None:
        held = read_key_file(key_file, key_file_passphrase(new=False))
    elif (text := os.environ.get(KEYS_VARIABLE)) is not None:
        held = parse(text, KEYS_VARIABLE)
    transport, device = held.sets.get(KeyRole.TRANSPORT), held.sets.get(KeyRole.DEVICE)
    if test_keys:
        return KeyPlan(TEST_KEYS, device)
    if transport is None:
        raise BadInput(
            f"no transport keys: --keys FILE or {KEYS_VARIABLE} with [transport] was expected,"
            " or --test-keys for fobs under the public ones"
        )
    return KeyPlan(transport, device)


def _planned(
    ledger: Ledger,
    others: Sequence[Path],
    records: Sequence[SeedRecord],
    source: str,
    at: int,
) -> tuple[list[SeedRecord], list[Fault]]:
    """Take the file's seeds into the ledger; return those that may go into fobs, and the rest."""
    good, faults = usable(records, datetime.fromtimestamp(at, UTC).date())

    def without(refused: list[Fault]) -> list[SeedRecord]:
        faults.extend(refused)
        names = {fault.subject for fault in refused}
        return [record for record in good if record.serial_number not in names]

    good = without(known_elsewhere(ledger, others, good))
    good = without(ledger.plan(good, source, at))
    # Of two desks that plan the same seeds at once, each sees the other here.
    good = without(known_elsewhere(ledger, others, good))
    ledger.record_refusals(faults, at)
    for cause in FailureCause:
        words = [fault.message for fault in faults if fault.cause is cause]
        for line in words[:WORDS_MAX]:
            click.echo(f"{cause}: {line}", err=True)
        if len(words) > WORDS_MAX:
            click.echo(f"{cause}: {len(words) - WORDS_MAX:,} more", err=True)
    return good, faults


def _opened(place: StationStoreOptions, operator: str, records: Sequence[SeedRecord]) -> Ledger:
    ledger = place.open(operator)
    ledger.set_at_hand(records, model_names())
    return ledger


def _reader(confirm: str, bench: str, board: StationScreen) -> DisplayReader:
    return BenchDisplayReader(bench) if confirm == "bench" else Person(board)


def _on_event(
    board: StationScreen,
    label_folder: Path | None,
    records: Mapping[str, SeedRecord],
    event: StationEvent,
) -> None:
    board.on_event(event)
    if label_folder is not None and event.state is JobState.RECEIPTED:
        record = records[event.subject.casefold()]
        svg = label(
            record.serial_number,
            record.credential_id,
            record.expiry_date,
            test_keys=event.test_keys,
        )
        write_label(label_folder, record.serial_number, svg)


def _sum_up(
    board: StationScreen, faults: Sequence[Fault], errors: Sequence[KeyfobError], *, as_json: bool
) -> None:
    causes = {str(cause): count for cause, count in board.causes.items()}
    for fault in faults:
        causes[fault.cause] = causes.get(fault.cause, 0) + 1
    if as_json:
        words = [str(error) for error in errors]
        sums = {"sealed": board.done, "failed": causes, "empty": board.empty}
        print_json({**sums, "ended_early": words})
        return
    click.echo(f"{board.done} fob{'s' * (board.done != 1)} sealed")
    if board.empty:
        click.echo(f"{board.empty} place{'s' * (board.empty != 1)} empty, or without a live fob")
    for cause, count in causes.items():
        click.echo(f"{count} × {cause}")


@contextmanager
def _clock(
    clock: ClockName, bench: str
) -> Iterator[tuple[Callable[[], Decimal], Callable[[], Decimal] | None]]:
    """Give true time, and a clock that nobody sets where time is not simulated."""
    if clock == "system":
        yield partial(true_time, clock, bench), _steady
        return
    with BenchClient(bench) as client:  # one connection: a fob takes a dozen looks at the clock
        yield client.now, None


def _steady() -> Decimal:
    return Decimal(time.monotonic_ns()) / 1_000_000_000
