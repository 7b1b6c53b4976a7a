"""The promises sheet of `keyfob check`: the judge of promises on a bench."""

from collections.abc import Callable
from pathlib import Path

import click

from firmware_model.errors import BadInput
from host_tools.check.declared import CheckOutcome
from host_tools.check.promises import PROMISES, PromiseSubject, PromiseVerdict, judge_promise
from host_tools.check.promises.bench import ScpiPromiseBench
from host_tools.check.promises.reading_port import BenchReadingPort
from host_tools.client.bench import BenchClient
from host_tools.provisioning.choice import choose
from host_tools.seeds.generation import published_seed
from keyfob.cli.seed_input import SeedSecretOptions, read_seeds
from keyfob.models import load_model


def judge_on_bench(
    bench: str,
    channel: int,
    model_name: str,
    only: str | None,
    seed_of: Callable[[], bytes | None],
    on_verdict: Callable[[PromiseVerdict], None],
    port: tuple[str, int] | None = None,
) -> list[PromiseVerdict]:
    """Judge the promises of a fob on a bench, one by one.

    Args:
        bench: its address.
        channel: the fob's.
        model_name: what the fob should be: a model's name or file.
        only: judge only promises with this in their name; None for all.
        seed_of: gives the fob's seed; None for the published test seed.
        on_verdict: called after each.
        port: the fob's port and HDLC address; None to judge without it.

    Raises:
        BadParameter: no promise has `only` in its name.
        KeyfobError: model, seed file or bench.
    """
    wanted = [promise for promise in PROMISES if (only or "").lower() in promise.name]
    if not wanted:
        raise click.BadParameter(
            f"no promise has {only!r} in its name: keyfob check --sheet promises lists them",
            param_hint="--only",
        )
    model = load_model(model_name)
    seed = seed_of() or published_seed(model.otp.algorithm)
    verdicts = []
    with BenchClient(bench) as client:
        reading = None
        if port is not None:
            _require_same_fob(client, channel, *port)
            reading = BenchReadingPort(*port, client)
        fob = PromiseSubject(ScpiPromiseBench(client, channel), model, seed, reading)
        for promise in wanted:
            verdict = judge_promise(promise, fob)
            verdicts.append(verdict)
            on_verdict(verdict)
    return verdicts


def _require_same_fob(client: BenchClient, channel: int, url: str, address: int) -> None:
    """Raise BadInput where the bench knows that the port is another fob's."""
    found = client.channel_at(url, address)
    if found not in (None, channel):
        raise BadInput(
            f"--port {url}, address {address}, is the fob on channel {found} of the bench,"
            f" not on channel {channel}: name the port of the fob that is judged"
        )


def seed_from(seeds: Path | None, token: str | None, opened_by: SeedSecretOptions) -> bytes | None:
    """Return the seed of a token in a seed file, None without a file."""
    if seeds is None:
        return None
    if token is None:
        raise click.UsageError("--seeds needs --token: the serial number of the fob on the bench")
    record = choose(read_seeds(seeds, opened_by), source=str(seeds), fob=None, token=token)
    return record.seed


def promises_json(verdicts: list[PromiseVerdict]) -> dict[str, object]:
    """Return the verdicts as JSON has them."""
    counts = {
        outcome.value: sum(verdict.outcome is outcome for verdict in verdicts)
        for outcome in CheckOutcome
    }
    sheet = [
        {
            "name": verdict.promise.name,
            "promise": verdict.promise.promise,
            "outcome": verdict.outcome.value,
            "reason": verdict.reason or None,
        }
        for verdict in verdicts
    ]
    return {**counts, "promises": sheet}
