"""Opening the HTTP port of an emulator, with its token and the address of its panel."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from emulator.bench.session import Bench
from emulator.http.access import TOKEN_BYTES, Access
from emulator.http.app import HttpSite
from emulator.http.listener import HttpListener
from emulator.ports.tcp import is_loopback
from emulator.settings import HttpSettings


@dataclass(frozen=True, slots=True)
class OpenHttpPort:
    """An open HTTP port.

    `token` is the one that was made for this run, None where the user gave one; `panel` is the
    address that opens the panel in one browser, once, None without a panel.
    """

    address: str
    token: str | None = field(repr=False)
    panel: str | None = field(repr=False)
    warnings: tuple[str, ...] = ()


async def open_http(
    settings: HttpSettings, bench: Bench, version: str
) -> tuple[OpenHttpPort, Callable[[], Awaitable[None]]]:
    """Open the port; return where it is, and what closes it.

    Raises:
        InUse: another process listens there.
        PortUnavailable: the address cannot be used.
    """
    made = secrets.token_urlsafe(TOKEN_BYTES) if settings.token is None else None
    access = Access(made.encode() if made is not None else settings.token or b"")
    app = HttpSite(bench, access, settings.host, version)
    listener = HttpListener()
    await listener.open(app, settings.host, settings.port)
    warnings: tuple[str, ...] = ()
    if not is_loopback(settings.host):
        warnings = (
            f"{listener.address} can be reached from other machines; its token is sent in clear",
        )
    return OpenHttpPort(listener.address, made, None, warnings), listener.close
