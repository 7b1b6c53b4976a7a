"""`keyfob check`: whether a fob keeps what WIRE promises, or what any OTP fob does."""

from collections.abc import Callable
from pathlib import Path

import click

from host_tools.check import CHECKS, CheckOutcome, CheckVerdict, Subject, judge, release_catch
from host_tools.check.promises import PromiseVerdict
from host_tools.client.ports import open_port
from keyfob.cli import options
from keyfob.cli.key_input import given_keys
from keyfob.cli.output import only_ascii, print_json
from keyfob.cli.parameters import EXISTING_FILE
from keyfob.cli.promise_sheet import judge_on_bench, promises_json, seed_from
from keyfob.cli.seed_input import SeedSecretOptions

SIGNS = {CheckOutcome.PASSED: "✓", CheckOutcome.FAILED: "✗", CheckOutcome.SKIPPED: "–"}
PLAIN_SIGNS = {CheckOutcome.PASSED: "ok", CheckOutcome.FAILED: "NO", CheckOutcome.SKIPPED: "--"}


@click.command()
@click.option(
    "--sheet",
    type=click.Choice(["wire", "promises"]),
    default="wire",
    show_default=True,
    help="What is checked: the serial protocol at --port, or the promises of an OTP fob on --bench,"
    " whatever program it runs.",
)
@click.option(
    "--port",
    envvar="KEYFOB_PORT",
    metavar="URL",
    help="The fob's port: ./fob0, serial:/dev/ttyUSB0,9600, tcp:HOST:PORT, any pyserial URL;"
    " promises: where it is also read. [env: KEYFOB_PORT]",
)
@options.address_option
@options.bench_option
@click.option(
    "--channel",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="promises: which fob on the bench.",
)
@click.option("--model", metavar="NAME|FILE", help="promises: what the fob should be.")
@click.option(
    "--seeds",
    type=EXISTING_FILE,
    metavar="FILE",
    help="promises: the seed file that has the fob's seed; without it the published test seed.",
)
@click.option("--token", metavar="NAME", help="promises: its serial number in that file.")
@SeedSecretOptions.options
@click.option(
    "--erase",
    metavar="NAME",
    help="Run also what changes the fob for good, and ends it: for a blank fob with this chip ID"
    " (or serial number, if it has one already).",
)
@click.option("--only", metavar="TEXT", help="Run only the checks with TEXT in their name.")
@options.keys_option
@options.json_option
def check(
    sheet: str,
    port: str | None,
    address: int,
    bench: str,
    channel: int,
    model: str | None,
    seeds: Path | None,
    token: str | None,
    opened_by: SeedSecretOptions,
    erase: str | None,
    only: str | None,
    keys: str | None,
    *,
    as_json: bool,
) -> None:
    """Check a fob, virtual or real, and print a verdict sheet.

    The sheet "wire" checks it against docs/WIRE.md, over its port. Without --erase a fob stays as
    it is, but for its sequence counter; it must live in real time. The sheet "promises" presses,
    looks, cuts the power and lets years pass, on a bench (docs/FIRMWARE.md §6): the fob is used up
    a little. A check that fails is exit status 1.
    """
    if sheet == "promises":
        if model is None:
            raise click.UsageError("--sheet promises needs --model: what the fob should be")
        _check_promises(
            bench,
            channel,
            model,
            only,
            lambda: seed_from(seeds, token, opened_by),
            None if port is None else (port, address),
            as_json=as_json,
        )
        return
    if port is None:
        raise click.UsageError("Missing option '--port'.")
    wanted = [check for check in CHECKS if (only or "").lower() in check.name]
    if not wanted:
        raise click.BadParameter(
            f"no check has {only!r} in its name: keyfob check without --only lists them",
            param_hint="--only",
        )
    fob_keys = given_keys(keys)
    verdicts = []
    with open_port(port) as opened:
        fob = Subject(opened, address, fob_keys)
        fob.host(aid=None)  # where nobody answers there is nothing to check
        if erase is not None:
            release_catch(fob, erase)
        area = ""
        for one in wanted:
            verdict = judge(one, fob, erase=erase is not None)
            verdicts.append(verdict)
            if not as_json:
                if one.area != area:
                    click.echo(one.area)
                    area = one.area
                click.echo(_line(verdict))
    counts = {
        outcome.value: sum(verdict.outcome is outcome for verdict in verdicts)
        for outcome in CheckOutcome
    }
    if as_json:
        print_json({"port": port, "address": address} | counts | {"checks": _sheet(verdicts)})
    else:
        summary = ", ".join(f"{count} {name}" for name, count in counts.items())
        left_out = erase is None and any(one.erases for one in wanted)
        hint = "; --erase NAME also runs what changes a blank fob for good" if left_out else ""
        click.echo(summary + hint)
    if counts["failed"]:
        click.get_current_context().exit(1)


def _check_promises(
    bench: str,
    channel: int,
    model: str,
    only: str | None,
    seed_of: Callable[[], bytes | None],
    port: tuple[str, int] | None,
    *,
    as_json: bool,
) -> None:
    area = ""

    def show(verdict: PromiseVerdict) -> None:
        nonlocal area
        if as_json:
            return
        if verdict.promise.area != area:
            area = verdict.promise.area
            click.echo(area)
        sign = (PLAIN_SIGNS if only_ascii() else SIGNS)[verdict.outcome]
        name = verdict.promise.name.partition(": ")[2]
        click.echo(f"  {sign} {name}" + (f": {verdict.reason}" if verdict.reason else ""))

    verdicts = judge_on_bench(bench, channel, model, only, seed_of, show, port)
    told = promises_json(verdicts)
    if as_json:
        print_json({"bench": bench, "channel": channel, **told})
    else:
        counts = [f"{told[outcome.value]} {outcome.value}" for outcome in CheckOutcome]
        click.echo(", ".join(counts))
    if told["failed"]:
        click.get_current_context().exit(1)


def _line(verdict: CheckVerdict) -> str:
    sign = (PLAIN_SIGNS if only_ascii() else SIGNS)[verdict.outcome]
    name = verdict.check.name.partition(": ")[2]
    return f"  {sign} {name}" + (f": {verdict.reason}" if verdict.reason else "")


def _sheet(verdicts: list[CheckVerdict]) -> list[dict[str, object]]:
    return [
        {
            "name": verdict.check.name,
            "section": verdict.check.section,
            "promise": verdict.check.promise,
            "outcome": verdict.outcome.value,
            "reason": verdict.reason or None,
        }
        for verdict in verdicts
    ]
