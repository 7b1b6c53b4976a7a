"""`keyfob seeds`: make seed files, look into them, turn them into other formats."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import click

from firmware_model.identity import Day
from host_tools import seeds
from host_tools.errors import BadInput
from host_tools.seeds import Secret, SeedRecord
from host_tools.seeds.generation import generate as new_records
from host_tools.seeds.generation import serial_range
from host_tools.seeds.private import key_file_of, new_key_beside, refuse_existing
from keyfob import options
from keyfob.commands.models import load_model


@click.command()
@click.option("--model", required=True, metavar="NAME", help="The model of fob they are for.")
@click.option("--count", type=click.IntRange(1), metavar="N", help="How many; 1 by default.")
@click.option(
    "--serials",
    metavar="RANGE",
    help="Serial numbers, as ZZH600000001-ZZH600000500 or ZZH600000001+500;"
    " by default the model's own from 1 on.",
)
@click.option("--expiry", metavar="DATE", help="The last day: 2031-12-31 or 12/31/31.")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The PSKC file to make; only you may read it.",
)
@click.option("--ask-passphrase", is_flag=True, help="Encrypt under a passphrase you type in.")
@click.option("--plain", is_flag=True, help="Leave the seeds in clear.")
@click.option("--force", is_flag=True, help="Replace what is there.")
@options.secret_options
def generate(
    model: str,
    count: int | None,
    serials: str | None,
    expiry: str | None,
    out: Path,
    psk_file: str | None,
    psk: str | None,
    passphrase: str | None,
    *,
    ask_passphrase: bool,
    plain: bool,
    force: bool,
) -> None:
    """Make a seed file for new fobs, from the operating system's randomness.

    The seeds are encrypted: under --psk-file, KEYFOB_PSK, KEYFOB_PASSPHRASE, a passphrase you
    type, or else under a new key in FILE.key beside FILE, where keyfob's verbs find it.
    """
    chosen = load_model(model)
    try:
        numbers = serial_range(chosen, count, serials)
        expires = None if expiry is None else _date(Day.parse(expiry))
    except ValueError as error:
        raise BadInput(str(error)) from None
    secret = _given(psk_file, psk, passphrase)
    if ask_passphrase:
        secret = Secret(passphrase=_new_passphrase())
    records = new_records(chosen, numbers, expires)
    written = _write(out, records, secret, "pskc", plain=plain, force=force)
    last = f" to {numbers[written - 1]}" if written > 1 else ""
    click.echo(f"{out}: {_seeds(written)} for {chosen.name}, {numbers[0]}{last}")


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


def _given(psk_file: str | None, psk: str | None, passphrase: str | None) -> Secret:
    return Secret(options.pre_shared_key(psk_file, psk), options.pass_phrase(passphrase))


def _new_passphrase() -> str:
    answer = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True)
    assert isinstance(answer, str)
    return answer


def _date(day: Day) -> date:
    return date(day.year, day.month, day.day)


def _seeds(count: int) -> str:
    return f"{count:,} seed{'s' * (count != 1)}"
