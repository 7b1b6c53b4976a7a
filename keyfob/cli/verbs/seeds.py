"""`keyfob seeds`: make seed files, look into them, turn them into other formats."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import click

from firmware_model.catalogue import Model
from firmware_model.errors import BadInput
from firmware_model.identity import Day
from firmware_model.label import expiry_of
from host_tools import seeds
from host_tools.seeds import Remark, Secret, SeedRecord, inspection
from host_tools.seeds.generation import generate as new_records
from host_tools.seeds.generation import serial_range
from host_tools.seeds.key_file import key_file_of, new_key_beside, read_key_file
from host_tools.seeds.privacy import displayed
from host_tools.seeds.registry import lost_fields
from host_tools.seeds.suspicion import UNDECODED, is_undecoded
from host_tools.vault.private_file import refuse_existing
from keyfob.cli import options
from keyfob.cli.output import print_json, print_rows
from keyfob.cli.parameters import ANY_FILE, EXISTING_FILE, naming
from keyfob.cli.progress import progress_of
from keyfob.cli.seed_choice import Notices, SeedChoice
from keyfob.cli.seed_input import SeedFileOptions, SeedSecretOptions, unlock
from keyfob.cli.seed_report import as_object, as_rows
from keyfob.models import load_model

_WRITTEN = [entry.name for entry in seeds.FORMATS.values() if entry.write is not None]

_PLAIN_OR_NOT = "--plain leaves the seeds in clear: give it, or something to encrypt with"


@click.command()
@click.option("--model", required=True, metavar="NAME", help="The model of fob they are for.")
@click.option("--count", type=click.IntRange(1), metavar="N", help="How many; 1 by default.")
@click.option(
    "--serials",
    metavar="RANGE",
    help="Serial numbers, as ZZH600000001-ZZH600000500 or ZZH600000001+500;"
    " by default the model's own from 1 on.",
)
@click.option(
    "--expiry",
    metavar="DATE",
    help="The last day: 2031-12-31 or 12/31/31, or none; by default the model's years from today.",
)
@click.option(
    "--out",
    required=True,
    type=ANY_FILE,
    metavar="FILE",
    help="The PSKC file to make; only you may read it.",
)
@click.option("--ask-passphrase", is_flag=True, help="Encrypt under a passphrase you type in.")
@click.option("--plain", is_flag=True, help="Leave the seeds in clear.")
@click.option("--force", is_flag=True, help="Replace what is there.")
@SeedSecretOptions.options
@options.json_option
def generate(
    model: str,
    count: int | None,
    serials: str | None,
    expiry: str | None,
    out: Path,
    opened_by: SeedSecretOptions,
    *,
    ask_passphrase: bool,
    plain: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Make a seed file for new fobs, from the operating system's randomness.

    The seeds are encrypted: under --psk-file, KEYFOB_PSK, KEYFOB_PASSPHRASE, a passphrase you
    type, or else under a new key in FILE.key beside FILE, where keyfob's verbs find it.
    """
    chosen = load_model(model)
    with naming("--serials"):
        numbers = serial_range(chosen, count, serials)
    with naming("--expiry"):
        expires = _expiry(chosen, expiry)
    secret = opened_by.secret()
    if plain and (ask_passphrase or opened_by.are_given):
        raise BadInput(_PLAIN_OR_NOT)
    if ask_passphrase:
        secret = Secret(passphrase=options.new_passphrase())
    records = new_records(chosen, numbers, expires)
    written = _write(out, records, secret, "pskc", plain=plain, force=force)
    if as_json:
        ends = {"first": numbers[0], "last": numbers[written - 1]}
        print_json({"file": str(out), "seeds": written, "model": chosen.name, **ends})
        return
    last = f" to {numbers[written - 1]}" if written > 1 else ""
    click.echo(f"{out}: {_seeds(written)} for {chosen.name}, {numbers[0]}{last}")


