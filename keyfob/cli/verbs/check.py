"""`keyfob check`: whether a fob keeps what WIRE promises."""

import click

from host_tools.check import CHECKS, CheckOutcome, CheckVerdict, Subject, judge, release_catch
from host_tools.client.ports import open_port
from keyfob.cli import options
from keyfob.cli.key_input import given_keys
from keyfob.cli.output import only_ascii, print_json

SIGNS = {CheckOutcome.PASSED: "✓", CheckOutcome.FAILED: "✗", CheckOutcome.SKIPPED: "–"}
PLAIN_SIGNS = {CheckOutcome.PASSED: "ok", CheckOutcome.FAILED: "NO", CheckOutcome.SKIPPED: "--"}


@click.command()
@options.port_option
@options.address_option
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
    port: str, address: int, erase: str | None, only: str | None, keys: str | None, *, as_json: bool
) -> None:
    """Check a fob, virtual or real, against docs/WIRE.md and print a verdict sheet.

    Without --erase a fob stays as it is, but for its sequence counter. The fob must live in real
    time. A check that fails is exit status 1.
    """
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
