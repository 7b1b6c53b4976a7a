"""The files of the page, as they are in the package: no build step, nothing from elsewhere."""

from functools import cache
from importlib import resources

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

HOME = "/panel/"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


@cache
def page_files() -> dict[str, tuple[bytes, str]]:
    """Return the page's files: path below the port -> content and media type."""
    folder = resources.files("emulator.panel") / "page"
    found = {
        f"{HOME}{file.name}": (file.read_bytes(), MEDIA_TYPES[f".{file.name.rpartition('.')[2]}"])
        for file in folder.iterdir()
    }
    found[HOME] = found[f"{HOME}index.html"]
    return found


def page_routes() -> list[BaseRoute]:
    """Return the routes of the page; they hold nothing of any fob, and need no token."""
    return [Route("/", _go_home), *(Route(path, _serve) for path in page_files())]


def page_paths() -> list[str]:
    """Return the paths of the page."""
    return ["/", *page_files()]


async def _go_home(_request: Request) -> Response:
    return RedirectResponse(HOME)


async def _serve(request: Request) -> Response:
    content, media_type = page_files()[request.url.path]
    # A browser keeps nothing of the panel: the next emulator at this port may be another version.
    return Response(content, media_type=media_type)
