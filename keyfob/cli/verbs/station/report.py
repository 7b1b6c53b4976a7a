"""`keyfob station report`, `labels` and `give-up`: what was done, and what is left to do."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from firmware_model.errors import BadInput, Denied
from host_tools import seeds
from host_tools.provisioning.station.batches import BatchLedger
from host_tools.provisioning.station.custody import CustodyAct
from host_tools.provisioning.station.jobs import Job
from host_tools.provisioning.station.labels import label, write_label
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.report import DONE, open_jobs, server_records
from host_tools.provisioning.station.report import report as report_of
from host_tools.provisioning.station.states import JobState
from host_tools.provisioning.station.times import iso, utc
from host_tools.seeds import Secret, SeedRecord
from host_tools.seeds.key_file import new_key_beside, read_key_file
from host_tools.vault.audit import Head
from host_tools.vault.private_file import private_file, refuse_existing
from keyfob.cli.output import print_json, print_rows
from keyfob.cli.parameters import ANY_FILE, EXISTING_FILE, EXISTING_FOLDER
from keyfob.cli.seed_input import SeedSecretOptions, read_seeds
from keyfob.cli.table_cells import guard_cell
from keyfob.cli.verbs.station.selection import Receipt, Selection, receipts
from keyfob.cli.verbs.station.store import OperatorOptions, StationStoreOptions
from keyfob.cli.verbs.station.summary import job_json


@click.command()
@click.option(
    "--import",
    "out",
    type=ANY_FILE,
    metavar="FILE",
    help="Write the server's import file: PSKC for exactly the sealed fobs, encrypted.",
)
@click.option(
    "--seeds",
    "seed_files",
    multiple=True,
    type=EXISTING_FILE,
    metavar="FILE",
    help="Seed files of fobs that an older keyfob sealed; the ledger keeps the records of all"
    " others.",
)
@SeedSecretOptions.options
@click.option(
    "--out-psk-file",
    type=EXISTING_FILE,
    metavar="FILE",
    help="Encrypt the import file under this key in hex; else under a new key beside it.",
)
@click.option("--receipts", "with_receipts", is_flag=True, help="Print every receipt.")
@click.option(
    "--receipts-csv", "table", type=ANY_FILE, metavar="FILE", help="Write the receipts as CSV."
)
@click.option("--head", metavar="N:MAC", help="Prove that a head kept elsewhere is in the log.")
@Selection.options
@OperatorOptions.options
@StationStoreOptions.options
def report(
    desk: StationStoreOptions,
    out: Path | None,
    seed_files: tuple[Path, ...],
    opened_by: SeedSecretOptions,
    out_psk_file: Path | None,
    table: Path | None,
    head: str | None,
    selection: Selection,
    operators: OperatorOptions,
    *,
    with_receipts: bool,
) -> int:
    """Say what was done: totals, failures by cause, open fobs, and whether the log is whole.

    A batch, dates and serial numbers choose whose; the seed files need not be there any more.
    Exit status 1 where the log is broken.
    """
    if seed_files and out is None:
        raise click.UsageError("--seeds is for --import, which is missing")
    faults, last = desk.faults(head)
    if faults:
        return _print_broken(faults, last, as_json=desk.as_json)
    if out is not None:
        with operators.acting(desk, CustodyAct.EXPORT) as (ledger, at):
            records = [record for path in seed_files for record in read_seeds(path, opened_by)]
            found = server_records(ledger, selection.jobs(ledger), records)
            _write_import(out, found, out_psk_file, desk, selection)
            entry = ledger.entry(at, "exported", "ok", str(selection), count=len(found))
            ledger.note(entry)
    with desk.open_kept(operators.name) as ledger:
        jobs = selection.jobs(ledger)
        sealed = receipts(ledger, jobs) if with_receipts or table else []
        if table is not None:
            _write_table(table, sealed)
        shown = sealed if with_receipts else None
        return _print(ledger, jobs, last, selection, shown, as_json=desk.as_json)


@click.command()
@click.argument("names", nargs=-1, metavar="[TOKEN]...")
@click.option(
    "--out",
    "folder",
    type=EXISTING_FOLDER,
    required=True,
    metavar="FOLDER",
    help="Where each label appears, as SERIAL.svg.",
)
@Selection.options
@OperatorOptions.options
@StationStoreOptions.options
def labels(
    desk: StationStoreOptions,
    names: tuple[str, ...],
    folder: Path,
    selection: Selection,
    operators: OperatorOptions,
) -> None:
    """Write SVG labels of sealed fobs: of those named, of a batch, dates or numbers, or of all."""
    with desk.open_kept(operators.name) as ledger:
        jobs = {job.serial_number: job for job in selection.jobs(ledger) if job.state in DONE}
        wanted = [ledger.job(name) for name in names]
    for name, job in zip(names, wanted, strict=True):
        if job is None or job.serial_number not in jobs:
            raise BadInput(
                f"{name} is not sealed in {desk.store} ({selection}):"
                " only a sealed fob gets a label"
            )
    chosen = [job for job in wanted if job is not None] or list(jobs.values())
    if not chosen:
        raise Denied(f"{desk.store} ({selection}): no fob is sealed, so there is no label to write")
    for job in chosen:
        expiry = date.fromisoformat(job.expiry_date) if job.expiry_date else None
        svg = label(job.serial_number, job.credential_id, expiry, test_keys=job.test_keys)
        write_label(folder, job.serial_number, svg)
    if desk.as_json:
        print_json({"folder": str(folder), "serial_numbers": [job.serial_number for job in chosen]})
    else:
        click.echo(f"{folder}: {len(chosen)} label{'s' * (len(chosen) != 1)}")


@click.command("give-up")
@click.argument("name", metavar="TOKEN")
@OperatorOptions.options
@StationStoreOptions.options
def give_up(desk: StationStoreOptions, name: str, operators: OperatorOptions) -> None:
    """Give up a fob that will not come back: broken, or lost.

    Its seed is free for another fob if it never left the station; otherwise it is void, and is
    never used again.
    """
    with operators.acting(desk, CustodyAct.GIVE_UP) as (ledger, at):
        job = ledger.give_up(name, at)
    if desk.as_json:
        print_json({"serial_number": job.serial_number, "state": job.state})
        return
    what = (
        "free for another fob" if job.state is JobState.PLANNED else "void: it is never used again"
    )
    click.echo(f"{job.serial_number}: its seed is {what}")


def _write_import(
    out: Path,
    records: list[SeedRecord],
    psk_file: Path | None,
    desk: StationStoreOptions,
    selection: Selection,
) -> None:
    if not records:
        raise BadInput(f"{desk.store} ({selection}): no fob is sealed, there is nothing to import")
    if psk_file is not None:
        seeds.write(out, records, Secret(key=read_key_file(psk_file)))
        beside = f"under the key in {psk_file}"
    else:
        refuse_existing(out)
        with new_key_beside(out) as key:
            seeds.write(out, records, Secret(key=key))
        beside = "its key beside it: send the two by different ways"
    click.echo(f"{out}: {len(records)} for the server, encrypted, {beside}", err=True)


def _write_table(path: Path, sealed: Sequence[Receipt]) -> None:
    """Write receipts as CSV (RFC 4180), UTF-8, a header line first."""
    rows = [_receipt_json(each) for each in sealed]
    text = io.StringIO()
    names = list(rows[0]) if rows else ["number"]
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    with private_file(path) as file:
        file.write(text.getvalue().encode())
    click.echo(f"{path}: {len(rows)} receipts", err=True)


def _cell(value: object) -> str:
    return "" if value is None else guard_cell(str(value))


def _receipt_json(each: Receipt) -> dict[str, object]:
    entry = each.entry
    found: dict[str, object] = {"number": each.number, "at": entry.at, "time": iso(entry.at)}
    found |= {"operator": entry.actor, "outcome": entry.outcome}
    found |= {"serial_number": entry.serial_number}
    detail: dict[str, object] = json.loads(entry.detail)
    return found | detail | {"batch": each.job.batch}


def _print(
    ledger: Ledger,
    jobs: list[Job],
    head: Head,
    selection: Selection,
    sealed: Sequence[Receipt] | None,
    *,
    as_json: bool,
) -> int:
    refusals = ledger.refusals() if selection.is_everything else []
    found = report_of(jobs, refusals)
    batches = [
        BatchLedger(ledger).count(batch)
        for batch in BatchLedger(ledger).all()
        if selection.is_everything or batch.name.casefold() == selection.batch.casefold()
    ]
    open_ones = open_jobs(jobs)
    if as_json:
        print_json(
            {
                "selection": str(selection),
                "seeds": found.total,
                "states": {state.value: found.states[state] for state in JobState},
                "failures": {cause.value: count for cause, count in found.causes.items()},
                "test_receipts": found.test_receipts,
                "open": [job_json(job) for job in open_ones],
                "batches": [
                    {
                        "name": each.batch.name,
                        "customer": each.batch.customer,
                        "state": each.batch.state,
                        "expected": each.batch.expected,
                        "sealed": each.sealed,
                        "void": each.void,
                        "spare": each.spare,
                        "delivery_file": each.batch.delivery_file,
                    }
                    for each in batches
                ],
                "log": {"whole": True, "faults": [], "head": str(head)},
                **({} if sealed is None else {"receipts": list(map(_receipt_json, sealed))}),
            }
        )
        return 0
    rows = [] if selection.is_everything else [("selection", str(selection))]
    rows += [
        (
            "batch",
            f"{each.batch.name} for {each.batch.customer} is {each.batch.state}: {each.sealed} of"
            f" {each.batch.expected} sealed, {each.void} void, {each.spare} spare",
        )
        for each in batches
    ]
    rows.append(("seeds", f"{found.total:,}"))
    rows += [(state.value, f"{found.states[state]:,}") for state in JobState if found.states[state]]
    if found.test_receipts:
        rows.append(("TEST", f"{found.test_receipts:,} receipts are of fobs under public keys"))
    rows += [(cause.value, f"{count:,}") for cause, count in found.causes.items()]
    rows += [
        (
            "open",
            f"{job.serial_number} is {job.state} at {job.place}, last tried {utc(job.at)}:"
            f" {job.message or 'run again'}",
        )
        for job in open_ones
    ]
    rows += [("turned away", f"{fault.subject}: {fault.message}") for fault in found.turned_away]
    rows += [
        ("receipt", " ".join(f"{key}={value}" for key, value in _receipt_json(each).items()))
        for each in sealed or ()
    ]
    rows.append(("log", f"whole; head {head}"))
    print_rows(rows)
    return 0


def _print_broken(faults: list[str], head: Head, *, as_json: bool) -> int:
    """Print what is wrong with the ledger instead of what it says."""
    if as_json:
        print_json({"log": {"whole": False, "faults": faults, "head": str(head)}})
    else:
        print_rows([("log", f"broken: {fault}") for fault in faults])
    return 1
