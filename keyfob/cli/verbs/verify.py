"""`keyfob verify`: is this code right, and is it the first time it is used?"""

from functools import partial
from pathlib import Path

import click
from platformdirs import user_state_path

from host_tools.client.clock import ClockName, true_time
from host_tools.provisioning.choice import choose
from host_tools.verification.decision import clean_codes
from host_tools.verification.host_json import decision_json
from host_tools.verification.statefile import StateFile
from keyfob.cli import options
from keyfob.cli.code_input import ask_codes, prompts_for
from keyfob.cli.output import print_json
from keyfob.cli.parameters import ANY_FILE, EXISTING_FILE
from keyfob.cli.seed_input import SeedSecretOptions, read_seeds


@click.command()
@click.option(
    "--seeds",
    type=EXISTING_FILE,
    required=True,
    metavar="FILE",
    help="The seed file that names the token.",
)
@click.option(
    "--token", required=True, metavar="NAME", help="The token's serial number or Credential ID."
)
@click.option(
    "--state",
    type=ANY_FILE,
    metavar="FILE",
    help="Where what is used is remembered; by default a file of your own.",
)
@click.option("--resync", is_flag=True, help="Ask for two consecutive codes and catch up.")
@click.option("--unlock", is_flag=True, help="Forget the wrong codes so far, then go on.")
@click.option(
    "--code", metavar="CODE", multiple=True, help=f"The code itself. {options.SEEN_BY_OTHERS}"
)
@SeedSecretOptions.options
@options.clock_option
@options.bench_option
@options.json_option
def verify(
    seeds: Path,
    token: str,
    state: Path | None,
    resync: bool,
    unlock: bool,
    code: tuple[str, ...],
    opened_by: SeedSecretOptions,
    clock: ClockName,
    bench: str,
    as_json: bool,
) -> int:
    """Verify a code from a fob's display.

    Asks for the code, or reads it from standard input or KEYFOB_CODE. What was used once is
    refused ever after; the state file remembers that and holds no seed. Exit status 1 means no.
    """
    records = read_seeds(seeds, opened_by)
    record = choose(records, source=str(seeds), fob=None, token=token)
    now = partial(true_time, clock, bench)
    with StateFile(state or user_state_path("keyfob") / "verify.db") as file:
        if unlock:
            file.unlock(record, int(now()))
        texts = ask_codes(code, prompts_for(2 if resync else 1))
        codes = clean_codes(texts, record.digits)
        decision = file.attempt(record, codes, int(now()))
    if as_json:
        print_json(decision_json(record.serial_number, record.credential_id, decision))
    else:
        word = "accepted" if decision.accepted else "refused"
        click.echo(f"{record.serial_number}: {word}: {decision.reason}")
    return 0 if decision.accepted else 1
