"""A world without fobs: a cup that can be filled, to test the machinery itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from firmware_model.errors import KeyfobError, NoAnswer
from host_tools.client.bench import DisplayReading
from host_tools.scenario.features import Feature, parse
from host_tools.scenario.registry import Registry, step
from host_tools.scenario.results import ScenarioResult, Seen
from host_tools.scenario.runner import RunObserver, StepFailed, StepSkipped, play


@dataclass
class Cup:
    drops: int = 0
    bench: bool = True

    def explain(self, error: KeyfobError) -> str:
        return str(error)


@dataclass
class Shelf:
    """Opens cups, and counts how many were put back."""

    bench: bool = True
    opened: list[Cup] = field(default_factory=list)
    closed: int = 0

    @contextmanager
    def cup(self, feature: Feature) -> Iterator[Cup]:
        self.opened.append(Cup(bench=self.bench))
        try:
            yield self.opened[-1]
        finally:
            self.closed += 1


@step(en="{int} drops are poured", ja="{int}滴を注ぐ")
def pour(cup: Cup, drops: int) -> Seen:
    """Fill the cup."""
    if not cup.bench:
        raise StepSkipped("there is no bench to pour from")
    cup.drops += drops
    return Seen(f"{cup.drops} drops", display=DisplayReading(f"{cup.drops:3}", (), 0, (), ""))


@step(en="the cup holds {int} drops", ja="カップに{int}滴入っている")
def holds(cup: Cup, drops: int) -> None:
    """Compare."""
    if cup.drops != drops:
        raise StepFailed(f"expected {drops} drops, the cup holds {cup.drops}")


@step(en="the cup is asked", ja="カップに尋ねる")
def ask(cup: Cup) -> None:
    """Never answered."""
    raise NoAnswer("the cup does not answer")


@step(en="the cup breaks", ja="カップが割れる")
def break_it(cup: Cup) -> None:
    """A fault of ours."""
    raise AssertionError("broken")


@step(en="somebody hits Ctrl-C", ja="Ctrl-Cを押す")
def interrupt(cup: Cup) -> None:
    """As a user would."""
    raise KeyboardInterrupt


STEPS = Registry([pour, holds, ask, break_it, interrupt])


def run(
    text: str, shelf: Shelf | None = None, observer: RunObserver | None = None
) -> list[ScenarioResult]:
    feature = parse(text, "tiny", "tiny.feature")
    opener = shelf or Shelf()
    return list(play(STEPS.bind(feature), opener.cup, observer or RunObserver()))
