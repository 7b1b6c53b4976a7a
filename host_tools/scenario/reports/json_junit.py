"""Reports for programs: JSON, and the JUnit XML that CI servers read."""

import json
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from host_tools.scenario.results import (
    RowResult,
    ScenarioResult,
    StepResult,
    StepStatus,
    rows,
)


def as_json(results: Sequence[ScenarioResult]) -> str:
    """Return one JSON object: `services` by name, and `scenarios` in the order played."""
    report = {
        "services": {name: _service(table) for name, table in rows(results).items()},
        "scenarios": [_scenario(result) for result in results],
        "passed": sum(result.status is StepStatus.PASSED for result in results),
        "total": len(results),
    }
    return json.dumps(report, indent=2, ensure_ascii=False)


def as_junit(results: Sequence[ScenarioResult]) -> str:
    """Return an XML document: a suite for each feature, a case for each scenario."""
    suites = Element("testsuites")
    for feature in dict.fromkeys(result.feature.name for result in results):
        played = [result for result in results if result.feature.name == feature]
        suite = SubElement(
            suites,
            "testsuite",
            name=feature,
            tests=str(len(played)),
            failures=str(sum(one.status is StepStatus.FAILED for one in played)),
            errors="0",
            skipped=str(sum(one.status is StepStatus.SKIPPED for one in played)),
            time=f"{sum(one.seconds for one in played):.3f}",
        )
        for one in played:
            _add_case(suite, one)
    indent(suites)
    document: bytes = tostring(suites, encoding="utf-8", xml_declaration=True)
    return document.decode() + "\n"


def _service(table: Sequence[RowResult]) -> dict[str, object]:
    return {
        "passed": sum(row.status is StepStatus.PASSED for row in table),
        "total": len(table),
        "rows": [
            {"row": row.row, "article": row.article, "status": row.status.value} for row in table
        ],
    }


def _scenario(result: ScenarioResult) -> dict[str, object]:
    return {
        "feature": result.feature.name,
        "line": result.scenario.number,
        "name": result.scenario.name,
        "tags": list(result.scenario.tags),
        "status": result.status.value,
        "seconds": round(result.seconds, 3),
        "problem": result.problem,
        "steps": [_step(step) for step in result.steps],
    }


def _step(step: StepResult) -> dict[str, object]:
    return {
        "line": step.line.number,
        "keyword": step.line.keyword,
        "text": step.line.text,
        "status": step.status.value,
        "seen": step.seen.text,
        "display": step.seen.display.text if step.seen.display else "",
        "problem": step.problem,
    }


def _add_case(suite: Element, result: ScenarioResult) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=result.feature.name,
        name=result.scenario.name,
        file=result.feature.source,
        line=str(result.scenario.number),
        time=f"{result.seconds:.3f}",
    )
    if result.status is StepStatus.FAILED:
        SubElement(case, "failure", message=_clean(result.problem)).text = _log(result)
    elif result.status is StepStatus.SKIPPED:
        SubElement(case, "skipped", message=_clean(result.problem))
    SubElement(case, "system-out").text = _log(result)


def _log(result: ScenarioResult) -> str:
    lines = []
    for step in result.steps:
        seen = step.problem or step.seen.text
        lines.append(f"[{step.status.value}] {step.line.keyword} {step.line.text}")
        lines += [f"    {seen}"] if seen else []
    return _clean("\n".join(lines))


def _clean(text: str) -> str:
    # XML 1.0 §2.2 allows no control characters but these.
    return "".join(c if c >= " " or c in "\t\n\r" else "�" for c in text)
