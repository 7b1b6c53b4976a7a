"""Options that mean the same for every verb, with their environment variables."""

import os
import re
import stat
import sys
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import click

from firmware_model.bounded_text import text_of
from firmware_model.errors import BadInput
from keyfob.cli.parameters import offering

DEFAULT_BENCH = "tcp:127.0.0.1:5025"
SEEN_BY_OTHERS = "Others who use this machine can see it."

Command = TypeVar("Command", bound=Callable[..., Any])

ADDRESS_MAX = 16_381
"""The greatest HDLC address of a fob (WIRE §2.2)."""

_ADDRESSES = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
_CHANNELS = re.compile(r"[0-9]{1,5}(:[0-9]{1,5})?(,[0-9]{1,5}(:[0-9]{1,5})?)*")


def number(
    least: str, most: str, unit: str = ""
) -> Callable[[click.Context, click.Parameter, str], Decimal]:
    """Return a callback that takes a decimal number from `least` to `most` and nothing else.

    `unit` may stand directly behind the number.
    click's own floats would let `nan` through.
    """
    low, high = Decimal(least), Decimal(most)

    def convert(context: click.Context, parameter: click.Parameter, text: str) -> Decimal:
        try:
            value = Decimal(text.removesuffix(unit))
        except InvalidOperation:
            value = Decimal("nan")
        if value.is_nan() or not low <= value <= high:
            raise click.BadParameter(
                f"invalid number {text!r}: expected {low} to {high}", context, parameter
            )
        return value

    return convert


def port_option(command: Command) -> Command:
    """Add `--port` (KEYFOB_PORT): the fob's address; the parameter is `port: str`."""
    return click.option(
        "--port",
        envvar="KEYFOB_PORT",
        required=True,
        metavar="URL",
        shell_complete=offering(tuple),
        help="The fob's port: ./fob0, /dev/ttyUSB0, serial:/dev/ttyUSB0,9600, tcp:HOST:PORT,"
        " any pyserial URL,"
        " pcsc:READER."
        " [env: KEYFOB_PORT]",
    )(command)


def address_option(command: Command) -> Command:
    """Add `--address` (KEYFOB_ADDRESS): which fob on the line; the parameter is `address: int`."""
    return click.option(
        "--address",
        envvar="KEYFOB_ADDRESS",
        type=click.IntRange(0, ADDRESS_MAX),
        default=1,
        show_default=True,
        metavar="N",
        help="The fob's HDLC address; 0 is whichever fob is there, on a line with one."
        " [env: KEYFOB_ADDRESS]",
    )(command)


def addresses_option(default: str, what: str) -> Callable[[Command], Command]:
    """Add `--addresses`: HDLC addresses on a line, in the order given; `addresses: list[int]`."""
    return click.option(
        "--addresses",
        default=default,
        show_default=True,
        metavar="RANGE",
        callback=lambda _context, _parameter, text: address_ranges(text),
        help=f"{what}: 5, or 1-500, or 1,3,7-9.",
    )


def bench_option(command: Command) -> Command:
    """Add `--bench` (KEYFOB_BENCH): the SCPI instrument; the parameter is `bench: str`."""
    return click.option(
        "--bench",
        envvar="KEYFOB_BENCH",
        default=DEFAULT_BENCH,
        show_default=True,
        metavar="URL",
        help="The bench: tcp:HOST:PORT or pty:PATH. [env: KEYFOB_BENCH]",
    )(command)


def channel_option(command: Command) -> Command:
    """Add `--channel` (KEYFOB_CHANNEL): SCPI channels; the parameter is `channel: str`."""
    return click.option(
        "--channel",
        envvar="KEYFOB_CHANNEL",
        default="1",
        show_default=True,
        metavar="LIST",
        callback=lambda _context, _parameter, text: _channels(text),
        help="Which fob of the rack: 1, or 1:500, or 1,3. [env: KEYFOB_CHANNEL]",
    )(command)


