"""`keyfob discover`: who hangs on a line."""

import click

from firmware_model.errors import BadAnswer, NoAnswer, Refused
from firmware_model.units import NS_PER_MS
from firmware_model.wire.objects import CredentialId, LifeCycleStatus, ModelName, SerialNumber
from firmware_model.wire.primary import PrimaryTiming
from host_tools.client.fob_state import life_cycle_name
from host_tools.client.link import Link
from host_tools.client.ports import open_port
from host_tools.client.session import TokenSession
from keyfob.cli.options import addresses_option, json_option, port_option
from keyfob.cli.output import print_json, print_rows


@click.command()
@port_option
@addresses_option("1-32", "Which HDLC addresses to ask")
@click.option(
    "--wait",
    type=click.IntRange(10, 10_000),
    default=200,
    show_default=True,
    metavar="MS",
    help="How long each address gets to answer.",
)
@json_option
def discover(port: str, addresses: list[int], wait: int, *, as_json: bool) -> None:
    """List the fobs on a line, by polling a range of addresses. Finding none is exit status 1."""
    timing = PrimaryTiming(response_ns=wait * NS_PER_MS, tries=1)
    width = len(str(max(addresses)))
    found = []
    with open_port(port) as opened:
        for number in addresses:
            fob = _ask(Link(opened, number, timing))
            if fob is None:
                continue
            found.append(fob)
            if not as_json:  # at once: many addresses take long
                print_rows([(str(number).rjust(width), _line(fob))])
    if as_json:
        print_json(found)
    else:
        click.echo(
            f"{len(found)} on {port}, of {len(addresses)}"
            f" address{'es' * (len(addresses) != 1)} asked",
            err=True,
        )
    if not found:
        click.get_current_context().exit(1)


def _ask(link: Link) -> dict[str, object] | None:
    """Return what the fob at the end of `link` tells of itself, None where there is none."""
    try:
        link.connect()
    except NoAnswer:
        return None
    except BadAnswer as error:
        return {"address": link.address, "error": str(error)}
    told = _who(TokenSession(link))
    link.disconnect()
    return {"address": link.address} | told


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
