"""Telling a scenario in a terminal: what was done, seen and expected, with the display drawn."""

import textwrap
from collections.abc import Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from host_tools import art
from host_tools.bench import Display
from host_tools.scenario.features import Feature, Language, Scenario
from host_tools.scenario.results import ScenarioResult, Status, StepResult, rows
from host_tools.scenario.runner import Audience

WIDEST = 96
"""Columns beyond which lines are not drawn out."""

_MARKS = {
    Status.PASSED: ("✓", "green"),
    Status.FAILED: ("✗", "red"),
    Status.SKIPPED: ("-", "yellow"),
}
_WORDS = {
    Language.ENGLISH: {
        Status.PASSED: "passed",
        Status.FAILED: "failed",
        Status.SKIPPED: "skipped",
        "row": "row",
        "of": "of",
        "scenarios": "scenarios passed",
    },
    Language.JAPANESE: {
        Status.PASSED: "合格",
        Status.FAILED: "不合格",
        Status.SKIPPED: "省略",
        "row": "項目",
        "of": "/",
        "scenarios": "シナリオ合格",
    },
}


class Teller(Audience):
    """Tells scenarios as they are played; piped, it writes plain text without colour."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or narrow_console()

    def opens(self, feature: Feature, scenario: Scenario) -> None:
        """Print the scenario's name, its articles and why it is there."""
        self._print(Text(scenario.name, style="bold"))
        origin = [scenario.article] if scenario.article else []
        if scenario.row is not None:
            origin.append(f"{_WORDS[feature.language]['row']} {scenario.row}")
        if origin:
            self._print(Text(" · ".join([feature.name, *origin]), style="dim"))
        if scenario.description:
            self._print(Text(_flowing(scenario.description) + "\n"))

    def steps(self, result: StepResult) -> None:
        """Print the step, what was seen, and the display where there is one."""
        mark, colour = _MARKS[result.status]
        said = Text.assemble((result.line.keyword, "dim"), " ", result.line.text)
        self._print(_hanging(Text(mark, style=colour), said))
        if result.seen.text:
            self._print(_hanging(Text(" "), Text(result.seen.text, style="cyan")))
        if result.problem:
            self._print(_hanging(Text(" "), Text(result.problem, style=colour)))
        if result.seen.display is not None:
            self._print(self._drawn(result.seen.display))

    def closes(self, result: ScenarioResult) -> None:
        """Print how the scenario ended."""
        colour = _MARKS[result.status][1]
        self._print(Text(str(_WORDS[result.feature.language][result.status]), style=colour))
        self._print(Text())

    def sums_up(self, results: Sequence[ScenarioResult]) -> None:
        """Print the table of each service's rows, and the count of scenarios that passed."""
        if not results:
            return
        words = _WORDS[results[0].feature.language]
        for name, table in rows(results).items():
            grid = Table.grid(padding=(0, 2))
            for row in table:
                word = Text(str(words[row.status]), style=_MARKS[row.status][1])
                grid.add_row(name, f"{words['row']} {row.row}", row.article, word)
            self._print(grid)
        passed = sum(result.status is Status.PASSED for result in results)
        self._print(Text(f"{passed} {words['of']} {len(results)} {words['scenarios']}"))

    def _drawn(self, display: Display) -> Text:
        plain = not self._console.encoding.lower().startswith("utf")
        picture = art.draw(
            display.segments,
            bars=display.bars,
            icons=display.icons,
            columns=self._console.width - 2,
            plain=plain,
        )
        return Text(textwrap.indent(picture, "  "), no_wrap=True)

    def _print(self, what: RenderableType) -> None:
        self._console.print(what, soft_wrap=False)


def narrow_console() -> Console:
    """Return a console on standard output that is never wider than WIDEST columns."""
    console = Console(highlight=False, markup=False, emoji=False)
    console.width = min(console.width, WIDEST)
    return console


def _flowing(description: str) -> str:
    # Lines of Japanese are put together without a blank.
    text = ""
    for line in description.split("\n"):
        blank = " " if text and (text[-1].isascii() or line[:1].isascii()) else ""
        text += blank + line
    return text


def _hanging(mark: Text, text: Text) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column()
    grid.add_row(mark, text)
    return grid
