"""A value that pages follow: server-sent events of its newest state, however quickly it changes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

HEARTBEAT_SECONDS = 15.0
PAUSE_SECONDS = 0.05
"""How long changes are gathered."""


class LiveState:
    """A JSON value with its followers; used in one event loop."""

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value
        self._news = asyncio.Event()

    def change(self, **values: Any) -> None:
        """Replace some of its members, and tell the followers."""
        self.value = self.value | values
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def serve(self, _request: Request) -> Response:
        """Answer with the stream."""
        return StreamingResponse(self._events(), media_type="text/event-stream; charset=utf-8")

    async def _events(self) -> AsyncIterator[str]:
        while True:
            news = self._news
            yield f"event: state\ndata: {json.dumps(self.value, separators=(',', ':'))}\n\n"
            await asyncio.sleep(PAUSE_SECONDS)
            while not news.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), HEARTBEAT_SECONDS)
                if not news.is_set():
                    yield ":\n\n"
