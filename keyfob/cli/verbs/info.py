"""`keyfob info`: reads a fob's state, or that of several on a line."""

import click

from firmware_model.errors import KeyfobError, NoAnswer
from host_tools.client.clock import ClockName, true_time
from host_tools.client.fob_state import read_state
from keyfob.cli.fob_report import fob_json, fob_rows
from keyfob.cli.options import address_ranges, bench_option, clock_option, json_option, port_option
from keyfob.cli.output import print_json, print_rows
from keyfob.cli.powered import open_powered_session


@click.command()
@port_option
@click.option(
    "--address",
    "addresses",
    envvar="KEYFOB_ADDRESS",
    default="1",
    show_default=True,
    metavar="RANGE",
    callback=lambda _context, _parameter, text: [0] if text == "0" else address_ranges(text),
    help="HDLC addresses: 5, or 1-500, or 1,3,7-9; 0 is whichever fob is there, on a line with"
    " one. [env: KEYFOB_ADDRESS]",
)
@clock_option
@bench_option
@json_option
def info(port: str, addresses: list[int], clock: ClockName, bench: str, *, as_json: bool) -> None:
    """Read a fob: identity, life-cycle, battery, clock, expiry, counters, slots.

    The clock's lag is counted against this machine's time, or the bench's with --clock bench.
    With a range, --json prints a list; an address without a fob is exit status 3.
    """
    found: list[dict[str, object]] = []
    missing: list[int] = []
    for address in addresses:
        try:
            with open_powered_session(port, address, bench) as session:
                state = read_state(session)
        except NoAnswer:
            if len(addresses) == 1:
                raise
            missing.append(address)
            continue
        now = true_time(clock, bench)
        if as_json:
            found.append({"port": port, "address": address} | fob_json(state, now))
            continue
        if missing or address != addresses[0]:
            click.echo()
        print_rows([("fob", f"address {address} at {port}"), *fob_rows(state, now)])
    if as_json:
        print_json(found[0] if len(addresses) == 1 else found)
    if missing:
        raise _none_at(missing, port)


def _none_at(addresses: list[int], port: str) -> KeyfobError:
    listed = ", ".join(str(address) for address in addresses[:10])
    more = f" and {len(addresses) - 10} more" if len(addresses) > 10 else ""
    return NoAnswer(f"no fob answers at {port}, address {listed}{more}: keyfob discover lists them")
