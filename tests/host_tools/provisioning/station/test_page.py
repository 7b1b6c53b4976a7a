"""docs/STATION.md says what the code does: its tables are drawn from the code's."""

from pathlib import Path

from firmware_model.wire.codes import LifeCycle
from host_tools.provisioning.station.batch import BATCH_TABLE, BatchEvent, BatchState
from host_tools.provisioning.station.custody import DEFAULTS, CustodyAct
from host_tools.provisioning.station.matching import MatchRule
from host_tools.provisioning.station.states import REMEDY, FailureCause, JobState, what_next

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
    assert table_of("job") == drawn(), f"put this into the page:\n{drawn()}"


def table_of(name: str) -> str:
    """Return a table that stands in the page between its marks."""
    text = PAGE.read_text("utf-8")
    return text.partition(f"<!-- table: {name} -->\n")[2].partition(f"\n<!-- end: {name} -->")[0]


def test_the_page_says_what_to_do_about_each_cause_as_the_command_does() -> None:
    assert set(REMEDY) == set(FailureCause)
    lines = ["| cause | what to do |", "| --- | --- |"]
    lines += [f"| {cause.value} | {what} |" for cause, what in REMEDY.items()]
    assert table_of("causes") == "\n".join(lines)


def test_the_page_has_the_table_of_a_batch() -> None:
    lines = ["| batch | " + " | ".join(BatchEvent) + " |", "| --- " * (len(BatchEvent) + 1) + "|"]
    for state in BatchState:
        cells = [BATCH_TABLE.get((state, event), "–") for event in BatchEvent]
        lines.append(f"| {state} | " + " | ".join(cells) + " |")
    assert table_of("batch") == "\n".join(lines)


def test_the_page_has_how_many_operators_each_act_needs() -> None:
    lines = ["| act | operators |", "| --- | --- |"]
    lines += [f"| {act} | {DEFAULTS[act]} |" for act in CustodyAct]
    assert table_of("custody") == "\n".join(lines)


def test_the_page_explains_every_state_cause_and_rule() -> None:
    text = PAGE.read_text("utf-8")
    missing = [
        name.value
        for kind in (JobState, FailureCause, MatchRule)
        for name in kind
        if f"| {name.value} |" not in text and f"`{name.value}`" not in text
    ]
    assert not missing
