"""The event stream: what displays show, as server-sent events (PANEL §4)."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from emulator.bench.errors import ScpiError
from emulator.bench.session import Bench, Session
from emulator.http.display_feed import DisplayFeed
from emulator.http.fob_view import show_time
from emulator.http.problems import HttpProblem
from emulator.http.values import read_channels

STREAMS_MAX = 64
"""Streams at a time; a further one is answered with 503."""

FACES_MAX = 500
"""Faces in one event."""

PAUSE_PER_FACE, PAUSE_SECONDS_MAX = 0.0002, 0.1
"""How long a stream gathers changes after an event: the longer, the more faces that had."""

HEARTBEAT_SECONDS = 15.0
"""A comment after so long without an event, by which a client that has gone is noticed."""

RETRY_MS = 500
LAST_EVENT_ID = "last-event-id"


class EventStreams:
    """Serves `/events`."""

    def __init__(self, bench: Bench, feed: DisplayFeed) -> None:
        self._bench = bench
        self._feed = feed
        self._open = 0

    async def serve(self, request: Request) -> Response:
        """Answer with a stream of the changes after `Last-Event-ID`, or of all displays at first.

        Raises:
            HttpProblem: an unknown query parameter, fobs that the rack does not have, or too many
                streams.
        """
        query = dict(request.query_params)
        named = query.pop("fobs", None)
        if query:
            raise HttpProblem(HTTPStatus.BAD_REQUEST, "unknown query parameter: expected fobs")
        if self._open >= STREAMS_MAX:
            raise HttpProblem(
                HTTPStatus.SERVICE_UNAVAILABLE, f"{STREAMS_MAX} event streams are open already"
            )
        fobs = None if named is None else self._numbers(named)
        change = self._resumed(request.headers.get(LAST_EVENT_ID, ""))
        return StreamingResponse(
            self._events(change, fobs), media_type="text/event-stream; charset=utf-8"
        )

    def _numbers(self, named: str) -> frozenset[int]:
        try:
            fobs = Session(self._bench).fobs(read_channels(named, single=False))
        except ScpiError as error:
            raise HttpProblem.of(error) from None
        return frozenset(fob.number for fob in fobs)

    def _resumed(self, last_id: str) -> int:
        """Return the change that a client saw last; 0 where it was another run's, or none."""
        run, _, change = last_id.partition("-")
        known = run == self._feed.run and change.isascii() and change.isdigit() and len(change) < 16
        return int(change) if known else 0

    async def _events(self, change: int, fobs: Collection[int] | None) -> AsyncIterator[str]:
        self._open += 1
        try:
            with self._feed.subscribed():
                yield f"retry: {RETRY_MS}\n\n"
                async for event in self._changes(change, fobs):
                    yield event
        finally:
            self._open -= 1

    async def _changes(self, change: int, fobs: Collection[int] | None) -> AsyncIterator[str]:
        while True:
            news = self._feed.news  # taken first: a change from now on is not missed
            newest, faces = self._feed.since(change, fobs)
            for first in range(0, max(1, len(faces)), FACES_MAX):
                last = first + FACES_MAX >= len(faces)
                # A client that leaves between two parts of one change gets both again.
                yield self._event(newest if last else change, faces[first : first + FACES_MAX])
            change = newest
            await asyncio.sleep(min(PAUSE_PER_FACE * len(faces), PAUSE_SECONDS_MAX))
            while not news.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), HEARTBEAT_SECONDS)
                if not news.is_set():
                    yield ":\n\n"

    def _event(self, change: int, faces: list[dict[str, object]]) -> str:
        data = show_time(self._bench.rack) | {"fobs": faces}
        text = json.dumps(data, separators=(",", ":"))
        return f"id: {self._feed.run}-{change}\nevent: displays\ndata: {text}\n\n"
