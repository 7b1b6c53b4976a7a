"""The application: resources, problems and limits put together; one in each worker process."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from host_tools.verification.http.access import read_access
from host_tools.verification.http.door import RequestDoor
from host_tools.verification.http.json_log import log_as_json
from host_tools.verification.http.problems import ProblemAnswer, add_handlers
from host_tools.verification.http.routes import make_routes
from host_tools.verification.http.served import ServedHost
from host_tools.verification.http.settings import VARIABLE, ServerSettings

_DESCRIPTION = "keyfob's verification host: docs/HTTP.md. Every refusal is a problem (RFC 9457)."


def make_app(settings: ServerSettings) -> FastAPI:
    """Return the application; the host is opened when it starts, and closed when it stops.

    Raises:
        BadInput: the file of access tokens is not as it should be.
    """
    served = ServedHost(settings, read_access(Path(settings.access_file)))

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        served.open()
        try:
            yield
        finally:
            served.close()

    app = FastAPI(
        title="keyfob verification host",
        version="1",
        description=_DESCRIPTION,
        lifespan=life,
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    app.state.served = served
    add_handlers(app)
    app.include_router(make_routes(served))
    app.add_middleware(RequestDoor, metrics=served.metrics, body_seconds=settings.body_seconds)
    _describe(app)
    return app


def from_environment() -> FastAPI:
    """Return the application of a worker process, whose settings are in the environment."""
    log_as_json()
    return make_app(ServerSettings.from_json(os.environ[VARIABLE]))


def _describe(app: FastAPI) -> None:
    """Add to the OpenAPI document what FastAPI does not know: problems, and the access token."""
    made = app.openapi

    def described() -> dict[str, Any]:
        document = made()
        parts = document.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = ProblemAnswer.model_json_schema()
        parts["securitySchemes"] = {"access_token": {"type": "http", "scheme": "bearer"}}
        for path, methods in document["paths"].items():
            for operation in methods.values():
                if path.startswith("/v1/") or path == "/metrics":
                    operation["security"] = [{"access_token": []}]
        return document

    app.openapi = described  # type: ignore[method-assign]
