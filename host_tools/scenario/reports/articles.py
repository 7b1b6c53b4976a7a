"""The report of an examination: each article, its probes and their verdicts."""

import json
from collections.abc import Iterator, Sequence

from host_tools.scenario.examination import ArticleResult, Examination
from host_tools.scenario.results import ScenarioResult, StepStatus


def as_text(examination: Examination, results: Sequence[ArticleResult]) -> Iterator[str]:
    """Give the lines of the report: article, statement, and each probe with its verdict."""
    yield f"{examination.bank}: {examination.document}"
    for one in results:
        yield ""
        yield f"{one.article.id}: {one.article.statement}"
        for probe, result in zip(one.article.probes, one.results, strict=True):
            sign = "+" if probe.kind == "positive" else "-"
            yield f"  {result.status:7} {sign} {probe.name}"
            if result.problem:
                yield f"          {result.problem}"
    yield ""
    probes = [result for one in results for result in one.results]
    passed = sum(one.status is StepStatus.PASSED for one in results)
    yield f"{_count(probes, StepStatus.PASSED)} of {len(probes)} probes passed,"
    yield f"{_count(probes, StepStatus.SKIPPED)} skipped; {passed} of {len(results)} articles hold"


def as_json(examination: Examination, results: Sequence[ArticleResult]) -> str:
    """Return one JSON object: the document, and `articles` with their probes."""
    report = {
        "bank": examination.bank,
        "document": examination.document,
        "articles": [
            {
                "id": one.article.id,
                "statement": one.article.statement,
                "status": one.status.value,
                **one.article.answers,
                "probes": [
                    {
                        "name": probe.name,
                        "kind": probe.kind,
                        "question": probe.question,
                        "status": result.status.value,
                        "problem": result.problem,
                    }
                    for probe, result in zip(one.article.probes, one.results, strict=True)
                ],
            }
            for one in results
        ],
        "not_checkable": [{"id": one, "reason": why} for one, why in examination.not_checkable],
    }
    return json.dumps(report, indent=2, ensure_ascii=False)


def _count(probes: Sequence[ScenarioResult], status: StepStatus) -> int:
    return sum(probe.status is status for probe in probes)
