"""Who may use the HTTP port: host, origin, token and session (SECURITY §6, PANEL §2)."""

import base64
import hashlib
import hmac
import ipaddress
import secrets
import time
from collections.abc import Collection
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulator.http.problems import HttpProblem

SESSION_SECONDS = 12 * 3600
"""How long a browser's session lasts: a working day."""

LINK_TOKENS_MAX = 64
"""One-time tokens that wait for their browser; the oldest is forgotten."""

TOKEN_BYTES = 24
_NONCE_BYTES = 16
_STAMP_BYTES = 8

SAME_SITE = ("same-origin", "none")
"""What a browser says of requests that come from our own page, or from its user."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""Of every answer."""


class Access:
    """The secrets of one port: its token, the one-time tokens of links, the key of sessions.

    `token` is what a program sends with each request. Sessions are signed, not kept: where the
    token comes from a file they outlive a restart of the emulator.
    """

    def __init__(self, token: bytes) -> None:
        self._token = token
        self._session_key = hmac.digest(token, b"keyfob session of a browser", hashlib.sha256)
        self._links: dict[bytes, None] = {}

    def new_link_token(self) -> str:
        """Return a token that one browser can exchange for a session, once."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        if len(self._links) >= LINK_TOKENS_MAX:
            self._links.pop(next(iter(self._links)))
        self._links[_hashed(token.encode())] = None
        return token

    def open_session(self, token: str) -> str | None:
        """Exchange a one-time token, or the port's own, for a session; None if it is neither."""
        given = token.encode()
        if self._links.pop(_hashed(given), b"") is None or hmac.compare_digest(given, self._token):
            stamp = int(time.time()).to_bytes(_STAMP_BYTES) + secrets.token_bytes(_NONCE_BYTES)
            return base64.urlsafe_b64encode(stamp + self._signature(stamp)).decode()
        return None

    def allows(self, headers: Headers, cookie_name: str) -> bool:
        """Return whether a request has the token or a session."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return hmac.compare_digest(token.strip().encode("latin-1"), self._token)
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(headers.get("cookie", ""))
        except CookieError:
            return False
        return cookie_name in cookies and self._is_session(cookies[cookie_name].value)

    def _is_session(self, text: str) -> bool:
        try:
            raw = base64.urlsafe_b64decode(text.encode("ascii"))
        except ValueError:
            return False
        stamp, signature = raw[: _STAMP_BYTES + _NONCE_BYTES], raw[_STAMP_BYTES + _NONCE_BYTES :]
        if not hmac.compare_digest(signature, self._signature(stamp)):
            return False
        age = time.time() - int.from_bytes(stamp[:_STAMP_BYTES])
        return age + 1 >= 0 and age < SESSION_SECONDS

    def _signature(self, stamp: bytes) -> bytes:
        return hmac.digest(self._session_key, stamp, hashlib.sha256)


class AccessGuard:
    """Lets through what comes from this port's own users, before anything else looks at it.

    Args:
        app: what is guarded.
        access: the secrets.
        host: the host that the port was opened for.
        open_paths: GET paths that need no token, because they hold nothing of a fob.
    """

    def __init__(
        self, app: ASGIApp, access: Access, host: str, open_paths: Collection[str]
    ) -> None:
        self._app = app
        self._access = access
        self._host = host
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._check(scope, Headers(scope=scope))
        except HttpProblem as problem:
            await problem.response()(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)

    def _check(self, scope: Scope, headers: Headers) -> None:
        host = headers.get("host", "")
        if not _is_own_host(host, self._host):
            # A page whose name was made to lead here (DNS rebinding) still says its own name.
            raise HttpProblem(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"unknown host: expected {self._host}, or an IP address",
            )
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            raise HttpProblem(HTTPStatus.FORBIDDEN, "the request comes from another origin")
        if scope["method"] in ("GET", "HEAD") and scope["path"] in self._open_paths:
            return
        if headers.get("sec-fetch-site", "none") not in SAME_SITE:
            raise HttpProblem(HTTPStatus.FORBIDDEN, "the request comes from another site")
        if scope["path"] == "/session" and scope["method"] == "POST":
            return
        if not self._access.allows(headers, cookie_name(scope)):
            raise HttpProblem(
                HTTPStatus.UNAUTHORIZED,
                "no valid token: expected Authorization: Bearer TOKEN, or a browser's session",
                headers={"WWW-Authenticate": "Bearer"},
            )


def cookie_name(scope: Scope) -> str:
    """Return the name of this port's cookie: browsers keep those of all ports together."""
    return f"keyfob-{scope['server'][1]}"


def _is_own_host(header: str, host: str) -> bool:
    try:
        name = urlsplit(f"//{header}").hostname or ""
        urlsplit(f"//{header}").port  # noqa: B018 - it raises where the port is no number
    except ValueError:
        return False
    if name in ("localhost", host.lower()):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _hashed(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
