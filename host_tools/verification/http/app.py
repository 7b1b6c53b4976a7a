"""The application (ASGI): each request is read, answered, counted and logged; a host in a process.

Requests are few kinds and small, so that no framework stands between server and resources.
"""

import logging
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from firmware_model.errors import KeyfobError
from host_tools.verification.http.access import read_access
from host_tools.verification.http.answers import HttpAnswer
from host_tools.verification.http.json_log import log_as_json
from host_tools.verification.http.operations import RESOURCES
from host_tools.verification.http.problems import HttpRefusal, refusal_of
from host_tools.verification.http.requests import (
    ClientClosed,
    HttpRequest,
    Receive,
    Scope,
    Send,
)
from host_tools.verification.http.resources import HostResource
from host_tools.verification.http.served import ServedHost
from host_tools.verification.http.settings import VARIABLE, ServerSettings

_LOGGER = logging.getLogger("keyfob.host.http")


class HostApplication:
    """Serves a host's resources; the host is open from the start of the server to its stop."""

    def __init__(self, served: ServedHost, resources: Iterable[HostResource[Any]]) -> None:
        self._served = served
        self._paths: dict[str, dict[str, HostResource[Any]]] = {}
        for each in resources:
            # A parameter is the last part of a path, whatever its name.
            path = each.path.partition("{")[0]
            self._paths.setdefault(path, {})[each.method] = each

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; or the start and stop of the server."""
        if scope["type"] != "http":
            await self._live(receive, send)
            return
        began = time.perf_counter()
        request = HttpRequest(scope)
        resource: HostResource[Any] | None = None
        try:
            resource = self._resource_of(request)
            await request.read_body(receive)
            answer = await resource.answer(self._served, request)
        except ClientClosed:
            return
        except Exception as error:  # noqa: BLE001 - each is answered
            answer = refusal_of(error)
        await send(answer.head(request.id))
        await send({"type": "http.response.body", "body": answer.body})
        route = "other" if resource is None else resource.path
        self._note(request, route, answer, time.perf_counter() - began)

    def _resource_of(self, request: HttpRequest) -> HostResource[Any]:
        path = request.path
        methods = self._paths.get(path) or self._paths.get(path[: path.rfind("/") + 1])
        if methods is None:
            raise HttpRefusal("not-found")
        resource = methods.get(request.method)
        if resource is None:
            raise HttpRefusal("method-not-allowed", headers={"Allow": ", ".join(methods)})
        return resource

    def _note(self, request: HttpRequest, route: str, answer: HttpAnswer, took: float) -> None:
        """Count a request, and log it."""
        self._served.metrics.count_request(route, answer.status, took)
        if _LOGGER.isEnabledFor(logging.INFO):
            # The route and not the address: names and whatever else was typed stay out.
            more = {
                "request_id": request.id.decode(),
                "method": request.method,
                "route": route,
                "status": answer.status,
                "ms": round(took * 1000, 2),
                "access_token": request.holder and request.holder.name,
            }
            words = ("%s %s %d", request.method, route, answer.status)
            _LOGGER.info(*words, extra={"more": more})

    async def _live(self, receive: Receive, send: Send) -> None:
        """Open the host when the server starts, and close it when it stops (ASGI's lifespan)."""
        await receive()
        try:
            self._served.open()
        except KeyfobError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._served.close()
        await send({"type": "lifespan.shutdown.complete"})


def make_app(settings: ServerSettings) -> HostApplication:
    """Return the application.

    Raises:
        BadInput: the file of access tokens is not as it should be.
    """
    served = ServedHost(settings, read_access(Path(settings.access_file)))
    return HostApplication(served, RESOURCES)


def from_environment() -> HostApplication:
    """Return the application of a worker process, whose settings are in the environment."""
    log_as_json()
    return make_app(ServerSettings.from_json(os.environ[VARIABLE]))
