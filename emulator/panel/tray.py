"""The tray of a provisioning desk on the panel: places, the open question, its answer."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.http.problems import HttpProblem
from emulator.http.requests import read_bounded
from emulator.http.values import read_body
from emulator.panel.live_state import LiveState
from emulator.panel.means import Json

ANSWER_CHARACTERS_MAX = 200


class TrayBoard:
    """What the desk's page shows, and the question that it answers; used in one event loop."""

    def __init__(self) -> None:
        self.state = LiveState(
            {"done": 0, "expected": 0, "places": [], "question": None, "ended": False}
        )
        self._asked = 0
        self._answer: asyncio.Future[str | None] | None = None

    def routes(self) -> list[BaseRoute]:
        """Return its routes beside the page's."""
        return [
            Route("/panel/about", self._about),
            Route("/panel/tray/events", self.state.serve),
            Route("/panel/tray/answer", self._take_answer, methods=["POST"]),
        ]

    def show(self, done: int, expected: int, places: Sequence[Json]) -> None:
        """Show the tray: how many are done, and each place (position, state, subject, cause)."""
        self.state.change(done=done, expected=expected, places=list(places))

    async def ask(self, question: Json) -> str | None:
        """Ask whoever looks, and return the answer; None where the place is to be skipped.

        Args:
            question: place, kind ("code" or "label"), subject, and the problem with the answer
                before.
        """
        self._asked += 1
        self._answer = asyncio.get_running_loop().create_future()
        self.state.change(question=question | {"number": self._asked})
        try:
            return await self._answer
        finally:
            self._answer = None
            self.state.change(question=None)

    def end(self) -> None:
        """Say that the run has ended; a question that is open is withdrawn."""
        if self._answer is not None:
            self._answer.cancel()
        self.state.change(ended=True, question=None)

    async def _about(self, _request: Request) -> Response:
        return JSONResponse({"views": ["tray"], "windows": []})

    async def _take_answer(self, request: Request) -> Response:
        given = read_body(await read_bounded(request))
        number, text = given.get("number"), given.get("text")
        if not (text is None or isinstance(text, str)) or len(text or "") > ANSWER_CHARACTERS_MAX:
            raise HttpProblem(
                HTTPStatus.BAD_REQUEST,
                f"text: expected up to {ANSWER_CHARACTERS_MAX} characters, or null to skip",
            )
        if self._answer is None or self._answer.done() or number != self._asked:
            raise HttpProblem(HTTPStatus.CONFLICT, "that question has been answered already")
        self._answer.set_result(text)
        return Response(status_code=HTTPStatus.NO_CONTENT)
