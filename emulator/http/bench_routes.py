"""The routes of the bench's resources: a request becomes one command of one controller."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.bench.errors import Number, ScpiError
from emulator.bench.session import Bench, Session
from emulator.http.problems import HttpProblem
from emulator.http.requests import read_bounded, while_connected
from emulator.http.resources import BenchResource, HttpVerb
from emulator.http.values import answer_of, data_of, read_body, read_channels

WAIT = "wait"
_WAITS = {"true": True, "1": True, "false": False, "0": False}


def bench_routes(bench: Bench, resources: Iterable[BenchResource]) -> list[Route]:
    """Return one route for each path, whose methods are the resources there."""
    by_path: dict[str, dict[HttpVerb, BenchResource]] = {}
    for resource in resources:
        by_path.setdefault(resource.path, {})[resource.method] = resource
    return [_route(bench, path, methods) for path, methods in by_path.items()]


def _route(bench: Bench, path: str, methods: Mapping[HttpVerb, BenchResource]) -> Route:
    async def serve(request: Request) -> Response:
        method = HttpVerb.GET if request.method == "HEAD" else HttpVerb(request.method.lower())
        return await _perform(bench, methods[method], request)

    return Route(path, serve, methods=[method.upper() for method in methods])


async def _perform(bench: Bench, resource: BenchResource, request: Request) -> Response:
    given, wait = await _given(resource, request)
    session = Session(bench)
    try:
        data = data_of(resource, given)
        fobs = request.path_params.get("fobs")
        if fobs is not None:
            data.append(read_channels(fobs, single=resource.method is HttpVerb.GET))
        arguments = resource.command.arguments(data, session.fobs)
        answer = await while_connected(request, _carry_out(session, resource, arguments, wait=wait))
    except ScpiError as error:
        raise HttpProblem.of(error) from None
    if answer is None:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return JSONResponse(answer_of(resource, answer))


async def _carry_out(
    session: Session, resource: BenchResource, arguments: list[Any], *, wait: bool
) -> str | None:
    answer = await session.carry_out(resource.command, arguments)
    if wait:
        await session.wait_for_presses()
        if session.status.errors:  # a press that the program ignored
            raise session.status.next_error()
    return answer


async def _given(resource: BenchResource, request: Request) -> tuple[dict[str, Any], bool]:
    """Return the values of a request, and whether it waits for the end of its press."""
    query = dict(request.query_params)
    wait = query.pop(WAIT, "false") if resource.can_wait else "false"
    if wait not in _WAITS:
        raise HttpProblem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"{WAIT}: expected true or false",
            Number.ILLEGAL_PARAMETER_VALUE,
        )
    body = read_body(await read_bounded(request))
    if resource.method is HttpVerb.GET:
        if body:
            raise HttpProblem(HTTPStatus.BAD_REQUEST, "a query has no body: use its query string")
        return query, False
    if query:
        raise HttpProblem(
            HTTPStatus.BAD_REQUEST,
            f"unknown query parameter {next(iter(query))[:80]!r}: values go into the body",
            Number.PARAMETER_NOT_ALLOWED,
        )
    return body, _WAITS[wait]
