"""The operator as the one who reads displays and labels; a place can be skipped."""

from contextlib import AbstractContextManager
from typing import ClassVar, Protocol

from host_tools.provisioning.station.faults import FobFault
from host_tools.provisioning.station.place import TrayPlace
from host_tools.provisioning.station.states import FailureCause

CODE_PROMPT = "code"

SKIP = frozenset({"skip", "s"})
"""What an operator types to go on without this place; it is asked for again at the end."""


class OperatorScreen(Protocol):
    """Where an operator is asked: a terminal, or a browser."""

    def turn(self) -> AbstractContextManager[None]:
        """Keep the questions of other lines waiting until the block ends."""

    def ask(
        self, place: TrayPlace, question: str, prompt: str, problem: str, *, subject: str = ""
    ) -> str:
        """Ask the operator something about `place`, and return the answer.

        `question` is what is to be done, `prompt` names what is typed ("code" or "serial number"),
        `problem` what was wrong with the answer before, `subject` the fob where it is known.
        """


class OperatorReader:
    """Asks the operator on the screen; see `DisplayReader`."""

    may_mistype: ClassVar[bool] = True

    def __init__(self, screen: OperatorScreen) -> None:
        self._screen = screen

    def turn(self, place: TrayPlace) -> AbstractContextManager[None]:  # noqa: ARG002 - `DisplayReader`
        """Keep the questions of other lines waiting: there is one operator."""
        return self._screen.turn()

    def code(self, place: TrayPlace, serial_number: str, problem: str) -> str:
        """Ask for the code that the display shows."""
        question = f"press {serial_number} and type its code, or skip"
        return self._ask(place, question, CODE_PROMPT, problem, serial_number)

    def label(self, place: TrayPlace, problem: str) -> str:
        """Ask for the serial number on the case."""
        question = "scan or type the serial number on the case, or skip"
        return self._ask(place, question, "serial number", problem)

    def close(self) -> None:
        """Nothing is held."""

    def _ask(
        self, place: TrayPlace, question: str, prompt: str, problem: str, subject: str = ""
    ) -> str:
        answer = self._screen.ask(place, question, prompt, problem, subject=subject)
        if answer.casefold() in SKIP:
            raise FobFault(FailureCause.SKIPPED, "the operator skipped it")
        return answer