@click.command()
@click.argument("file", type=EXISTING_FILE)
@click.option(
    "--to",
    "target",
    type=click.Choice(_WRITTEN),
    default="pskc",
    show_default=True,
    metavar="FORMAT",
    help=f"The format to make: {', '.join(_WRITTEN)}.",
)
@click.option(
    "--out",
    required=True,
    type=ANY_FILE,
    metavar="FILE",
    help="The file to make; only you may read it.",
)
@click.option(
    "--out-psk-file",
    type=EXISTING_FILE,
    metavar="FILE",
    help="Encrypt under the key that stands here in hex.",
)
@click.option(
    "--serials",
    metavar="RANGE",
    help="Only these serial numbers, as ZZH600000001-ZZH600000250 or ZZH600000001+250.",
)
@click.option(
    "--leave-out",
    metavar="RANGE",
    multiple=True,
    help="Not these serial numbers, also where their keys cannot be read.",
)
@click.option("--ask-passphrase", is_flag=True, help="Encrypt under a passphrase you type in.")
@click.option("--plain", is_flag=True, help="Leave the seeds in clear.")
@click.option("--force", is_flag=True, help="Replace what is there.")
@SeedFileOptions.options
@options.json_option
def convert(
    file: Path,
    target: str,
    out: Path,
    out_psk_file: Path | None,
    serials: str | None,
    leave_out: tuple[str, ...],
    reads: SeedFileOptions,
    *,
    ask_passphrase: bool,
    plain: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Turn the seed FILE into another format, or into the part for one desk.

    A file with one bad key is not converted, unless --serials or --leave-out excludes that key.
    PSKC comes out encrypted: under --out-psk-file, a passphrase you type, or else a new key in
    OUT.key; every other format holds its seeds in clear, which --plain must allow. Exit status 1
    if --serials names keys that FILE does not have, keys are left out because they are not HOTP
    or TOTP (--leave-out excludes them), or a seed is text that was not decoded.
    """
    if not plain and not seeds.FORMATS[target].encrypts:
        raise BadInput(f"{target} holds its seeds in clear; --plain says that you want that")
    if plain and (ask_passphrase or out_psk_file):
        raise BadInput(_PLAIN_OR_NOT)
    secret = Secret()
    if out_psk_file is not None:
        secret = Secret(key=read_key_file(out_psk_file))
    elif ask_passphrase:
        secret = Secret(passphrase=options.new_passphrase())
    chosen = SeedChoice(serials, leave_out)
    notices = Notices()
    losses: Counter[str] = Counter()
    undecoded: list[str] = []

    def records(key: Secret) -> Iterator[SeedRecord]:
        losses.clear()
        notices.clear()
        undecoded.clear()
        found = False
        with progress_of(file) as progress:
            for record in seeds.read(
                file,
                key,
                reads.format,
                accept_unauthenticated=reads.accept_unauthenticated,
                columns=reads.columns,
                encoding=reads.encoding,
                wanted=chosen.wants,
                notice=notices.add,
                progress=progress,
            ):
                losses.update(lost_fields(record, seeds.FORMATS[target]))
                if is_undecoded(record.seed):
                    undecoded.append(record.serial_number)
                    notices.add(Remark(UNDECODED, displayed(record.serial_number), doubtful=True))
                found = True
                yield record
        if not found:
            raise BadInput(f"{file} {chosen.nothing}")

    written = unlock(
        reads.opened_by.secret(),
        lambda key: _write(out, records(key), secret, target, plain=plain, force=force),
    )
    for text in notices.lines():
        click.echo(f"warning: {file}: {text}", err=True)
    missing = chosen.expected is not None and written != chosen.expected
    if missing:
        click.echo(
            f"warning: {serials} names {chosen.expected:,}, {file} has {written:,}", err=True
        )
    for name, count in losses.items():
        click.echo(f"warning: {target} has no place for {name} ({_seeds(count)})", err=True)
    if as_json:
        print_json(
            {
                "file": str(out),
                "format": target,
                "count": written,
                "expected": chosen.expected,
                "warnings": notices.lines(),
                "lost_fields": dict(losses),
            }
        )
    else:
        click.echo(f"{out}: {_seeds(written)} as {seeds.FORMATS[target].title}")
    return 1 if missing or undecoded or notices.left_out else 0


@click.command()
@click.argument("file", type=EXISTING_FILE)
@SeedFileOptions.options
@options.json_option
def inspect(file: Path, reads: SeedFileOptions, *, as_json: bool) -> int:
    """Explain the seed FILE: what it holds, how it is protected, what is suspicious.

    No seed is shown. Exit status 1 if a key cannot be read or is left out because it is not HOTP
    or TOTP, or something is suspicious.
    """
    reading = reads.reading(file, reads.opened_by.secret(), locked_too=True)
    with progress_of(file) as progress:
        report = inspection.inspect(reading, datetime.now(UTC).date(), reads.format, progress)
    if as_json:
        print_json(as_object(file, report))
    else:
        print_rows(as_rows(file, report))
    return 0 if report.clean else 1


def _write(
    out: Path,
    records: Iterable[SeedRecord],
    secret: Secret,
    format: str,  # noqa: A002 - what everybody calls it
    *,
    plain: bool,
    force: bool,
) -> int:
    """Write the file, with a new key beside it where nothing else can encrypt it."""
    if secret or plain or not seeds.FORMATS[format].encrypts:
        written = seeds.write(out, records, secret, format, plain=plain, replace=force)
        if force:
            # The key of what was replaced opens nothing any more, and would be taken for this one.
            key_file_of(out).unlink(missing_ok=True)
        if plain:
            click.echo(f"warning: {out} holds its seeds in clear; only you may read it", err=True)
        return written
    refuse_existing(out, replace=force)
    with new_key_beside(out, replace=force) as key:
        written = seeds.write(out, records, Secret(key=key), format, replace=force)
    click.echo(
        f"{out} is encrypted; its key is in {key_file_of(out)}, where keyfob finds it:"
        " send the two by different ways",
        err=True,
    )
    return written


def _expiry(model: Model, given: str | None) -> date | None:
    """Return the expiry date asked for; raises ValueError for a text that is none."""
    if given is not None and given.strip().lower() == "none":
        return None
    today = datetime.now(UTC).date()
    made = Day(today.year, today.month, today.day)
    day = expiry_of(model, made) if given is None else Day.parse(given)
    return None if day is None else _date(day)


def _date(day: Day) -> date:
    return date(day.year, day.month, day.day)


def _seeds(count: int) -> str:
    return f"{count:,} seed{'s' * (count != 1)}"
