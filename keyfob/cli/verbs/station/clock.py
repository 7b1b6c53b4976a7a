"""`keyfob station clock`: the clock beside the ledger's last entry, and the way out."""

import click

from host_tools.provisioning.station.clock import behind, is_behind
from host_tools.provisioning.station.custody import CustodyAct
from host_tools.provisioning.station.times import iso, span, utc
from keyfob.cli.output import print_json, print_rows
from keyfob.cli.verbs.station.store import OperatorOptions, StationStoreOptions


@click.command()
@OperatorOptions.options
@StationStoreOptions.options
def show(desk: StationStoreOptions, operators: OperatorOptions) -> int:
    """Show the clock beside the ledger's last entry; exit status 1 where it is behind."""
    with desk.open_kept(operators.name) as ledger:
        now, last = desk.now(), ledger.last_at()
    late = is_behind(now, last)
    if desk.as_json:
        print_json({"clock": iso(now), "last_entry": iso(last), "behind": late})
    else:
        print_rows([("clock", utc(now)), ("last entry", utc(last))])
        if late:
            click.echo(behind(now, last))
    return 1 if late else 0


@click.command()
@OperatorOptions.options
@StationStoreOptions.options
def accept(desk: StationStoreOptions, operators: OperatorOptions) -> None:
    """Accept the clock although the ledger has a later entry; takes two enrolled operators.

    For a ledger that was once written with a clock too far ahead. The log keeps all entries as
    they are, and says who accepted which time.
    """
    with operators.acting(desk, CustodyAct.CLOCK) as (ledger, at):
        last = ledger.last_at()
        ledger.accept_clock(at)
        actor = ledger.actor
    if desk.as_json:
        print_json({"accepted": iso(at), "last_entry": iso(last), "operators": actor})
        return
    click.echo(
        f"{desk.store}: accepted {utc(at)}, {span(last - at)} before its last entry, by {actor}"
        if last > at
        else f"{desk.store}: accepted {utc(at)}, by {actor}"
    )
