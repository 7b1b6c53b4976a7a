"""The routes of a bench: its resources, its fobs, its events, the document of all."""

import asyncio
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.bench.errors import ScpiError
from emulator.bench.session import Bench, Session
from emulator.fob import EmulatedFob
from emulator.http.bench_routes import bench_routes
from emulator.http.display_feed import DisplayFeed
from emulator.http.documented import OTHER_PATHS
from emulator.http.events import EventStreams
from emulator.http.fob_view import show_details, show_summary, show_time
from emulator.http.openapi import document
from emulator.http.problems import HttpProblem
from emulator.http.resources import resources
from emulator.http.values import read_channels

SLICE = 64
"""Fobs shown before other tasks run."""

DOCUMENT_PATH = "/openapi.json"
EVERY_FOB = "1:{count}"


class BenchSite:
    """What the HTTP port of a bench serves. `feed` follows the displays for its streams."""

    def __init__(self, bench: Bench, version: str) -> None:
        self.feed = DisplayFeed(bench.rack)
        self._bench = bench
        self._resources = resources(bench.commands.values())
        self._document = document(self._resources, OTHER_PATHS, version)

    def routes(self) -> list[BaseRoute]:
        """Return its routes."""
        return [
            Route(DOCUMENT_PATH, self._describe),
            Route("/events", EventStreams(self._bench, self.feed).serve),
            Route("/fobs", self._list_fobs),
            Route("/fobs/{fobs}", self._show_fob),
            *bench_routes(self._bench, self._resources),
        ]

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
