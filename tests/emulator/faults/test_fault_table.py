"""The tables of faults in docs/BENCH.md are those of the declarations."""

from emulator.faults.vocabulary import fault_names
from tests.emulator.faults.fault_table import PAGE, page


def test_the_page_has_todays_faults() -> None:
    text = PAGE.read_text("utf-8")
    assert text == page(), "make it anew: python -m tests.emulator.faults.fault_table"
    assert [name for name in fault_names() if f"| `FAULt:{name}" not in text] == []
