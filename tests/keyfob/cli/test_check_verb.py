"""`keyfob check`: the verdict sheet of a fob on a port."""

import pytest

from host_tools.check import CHECKS
from tests.keyfob.cli.running import Desk, running


@pytest.fixture
def desk_in_real_time(tmp_path, capsys, monkeypatch, _clean):  # type: ignore[no-untyped-def]
    with running("--model", "fob-h6", "--port", f"pty:{tmp_path / 'fob0'}") as announced:
        monkeypatch.setenv("KEYFOB_PORT", announced["port"])
        yield Desk(tmp_path, capsys, announced["port"])


def test_a_fob_is_left_as_it_was_and_the_sheet_says_what_was_left_out(
    desk_in_real_time: Desk,
) -> None:
    desk = desk_in_real_time
    before = desk.json("info")
    sheet = desk.do("check")
    kept = sum(not check.erases for check in CHECKS)
    assert sheet.endswith(
        f"{kept} passed, 0 failed, {len(CHECKS) - kept} skipped; --erase NAME also"
        " runs what changes a blank fob for good\n"
    )
    assert "  – the end: it changes the fob for good\n" in sheet
    assert desk.json("info") == before | {"clock": desk.json("info")["clock"]}


def test_a_blank_fob_that_was_named_passes_everything_and_is_then_at_its_end(
    desk_in_real_time: Desk,
) -> None:
    desk = desk_in_real_time
    chip_id = desk.json("info")["chip_id"]
    sheet = desk.json("check", "--erase", chip_id)
    assert (sheet["passed"], sheet["failed"], sheet["skipped"]) == (len(CHECKS), 0, 0)
    assert {check["outcome"] for check in sheet["checks"]} == {"passed"}
    assert desk.json("info")["life_cycle"] == "terminated"
    again = desk.refused("check", "--erase", "ZZCK00000001", status=2)
    assert again == "ZZCK00000001 is terminated: only a blank fob may be changed for good"


def test_the_wrong_name_is_refused_before_anything_is_checked(desk_in_real_time: Desk) -> None:
    said = desk_in_real_time.refused("check", "--erase", "ZZH600000001", status=2)
    assert said.startswith("'ZZH600000001' is not the chip ID of the fob on the line, which is ")


def test_where_no_fob_answers_there_is_no_sheet(desk_in_real_time: Desk) -> None:
    said = desk_in_real_time.refused("check", "--address", "9", status=3)
    assert said.startswith("no fob answers at ")


def test_a_promise_that_is_broken_is_exit_status_1(
    desk_in_real_time: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"00 CA DF 22 00": 0x6A88}  # what no fob does
    monkeypatch.setattr("host_tools.check.application.ODD_COMMANDS", wrong)
    sheet = desk_in_real_time.do("check", "--only", "odd", status=1)
    assert "  ✗ odd commands: 00 CA DF 22 00: 9000 (ok) instead of 6A88" in sheet


def test_a_name_that_no_check_has_is_named(desk_in_real_time: Desk) -> None:
    assert "no check has 'xyz' in its name" in desk_in_real_time.refused(
        "check", "--only", "xyz", status=2
    )
