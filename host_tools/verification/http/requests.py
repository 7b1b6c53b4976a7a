"""A request as it came: its headers, its ID, and its body, whole and within bounds."""

import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from host_tools.verification.http.access import AccessToken
from host_tools.verification.http.problems import HttpRefusal

BODY_MAX = 64 * 1024
"""Of a request, in bytes; the longest that is meant has two codes and two names."""

JSON_TYPE = b"application/json"

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class ClientClosed(Exception):  # noqa: N818 - nobody is left to be answered
    """The client closed its connection before its request was complete."""


class HttpRequest:
    """A request; names of headers are in lower case. `holder` is whose access token came with it.

    Its ID is the one that it brings, or a new one.
    """

    __slots__ = ("body", "client", "headers", "holder", "id", "method", "path", "query")

    def __init__(self, scope: Scope) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.client: str = scope["client"][0] if scope["client"] else ""
        self.body = b""
        self.holder: AccessToken | None = None
        given = self.headers.get(b"x-request-id", b"")
        self.id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8).encode()

    async def read_body(self, receive: Receive) -> None:
        """Read the body whole, before anything is done by it.

        Raises:
            HttpRefusal: it is too large, or not JSON by its media type.
            ClientClosed: it breaks off, or is too slow.
        """
        if self.method not in _WITH_BODY:
            return
        length = self.headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > BODY_MAX:
            raise HttpRefusal("too-large")
        self.body = await _whole_body(receive)
        media_type = self.headers.get(b"content-type", b"")
        if (
            self.body
            and media_type != JSON_TYPE
            and media_type.partition(b";")[0].strip().lower() != JSON_TYPE
        ):
            raise HttpRefusal("not-json-type")


async def _whole_body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientClosed
        piece: bytes = message.get("body", b"")
        body += piece
        if len(body) > BODY_MAX:
            raise HttpRefusal("too-large")
        if not message.get("more_body"):
            return body
