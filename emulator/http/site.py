"""An HTTP site: its routes behind the access check, browsers' sessions, errors as problems."""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulator.http.access import SESSION_SECONDS, Access, AccessGuard, cookie_name
from emulator.http.problems import HttpProblem
from emulator.http.requests import read_bounded
from emulator.http.values import read_body


class HttpSite:
    """The application: an ASGI callable.

    Args:
        routes: what it serves beside sessions.
        access: the port's secrets.
        host: the host that the port is opened for.
        open_paths: paths that need no token.
    """

    def __init__(
        self, routes: Iterable[BaseRoute], access: Access, host: str, open_paths: Iterable[str]
    ) -> None:
        self._access = access
        sessions = [
            Route("/session", self._open_session, methods=["POST"]),
            Route("/session", self._close_session, methods=["DELETE"]),
            Route("/session/links", self._make_link, methods=["POST"]),
        ]
        inside = Starlette(
            routes=[*sessions, *routes],
            exception_handlers={HttpProblem: _answer_problem, HTTPException: _answer_plain},
        )
        inside.router.redirect_slashes = False
        self._guarded: ASGIApp = AccessGuard(inside, access, host, frozenset(open_paths))

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
