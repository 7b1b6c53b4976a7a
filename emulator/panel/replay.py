"""A recording on the panel: every fob as it was after each input, forwards and back (BENCH §16)."""

from bisect import bisect_right
from collections.abc import Iterable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.http.fob_view import in_seconds, show_face
from emulator.http.problems import HttpProblem
from emulator.panel.means import Json
from emulator.recordings.reading import RecordedFob
from emulator.recordings.replay import Moment, words_of
from firmware_model.effects import Darkness, DarkReason, Face

TOLD = 40
"""Inputs that are told before the present one."""


class ReplayBoard:
    """A replay, all of it: what each input was, and what every fob showed after it.

    Args:
        name: of the recording.
        moments: the replay; it may end with a difference.
    """

    def __init__(self, name: str, moments: Iterable[Moment]) -> None:
        self._name = name
        self._told: list[Json] = []
        self._fobs: dict[int, Json] = {}
        self._faces: dict[int, tuple[list[int], list[Json]]] = {}
        for moment in moments:
            self._take(moment)

    @property
    def count(self) -> int:
        """How many inputs there are."""
        return len(self._told)

    def routes(self) -> list[BaseRoute]:
        """Return its routes beside the page's."""
        return [
            Route("/panel/about", self._about),
            Route("/panel/replay", self._all),
            Route("/panel/replay/{place}", self._at),
        ]

    def _take(self, moment: Moment) -> None:
        number = moment.fob.number
        self._told.append(
            {
                "at": in_seconds(moment.at),
                "fob": number,
                "what": words_of(moment.given),
                "frames": list(moment.frames),
                "events": list(moment.events),
                "differs": moment.difference is not None,
            }
        )
        if number not in self._fobs:
            self._fobs[number] = _described(moment.fob)
            self._faces[number] = ([], [])
        places, faces = self._faces[number]
        face = show_face(number, moment.face)
        if not faces or faces[-1] != face:
            places.append(self.count)
            faces.append(face)

    def _face(self, number: int, place: int) -> Json:
        """Return what a fob showed after `place` inputs."""
        places, faces = self._faces[number]
        found = bisect_right(places, place) - 1
        nothing = Face(dark=Darkness(DarkReason.RESTARTED))
        return faces[found] if found >= 0 else show_face(number, nothing)

    async def _about(self, _request: Request) -> Response:
        return JSONResponse({"views": ["replay"], "windows": []})

    async def _all(self, _request: Request) -> Response:
        times = [told["at"] for told in self._told]
        fobs = [self._fobs[number] for number in sorted(self._fobs)]
        return JSONResponse({"name": self._name, "fobs": fobs, "times": times})

    async def _at(self, request: Request) -> Response:
        text = request.path_params["place"]
        place = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        if not 0 <= place <= self.count:
            raise HttpProblem(
                HTTPStatus.NOT_FOUND, f"invalid place {text[:20]!r}: expected 0 to {self.count}"
            )
        faces = [self._face(number, place) for number in sorted(self._fobs)]
        told = self._told[max(0, place - TOLD) : place]
        return JSONResponse({"place": place, "fobs": faces, "told": told})


def _described(fob: RecordedFob) -> Json:
    model = fob.kind.model
    return {
        "fob": fob.number,
        "serial_number": fob.serial_number,
        "model": model.name,
        "positions": model.display.positions,
        "has_letters": model.display.cells == "letters",
        "step_bars": model.screen.bars,
        "is_soft": model.app is not None,
    }
