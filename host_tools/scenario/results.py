"""What came of playing scenarios, as values that every report reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique

from host_tools.client.bench import DisplayReading
from host_tools.scenario.features import Feature, FeatureStep, Language, Scenario


@unique
class StepStatus(StrEnum):
    """How a step, a scenario or a row ended; a part of the JSON report."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"

    def word(self, language: Language) -> str:
        """Return it as reports for people call it."""
        return str(self) if language is Language.ENGLISH else _JAPANESE[self]


_JAPANESE = {StepStatus.PASSED: "合格", StepStatus.FAILED: "不合格", StepStatus.SKIPPED: "省略"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a step saw: one sentence, and the display where it matters."""

    text: str = ""
    display: DisplayReading | None = None


@dataclass(frozen=True, slots=True)
class StepResult:
    """How one line of a scenario ended; `problem` says why it failed or was skipped, or is ""."""

    line: FeatureStep
    status: StepStatus
    seen: Seen = Seen()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """How a scenario ended, step by step, in `seconds` of the host's time.

    Example:
        >>> result = keyfob.run_scenarios("demo")[0]
        >>> result.status.value, result.problem
        ('passed', '')
    """

    feature: Feature
    scenario: Scenario
    steps: tuple[StepResult, ...]
    seconds: float

    @property
    def status(self) -> StepStatus:
        """Failed if a step failed, else skipped if one was skipped, else passed."""
        return worst(step.status for step in self.steps)

    @property
    def problem(self) -> str:
        """Why it did not pass: file, line, step and reason; "" if it passed."""
        for step in self.steps:
            if step.status is self.status and step.problem:
                where = f"{self.feature.source}:{step.line.number}"
                return f"{where}: {step.line.text}: {step.problem}"
        return ""


@dataclass(frozen=True, slots=True)
class RowResult:
    """How a row of a service's table ended: all scenarios that carry its tag."""

    row: int
    article: str
    status: StepStatus


def worst(statuses: Iterable[StepStatus]) -> StepStatus:
    """Return what the whole is worth: one failure fails it, else one skip skips it."""
    found = set(statuses)
    return next(
        (s for s in (StepStatus.FAILED, StepStatus.SKIPPED) if s in found), StepStatus.PASSED
    )


def rows(results: Sequence[ScenarioResult]) -> dict[str, list[RowResult]]:
    """Gather the rows of each service (a feature with @row tags, by its name), in order."""
    services: dict[str, dict[int, list[ScenarioResult]]] = {}
    for result in results:
        if (row := result.scenario.row) is not None:
            services.setdefault(result.feature.name, {}).setdefault(row, []).append(result)
    return {
        name: [_row(number, table[number]) for number in sorted(table)]
        for name, table in services.items()
    }


def _row(number: int, results: list[ScenarioResult]) -> RowResult:
    articles = dict.fromkeys(one for r in results for one in r.scenario.articles)
    return RowResult(number, ", ".join(articles), worst(result.status for result in results))