def json_option(command: Command) -> Command:
    """Add `--json`; the parameter is `as_json: bool`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(
        command
    )


def clock_option(command: Command) -> Command:
    """Add `--clock system|bench` (KEYFOB_CLOCK); the parameter is `clock: str`."""
    return click.option(
        "--clock",
        envvar="KEYFOB_CLOCK",
        type=click.Choice(["system", "bench"]),
        default="system",
        show_default=True,
        help="Whose time counts: this machine's or the bench's. [env: KEYFOB_CLOCK]",
    )(command)


def keys_option(command: Command) -> Command:
    """Add `--keys FILE` (KEYFOB_KEYS): the SCP03 key set; `keys: str | None`."""
    return click.option(
        "--keys",
        envvar="KEYFOB_KEYS",
        type=click.Path(exists=True, dir_okay=False),
        metavar="FILE",
        help="The fob's SCP03 keys, as TOML or hex; without it the public TEST KEYS."
        " [env: KEYFOB_KEYS]",
    )(command)


def new_passphrase() -> str:
    """Ask twice for a passphrase that will encrypt something.

    Raises:
        BadInput: it is empty, or the two differ.
        click.UsageError: standard input ended before both came.
    """
    given = not_empty(ask_secret("the new passphrase"), "the new passphrase")
    if ask_secret("the new passphrase again") != given:
        raise BadInput("the two passphrases differ")
    return given


def not_empty(passphrase: str, where: str) -> str:
    """Return `passphrase`; raise BadInput if it is empty: `where` names it."""
    if not passphrase:
        raise BadInput(f"{where} is empty: expected at least one character")
    return passphrase


def ask_secret(what: str) -> str:
    """Ask for `what` without showing it, or read one line of standard input if that is a pipe.

    Raises:
        click.UsageError: standard input ended before a line came.
    """
    if sys.stdin.isatty():
        answer = click.prompt(what, hide_input=True, err=True)
        assert isinstance(answer, str)
        return answer
    line = sys.stdin.readline()
    if not line:
        raise click.UsageError(f"standard input ended: expected {what}")
    return line.rstrip("\r\n")


def warn_of_argument(option: str, better: str) -> None:
    """Say on standard error that others can see a secret given as an argument."""
    click.echo(f"warning: {option} on a command line can be seen by others; use {better}", err=True)


def read_secret_file(path: str) -> str:
    """Return the text of a file with a secret, and warn where others may read that file.

    Raises:
        OSError: it cannot be read.
        BadInput: it is not text, or far too long.
    """
    with open(path, "rb") as file:  # noqa: PTH123 - mode of the very file we read
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            click.echo(f"warning: others may read {path}; chmod 600 {path}", err=True)
        return text_of(file, path, "a key in hex")


def address_ranges(text: str) -> list[int]:
    """Return HDLC addresses as people write them, `1,3,7-9`; raises click.BadParameter."""
    numbers: list[int] = []
    for part in text.split(","):
        match = _ADDRESSES.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= ADDRESS_MAX:
            raise click.BadParameter(
                f"invalid addresses {part!r}: expected 1 to {ADDRESS_MAX}, such as 5 or 1-32"
            )
        numbers += range(first, last + 1)
    if len(set(numbers)) != len(numbers):
        raise click.BadParameter(f"invalid addresses {text!r}: one is named twice")
    return numbers


def channels_of(text: str) -> list[int]:
    """Return the channels of a list as `--channel` takes it, in its order."""
    channels: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition(":")
        low, high = int(first), int(last or first)
        channels += range(low, high + 1) if low <= high else range(low, high - 1, -1)
    return channels


def _channels(text: str) -> str:
    if _CHANNELS.fullmatch(text) is None:
        raise BadInput(f"invalid --channel {text!r}: expected 1, or 1:500, or 1,3")
    return text
