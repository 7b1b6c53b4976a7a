"""The panel's own routes beside the bench's: what it can do, barcodes, checks, scenarios."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.bench.errors import ScpiError
from emulator.bench.session import Bench, Session
from emulator.fob import EmulatedFob
from emulator.http.problems import HttpProblem
from emulator.http.requests import read_bounded
from emulator.http.values import read_body, read_channels
from emulator.panel.checks import CodeChecks
from emulator.panel.means import PanelMeans
from emulator.panel.scenarios import ScenarioPlays
from firmware_model.errors import BadInput, InUse

Serve = Callable[[Request], Awaitable[Response]]
NO_CONTENT = HTTPStatus.NO_CONTENT


class PanelRoutes:
    """The routes over one bench; without `means` there are neither checks nor barcodes."""

    def __init__(self, bench: Bench, means: PanelMeans | None) -> None:
        self._bench = bench
        self._means = means

    def routes(self) -> list[BaseRoute]:
        """Return them."""
        found = [("/panel/about", self._about, "GET"), ("/panel/barcodes/{fob}", self._bars, "GET")]
        if self._means is not None:
            self._checks = CodeChecks(self._bench.rack, self._means)
            self._plays = ScenarioPlays(self._means)
            found += [
                ("/panel/checks", self._check, "POST"),
                ("/panel/checks/forget", self._forget, "POST"),
                ("/panel/scenarios", self._features, "GET"),
                ("/panel/scenarios/play", self._play, "POST"),
                ("/panel/scenarios/events", self._plays.state.serve, "GET"),
            ]
        return [Route(path, _refusing(serve), methods=[verb]) for path, serve, verb in found]

    async def _about(self, _request: Request) -> Response:
        views = ["rack"] if self._means is None else ["rack", "checks"]
        windows = [] if self._means is None else list(self._means.windows())
        return JSONResponse({"views": views, "windows": windows})

    async def _bars(self, request: Request) -> Response:
        label = self._fob(request.path_params["fob"]).label
        means = self._means
        if means is None:
            return JSONResponse({"serial": None, "credential": None})
        return JSONResponse(
            {
                "serial": means.barcode(label.serial_barcode, label.serial_number),
                "credential": means.barcode(label.credential_barcode, label.credential_id),
            }
        )

    async def _check(self, request: Request) -> Response:
        given = await _members(request, fob=int, code=str)
        return JSONResponse(self._checks.check(self._fob(str(given["fob"])), given["code"]))

    async def _forget(self, request: Request) -> Response:
        given = await _members(request, fob=int)
        self._checks.forget(self._fob(str(given["fob"])))
        return Response(status_code=NO_CONTENT)

    async def _features(self, request: Request) -> Response:
        assert self._means is not None
        language = request.query_params.get("language", "en")
        return JSONResponse({"features": list(self._means.features(language))})

    async def _play(self, request: Request) -> Response:
        given = await _members(request, name=str, language=str)
        self._plays.start(given["name"], given["language"])
        return Response(status_code=NO_CONTENT)

    def _fob(self, named: str) -> EmulatedFob:
        (fob,) = Session(self._bench).fobs(read_channels(named, single=True))
        return fob


async def _members(request: Request, **kinds: type) -> dict[str, Any]:
    """Return the members of a request's JSON object, each of the kind that is expected."""
    body = read_body(await read_bounded(request))
    found = {}
    for name, kind in kinds.items():
        value = body.get(name)
        if kind is int and not isinstance(value, bool | str | list | dict | None):
            value = int(value)
        if not isinstance(value, kind) or isinstance(value, bool):
            what = "a number" if kind is int else "a text"
            raise HttpProblem(HTTPStatus.BAD_REQUEST, f"{name}: expected {what}")
        found[name] = value
    return found


def _refusing(serve: Serve) -> Serve:
    """Let what the bench or the host's tools refuse be a problem."""

    async def answer(request: Request) -> Response:
        try:
            return await serve(request)
        except ScpiError as error:
            raise HttpProblem.of(error) from None
        except InUse as error:
            raise HttpProblem(HTTPStatus.CONFLICT, str(error)) from None
        except BadInput as error:
            raise HttpProblem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None

    return answer
