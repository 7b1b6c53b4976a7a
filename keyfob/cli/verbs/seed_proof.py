"""`keyfob seeds prove`: which reading of a seed makes the code that a fob shows."""

import time
from collections.abc import Sequence
from pathlib import Path

import click

from firmware_model.errors import BadInput
from host_tools.client.bench import BenchClient
from host_tools.provisioning.choice import is_named
from host_tools.seeds import SeedRecord
from host_tools.seeds.proof import ProofResult, ProvenReading, prove
from host_tools.seeds.search import find_record
from host_tools.verification.decision import clean_codes
from keyfob.cli import options
from keyfob.cli.code_input import ask_codes, prompts_for
from keyfob.cli.output import print_json, print_rows
from keyfob.cli.parameters import EXISTING_FILE
from keyfob.cli.seed_input import SeedFileOptions, unlock

CERTAIN_SEARCHES = 10_000
"""Rarer chance hits than one in so many searches need no second code."""

DISPLAY_SECONDS = 5
"""How long a display is awaited after a press, in true time."""

DARK_SECONDS = 60
"""How long a lit display is given to go dark, before the button is pressed again."""

STEP_SECONDS, TRIES = 30, 4
"""A time-based fob shows a code until its step ends: so long is waited, so often pressed again."""

NEVER = "-"
"""What no code has in it: to await it is to let time pass."""


@click.command("prove")
@click.argument("file", type=EXISTING_FILE)
@click.option(
    "--token", required=True, metavar="NAME", help="The token's serial number or Credential ID."
)
@click.option(
    "--code",
    metavar="CODE",
    multiple=True,
    help=f"The code itself; twice for the next one too. {options.SEEN_BY_OTHERS}",
)
@click.option("--two", is_flag=True, help="Ask for two consecutive codes: certain beyond chance.")
@click.option(
    "--bench",
    metavar="URL",
    help="Read the codes and the time from this bench: tcp:HOST:PORT or pty:PATH; a dark fob is"
    " pressed, and for --two once more.",
)
@click.option(
    "--channel",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Which fob of the bench's rack.",
)
@SeedFileOptions.options
@options.json_option
def prove_seed(
    file: Path,
    token: str,
    code: tuple[str, ...],
    bench: str | None,
    channel: int,
    reads: SeedFileOptions,
    *,
    two: bool,
    as_json: bool,
) -> int:
    """Find out which reading of a seed in FILE makes the code that the fob shows.

    Asks for the code, or takes it from standard input, KEYFOB_CODE or a bench. Hash, time step,
    digits, spellings of the seed, counters near by and a clock that is off are tried. Exit status
    0 if one reading fits, 1 if none or several do. No seed is shown.
    """
    entry = unlock(
        reads.opened_by.secret(),
        lambda secret: find_record(
            reads.reading(file, secret), reads.format, lambda found: is_named(found, token)
        ),
    )
    if entry is None or entry.record is None:
        raise BadInput(f"{file} has no token {token}")
    record = entry.record
    if bench is not None and not code:
        codes, now = _displayed(bench, channel, 2 if two else 1)
    else:
        texts = ask_codes(code, prompts_for(max(len(code), 2 if two else 1)))
        codes, now = clean_codes(texts), int(time.time())
    try:
        proof = prove(record, codes, now)
    except ValueError as error:
        raise BadInput(str(error)) from None
    if as_json:
        print_json(_as_object(record, entry.doubts, proof))
    else:
        print_rows(_as_rows(record, entry.doubts, proof))
    return 0 if proof.proven is not None else 1


def _displayed(bench: str, channel: int, count: int) -> tuple[tuple[str, ...], int]:
    """Return `count` consecutive codes of a fob, and true time when the first was shown."""
    with BenchClient(bench) as client:
        texts = [client.display(channel).text or _pressed(client, channel)]
        now = int(client.now())
        while len(texts) < count and texts[-1]:
            texts.append(_next_text(client, channel, texts[-1]))
    if not texts[-1].strip():
        further = "no code" if len(texts) == 1 else "the same code again and again"
        raise BadInput(f"{bench}: channel {channel} shows {further}")
    return clean_codes(texts), now


def _next_text(client: BenchClient, channel: int, last: str) -> str:
    """Return the code after `last`, "" where none comes; a lit fob may not heed its button."""
    for _ in range(TRIES):
        client.wait_for_text("", DARK_SECONDS, channel)
        text = _pressed(client, channel)
        if text not in ("", last):
            return text
        client.wait_for_text(NEVER, STEP_SECONDS, channel)
    return ""


def _pressed(client: BenchClient, channel: int) -> str:
    client.press(channels=str(channel))
    return client.wait_for_text("[0-9]*", DISPLAY_SECONDS, channel) or ""


def _as_rows(
    record: SeedRecord, doubts: Sequence[str], proof: ProofResult
) -> list[tuple[str, str]]:
    rows = [("token", record.serial_number), ("tried", f"{proof.tried:,} codes")]
    rows += [("suspicion", doubt) for doubt in doubts]
    if proof.found:
        rows.append(("by chance", _chance(proof)))
    if proof.proven is not None:
        return [*rows, *_reading_rows(proof.proven)]
    if not proof.found:
        return [
            *rows,
            ("result", "no reading fits: another seed, another token, or a mistyped code"),
        ]
    rows.append(("result", f"{len(proof.found)} readings fit: give the next code too (--two)"))
    for proven in proof.found:
        rows += _reading_rows(proven)
    return rows


def _chance(proof: ProofResult) -> str:
    searches = round(1 / proof.chance) if proof.chance > 1e-9 else 10**9
    further = "; a second code (--two) rules it out" if searches < CERTAIN_SEARCHES else ""
    return f"a wrong reading fits in 1 of {searches:,} such searches{further}"


def _reading_rows(proven: ProvenReading) -> list[tuple[str, str]]:
    reading = proven.reading
    step = f", {reading.step_seconds} s" if reading.kind.name == "TOTP" else ""
    text = f"{reading.kind.name} {reading.algorithm.title}, {reading.digits} digits{step}"
    rows = [("fits", text), ("place", proven.described())]
    rows += [("otherwise than the file", change) for change in reading.changes]
    return rows if reading.changes else [*rows, ("seed", "as the file says")]


def _as_object(record: SeedRecord, doubts: Sequence[str], proof: ProofResult) -> dict[str, object]:
    return {
        "serial_number": record.serial_number,
        "credential_id": record.credential_id,
        "doubts": list(doubts),
        "tried": proof.tried,
        "chance": proof.chance,
        "proven": proof.proven is not None,
        "readings": [
            {
                "kind": proven.reading.kind.name,
                "algorithm": proven.reading.algorithm.name,
                "digits": proven.reading.digits,
                "step_seconds": proven.reading.step_seconds,
                "t0_seconds": proven.reading.t0_seconds,
                "moving_factor": proven.factor,
                "offset": proven.offset,
                "changes": list(proven.reading.changes),
            }
            for proven in ((proof.proven,) if proof.proven else proof.found)
        ],
    }
