"""`keyfob station report`, `labels` and `give-up`: what came of it, and what is left to do."""

import json
from datetime import date
from pathlib import Path

import click

from firmware_model.errors import BadInput
from host_tools import seeds
from host_tools.provisioning.station.labels import label, write_label
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.report import DONE, open_jobs, server_records
from host_tools.provisioning.station.report import report as report_of
from host_tools.provisioning.station.states import JobState
from host_tools.seeds import Secret, SeedRecord
from host_tools.seeds.key_file import new_key_beside, read_key_file
from host_tools.vault.audit import Head
from host_tools.vault.private_file import refuse_existing
from keyfob.cli.output import print_json, print_rows
from keyfob.cli.parameters import ANY_FILE, EXISTING_FILE, EXISTING_FOLDER
from keyfob.cli.seed_input import SeedSecretOptions, read_seeds
from keyfob.cli.verbs.station.store import StationStoreOptions, operator_option


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
    help="The seed files the fobs were loaded from: the ledger holds no seed.",
)
@SeedSecretOptions.options
@click.option(
    "--out-psk-file",
    type=EXISTING_FILE,
    metavar="FILE",
    help="Encrypt the import file under this key in hex; else under a new key beside it.",
)
@click.option("--receipts", is_flag=True, help="Print every receipt.")
@click.option("--head", metavar="N:MAC", help="Prove that a head kept elsewhere is in the log.")
@operator_option
@StationStoreOptions.options
def report(
    place: StationStoreOptions,
    out: Path | None,
    seed_files: tuple[Path, ...],
    opened_by: SeedSecretOptions,
    out_psk_file: Path | None,
    head: str | None,
    operator: str,
    *,
    receipts: bool,
) -> int:
    """Tell what came of it: totals, failures by cause, open fobs, and whether the log is whole.

    Exit status 1 where the log is broken.
    """
    kept = None if head is None else Head.parse(head)
    if (out is None) != (not seed_files):
        raise click.UsageError("--import and --seeds go together: the ledger holds no seed")
    with place.open_kept(operator) as ledger:
        if out is not None:
            records = [record for path in seed_files for record in read_seeds(path, opened_by)]
            _write_import(out, list(server_records(ledger, records)), out_psk_file)
        return _print(ledger, kept, receipts=receipts, as_json=place.as_json)


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
@operator_option
@StationStoreOptions.options
def labels(place: StationStoreOptions, names: tuple[str, ...], folder: Path, operator: str) -> None:
    """Write SVG labels of the sealed fobs: of all, or of those named."""
    with place.open_kept(operator) as ledger:
        jobs = {job.serial_number: job for job in ledger.jobs() if job.state in DONE}
        wanted = [ledger.job(name) for name in names]
    for name, job in zip(names, wanted, strict=True):
        if job is None or job.serial_number not in jobs:
            raise BadInput(f"{name} is not sealed: only a sealed fob gets a label")
    chosen = [job for job in wanted if job is not None] or list(jobs.values())
    for job in chosen:
        expiry = date.fromisoformat(job.expiry_date) if job.expiry_date else None
        svg = label(job.serial_number, job.credential_id, expiry, test_keys=job.test_keys)
        write_label(folder, job.serial_number, svg)
    if place.as_json:
        print_json({"folder": str(folder), "serial_numbers": [job.serial_number for job in chosen]})
    else:
        click.echo(f"{folder}: {len(chosen)} label{'s' * (len(chosen) != 1)}")


@click.command("give-up")
@click.argument("name", metavar="TOKEN")
@operator_option
@StationStoreOptions.options
def give_up(place: StationStoreOptions, name: str, operator: str) -> None:
    """Give up a fob that will not come back: broken, or lost.

    Its seed is free for another fob if it never left the station; otherwise it is void, and is
    never used again.
    """
    with place.open_kept(operator) as ledger:
        job = ledger.give_up(name, place.now())
    if place.as_json:
        print_json({"serial_number": job.serial_number, "state": job.state})
        return
    what = (
        "free for another fob" if job.state is JobState.PLANNED else "void: it is never used again"
    )
    click.echo(f"{job.serial_number}: its seed is {what}")


def _write_import(out: Path, records: list[SeedRecord], psk_file: Path | None) -> None:
    if not records:
        raise BadInput("no fob is sealed: there is nothing to import")
    if psk_file is not None:
        seeds.write(out, records, Secret(key=read_key_file(psk_file)))
        beside = f"under the key in {psk_file}"
    else:
        refuse_existing(out)
        with new_key_beside(out) as key:
            seeds.write(out, records, Secret(key=key))
        beside = "its key beside it: send the two by different ways"
    click.echo(f"{out}: {len(records)} for the server, encrypted, {beside}", err=True)


def _print(ledger: Ledger, kept: Head | None, *, receipts: bool, as_json: bool) -> int:
    found, faults, head = report_of(ledger), ledger.faults(kept), ledger.head()
    on_record = [
        {"number": number, "at": entry.at, "operator": entry.actor, "outcome": entry.outcome}
        | {"serial_number": entry.serial_number}
        | json.loads(entry.detail)
        for number, entry in ledger.log()
        if receipts and entry.event == JobState.RECEIPTED
    ]
    open_ones = open_jobs(ledger.jobs())
    if as_json:
        print_json(
            {
                "seeds": found.total,
                "states": {state.value: found.states[state] for state in JobState},
                "failures": {cause.value: count for cause, count in found.causes.items()},
                "test_receipts": found.test_receipts,
                "open": [
                    {"serial_number": job.serial_number, "state": job.state, "place": job.place}
                    for job in open_ones
                ],
                "log": {"whole": not faults, "faults": faults, "head": str(head)},
                **({"receipts": on_record} if receipts else {}),
            }
        )
        return 1 if faults else 0
    rows = [("seeds", f"{found.total:,}")]
    rows += [(state.value, f"{found.states[state]:,}") for state in JobState if found.states[state]]
    if found.test_receipts:
        rows.append(("TEST", f"{found.test_receipts:,} receipts are of fobs under public keys"))
    rows += [(cause.value, f"{count:,}") for cause, count in found.causes.items()]
    rows += [
        (
            "open",
            f"{job.serial_number} is {job.state}, at {job.place}: {job.message or 'run again'}",
        )
        for job in open_ones
    ]
    rows += [("turned away", f"{fault.subject}: {fault.message}") for fault in found.turned_away]
    rows += [
        ("receipt", " ".join(f"{key}={value}" for key, value in each.items())) for each in on_record
    ]
    rows.append(("log", f"broken: {faults[0]}" if faults else f"whole; head {head}"))
    print_rows(rows)
    return 1 if faults else 0
