"""Scenarios on fobs inside this process, in memory: for tests that play them many times."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from urllib.parse import quote

from host_tools.scenario.bank_desk import BankDesk
from host_tools.scenario.features import Feature
from host_tools.scenario.fob_starter import START
from host_tools.scenario.registry import Plan
from host_tools.scenario.results import ScenarioResult
from host_tools.scenario.runner import RunObserver, play
from host_tools.scenario.still_bench import StillBench
from host_tools.scenario.world import ScenarioFob, World
from keyfob.fob_process import FobProcess
from keyfob.testing.urlhandler.racks import forget

_names = count()
_MEMORY = Path("/dev/shm")


class FastWorld(World):
    """A world whose fobs are racks of this process, on `fob://` instead of a PTY.

    Its passwords are hashed quickly.
    """

    password_cost = 1

    def _started(self, model: str) -> ScenarioFob:
        rack = f"fast{next(_names)}"
        self.ends.callback(forget, rack)
        seed = quote(self._dice())
        port = f"fob://{rack}/1?model={model}&time=frozen&start={START}&dice={seed}"
        fob = ScenarioFob(model, port, None)
        from host_tools.client.ports import open_port

        open_port(port).close()
        fob.bench = self.ends.enter_context(StillBench(f"fob://{rack}/bench"))
        self._catch_up(fob.require_bench, self.now())
        return fob


def play_beside(plan: Plan, rulebook_text: str, name: str) -> Iterator[ScenarioResult]:
    """Play a plan with another text for the rulebook `name`."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        (Path(folder) / f"{name}.toml").write_text(rulebook_text, encoding="utf-8")
        moved = replace(plan, feature=replace(plan.feature, source=f"{folder}/{name}.feature"))
        yield from play(moved, fast_world, RunObserver())


class Watched:
    """Fast worlds that note which stated rules each scenario looked up."""

    def __init__(self) -> None:
        self.reads: list[set[str]] = []

    @contextmanager
    def world(self, feature: Feature) -> Iterator[World]:
        """Give a fast world for one scenario; `reads` has one set more when it is left."""
        with fast_world(feature) as world:
            yield world
            desk = world.desk(BankDesk)
            self.reads.append(set() if desk is None else desk.rules.reads)


@contextmanager
def fast_world(feature: Feature) -> Iterator[World]:
    """Give a fast world for one scenario."""
    place = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as folder, ExitStack() as ends:
        yield FastWorld(feature, Path(folder), ends, FobProcess)
