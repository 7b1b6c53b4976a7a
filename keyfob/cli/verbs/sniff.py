"""`keyfob sniff`: what a host and a fob say to each other, in words."""

import json
import signal
import time

import click

from host_tools.client.ports import open_port
from host_tools.sniff import Layer, Listener, Sniffed, SniffTap, open_host_end
from keyfob.cli import options

WARNING = """\
+------------------------------------------------------------------------+
| --hex prints the traffic as it is. It holds seeds and keys, encrypted  |
| under keys that may be public: keep what is printed as secret as them. |
+------------------------------------------------------------------------+"""


@click.command()
@click.option(
    "--port",
    required=True,
    metavar="URL",
    help="Where the host will be: pty:PATH or tcp:HOST:PORT, offered here; or a device.",
)
@click.option(
    "--to",
    envvar="KEYFOB_PORT",
    required=True,
    metavar="URL",
    help="Where the fob is, as for every other verb. [env: KEYFOB_PORT]",
)
@click.option("--apdus", is_flag=True, help="Leave the frames out.")
@click.option("--hex", "as_hex", is_flag=True, help="Print the bytes too, SECRETS INCLUDED.")
@options.json_option
def sniff(port: str, to: str, *, apdus: bool, as_hex: bool, as_json: bool) -> None:
    """Sit between a host and a fob and explain every frame and APDU, secrets masked.

    With --json each is one line. Ctrl-C ends it.
    """
    if as_hex:
        click.echo(WARNING, err=True)
    listener = Listener()
    started = time.monotonic()

    def feed(data: bytes, from_host: bool) -> None:
        at = time.monotonic() - started
        for heard in listener.feed(data, from_host=from_host):
            if not (apdus and heard.layer is Layer.FRAME):
                click.echo(_as_json(heard, at, as_hex) if as_json else _line(heard, at, as_hex))

    with open_port(to) as fob:
        host = open_host_end(port)
        try:
            click.echo(f"{host.url} leads to {to}; Ctrl-C ends it", err=True)
            tap = SniffTap(host, fob, feed)
            signal.signal(signal.SIGTERM, lambda *_: tap.stop())
            signal.signal(signal.SIGINT, lambda *_: tap.stop())
            tap.run()
        finally:
            host.close()


def _line(heard: Sniffed, at: float, as_hex: bool) -> str:
    arrow = ">" if heard.from_host else "<"
    indent = "    " if heard.layer is Layer.APDU else ""
    raw = f"\n{' ' * 14}{heard.raw.hex(' ')}" if as_hex and heard.raw else ""
    return f"{at:9.3f} {arrow} {indent}{heard.words}{raw}"


def _as_json(heard: Sniffed, at: float, as_hex: bool) -> str:
    value: dict[str, object] = {
        "seconds": round(at, 6),
        "from": "host" if heard.from_host else "fob",
        "layer": heard.layer.value,
        "address": heard.address,
        "words": heard.words,
    }
    if as_hex:
        value["raw"] = heard.raw.hex()
    return json.dumps(value, ensure_ascii=False)
