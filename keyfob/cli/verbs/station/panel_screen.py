"""The station's screen in a browser: the panel's tray, served from a thread of this process."""

import asyncio
import secrets
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from firmware_model.errors import BadInput
from host_tools.client.closing import Closing
from host_tools.provisioning.station.confirm import ObserverGone
from host_tools.provisioning.station.outcome import TrayOutcome
from host_tools.provisioning.station.place import StationEvent, TrayPlace
from keyfob.cli.verbs.station.operator_reader import CODE_PROMPT
from keyfob.cli.verbs.station.tray_map import standing

STATES = {"in work": "work"}
"""What the page calls a place's standing, where it is another word."""

SKIP = "skip"

LAST_SECONDS = 0.2
"""How long the port stays open for the last picture."""

Result = TypeVar("Result")


class PanelScreen(Closing):
    """Shows the tray in a browser and asks there; see `StationScreen`.

    Args:
        outcome: has taken in the events that are shown.
        host: where to listen.
        port: 0 for any free one.

    Raises:
        BadInput: the extra `panel` is not installed.
        InUse, PortUnavailable: the address cannot be used.
    """

    def __init__(self, outcome: TrayOutcome, host: str, port: int) -> None:
        try:
            from emulator.page_port import PagePort
            from emulator.panel.tray import TrayBoard
        except ModuleNotFoundError as missing:
            raise BadInput(f"--panel needs {missing.name}: pip install 'keyfob[panel]'") from None
        self.outcome = outcome
        self._turn = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._board = TrayBoard()
        self._port = PagePort(self._board.routes(), secrets.token_bytes(32))
        self._thread.start()
        try:
            self.address = self._do(self._port.open(host, port))
        except BaseException:
            self._stop()
            raise
        self._show()

    def __enter__(self) -> Self:
        return self

    def close(self) -> None:
        """Withdraw the open question, show the end, and close the port."""
        if self._thread.is_alive():
            self._do(self._end())
            self._stop()

    def on_event(self, event: StationEvent) -> None:  # noqa: ARG002 - `StationScreen`
        """Show one event."""
        self._show()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep the questions of other lines waiting until the block ends."""
        with self._turn:
            yield

    def ask(
        self, place: TrayPlace, question: str, prompt: str, problem: str, *, subject: str = ""
    ) -> str:
        """Ask in the browser, and return what was typed; `skip` where the place is skipped.

        Raises:
            ObserverGone: the screen was closed.
        """
        asked = {
            "place": place.position,
            "kind": "code" if prompt == CODE_PROMPT else "label",
            "subject": subject,
            "problem": problem,
        }
        try:
            answer = self._do(self._board.ask(asked))
        except (CancelledError, RuntimeError):
            raise ObserverGone(f"the panel was closed: {question}") from None
        return SKIP if answer is None else answer.strip()

    def _show(self) -> None:
        last = {event.place: event for event in self.outcome.all()}
        places = []
        for place in self.outcome.places:
            event = last.get(place)
            state = standing(event)
            places.append(
                {
                    "position": place.position,
                    "state": STATES.get(state, state),
                    "subject": "" if event is None else event.subject,
                    "cause": "" if event is None or event.cause is None else str(event.cause),
                    "message": "" if event is None else event.message,
                }
            )
        done, expected = self.outcome.done, self.outcome.expected
        self._loop.call_soon_threadsafe(lambda: self._board.show(done, expected, places))

    async def _end(self) -> None:
        self._board.end()
        await asyncio.sleep(LAST_SECONDS)
        await self._port.close()

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
