"""An HTTP port that serves the panel's page over something else than a bench."""

from collections.abc import Iterable

from starlette.routing import BaseRoute

from emulator.http.access import Access
from emulator.http.listener import HttpListener
from emulator.http.site import HttpSite
from emulator.http_port import panel_address
from emulator.panel.page_files import page_paths, page_routes


class PagePort:
    """The port; `routes` are what the page asks for, `token` signs the browsers' sessions."""

    def __init__(self, routes: Iterable[BaseRoute], token: bytes) -> None:
        self._routes = [*page_routes(), *routes]
        self._access = Access(token)
        self._listener = HttpListener()

    async def open(self, host: str, port: int) -> str:
        """Open it, 0 for any free one; return the address that opens one browser, once.

        Raises:
            InUse, PortUnavailable: the address cannot be used.
        """
        site = HttpSite(self._routes, self._access, host, page_paths())
        await self._listener.open(site, host, port)
        return panel_address(self._listener.address, self._access)

    async def close(self) -> None:
        """Close the port."""
        await self._listener.close()
