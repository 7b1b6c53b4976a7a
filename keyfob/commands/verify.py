"""`keyfob verify`: is this code right, and is it the first time it is used?"""

import os
from pathlib import Path

import click
from platformdirs import user_state_path

from host_tools.clock import ClockName, true_time
from host_tools.errors import BadInput
from host_tools.seeds import LockedSeedFile, Secret, SeedRecord, read
from host_tools.verification.decision import Decision, clean_codes
from host_tools.verification.statefile import StateFile
from keyfob import options
from keyfob.output import print_json

CODE_VARIABLE = "KEYFOB_CODE"


@click.command()
@click.option(
    "--seeds",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="The seed file that names the token.",
)
@click.option(
    "--token", required=True, metavar="NAME", help="The token's serial number or Credential ID."
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where what is used is remembered; by default a file of your own.",
)
@click.option("--resync", is_flag=True, help="Ask for two consecutive codes and catch up.")
@click.option("--unlock", is_flag=True, help="Forget the wrong codes so far, then go on.")
@click.option("--code", metavar="CODE", multiple=True, help="Not here if others use this machine.")
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
    record = _named(token, read_seeds(seeds, psk_file, psk, passphrase), seeds)
    with StateFile(state or user_state_path("keyfob") / "verify.db") as file:
        if unlock:
            file.unlock(record)
        texts = ask_codes(code, prompts_for(2 if resync else 1))
        codes = clean_codes(texts, record.digits)
        decision = file.attempt(record, codes, int(true_time(clock, bench)))
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


def read_seeds(
    path: Path, psk_file: str | None, psk: str | None, passphrase: str | None
) -> list[SeedRecord]:
    """Return the records of a seed file; a passphrase it needs and was not given is asked for.

    Raises:
        BadInput: the file, or one key of it, cannot be taken.
    """
    secret = Secret(options.pre_shared_key(psk_file, psk), options.pass_phrase(passphrase))
    try:
        return list(read(path, secret))
    except LockedSeedFile as error:
        if secret or not error.wants_passphrase:
            raise
    return list(read(path, Secret(passphrase=options.ask_secret("the passphrase"))))


def _named(token: str, records: list[SeedRecord], seeds: Path) -> SeedRecord:
    name = token.strip().casefold()
    matches = [
        record
        for record in records
        if name in (record.serial_number.casefold(), record.credential_id.casefold())
    ]
    if not matches:
        held = ", ".join(record.serial_number for record in records[:3])
        more = f" and {len(records) - 3} more" if len(records) > 3 else ""
        raise BadInput(f"{seeds} has no token {token!r}; it has {held}{more}")
    if len(matches) > 1:
        raise BadInput(f"{seeds} has {len(matches)} tokens {token!r}; name the Credential ID")
    return matches[0]


def decision_json(serial_number: str, credential_id: str, decision: Decision) -> dict[str, object]:
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
