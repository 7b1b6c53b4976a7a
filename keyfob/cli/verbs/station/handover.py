"""`keyfob station withdraw` and `transfer`: planned seeds that leave this ledger."""

from pathlib import Path

import click

from host_tools.provisioning.station.custody import CustodyAct
from host_tools.provisioning.station.handover import transfer as transfer_seeds
from host_tools.provisioning.station.handover import withdraw as withdraw_seeds
from host_tools.provisioning.station.jobs import Job
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.states import JobState
from keyfob.cli.output import print_json
from keyfob.cli.parameters import EXISTING_FILE
from keyfob.cli.verbs.station.selection import Selection
from keyfob.cli.verbs.station.store import OperatorOptions, StationStoreOptions


@click.command()
@click.argument("names", nargs=-1, metavar="[TOKEN]...")
@click.option("--reason", required=True, metavar="TEXT", help="Why, for the log.")
@Selection.seed_options
@OperatorOptions.options
@StationStoreOptions.options
def withdraw(
    desk: StationStoreOptions,
    names: tuple[str, ...],
    reason: str,
    selection: Selection,
    operators: OperatorOptions,
) -> None:
    """Take planned seeds out of this ledger: those named, or all planned ones of a selection.

    They were never sent to a fob. No run of this desk uses them again; other desks may.
    """
    with operators.acting(desk, CustodyAct.WITHDRAW) as (ledger, at):
        chosen = _chosen(ledger, names, selection)
        _print(desk, withdraw_seeds(ledger, chosen, reason, at), "withdrawn")


@click.command()
@click.argument("names", nargs=-1, metavar="[TOKEN]...")
@click.option(
    "--to",
    type=EXISTING_FILE,
    required=True,
    metavar="FILE",
    help="The other desk's ledger, or a copy of it.",
)
@Selection.seed_options
@OperatorOptions.options
@StationStoreOptions.options
def transfer(
    desk: StationStoreOptions,
    names: tuple[str, ...],
    to: Path,
    selection: Selection,
    operators: OperatorOptions,
) -> None:
    """Hand planned seeds to another desk's ledger: those named, or all planned of a selection.

    They were never sent to a fob. That desk takes them from the seed file, with --also naming
    this ledger or a copy; it may hand them back in the same way.
    """
    with operators.acting(desk, CustodyAct.TRANSFER) as (ledger, at):
        chosen = _chosen(ledger, names, selection)
        _print(desk, transfer_seeds(ledger, chosen, to, at), f"transferred to {to}")


def _chosen(ledger: Ledger, names: tuple[str, ...], selection: Selection) -> list[str]:
    if names:
        return list(names)
    if selection.is_everything:
        raise click.UsageError("name tokens, or choose them by --batch or --serials")
    planned = [job for job in selection.jobs(ledger) if job.state is JobState.PLANNED]
    if not planned:
        raise click.UsageError(f"{ledger.name} ({selection}) has no planned seed")
    return [job.serial_number for job in planned]


def _print(desk: StationStoreOptions, jobs: list[Job], what: str) -> None:
    if desk.as_json:
        print_json({"serial_numbers": [job.serial_number for job in jobs]})
        return
    click.echo(f"{desk.store}: {len(jobs)} seed{'s' * (len(jobs) != 1)} {what}")
