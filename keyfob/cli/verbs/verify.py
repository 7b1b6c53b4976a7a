"""`keyfob verify`: is this code right, and is it the first time it is used?"""

import os
from functools import partial
from pathlib import Path

import click
from platformdirs import user_state_path

from firmware_model.errors import BadInput
from host_tools.client.clock import ClockName, true_time
from host_tools.provisioning.choice import choose
from host_tools.verification.decision import Decision, clean_codes
from host_tools.verification.statefile import StateFile
from keyfob.cli import options
from keyfob.cli.output import print_json
from keyfob.cli.parameters import ANY_FILE, EXISTING_FILE
from keyfob.cli.seed_input import read_seeds

CODE_VARIABLE = "KEYFOB_CODE"


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
@options.secret_options
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
    psk_file: str | None,
    psk: str | None,
    passphrase: str | None,
    clock: ClockName,
    bench: str,
    as_json: bool,
) -> int:
    """Verify a code from a fob's display.

    Asks for the code, or reads it from standard input or KEYFOB_CODE. What was used once is
    refused ever after; the state file remembers that and holds no seed. Exit status 1 means no.
    """
    records = read_seeds(seeds, psk_file, psk, passphrase)
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


def ask_codes(given: tuple[str, ...], prompts: list[str]) -> list[str]:
    """Return a code for each of `prompts`, as typed.

    They come from arguments (with a warning), KEYFOB_CODE (blanks between them), a prompt each,
    or a line each of standard input.

    Raises:
        BadInput: too few or too many were given.
    """
    if given:
        options.warn_of_argument("--code", f"the prompt or {CODE_VARIABLE}")
    texts = list(given) or os.environ.get(CODE_VARIABLE, "").split()
    if texts and len(texts) != len(prompts):
        raise BadInput(f"codes: {len(prompts)} expected, {len(texts)} given")
    return texts or [options.ask_secret(prompt) for prompt in prompts]


def prompts_for(count: int, what: str = "the code") -> list[str]:
    """Return what to ask for `count` consecutive codes."""
    if count == 1:
        return [what]
    return [f"{what} {number} of {count}" for number in range(1, count + 1)]


def decision_json(
    serial_number: str | None, credential_id: str | None, decision: Decision
) -> dict[str, object]:
    """Return an answer as every verb prints it for programs."""
    progress, tally = decision.standing.progress, decision.standing.tally
    return {
        "serial_number": serial_number,
        "credential_id": credential_id,
        "accepted": decision.accepted,
        "verdict": decision.verdict,
        "reason": decision.reason,
        "moving_factor": decision.factor,
        "counters": {
            "next_moving_factor": progress.next_factor,
            "drift_steps": progress.drift_steps,
            "failures": tally.failures,
        },
    }
