"""The station's screen in a browser: places with their states, one question at a time."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from firmware_model.errors import KeyfobError
from host_tools.provisioning.station.confirm import ObserverGone
from host_tools.provisioning.station.faults import FobFault
from host_tools.provisioning.station.outcome import TrayOutcome
from host_tools.provisioning.station.place import StationEvent
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.provisioning.station.tray import lines
from keyfob.cli.verbs.station.operator_reader import OperatorReader
from keyfob.cli.verbs.station.panel_screen import PanelScreen

(LINE,) = lines(["line"], range(1, 5))
PLACES = LINE.places


@contextmanager
def screen_and_browser() -> Iterator[tuple[PanelScreen, httpx.Client]]:
    with PanelScreen(TrayOutcome(PLACES), "127.0.0.1", 0) as screen:
        address, _, token = screen.address.partition("/panel/#token=")
        with httpx.Client(base_url=address, timeout=60) as browser:
            assert browser.get("/panel/tray/events").status_code == 401
            assert browser.post("/session", json={"token": token}).status_code == 204
            yield screen, browser


def until(browser: httpx.Client, seen: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Follow the tray until `seen` is true of its state."""
    with browser.stream("GET", "/panel/tray/events") as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                state: dict[str, Any] = json.loads(line.removeprefix("data: "))
                if seen(state):
                    return state
    raise AssertionError("the stream ended")


def answering(act: Callable[[], str]) -> tuple[threading.Thread, list[str | KeyfobError]]:
    """Ask in a thread; the answer, or what it failed with, comes into the list."""
    answers: list[str | KeyfobError] = []

    def ask() -> None:
        try:
            answers.append(act())
        except KeyfobError as error:
            answers.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, answers


def test_every_place_has_its_state_and_cause() -> None:
    with screen_and_browser() as (screen, browser):
        for event in (
            StationEvent(PLACES[0], "A1", JobState.RECEIPTED, chip_id=bytes(10)),
            StationEvent(PLACES[1], "A2", JobState.OPENED),
            StationEvent(PLACES[2], "A3", cause=FailureCause.OTHER_SEED, message="no code of it"),
        ):
            screen.outcome.add(event)
            screen.on_event(event)
        state = until(browser, lambda state: bool(state["done"]))
        assert [place["state"] for place in state["places"]] == [
            "done",
            "work",
            "stopped",
            "waiting",
        ]
        assert (state["done"], state["expected"]) == (1, 4)
        assert state["places"][2]["subject"] == "A3"
        assert state["places"][2]["message"] == "no code of it"


def test_codes_and_labels_are_asked_for_place_by_place() -> None:
    with screen_and_browser() as (screen, browser):
        reader = OperatorReader(screen)
        thread, answers = answering(lambda: reader.code(PLACES[2], "A3", "not a code of A3"))
        question = until(browser, lambda state: state["question"])["question"]
        assert question == {
            "place": 3,
            "kind": "code",
            "subject": "A3",
            "problem": "not a code of A3",
            "number": 1,
        }
        for body, status in (
            ({"number": 9, "text": "755224"}, 409),
            ({"number": 1, "text": 755224}, 400),
            ({"number": 1, "text": "7" * 201}, 400),
            ({"number": 1, "text": " 755 224 "}, 204),
            ({"number": 1, "text": "755224"}, 409),
        ):
            assert browser.post("/panel/tray/answer", json=body).status_code == status, body
        thread.join(60)
        assert answers == ["755 224"]
        thread, answers = answering(lambda: reader.label(PLACES[3], ""))
        question = until(browser, lambda state: state["question"])["question"]
        assert (question["kind"], question["place"], question["number"]) == ("label", 4, 2)
        assert browser.post("/panel/tray/answer", json={"number": 2, "text": None}).is_success
        thread.join(60)
        (skipped,) = answers
        assert isinstance(skipped, FobFault)


def test_a_question_ends_with_the_run() -> None:
    with screen_and_browser() as (screen, browser):
        thread, answers = answering(lambda: OperatorReader(screen).label(PLACES[0], ""))
        until(browser, lambda state: state["question"])
        screen.close()
        thread.join(60)
        (gone,) = answers
        assert isinstance(gone, ObserverGone)
        with pytest.raises(httpx.TransportError):
            browser.get("/panel/about")
