"""A recording in a browser, until Ctrl-C."""

import asyncio
import secrets
from collections.abc import Iterable

import click

from emulator.ports.tcp import split_host_port
from emulator.recordings.replay import Moment
from firmware_model.errors import BadInput

TOKEN_BYTES = 32


def show_in_panel(name: str, moments: Iterable[Moment], address: str) -> None:
    """Serve a replay to a browser at `address` (HOST:PORT), and say where; ends with Ctrl-C.

    Raises:
        BadInput: the recording cannot be replayed, or the extra `panel` is not installed.
        InUse, PortUnavailable: the address cannot be used.
    """
    host, port = split_host_port(address, address)
    try:
        from emulator.page_port import PagePort
        from emulator.panel.replay import ReplayBoard
    except ModuleNotFoundError as missing:
        raise BadInput(f"--panel needs {missing.name}: pip install 'keyfob[panel]'") from None
    board = ReplayBoard(name, moments)
    page = PagePort(board.routes(), secrets.token_bytes(TOKEN_BYTES))

    async def serve() -> None:
        where = await page.open(host, port)
        click.echo(f"{board.count} inputs; panel at {where} (opens one browser, once)")
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await page.close()

    asyncio.run(serve())
