"""What every request passes: its ID, size and time limits, metrics and one line of the log."""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram

from host_tools.verification.http import problems

BODY_MAX = 64 * 1024
"""Of a request, in bytes; the longest that is meant has two codes and two names."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LOGGER = logging.getLogger("keyfob.host.http")


class Metrics:
    """Counts of requests by route and status, and how long they took; of verdicts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "keyfob_http_requests",
            "Requests answered.",
            ["route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "keyfob_http_request_seconds", "Time to the answer.", ["route"], registry=self.registry
        )
        self.verdicts = Counter(
            "keyfob_verdicts", "Codes decided on.", ["verdict"], registry=self.registry
        )


class RequestDoor:
    """Stands before the application; reads each body whole before anything is done by it."""

    def __init__(self, app: App, metrics: Metrics, body_seconds: float) -> None:
        self._app = app
        self._metrics = metrics
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8).encode()
        state = scope.setdefault("state", {})
        state["request_id"] = request_id.decode()
        began, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id)]
            await send(message)

        try:
            kind = await self._passed(scope, headers, receive, answer)
            if kind:
                await problems.response(kind)(scope, receive, answer)
        finally:
            took = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "other")
            self._metrics.requests.labels(route, str(status)).inc()
            self._metrics.seconds.labels(route).observe(took)
            self._log(scope, route, status, took)

    async def _passed(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, answer: Send
    ) -> str:
        """Let the application answer; or return the problem by which the body is refused."""
        body = b""
        if scope["method"] in ("POST", "PUT", "PATCH", "DELETE"):
            length = headers.get(b"content-length", b"0")
            if length.isdigit() and int(length) > BODY_MAX:
                return "too-large"
            try:
                async with asyncio.timeout(self._body_seconds):
                    body = await _body(receive)
            except TimeoutError:
                return "slow"
            if len(body) > BODY_MAX:
                return "too-large"
            media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
            if body and media_type != b"application/json":
                return "not-json-type"
        sent = False

        async def whole() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, whole, answer)
        return ""

    @staticmethod
    def _log(scope: Scope, route: str, status: int, took: float) -> None:
        # The route and not the address: names and whatever else was typed stay out.
        if _LOGGER.isEnabledFor(logging.INFO):
            state = scope["state"]
            more = {
                "request_id": state["request_id"],
                "method": scope["method"],
                "route": route,
                "status": status,
                "ms": round(took * 1000, 2),
                "access_token": state.get("access_token"),
            }
            _LOGGER.info("%s %s %d", scope["method"], route, status, extra={"more": more})


async def _body(receive: Receive) -> bytes:
    """Return the body, or what has come of one that is too large."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        body += bytes(message.get("body", b""))
        if len(body) > BODY_MAX or not message.get("more_body"):
            return body
