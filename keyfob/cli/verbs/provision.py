"""`keyfob provision`: one record of a seed file into the fob on the line."""

from functools import partial
from pathlib import Path

import click

from firmware_model.wire.objects import SerialNumber
from host_tools.client.clock import ClockName, true_time
from host_tools.provisioning.choice import choose
from host_tools.provisioning.load import LoadReceipt, refuse_second_provisioning
from host_tools.provisioning.load import provision as load
from keyfob.cli import options
from keyfob.cli.key_input import given_keys
from keyfob.cli.output import print_json
from keyfob.cli.parameters import EXISTING_FILE
from keyfob.cli.powered import open_powered_session
from keyfob.cli.seed_input import SeedSecretOptions, read_seeds


@click.command()
@click.argument("seedfile", type=EXISTING_FILE)
@options.port_option
@options.address_option
@click.option(
    "--token",
    metavar="NAME",
    help="Serial number or Credential ID of the record to load; needed where the file holds"
    " several and the fob has no serial number yet.",
)
@click.option("--seal", is_flag=True, help="Seal the fob: it stays dark until a long press.")
@options.keys_option
@SeedSecretOptions.options
@options.clock_option
@options.bench_option
@options.json_option
def provision(
    seedfile: Path,
    port: str,
    address: int,
    token: str | None,
    keys: str | None,
    opened_by: SeedSecretOptions,
    clock: ClockName,
    bench: str,
    *,
    seal: bool,
    as_json: bool,
) -> None:
    """Load a record of SEEDFILE into a blank fob, over a secure channel.

    Identity, clock and seed are written, the check value compared, and only then does the fob
    count as personalised. What stops before that leaves a blank fob: do it again.
    """
    records = read_seeds(seedfile, opened_by)
    fob_keys = given_keys(keys)
    now = partial(true_time, clock, bench)
    now()  # a bench that does not answer is found before the fob is changed
    with open_powered_session(port, address, bench) as session:
        refuse_second_provisioning(session)
        known = session.get(SerialNumber)
        record = choose(
            records, source=str(seedfile), fob=known.text if known else None, token=token
        )
        receipt = load(session, record, fob_keys, now, seal=seal)
    if as_json:
        print_json(_as_json(receipt))
    else:
        click.echo(
            f"{receipt.serial_number} is {receipt.life_cycle}:"
            f" {receipt.kind.name} seed in slot {receipt.slot},"
            f" check value {receipt.seed_check.hex()}"
        )


def _as_json(receipt: LoadReceipt) -> dict[str, object]:
    return {
        "serial_number": receipt.serial_number,
        "credential_id": receipt.credential_id,
        "model": receipt.model,
        "chip_id": receipt.chip_id,
        "life_cycle": receipt.life_cycle,
        "slot": receipt.slot,
        "kind": receipt.kind.name.lower(),
        "seed_check": receipt.seed_check,
        "expiry_date": receipt.expiry_date and receipt.expiry_date.isoformat(),
        "loaded_at": receipt.loaded_at,
        "test_keys": receipt.test_keys,
    }
