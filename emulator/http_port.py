"""Opening the HTTP port of an emulator, with its token and the address of its panel."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from emulator.bench.session import Bench
from emulator.http.access import TOKEN_BYTES, Access
from emulator.http.bench_site import DOCUMENT_PATH, BenchSite
from emulator.http.listener import HttpListener
from emulator.http.site import HttpSite
from emulator.panel.page_files import HOME, page_paths, page_routes
from emulator.panel.routes import PanelRoutes
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
    routes = BenchSite(bench, version).routes()
    open_paths = [DOCUMENT_PATH]
    if settings.with_panel:
        routes += [*page_routes(), *PanelRoutes(bench, settings.means).routes()]
        open_paths += page_paths()
    listener = HttpListener()
    site = HttpSite(routes, access, settings.host, open_paths)
    await listener.open(site, settings.host, settings.port)
    warnings: tuple[str, ...] = ()
    if not is_loopback(settings.host):
        warnings = (
            f"{listener.address} can be reached from other machines; its token is sent in clear",
        )
    panel = panel_address(listener.address, access) if settings.with_panel else None
    return OpenHttpPort(listener.address, made, panel, warnings), listener.close


def panel_address(address: str, access: Access) -> str:
    """Return an address that opens the panel in one browser, once.

    The token is in the fragment, which browsers never send, and which the page removes.
    """
    return f"{address}{HOME}#token={access.new_link_token()}"
