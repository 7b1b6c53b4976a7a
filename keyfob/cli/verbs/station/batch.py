"""`keyfob station batch`: orders, opened, loaded, reconciled and closed."""

from pathlib import Path

import click

from host_tools.provisioning.station.batches import BatchCount, BatchLedger, batch_of_delivery
from host_tools.provisioning.station.clock import refuse_behind
from host_tools.provisioning.station.custody import CustodyAct
from host_tools.provisioning.station.times import iso, utc
from keyfob.cli.output import print_json, print_rows
from keyfob.cli.parameters import EXISTING_FILE
from keyfob.cli.seed_input import SeedSecretOptions, read_seeds
from keyfob.cli.verbs.station.store import OperatorOptions, StationStoreOptions


@click.command("open")
@click.argument("name", metavar="NAME")
@click.option("--customer", required=True, metavar="TEXT", help="Whose order it is.")
@click.option(
    "--seeds",
    "seed_file",
    type=EXISTING_FILE,
    required=True,
    metavar="FILE",
    help="The delivery that the order is filled from.",
)
@SeedSecretOptions.options
@click.option(
    "--expect",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many fobs are ordered; by default one for each seed.",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="MODEL",
    help="A model that may be loaded; by default those that the file names.",
)
@OperatorOptions.options
@StationStoreOptions.options
def open_(
    desk: StationStoreOptions,
    name: str,
    customer: str,
    seed_file: Path,
    opened_by: SeedSecretOptions,
    expect: int | None,
    models: tuple[str, ...],
    operators: OperatorOptions,
) -> None:
    """Open a batch NAME: an order, its customer, its delivery, how many fobs of which models."""
    records = read_seeds(seed_file, opened_by)
    batch = batch_of_delivery(name, customer, seed_file, records, expected=expect, models=models)
    desk.prepare()
    with desk.open(operators.name) as ledger:
        at = desk.now()
        refuse_behind(at, ledger.last_at())
        operators.authorize(ledger, at, CustodyAct.BATCH)
        count = BatchLedger(ledger).count(BatchLedger(ledger).open(batch, at))
    _print(desk, [count])


@click.command("list")
@OperatorOptions.options
@StationStoreOptions.options
def list_(desk: StationStoreOptions, operators: OperatorOptions) -> None:
    """List the batches: state, ordered, sealed, void and spare."""
    with desk.open_kept(operators.name) as ledger:
        batches = BatchLedger(ledger)
        _print(desk, [batches.count(batch) for batch in batches.all()])


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--shortfall", default="", metavar="TEXT", help="Why the counts differ.")
@OperatorOptions.options
@StationStoreOptions.options
def reconcile(
    desk: StationStoreOptions, name: str, shortfall: str, operators: OperatorOptions
) -> None:
    """Compare what was ordered with what was sealed; no more fobs are loaded for it.

    Exit status 1 where a fob is open, or the counts differ and --shortfall does not say why.
    """
    with operators.acting(desk, CustodyAct.BATCH) as (ledger, at):
        count = BatchLedger(ledger).reconcile(name, at, shortfall)
    _print(desk, [count])


@click.command()
@click.argument("name", metavar="NAME")
@click.option(
    "--forget-seeds",
    is_flag=True,
    help="Erase what is kept for the server: no import file can be written from then on.",
)
@OperatorOptions.options
@StationStoreOptions.options
def close(
    desk: StationStoreOptions, name: str, operators: OperatorOptions, *, forget_seeds: bool
) -> None:
    """Close a reconciled batch: it was delivered, and nothing about it changes any more."""
    with operators.acting(desk, CustodyAct.BATCH) as (ledger, at):
        batches = BatchLedger(ledger)
        count = batches.count(batches.close(name, at, forget_seeds=forget_seeds))
    _print(desk, [count])


def _print(desk: StationStoreOptions, counts: list[BatchCount]) -> None:
    if desk.as_json:
        print_json([_as_json(each) for each in counts])
        return
    if not counts:
        click.echo(f"{desk.store}: no batch; keyfob station batch open makes one")
    for number, each in enumerate(counts):
        batch = each.batch
        if number:
            click.echo()
        print_rows(
            [
                ("batch", batch.name),
                ("customer", batch.customer),
                ("state", f"{batch.state} since {utc(batch.at)}"),
                ("sealed", f"{each.sealed} of {batch.expected}"),
                ("open", str(len(each.open))),
                ("void", str(each.void)),
                ("spare", str(each.spare)),
                ("models", ", ".join(batch.models) or "any"),
                ("delivery", f"{batch.delivery_file}, SHA-256 {batch.delivery_digest.hex()}"),
                *([("shortfall", batch.shortfall)] if batch.shortfall else []),
            ]
        )


def _as_json(count: BatchCount) -> dict[str, object]:
    batch = count.batch
    return {
        "name": batch.name,
        "customer": batch.customer,
        "state": batch.state,
        "since": iso(batch.at),
        "expected": batch.expected,
        "sealed": count.sealed,
        "open": [job.serial_number for job in count.open],
        "void": count.void,
        "spare": count.spare,
        "models": list(batch.models),
        "delivery_file": batch.delivery_file,
        "delivery_sha256": batch.delivery_digest,
        "shortfall": batch.shortfall,
    }
