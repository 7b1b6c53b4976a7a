"""Scenarios on the panel: one run at a time, in a thread, told line by line."""

import asyncio
import threading
from contextlib import suppress
from functools import partial
from typing import Any

from emulator.panel.live_state import LiveState
from emulator.panel.means import Json, PanelMeans
from firmware_model.errors import InUse, KeyfobError

LINES_MAX = 2000

IDLE: Json = {"playing": False, "lines": [], "results": [], "problem": ""}


class ScenarioPlays:
    """The run that the panel shows, going on or ended."""

    def __init__(self, means: PanelMeans) -> None:
        self._means = means
        self.state = LiveState(dict(IDLE))

    def start(self, name: str, language: str) -> None:
        """Play a feature that ships.

        Raises:
            InUse: another one is being played.
        """
        if self.state.value["playing"]:
            raise InUse("a scenario is being played: wait until it has ended")
        self.state.change(**(IDLE | {"playing": True}))
        loop = asyncio.get_running_loop()
        # A thread that no end of the emulator waits for; what it started ends with this process.
        threading.Thread(target=self._play, args=(name, language, loop), daemon=True).start()

    def _play(self, name: str, language: str, loop: asyncio.AbstractEventLoop) -> None:
        ended: dict[str, Any] = {"playing": False}
        with suppress(RuntimeError):  # the loop was closed meanwhile
            try:
                ended["results"] = list(
                    self._means.play(
                        name,
                        language,
                        lambda line: loop.call_soon_threadsafe(partial(self._add, line)),
                    )
                )
            except KeyfobError as error:
                ended["problem"] = str(error)
            except Exception as error:
                loop.call_soon_threadsafe(partial(_report, loop, error))
                raise
            loop.call_soon_threadsafe(partial(self.state.change, **ended))

    def _add(self, line: Json) -> None:
        self.state.change(lines=[*self.state.value["lines"], line][-LINES_MAX:])


def _report(loop: asyncio.AbstractEventLoop, error: Exception) -> None:
    loop.call_exception_handler({"message": "a scenario failed", "exception": error})
