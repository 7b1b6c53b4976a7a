"""The station's screen: a map with the next place, and nothing that moves while somebody types."""

import io
import sys
import threading

import pytest
from rich.console import Console

from host_tools.provisioning.station.faults import FobFault
from host_tools.provisioning.station.outcome import TrayOutcome
from host_tools.provisioning.station.place import StationEvent
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.provisioning.station.tray import lines
from keyfob.cli.verbs.station.operator_reader import OperatorReader
from keyfob.cli.verbs.station.screen import StationScreen
from keyfob.cli.verbs.station.tray_map import MARKS, big, draw_map, draw_tray, standing

(LINE,) = lines(["line"], range(1, 13))
PLACES = LINE.places


def done(place: int) -> StationEvent:
    chip = bytes([place]) * 10
    return StationEvent(PLACES[place - 1], f"A{place}", JobState.RECEIPTED, chip_id=chip)


class SlowTypist:
    """Standard input that answers when it is told to."""

    def __init__(self, answer: str) -> None:
        self.asked, self.may_answer = threading.Event(), threading.Event()
        self._answer = answer

    def readline(self) -> str:
        self.asked.set()
        assert self.may_answer.wait(20)
        return self._answer


@pytest.mark.parametrize("terminal", [True, False])
def test_nothing_moves_while_somebody_types_and_all_is_drawn_after(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typist, picture = SlowTypist(" 755 224\n"), io.StringIO()
    monkeypatch.setattr(sys, "stdin", typist)
    console = Console(file=picture, force_terminal=terminal, width=40, height=14)
    answers: list[str] = []
    with StationScreen(TrayOutcome(PLACES), console) as screen:
        reader = OperatorReader(screen)

        def ask() -> None:
            answers.append(reader.code(PLACES[6], "A7", ""))

        asking = threading.Thread(target=ask)
        asking.start()
        assert typist.asked.wait(20)
        before = picture.getvalue(), capsys.readouterr().err
        for place in range(1, 5):
            screen.outcome.add(done(place))
            screen.on_event(done(place))
        asking.join(1.0)  # a refresh or two would come now
        assert (picture.getvalue(), capsys.readouterr().err) == (before[0], "")
        typist.may_answer.set()
        asking.join(20)
    assert answers == ["755 224"]
    seen = picture.getvalue() if terminal else before[1] + capsys.readouterr().err
    assert "press A7 and type its code" in " ".join(seen.split())
    if not terminal:
        assert "✓ line, address 4: A4 sealed" in seen
    assert screen.outcome.done == 4


def test_typing_skip_skips_the_place_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = StationScreen(TrayOutcome(PLACES), Console(file=io.StringIO()))
    reader = OperatorReader(screen)
    for word in ("skip", "S", " Skip "):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{word}\n"))
        with pytest.raises(FobFault) as caught:
            reader.label(PLACES[0], "")
        assert caught.value.cause is FailureCause.SKIPPED
    monkeypatch.setattr(sys, "stdin", io.StringIO("skipper\n"))
    assert reader.label(PLACES[0], "") == "skipper"


def test_each_place_has_the_mark_of_its_last_event() -> None:
    outcome = TrayOutcome(PLACES)
    chip = bytes(10)
    for event in (
        done(1),
        StationEvent(PLACES[1], "A2", None, FailureCause.NO_ANSWER, "why"),
        StationEvent(PLACES[2], "A3", None, FailureCause.SKIPPED, "why"),
        StationEvent(PLACES[3]),
        StationEvent(PLACES[4], "A5", JobState.LOADED, chip_id=chip),
    ):
        outcome.add(event)
    drawn = draw_map(outcome, 24, 10, PLACES[5]).plain
    assert drawn.split()[:6] == ["1✓", "2✗", "3↷", "4○", "5…", "6·"]
    assert drawn.split()[6:] == [f"{number}·" for number in range(7, 13)]
    assert {standing(outcome.last_of(place)) for place in PLACES} == set(MARKS)


def test_of_a_tray_too_large_the_places_around_the_next_one_are_drawn() -> None:
    (line,) = lines(["line"], range(1, 1001))
    outcome = TrayOutcome(line.places)
    drawn = draw_map(outcome, 40, 3, line.places[499]).plain
    assert drawn.count("\n") == 2
    assert " 500·" in drawn
    assert " 1·" not in drawn


@pytest.mark.parametrize(("columns", "rows"), [(40, 12), (80, 24), (200, 60), (20, 6)])
def test_the_picture_fits_the_terminal(columns: int, rows: int) -> None:
    (line,) = lines(["line"], range(1, 101))
    console = Console(file=io.StringIO(), width=columns, height=rows, force_terminal=False)
    console.print(draw_tray(TrayOutcome(line.places), columns, rows, at=line.places[41]))
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue().splitlines()
    assert max(map(len, printed)) <= columns
    assert len(printed) <= rows + 1


def test_the_next_place_is_as_large_as_the_terminal_allows() -> None:
    assert big("12/500", 20, 10) == "12/500"
    small, large = big("7", 10, 6), big("7", 200, 50)
    assert (len(small.split("\n")), len(large.split("\n"))) == (5, 15)
    assert small.split("\n")[0] == "██████"
