"""The bench's declared commands as HTTP resources: path, method and names of parameters (PANEL §3).

Nothing is declared twice: a command that joins the bench's table is a resource too.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum, unique

from emulator.bench.declared import BenchCommand, Parameter

NOT_OVER_HTTP = re.compile(
    r"\*(CLS|ESR|ESE|STB|SRE|OPC|WAI)\b|SYSTem:(ERRor|TOKen)|STATus:|INSTrument:NSELect"
)
"""Commands about one controller's own status: over HTTP each request is a controller of its own,
and what fails is its answer."""

PRESSES = re.compile(r"BUTTon:(PRESs|HOLD)")
"""Commands whose end can be waited for."""

KEYS = {
    "how far into it": "depth",
    "how long": "lasting",
    "a pattern of segments": "segments",
    "the length of a stretch": "length",
    "the number of events": "count",
    "the number of frames": "count",
    "the port's address": "port",
    "the snapshot's name": "name",
    "whether the key sticks": "stuck",
}
"""Names of parameters that are not their JSON names already, with blanks made underscores."""

_ARTICLE = re.compile(r"^(the|a|an) ")


@unique
class HttpVerb(StrEnum):
    """HTTP's methods, as far as resources have them."""

    GET = "get"
    PUT = "put"
    POST = "post"


@dataclass(frozen=True, slots=True)
class BenchResource:
    """A command at a path: GET asks, PUT sets what GET reads back, POST does something.

    `for_fobs` says that the path names fobs: one for a query, any number for the others.
    """

    command: BenchCommand
    path: str
    method: HttpVerb
    keys: tuple[str, ...]
    for_fobs: bool

    @property
    def can_wait(self) -> bool:
        """Whether the request may wait for the end of a press."""
        return PRESSES.match(self.command.header) is not None

    @property
    def name(self) -> str:
        """Its name among all resources, an identifier."""
        return re.sub(r"\W+", "_", f"{self.method}{self.path}").strip("_")


def resources(commands: Iterable[BenchCommand]) -> list[BenchResource]:
    """Return the resources of a bench's commands, in order of their paths."""
    by_header = {one.header: one for one in commands}  # a table has each under many spellings
    listed = [one for one in by_header.values() if not NOT_OVER_HTTP.match(one.header)]
    queries = {_nodes(one) for one in listed if one.header.endswith("?")}
    found = [resource for one in listed for resource in _resources(one, queries)]
    return sorted(found, key=lambda resource: (resource.path, resource.method))


def key_of(parameter: Parameter) -> str:
    """Return the JSON name of a parameter."""
    name = KEYS.get(parameter.name) or _ARTICLE.sub("", parameter.name)
    return re.sub(r"[ -]", "_", name).lower()


def _resources(command: BenchCommand, queries: set[str]) -> Iterator[BenchResource]:
    nodes = _nodes(command)
    method = HttpVerb.PUT if nodes in queries else HttpVerb.POST
    if command.header.endswith("?"):
        method = HttpVerb.GET
    keys = tuple(map(key_of, command.parameters))
    plain = BenchResource(command, f"/{nodes}", method, keys, for_fobs=False)
    if command.channels:
        yield replace(plain, path=f"/fobs/{{fobs}}/{nodes}", for_fobs=True)
    if not command.channels or command.unlisted:
        yield plain


def _nodes(command: BenchCommand) -> str:
    """Return a header as a path: long forms, optional nodes left out."""
    header = re.sub(r"\[:?\w+:?\]", "", command.header.removesuffix("?"))
    if header.startswith("*"):
        return f"common/{header[1:].lower()}"
    return header.lower().replace(":", "/")
