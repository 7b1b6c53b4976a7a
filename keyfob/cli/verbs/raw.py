"""`keyfob raw`: an APDU by hand."""

import sys
from collections.abc import Iterator

import click

from firmware_model.errors import BadInput
from firmware_model.wire.apdu import Command, Response, decode_command, describe_status
from firmware_model.wire.messages import TOKEN_AID, SecurityLevel
from host_tools.client.link import open_command_link
from host_tools.client.session import TokenSession
from keyfob.cli import options
from keyfob.cli.key_input import given_keys
from keyfob.cli.output import print_json


@click.command()
@click.argument("apdu", nargs=-1)
@options.port_option
@options.address_option
@click.option(
    "--select/--no-select",
    default=True,
    show_default=True,
    help="Select the token application first; else the issuer security domain answers.",
)
@click.option("--secure", is_flag=True, help="Send it inside an SCP03 channel, level 33.")
@options.keys_option
@options.json_option
def raw(
    apdu: tuple[str, ...],
    port: str,
    address: int,
    keys: str | None,
    *,
    select: bool,
    secure: bool,
    as_json: bool,
) -> None:
    """Send each APDU, given in hex, and print what the fob answers.

    Without an APDU, lines of standard input are read; # starts a comment. A status word that is
    no success is printed and is exit status 4.
    """
    commands = [_command(number, text) for number, text in enumerate(apdu or _lines(), 1)]
    if not commands:
        raise BadInput("no APDU: expected one as an argument, or on standard input")
    fob_keys = given_keys(keys) if secure else None
    with open_command_link(port, address) as link:
        session = TokenSession(link)
        if select:
            session.select(TOKEN_AID)
        if fob_keys is not None:
            session.open_channel(fob_keys, SecurityLevel.ALL)
        answers = []
        for command in commands:
            answers.append(session.exchange(command))
            if not as_json:  # at once: the next may end in an error
                click.echo(_line(answers[-1]))
    if as_json:
        print_json([_as_json(answer) for answer in answers])
    if not all(answer.is_ok for answer in answers):
        click.get_current_context().exit(4)


def _lines() -> Iterator[str]:
    if sys.stdin.isatty():
        return
    for line in sys.stdin:
        if text := line.partition("#")[0].strip():
            yield text


def _command(number: int, text: str) -> Command:
    # By its number: what was typed may hold a key.
    try:
        command = decode_command(bytes.fromhex(text))
    except ValueError:
        raise BadInput(f"invalid APDU {number}: expected pairs of hex digits") from None
    if command is None:
        raise BadInput(
            f"invalid APDU {number}: expected CLA INS P1 P2, then Lc and data, then Le,"
            " in quotes if there are blanks"
        )
    return command


def _line(answer: Response) -> str:
    words = describe_status(answer.status)
    return f"{answer.data.hex(' ').upper()}  {words}" if answer.data else words


def _as_json(answer: Response) -> dict[str, object]:
    return {
        "data": answer.data,
        "status": f"{answer.status:04X}",
        "meaning": describe_status(answer.status),
    }
