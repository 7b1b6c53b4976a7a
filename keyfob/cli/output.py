"""What verbs print: JSON for programs, rows that fit the terminal for people."""

import json
import sys
import textwrap
from collections.abc import Mapping, Sequence
from decimal import Decimal

import click

from keyfob.cli.terminal import columns

COLUMNS_MIN = 20


def print_json(value: Mapping[str, object] | Sequence[object]) -> None:
    """Print `value` as JSON; decimals become numbers, bytes hex digits."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def print_rows(rows: Sequence[tuple[str, str]]) -> None:
    """Print names and values in two columns, values wrapped to the width of the terminal."""
    indent = max((len(name) for name, _ in rows), default=0) + 2
    width = max(columns() - indent, COLUMNS_MIN)
    for name, value in rows:
        lines = textwrap.wrap(value, width) or ["-"]
        click.echo(name.ljust(indent) + f"\n{' ' * indent}".join(lines))


def only_ascii() -> bool:
    """Say whether standard output cannot take line drawing."""
    try:
        "┃━╭▮".encode(sys.stdout.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return True
    return False


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def print_faults(faults: Sequence[str], head: object, *, as_json: bool) -> int:
    """Print what is wrong with a store and return the exit status: 1 where anything is."""
    if as_json:
        told = None if faults else str(head)
        print_json({"whole": not faults, "faults": list(faults), "head": told})
    else:
        for fault in faults:
            click.echo(f"broken: {fault}")
        if not faults:
            click.echo(f"whole; head {head}")
    return 1 if faults else 0
