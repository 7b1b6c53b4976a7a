"""`keyfob station run`: a seed file and a tray of blank fobs in, sealed fobs out."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path

import click

from emulator.ports.tcp import split_host_port
from emulator.settings import ANY_LOOPBACK_PORT
from firmware_model.errors import BadInput
from host_tools.ceremony.key_file import KeyFile, KeyRole, parse, read_key_file
from host_tools.client.bench import BenchClient
from host_tools.client.clock import ClockName, true_time
from host_tools.client.keys import TEST_KEYS
from host_tools.provisioning.station.clock import steady_seconds
from host_tools.provisioning.station.confirm import BenchDisplayReader, DisplayReader
from host_tools.provisioning.station.custody import CustodyAct
from host_tools.provisioning.station.desk import KeyPlan
from host_tools.provisioning.station.labels import label, write_label
from host_tools.provisioning.station.matching import MatchRule
from host_tools.provisioning.station.outcome import TrayOutcome
from host_tools.provisioning.station.place import StationEvent
from host_tools.provisioning.station.run import RunOrder, StationRun
from host_tools.provisioning.station.states import JobState
from host_tools.provisioning.station.tray import lines
from host_tools.seeds.record import SeedRecord
from keyfob.cli import options
from keyfob.cli.key_input import key_file_passphrase
from keyfob.cli.parameters import EXISTING_FILE, EXISTING_FOLDER
from keyfob.cli.seed_input import SeedSecretOptions, read_seeds
from keyfob.cli.verbs.station.operator_reader import OperatorReader
from keyfob.cli.verbs.station.panel_screen import PanelScreen
from keyfob.cli.verbs.station.screen import StationScreen
from keyfob.cli.verbs.station.store import OperatorOptions, StationStoreOptions
from keyfob.cli.verbs.station.summary import name_refusals, print_summary

KEYS_VARIABLE = "KEYFOB_STATION_KEYS"


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
    help="Another desk's ledger: seeds that it has not handed on are not loaded here.",
)
@click.option("--wait", is_flag=True, help="Wait for fobs plugged in one after the other.")
@click.option(
    "--expect",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many fobs must be done at the end; by default one at each place, with --wait one"
    " for each record.",
)
@click.option(
    "--batch",
    "batch_name",
    default="",
    metavar="NAME",
    help="The order that the fobs are for, of keyfob station batch open.",
)
@click.option(
    "--labels",
    "label_folder",
    type=EXISTING_FOLDER,
    metavar="FOLDER",
    help="Write an SVG label for each fob when it is sealed.",
)
@click.option(
    "--panel",
    "panel",
    is_flag=False,
    flag_value=ANY_LOOPBACK_PORT,
    metavar="[HOST:PORT]",
    help="Show the tray in a browser, and ask there; prints an address that opens one, once.",
)
@OperatorOptions.options
@StationStoreOptions.options
def run(
    desk: StationStoreOptions,
    seed_file: Path,
    opened_by: SeedSecretOptions,
    key_file: Path | None,
    ports: tuple[str, ...],
    addresses: list[int],
    rule: str,
    confirm: str,
    others: tuple[Path, ...],
    label_folder: Path | None,
    expect: int | None,
    batch_name: str,
    panel: str | None,
    operators: OperatorOptions,
    *,
    test_keys: bool,
    wait: bool,
) -> int:
    """Load the seeds of a file into blank fobs, seal them, and keep a receipt of each.

    Stop it anywhere, pull any cable, and run it again: it goes on where it was. Exit status 0
    means that as many fobs as expected are done, none stopped, and no job is open at these places.
    """
    plan = _key_plan(key_file, test_keys=test_keys)
    records = tuple(read_seeds(seed_file, opened_by))
    if plan.are_test_keys:
        click.echo("TEST KEYS: anybody can read what is sent; receipts say TEST", err=True)
    desk.prepare()
    order = RunOrder(
        records=records,
        source=str(seed_file),
        keys=plan,
        lines=tuple(lines(ports, addresses)),
        rule=MatchRule(rule),
        seed_file=seed_file,
        batch=batch_name,
        others=others,
        wait=wait,
        expect=expect,
    )
    with _clock(desk.clock, desk.bench) as (now, steady):
        work = StationRun(order, desk.open, now, steady)
        work.plan(operators.name, partial(operators.authorize, act=CustodyAct.RUN))
        name_refusals(work.faults)
        with _screen(work.outcome, panel) as screen:
            on_event = partial(_on_event, screen, label_folder, _by_serial(work.records))
            work.work(lambda: _reader(confirm, desk.bench, screen), on_event)
    print_summary(work, as_json=desk.as_json)
    if work.is_interrupted:
        raise KeyboardInterrupt
    if work.errors:
        raise work.errors[0]
    return 0 if work.is_complete else 1


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


def _screen(outcome: TrayOutcome, panel: str | None) -> StationScreen | PanelScreen:
    if panel is None:
        return StationScreen(outcome)
    host, port = split_host_port(panel, panel)
    screen = PanelScreen(outcome, host, port)
    click.echo(f"panel at {screen.address} (opens one browser, once)", err=True)
    return screen


def _reader(confirm: str, bench: str, screen: StationScreen | PanelScreen) -> DisplayReader:
    return BenchDisplayReader(bench) if confirm == "bench" else OperatorReader(screen)


def _by_serial(records: Sequence[SeedRecord]) -> Mapping[str, SeedRecord]:
    return {record.serial_number.casefold(): record for record in records}


def _on_event(
    screen: StationScreen | PanelScreen,
    label_folder: Path | None,
    records: Mapping[str, SeedRecord],
    event: StationEvent,
) -> None:
    screen.on_event(event)
    if label_folder is not None and event.state is JobState.RECEIPTED:
        record = records[event.subject.casefold()]
        svg = label(
            record.serial_number,
            record.credential_id,
            record.expiry_date,
            test_keys=event.test_keys,
        )
        write_label(label_folder, record.serial_number, svg)


@contextmanager
def _clock(
    clock: ClockName, bench: str
) -> Iterator[tuple[Callable[[], Decimal], Callable[[], Decimal] | None]]:
    """Give true time, and a clock that nobody sets where time is not simulated."""
    if clock == "system":
        yield partial(true_time, clock, bench), steady_seconds
        return
    with BenchClient(bench) as client:  # one connection: a fob takes a dozen looks at the clock
        yield client.now, None
