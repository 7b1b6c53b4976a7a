"""`keyfob discover`: who hangs on a line."""

import re

import click

from firmware_model.units import NS_PER_MS
from firmware_model.wire.hdlc import SERVER_MAX
from firmware_model.wire.objects import CredentialId, LifeCycleStatus, ModelName, SerialNumber
from firmware_model.wire.primary import PrimaryTiming
from host_tools.errors import BadAnswer, NoAnswer, Refused
from host_tools.fob_state import life_cycle_name
from host_tools.link import Link
from host_tools.ports import open_port
from host_tools.session import TokenSession
from keyfob.options import json_option, port_option
from keyfob.output import print_json, print_rows


@click.command()
@port_option
@click.option(
    "--addresses",
    default="1-32",
    show_default=True,
    metavar="RANGE",
    help="Which HDLC addresses to ask: 5, or 1-500, or 1,3,7-9.",
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
def discover(port: str, addresses: str, wait: int, *, as_json: bool) -> None:
    """List the fobs on a line, by polling a range of addresses. Finding none is exit status 1."""
    numbers = _numbers(addresses)
    timing = PrimaryTiming(response_ns=wait * NS_PER_MS, tries=1)
    found = []
    with open_port(port) as opened:
        for number in numbers:
            link = Link(opened, number, timing)
            try:
                link.connect()
            except NoAnswer:
                continue
            except BadAnswer as error:
                found.append({"address": number, "error": str(error)})
                continue
            found.append({"address": number} | _who(TokenSession(link)))
            link.disconnect()
    if as_json:
        print_json(found)
    else:
        print_rows([(str(fob["address"]), _line(fob)) for fob in found])
        click.echo(
            f"{len(found)} on {port}, of {len(numbers)} address{'es' * (len(numbers) != 1)} asked",
            err=True,
        )
    if not found:
        click.get_current_context().exit(1)


def _who(session: TokenSession) -> dict[str, object]:
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
    }


def _line(fob: dict[str, object]) -> str:
    if "error" in fob:
        return str(fob["error"])
    return f"{fob['serial_number'] or 'no serial number'}, {fob['model']}, {fob['life_cycle']}"


def _numbers(addresses: str) -> list[int]:
    numbers: list[int] = []
    for part in addresses.split(","):
        match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= SERVER_MAX:
            raise click.BadParameter(
                f"{part!r} is no range of addresses from 1 to {SERVER_MAX}, as 1-32",
                param_hint="--addresses",
            )
        numbers += range(first, last + 1)
    return numbers
