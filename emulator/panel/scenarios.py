"""Scenarios on the panel: one run at a time, in a thread, told line by line."""

import asyncio
from typing import Any

from emulator.panel.live_state import LiveState
from emulator.panel.means import Json, PanelMeans
from emulator.tasks import start_task
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
        start_task(self._play(name, language))

    async def _play(self, name: str, language: str) -> None:
        loop = asyncio.get_running_loop()

        def on_line(line: Json) -> None:
            loop.call_soon_threadsafe(self._add, line)

        ended: dict[str, Any] = {"playing": False}
        try:
            ended["results"] = list(
                await asyncio.to_thread(self._means.play, name, language, on_line)
            )
        except KeyfobError as error:
            ended["problem"] = str(error)
        self.state.change(**ended)

    def _add(self, line: Json) -> None:
        self.state.change(lines=[*self.state.value["lines"], line][-LINES_MAX:])
