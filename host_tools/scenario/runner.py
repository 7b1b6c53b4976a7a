"""The runner: a feature's lines, bound to steps and played one after the other."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from firmware_model.errors import KeyfobError
from host_tools.scenario.features import Feature, Scenario
from host_tools.scenario.registry import Bound, Plan
from host_tools.scenario.results import ScenarioResult, Seen, StepResult, StepStatus


class StepFailed(KeyfobError):  # noqa: N818 - it says what happened
    """An expectation of a scenario was not met; the message says what was seen instead."""

    exit_status = 1


class StepSkipped(KeyfobError):  # noqa: N818 - it says what happened
    """A step cannot be played here, as without a bench; the scenario is skipped, not failed."""


class StepContext(Protocol):
    """What a step needs of what it works on, whatever else it is."""

    def explain(self, error: KeyfobError) -> str:
        """Return why a step failed with `error`, in one line."""


class RunObserver:
    """Whoever watches a run while it goes on; this one keeps silent."""

    def on_scenario(self, feature: Feature, scenario: Scenario) -> None:
        """A scenario begins."""

    def on_step(self, result: StepResult) -> None:
        """A step has ended."""

    def on_result(self, result: ScenarioResult) -> None:
        """A scenario has ended, and everything it had started is gone."""


def play(
    plan: Plan,
    open_world: Callable[[Feature], AbstractContextManager[StepContext]],
    observer: RunObserver,
) -> Iterator[ScenarioResult]:
    """Play every scenario of a feature, each in a world of its own.

    Args:
        plan: what to play.
        open_world: gives what the steps work on; leaving it removes whatever they started.
        observer: is told of each step as it ends.

    Yields:
        One result for each scenario, as it ends.
    """
    feature = plan.feature
    for scenario, lines in plan.scenes:
        observer.on_scenario(feature, scenario)
        started = time.monotonic()
        steps: list[StepResult] = []
        with open_world(feature) as world:
            for one in lines:
                steps.append(_played(one, world, steps))
                observer.on_step(steps[-1])
        result = ScenarioResult(feature, scenario, tuple(steps), time.monotonic() - started)
        observer.on_result(result)
        yield result


def _played(bound: Bound, world: StepContext, before: list[StepResult]) -> StepResult:
    if any(step.status is not StepStatus.PASSED for step in before):
        return StepResult(bound.line, StepStatus.SKIPPED)
    try:
        seen = bound.step.function(world, *bound.arguments)
    except StepSkipped as error:
        return StepResult(bound.line, StepStatus.SKIPPED, problem=str(error))
    except KeyfobError as error:
        return StepResult(bound.line, StepStatus.FAILED, problem=world.explain(error))
    return StepResult(bound.line, StepStatus.PASSED, seen or Seen())
