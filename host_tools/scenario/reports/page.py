"""The HTML report: one page that needs nothing beside itself."""

from collections.abc import Sequence
from html import escape

from host_tools.scenario.features import Language
from host_tools.scenario.results import ScenarioResult, StepResult, StepStatus, rows

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 52rem; padding: 0 1rem }
table { border-collapse: collapse } td, th { padding: .2rem .4rem; text-align: left }
tr { border-bottom: 1px solid #ddd }
td a { color: inherit; text-decoration: none }
.passed { color: #176b2c } .failed { color: #b3161b } .skipped { color: #8a6100 }
ol { list-style: none; padding-left: 0 } li { margin: .3rem 0 }
.keyword { color: #666 } .seen { color: #444; display: block; padding-left: 1.5rem }
.display { background: #c9d4bd; border-radius: .4rem; color: #1d2419; display: inline-block;
  font: bold 1.6rem/1 monospace; letter-spacing: .2em; margin: .3rem 1.5rem; padding: .5rem .8rem;
  white-space: pre }
"""


def as_html(results: Sequence[ScenarioResult]) -> str:
    """Return a page: the rows of each service, then each scenario with what was seen."""
    language = results[0].feature.language if results else Language.ENGLISH
    passed = sum(result.status is StepStatus.PASSED for result in results)
    first = {(one.feature.name, one.scenario.row): id(one) for one in reversed(results)}
    anchors = set(first.values())
    parts = [
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>keyfob scenarios: {passed}/{len(results)}</title>",
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>keyfob scenarios: {passed}/{len(results)}</h1>",
        *_matrix(results, language),
        *(_scenario(result, id(result) in anchors) for result in results),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _matrix(results: Sequence[ScenarioResult], language: Language) -> list[str]:
    """Return all services in one table, then each one's rows with articles and scenarios."""
    services = rows(results)
    first = {(r.feature.name, r.scenario.row): r.scenario.name for r in reversed(results)}
    lines = ["<table>"] if services else []
    for name, table in services.items():
        passed = sum(row.status is StepStatus.PASSED for row in table)
        cells = "".join(
            f'<td class="{row.status}" title="{escape(row.article)}: {row.status.word(language)}">'
            f'<a href="#{escape(name)}-{row.row}">{row.row}</a></td>'
            for row in table
        )
        lines.append(f"<tr><th>{escape(name)}</th><td>{passed}/{len(table)}</td>{cells}</tr>")
    lines += ["</table>"] if services else []
    for name, table in services.items():
        lines.append(f"<h2>{escape(name)}</h2>\n<table>")
        for row in table:
            lines.append(
                f"<tr><td>{row.row}</td><td>{escape(row.article)}</td>"
                f'<td><a href="#{escape(name)}-{row.row}">{escape(first[name, row.row])}</a></td>'
                f'<td class="{row.status}">{row.status.word(language)}</td></tr>'
            )
        lines.append("</table>")
    return lines


def _scenario(result: ScenarioResult, is_anchor: bool) -> str:
    scenario, status = result.scenario, result.status
    tags = " ".join(f"@{tag}" for tag in scenario.tags)
    why = f"<p>{escape(scenario.description)}</p>" if scenario.description else ""
    steps = "\n".join(_step(step) for step in result.steps)
    row = scenario.row
    anchor = "" if row is None or not is_anchor else f' id="{escape(result.feature.name)}-{row}"'
    return (
        f"<section{anchor}><h3>{escape(scenario.name)} "
        f'<small class="{status}">'
        f"{status.word(result.feature.language)}</small></h3>\n"
        f'<p class="keyword">{escape(tags)}</p>{why}\n'
        f"<ol>{steps}</ol></section>"
    )


def _step(step: StepResult) -> str:
    seen = step.problem or step.seen.text
    parts = [
        f'<li class="{step.status.value}"><span class="keyword">{escape(step.line.keyword)}</span>'
        f" {escape(step.line.text)}"
    ]
    if seen:
        parts.append(f'<span class="seen">{escape(seen)}</span>')
    if step.seen.display:
        parts.append(f'<span class="display">{escape(step.seen.display.text)}</span>')
    return "".join(parts) + "</li>"
