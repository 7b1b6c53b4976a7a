"""The HTTP application of a bench: resources, events, sessions of browsers, the document."""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulator.bench.errors import ScpiError
from emulator.bench.session import Bench, Session
from emulator.fob import EmulatedFob
from emulator.http.access import SESSION_SECONDS, Access, AccessGuard, cookie_name
from emulator.http.bench_routes import bench_routes
from emulator.http.display_feed import DisplayFeed
from emulator.http.documented import OTHER_PATHS
from emulator.http.events import EventStreams
from emulator.http.fob_view import show_details, show_summary, show_time
from emulator.http.openapi import document
from emulator.http.problems import HttpProblem
from emulator.http.requests import read_bounded
from emulator.http.resources import resources
from emulator.http.values import read_body, read_channels

SLICE = 64
"""Fobs shown before other tasks run."""

DOCUMENT_PATH = "/openapi.json"
EVERY_FOB = "1:{count}"


class HttpSite:
    """The application: an ASGI callable. `feed` follows the displays for its streams."""

    def __init__(
        self,
        bench: Bench,
        access: Access,
        host: str,
        version: str,
        more: Iterable[BaseRoute] = (),
        open_paths: Iterable[str] = (),
    ) -> None:
        """Make the application of a bench.

        Args:
            bench: what the resources are made of.
            access: the port's secrets.
            host: the host that the port is opened for.
            version: of the document.
            more: routes of the panel.
            open_paths: of those, the ones that need no token.
        """
        self.feed = DisplayFeed(bench.rack)
        self._bench = bench
        self._access = access
        found = resources(bench.commands.values())
        self._document = document(found, OTHER_PATHS, version)
        routes = [
            Route(DOCUMENT_PATH, self._describe),
            Route("/session", self._open_session, methods=["POST"]),
            Route("/session", self._close_session, methods=["DELETE"]),
            Route("/session/links", self._make_link, methods=["POST"]),
            Route("/events", EventStreams(bench, self.feed).serve),
            Route("/fobs", self._list_fobs),
            Route("/fobs/{fobs}", self._show_fob),
            *bench_routes(bench, found),
            *more,
        ]
        inside = Starlette(
            routes=routes,
            exception_handlers={HttpProblem: _answer_problem, HTTPException: _answer_plain},
        )
        inside.router.redirect_slashes = False
        self._guarded: ASGIApp = AccessGuard(
            inside, access, host, frozenset({DOCUMENT_PATH, *open_paths})
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; an unexpected error ends the emulator, as at the bench's other ports.

        A client that leaves, or a port that closes, cancels its request.
        """
        try:
            await self._guarded(scope, receive, send)
        except asyncio.CancelledError:
            return
        except Exception as error:
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a request failed", "exception": error}
            )
            raise

    async def _describe(self, _request: Request) -> Response:
        return JSONResponse(self._document)

    async def _list_fobs(self, request: Request) -> Response:
        query = dict(request.query_params)
        count = len(self._bench.rack.fobs)
        named = query.pop("fobs", EVERY_FOB.format(count=count))
        if query:
            raise HttpProblem(HTTPStatus.BAD_REQUEST, "unknown query parameter: expected fobs")
        found = []
        for place, fob in enumerate(self._fobs(named, single=False), 1):
            found.append(show_summary(self._bench.rack, fob))
            if place % SLICE == 0:
                await asyncio.sleep(0)
        return JSONResponse(show_time(self._bench.rack) | {"count": count, "fobs": found})

    async def _show_fob(self, request: Request) -> Response:
        (fob,) = self._fobs(request.path_params["fobs"], single=True)
        details = show_details(self._bench.rack, fob)
        return JSONResponse(show_time(self._bench.rack) | details)

    def _fobs(self, named: str, *, single: bool) -> list[EmulatedFob]:
        try:
            return Session(self._bench).fobs(read_channels(named, single=single))
        except ScpiError as error:
            raise HttpProblem.of(error) from None

    async def _open_session(self, request: Request) -> Response:
        token = read_body(await read_bounded(request)).get("token")
        session = self._access.open_session(token) if isinstance(token, str) else None
        if session is None:
            raise HttpProblem(
                HTTPStatus.UNAUTHORIZED, "invalid token: each address of a panel opens one browser"
            )
        answer = Response(status_code=HTTPStatus.NO_CONTENT)
        answer.set_cookie(
            cookie_name(request.scope),
            session,
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
        )
        return answer

    async def _close_session(self, request: Request) -> Response:
        answer = Response(status_code=HTTPStatus.NO_CONTENT)
        answer.delete_cookie(cookie_name(request.scope), httponly=True, samesite="strict")
        return answer

    async def _make_link(self, _request: Request) -> Response:
        return JSONResponse({"token": self._access.new_link_token()}, HTTPStatus.CREATED)


async def _answer_problem(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HttpProblem)
    return problem.response()


async def _answer_plain(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers) if error.headers else None
    return HttpProblem(status, status.description or status.phrase, headers=headers).response()
