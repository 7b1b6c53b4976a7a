"""An inspection's report in words and in JSON."""

from datetime import date
from pathlib import Path

from host_tools.seeds import FORMATS
from host_tools.seeds.inspection import Finding, InspectionReport


def as_object(file: Path, report: InspectionReport) -> dict[str, object]:
    """Return `report` on `file` for programs."""
    return {
        "file": str(file),
        "format": report.format,
        "count": report.count,
        "locked": report.locked,
        "kinds": dict(report.kinds),
        "seed_bytes": {str(length): count for length, count in report.seed_bytes.items()},
        "models": dict(report.models),
        "columns": list(report.columns),
        "first_start_date": _iso(report.first_start),
        "first_expiry_date": _iso(report.first_expiry),
        "last_expiry_date": _iso(report.last_expiry),
        **{
            grade: [
                {"text": finding.text, "count": finding.count, "examples": finding.examples}
                for finding in findings.values()
            ]
            for grade, findings in _grades(report)
        },
    }


def as_rows(file: Path, report: InspectionReport) -> list[tuple[str, str]]:
    """Return `report` on `file` for people: names and values."""
    locked = f", {report.locked:,} of them locked" if report.locked else ""
    rows = [("file", str(file)), ("format", FORMATS[report.format].title)]
    rows += [("columns", text) for text in report.columns]
    rows.append(("keys", f"{report.count:,}{locked}"))
    rows += [("codes", f"{count:,} × {kind}") for kind, count in report.kinds.items()]
    rows += [
        ("seeds", f"{count:,} × {length} bytes") for length, count in report.seed_bytes.items()
    ]
    rows += [("model", f"{count:,} × {model}") for model, count in report.models.most_common(5)]
    if report.first_start is not None:
        rows.append(("valid from", str(report.first_start)))
    if report.first_expiry is not None:
        span = {str(report.first_expiry): None, str(report.last_expiry): None}
        rows.append(("expire", " to ".join(span)))
    for grade, findings in _grades(report):
        for finding in findings.values():
            named = finding.count > 1 or finding.examples
            more = ", …" if finding.count > len(finding.examples) else ""
            where = f" ({finding.count:,}: {', '.join(finding.examples)}{more})" if named else ""
            text = finding.text.removeprefix("left out: ")
            rows.append((grade.replace("_", " ").rstrip("s"), text + where))
    return rows


def _grades(report: InspectionReport) -> tuple[tuple[str, dict[str, Finding]], ...]:
    return (
        ("facts", report.facts),
        ("left_out", report.left_out),
        ("suspicions", report.suspicions),
        ("faults", report.faults),
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
