"""`keyfob discover`: lists the fobs on a line."""

from collections.abc import Iterator
from itertools import count

import click

from firmware_model.errors import BadAnswer, NoAnswer, Refused
from firmware_model.units import NS_PER_MS
from firmware_model.wire.objects import (
    Condition,
    CredentialId,
    LifeCycleStatus,
    ModelName,
    SerialNumber,
)
from firmware_model.wire.primary import PrimaryTiming
from host_tools.client.fob_state import life_cycle_name
from host_tools.client.link import Link
from host_tools.client.ports import Port, open_port
from host_tools.client.session import TokenSession
from keyfob.cli.options import ADDRESS_MAX, address_ranges, json_option, port_option
from keyfob.cli.output import print_json, print_rows

SILENT_ADDRESSES = 32
"""So many addresses in a row without an answer are taken for the end of a line."""


@click.command()
@port_option
@click.option(
    "--addresses",
    metavar="RANGE",
    callback=lambda _context, _parameter, text: text and address_ranges(text),
    help="HDLC addresses to ask: 5, or 1-500, or 1,3,7-9. Without it from 1 on, until"
    f" {SILENT_ADDRESSES} in a row do not answer.",
)
@click.option(
    "--wait",
    type=click.IntRange(10, 10_000),
    default=200,
    show_default=True,
    metavar="MS",
    help="How long each address gets to answer.",
)
@json_option
def discover(port: str, addresses: list[int] | None, wait: int, *, as_json: bool) -> None:
    """List the fobs on a line, by asking its addresses. Finding none is exit status 1."""
    timing = PrimaryTiming(response_ns=wait * NS_PER_MS, tries=1)
    found, asked = [], []
    with open_port(port) as opened:
        for address, fob in _asked(opened, addresses, timing):
            asked.append(address)
            if fob is None:
                continue
            found.append(fob)
            if not as_json:  # at once: many addresses take long
                print_rows([(str(address).rjust(4), _line(fob))])
    if as_json:
        print_json(found)
    else:
        far = f"{asked[0]}-{asked[-1]}" if len(asked) > 1 else str(asked[0])
        further = "" if addresses else "; --addresses RANGE asks others"
        fobs = f"{len(found)} fob{'s' * (len(found) != 1)}"
        click.echo(f"{fobs} at {port}, addresses {far} asked{further}", err=True)
    if not found:
        click.get_current_context().exit(1)


def _asked(
    port: Port, addresses: list[int] | None, timing: PrimaryTiming
) -> Iterator[tuple[int, dict[str, object] | None]]:
    """Give each address that is asked, with what its fob says of itself."""
    silent = 0
    for address in addresses or count(1):
        fob = _ask(Link(port, address, timing))
        yield address, fob
        silent = 0 if fob is not None else silent + 1
        if not addresses and (silent == SILENT_ADDRESSES or address == ADDRESS_MAX):
            return


def _ask(link: Link) -> dict[str, object] | None:
    """Return what the fob at the end of `link` says of itself, None where there is none."""
    try:
        link.connect()
    except NoAnswer:
        return None
    except BadAnswer as error:
        return {"address": link.address, "error": str(error)}
    read = _identity(TokenSession(link))
    link.disconnect()
    return {"address": link.address} | read


def _identity(session: TokenSession) -> dict[str, object]:
    try:
        session.select()
        serial_number, credential_id = session.get(SerialNumber), session.get(CredentialId)
        model, status = session.get(ModelName), session.get(LifeCycleStatus)
    except (NoAnswer, BadAnswer, Refused) as error:
        return {"error": str(error)}
    return {
        "serial_number": serial_number.text if serial_number else None,
        "credential_id": credential_id.text if credential_id else None,
        "model": model.text if model else None,
        "life_cycle": life_cycle_name(status) if status else None,
        "expired": bool(status and Condition.EXPIRED in status.condition),
        "low_battery": bool(status and Condition.LOW_BATTERY in status.condition),
    }


def _line(fob: dict[str, object]) -> str:
    if "error" in fob:
        return str(fob["error"])
    flags = ", expired" * bool(fob["expired"]) + ", low battery" * bool(fob["low_battery"])
    return (
        f"{fob['serial_number'] or 'no serial number'}, {fob['model']}, {fob['life_cycle']}{flags}"
    )
