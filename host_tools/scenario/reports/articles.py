"""The report of an examination: each article and each row, with their probes and verdicts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from host_tools.scenario.examination import (
    NEGATIVE,
    POSITIVE,
    ArticleResult,
    Examination,
    RowProbes,
)
from host_tools.scenario.results import ScenarioResult, StepStatus


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of an examination: by article, and by row of the service's table."""

    examination: Examination
    articles: Sequence[ArticleResult]
    rows: Sequence[RowProbes]

    @property
    def probes(self) -> list[ScenarioResult]:
        """The results of all probes."""
        return [result for one in self.articles for result in one.results]


def as_text(judged: Judgement) -> Iterator[str]:
    """Give the lines of the report: article, statement, and each probe with its verdict."""
    examination = judged.examination
    yield f"{examination.bank}: {examination.document}"
    for one in judged.articles:
        yield ""
        yield f"{one.article.id}: {one.article.statement}"
        for probe, result in zip(one.article.probes, one.results, strict=True):
            sign = "+" if probe.kind == POSITIVE else "-"
            yield f"  {result.status:7} {sign} {probe.name}"
            if result.problem:
                yield f"          {result.problem}"
    if judged.rows:
        yield ""
    for row in judged.rows:
        names = ", ".join(one.article.id for one in row.articles)
        counts = f"{row.count(POSITIVE)} positive, {row.count(NEGATIVE)} negative"
        yield f"row {row.row:2} {row.status}: {counts} ({names})"
    if examination.not_checkable:
        yield ""
    for names, why in examination.not_checkable:
        yield f"no probe: {names}: {why}"
    yield ""
    held = sum(one.status is StepStatus.PASSED for one in judged.articles)
    probes, articles = judged.probes, len(judged.articles)
    yield f"{_count(probes, StepStatus.PASSED)} of {len(probes)} probes passed,"
    yield f"{_count(probes, StepStatus.SKIPPED)} skipped; {held} of {articles} articles hold"


def as_json(judged: Judgement) -> dict[str, Any]:
    """Return the report as one object: the document, `articles` with their probes, and `rows`."""
    examination = judged.examination
    return {
        "bank": examination.bank,
        "document": examination.document,
        "articles": [_article(one) for one in judged.articles],
        "rows": [
            {
                "row": row.row,
                "articles": [one.article.id for one in row.articles],
                "positive": row.count(POSITIVE),
                "negative": row.count(NEGATIVE),
                "status": row.status.value,
            }
            for row in judged.rows
        ],
        "not_checkable": [{"id": one, "reason": why} for one, why in examination.not_checkable],
        "passed": _count(judged.probes, StepStatus.PASSED),
        "total": len(judged.probes),
    }


def as_json_of_several(judged: Sequence[Judgement]) -> str:
    """Return the report of one examination, or one object with several, as JSON text."""
    reports = [as_json(one) for one in judged]
    report = reports[0]
    if len(reports) > 1:
        report = {
            "examinations": reports,
            "passed": sum(one["passed"] for one in reports),
            "total": sum(one["total"] for one in reports),
        }
    return json.dumps(report, indent=2, ensure_ascii=False)


def _article(one: ArticleResult) -> dict[str, Any]:
    return {
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


def _count(probes: Sequence[ScenarioResult], status: StepStatus) -> int:
    return sum(probe.status is status for probe in probes)
