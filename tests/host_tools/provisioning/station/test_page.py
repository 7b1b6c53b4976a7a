"""docs/STATION.md says what the code does: its tables are drawn from the code's."""

from pathlib import Path

from firmware_model.wire.codes import LifeCycle
from host_tools.provisioning.station.matching import MatchRule
from host_tools.provisioning.station.states import FailureCause, JobState, what_next

PAGE = Path(__file__).parents[4] / "docs" / "STATION.md"


def drawn() -> str:
    """Return the table of a job as Markdown."""
    lines = ["| ledger | " + " | ".join(each.name.lower() for each in LifeCycle) + " |"]
    lines.append("| --- " * (len(LifeCycle) + 1) + "|")
    for state in JobState:
        cells = [what_next(state, each) for each in LifeCycle]
        values = ["–" if cell is FailureCause.OUT_OF_STEP else cell.value for cell in cells]
        lines.append(f"| {state} | " + " | ".join(values) + " |")
    return "\n".join(lines)


def test_the_page_has_the_table_of_a_job() -> None:
    text = PAGE.read_text("utf-8")
    table = text.partition("<!-- table: job -->\n")[2].partition("\n<!-- end: job -->")[0]
    assert table == drawn(), f"put this into the page:\n{drawn()}"


def test_the_page_explains_every_state_cause_and_rule() -> None:
    text = PAGE.read_text("utf-8")
    missing = [
        name.value
        for kind in (JobState, FailureCause, MatchRule)
        for name in kind
        if f"| {name.value} |" not in text and f"`{name.value}`" not in text
    ]
    assert not missing
