"""`keyfob station operators`: who may act at the desk, and how many of them each act needs."""

import click

from firmware_model.errors import BadInput
from host_tools.provisioning.station.custody import Credentials, Custody, CustodyAct
from host_tools.provisioning.station.ledger import Ledger
from keyfob.cli.output import print_json, print_rows
from keyfob.cli.verbs.station.store import OperatorOptions, StationStoreOptions, secret_of

NEW_SECRET_VARIABLE = "KEYFOB_NEW_OPERATOR_SECRET"  # noqa: S105 - a name


@click.command("list")
@OperatorOptions.options
@StationStoreOptions.options
def list_(desk: StationStoreOptions, operators: OperatorOptions) -> None:
    """List the enrolled operators, and how many of them each act needs."""
    with desk.open_kept(operators.name) as ledger:
        _print(desk, ledger)


@click.command()
@click.argument("name", metavar="NAME")
@OperatorOptions.options
@StationStoreOptions.options
def add(desk: StationStoreOptions, name: str, operators: OperatorOptions) -> None:
    """Enrol the operator NAME, or give NAME a new secret.

    The first enrols without anybody's secret, the second with the first's, from then on it takes
    two. The new secret is asked for twice, or comes from KEYFOB_NEW_OPERATOR_SECRET.
    """
    desk.prepare()
    with desk.open(operators.name) as ledger:
        at = desk.now()
        operators.authorize(ledger, at, CustodyAct.CUSTODY)
        secret = secret_of(name, NEW_SECRET_VARIABLE, new=True)
        Custody(ledger).enrol(Credentials(name, secret), at)
        _print(desk, ledger)


@click.command()
@click.argument("name", metavar="NAME")
@OperatorOptions.options
@StationStoreOptions.options
def remove(desk: StationStoreOptions, name: str, operators: OperatorOptions) -> None:
    """Remove the operator NAME."""
    with desk.open_kept(operators.name) as ledger:
        at = desk.now()
        operators.authorize(ledger, at, CustodyAct.CUSTODY)
        Custody(ledger).dismiss(name, at)
        _print(desk, ledger)


@click.command()
@click.argument("changes", nargs=-1, required=True, metavar="ACT=N...")
@OperatorOptions.options
@StationStoreOptions.options
def policy(desk: StationStoreOptions, changes: tuple[str, ...], operators: OperatorOptions) -> None:
    """Set how many operators acts need, 1 or 2: `export=2 give-up=2`."""
    wanted = [_parsed(text) for text in changes]
    with desk.open_kept(operators.name) as ledger:
        at = desk.now()
        operators.authorize(ledger, at, CustodyAct.CUSTODY)
        for act, count in wanted:
            Custody(ledger).set_needed(act, count, at)
        _print(desk, ledger)


def _parsed(text: str) -> tuple[CustodyAct, int]:
    name, _, count = text.partition("=")
    try:
        return CustodyAct(name), int(count)
    except ValueError:
        raise BadInput(f"{text}: expected ACT=N with one of {', '.join(CustodyAct)}") from None


def _print(desk: StationStoreOptions, ledger: Ledger) -> None:
    custody = Custody(ledger)
    names, needed = custody.names(), custody.policy()
    if desk.as_json:
        print_json({"operators": names, "needed": {act.value: needed[act] for act in CustodyAct}})
        return
    rows = [("operators", ", ".join(names) or "none: any name will do, except for clock accept")]
    rows += [(act.value, f"{needed[act]} operator{'s' * (needed[act] != 1)}") for act in CustodyAct]
    print_rows(rows)
