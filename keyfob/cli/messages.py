"""Prints a scenario in a terminal: each step, what was seen and expected, the display drawn."""

import re
import textwrap
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from host_tools.client import art
from host_tools.client.bench import DisplayReading
from host_tools.scenario.features import Feature, Language, Scenario
from host_tools.scenario.results import ScenarioResult, StepResult, StepStatus, rows
from host_tools.scenario.runner import RunObserver

WIDEST = 96
"""Columns beyond which lines are not drawn out."""

_WORD = re.compile(r"[「（]*(?:[!-~]+ ?|.)[」）、。]*", re.DOTALL)
"""What is not torn apart: a Latin word, or one other character, with what brackets it."""

_MARKS = {
    StepStatus.PASSED: ("✓", "green"),
    StepStatus.FAILED: ("✗", "red"),
    StepStatus.SKIPPED: ("-", "yellow"),
}
_PLAIN_MARKS = {StepStatus.PASSED: "+", StepStatus.FAILED: "x", StepStatus.SKIPPED: "-"}
_WORDS = {
    Language.ENGLISH: {
        "row": "row",
        "of": "of",
        "scenarios": "scenarios passed",
    },
    Language.JAPANESE: {
        "row": "項目",
        "of": "/",
        "scenarios": "シナリオ合格",
    },
}


class ScenarioPrinter(RunObserver):
    """Prints scenarios as they are played; plain text without colour where output is piped."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or console_on_stdout()
        self._plain = not self._console.encoding.lower().startswith("utf")

    def on_scenario(self, feature: Feature, scenario: Scenario) -> None:
        """Print the scenario's name, its articles and why it is there."""
        self._print_flowing(Text(scenario.name, style="bold"))
        origin = [", ".join(scenario.articles)] if scenario.articles else []
        if scenario.row is not None:
            origin.append(f"{_WORDS[feature.language]['row']} {scenario.row}")
        if origin:
            self._print_flowing(Text(" · ".join([feature.name, *origin]), style="dim"))
        if scenario.description:
            self._print_flowing(Text(_flowing(scenario.description)))
            self._print(Text())

    def on_step(self, result: StepResult) -> None:
        """Print the step, what was seen, and the display where there is one."""
        sign, colour = _MARKS[result.status]
        mark = _PLAIN_MARKS[result.status] if self._plain else sign
        said = Text.assemble((result.line.keyword, "dim"), " ", result.line.text)
        self._print_hanging(said, Text(mark, style=colour))
        if result.seen.text:
            self._print_hanging(Text(result.seen.text, style="cyan"))
        if result.problem:
            self._print_hanging(Text(result.problem, style=colour))
        if result.seen.display is not None:
            self._print(self._drawn(result.seen.display))

    def on_result(self, result: ScenarioResult) -> None:
        """Print how the scenario ended."""
        colour = _MARKS[result.status][1]
        self._print(Text(result.status.word(result.feature.language), style=colour))
        self._print(Text())

    def print_summary(self, results: Sequence[ScenarioResult]) -> None:
        """Print the table of each service's rows, and the count of scenarios that passed."""
        if not results:
            return
        language = results[0].feature.language
        words = _WORDS[language]
        for name, table in rows(results).items():
            for row in table:
                word = Text(row.status.word(language), style=_MARKS[row.status][1])
                self._print(
                    Text.assemble(f"{name} {words['row']} {row.row} ", word, f" {row.article}")
                )
        services = rows(results)
        widest = max(map(len, services), default=0)
        for name, table in services.items() if len(services) > 1 else ():
            signs = (
                _PLAIN_MARKS if self._plain else {key: sign for key, (sign, _) in _MARKS.items()}
            )
            count = sum(row.status is StepStatus.PASSED for row in table)
            line = Text(f"{name:{widest}} {count:2}/{len(table):2} ")
            for row in table:
                line.append(signs[row.status], style=_MARKS[row.status][1])
            self._print(line)
        passed = sum(result.status is StepStatus.PASSED for result in results)
        self._print(Text(f"{passed} {words['of']} {len(results)} {words['scenarios']}"))

    def _drawn(self, display: DisplayReading) -> Text:
        picture = art.draw(
            display.segments,
            text=display.text,
            bars=display.bars,
            icons=display.icons,
            columns=self._console.width - 2,
            plain=self._plain,
        )
        return Text(textwrap.indent(picture, "  "), no_wrap=True)

    def _print_flowing(self, text: Text) -> None:
        for line in _wrapped(text, self._console.width):
            self._print(line)

    def _print_hanging(self, text: Text, mark: Text | None = None) -> None:
        for line in _wrapped(text, self._console.width - 2):
            self._print(Text.assemble(mark or " ", " ", line))
            mark = None

    def _print(self, what: Text) -> None:
        self._console.print(what, soft_wrap=False)


def console_on_stdout() -> Console:
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


def _wrapped(text: Text, columns: int) -> list[Text]:
    # rich takes a whole Japanese sentence for one word; here each of its characters is one.
    breaks, used = [], 0
    for word in _WORD.finditer(text.plain):
        width = cell_len(word[0])
        if used and used + width > columns:
            breaks.append(word.start())
            used = 0
        used += width
    lines = list(text.divide(breaks))
    for line in lines:
        line.rstrip()
    return lines
