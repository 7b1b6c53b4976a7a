"""No text cell in a table for people is a formula, and each is read back exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyfob.cli.table_cells import FORMULA_STARTS, guard_cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+81 3 1234", "'+81 3 1234"),
        ("-a", "'-a"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ("'quoted", "''quoted"),
        ("-5", "-5"),
        ("+3.25", "+3.25"),
        ("-5-5", "'-5-5"),
        ("ZZH600000001", "ZZH600000001"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_a_formula_or_apostrophe_gets_one_apostrophe_and_a_number_none(
    text: str, cell: str
) -> None:
    assert guard_cell(text) == cell
    assert cell.removeprefix("'") == text


starts = st.sampled_from([*FORMULA_STARTS, "'", "", "1"])


@given(st.builds(str.__add__, starts, st.text(max_size=8)))
def test_every_text_comes_back(text: str) -> None:
    assert guard_cell(text).removeprefix("'") == text
