"""The demo and `keyfob scenario`, run as a user runs them: in processes of their own."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

UNKNOWN = 'Feature: a\n  Scenario: b\n    Given the fob is a new "fob-h6"\n    When I pres it\n'
DISAPPOINTED = """\
Feature: Acceptance
  Scenario: Eight digits
    Given the fob is a new "fob-h6"
    And the fob is loaded with a fresh seed
    When I press the button of the fob
    Then the fob shows a code of 8 digits
"""
ENDLESS = (
    """\
Feature: Endless
  Scenario: Long
    Given the fob is a new "fob-h6"
    When 1 second passes
"""
    + "    And I press the button of the fob\n" * 3_000
)


def keyfob(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "keyfob", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        env=environment(folder),
        check=False,
    )


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder), "COLUMNS": "40"}


def processes_in(folder: Path) -> list[int]:
    """The process numbers of all that were started, at any remove, with this temporary folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            given = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if f"TMPDIR={folder}".encode() in given:
            found.append(int(entry.parent.name))
    return found


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_demo_tells_its_story_twice_and_leaves_nothing(tmp_path: Path, language: str) -> None:
    for _ in range(2):
        told = keyfob("demo", "--lang", language, folder=tmp_path)
        assert (told.returncode, told.stderr) == (0, "")
        assert "755224" in told.stdout  # RFC 4226, Appendix D: counter 0
        assert "\x1b" not in told.stdout
        assert "━" in told.stdout
    assert list(tmp_path.iterdir()) == []
    assert processes_in(tmp_path) == []


def test_the_demo_needs_no_more_than_ascii(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "keyfob", "demo"],
        capture_output=True,
        env={**environment(tmp_path), "PYTHONIOENCODING": "ascii"},
        timeout=300,
        check=False,
    )
    assert told.returncode == 0
    assert told.stdout.decode("ascii").split()[-1] == "passed"
    assert b"+ Given the fob is a new" in told.stdout


def test_rokin_passes_row_by_row(tmp_path: Path) -> None:
    told = keyfob("scenario", "run", "rokin", "--json", folder=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    report = json.loads(told.stdout)
    service = report["services"]["rokin"]
    assert service["passed"] == service["total"] == len(service["rows"])
    assert service["rows"][0] == {"row": 1, "article": "Q1", "status": "passed"}
    assert list(tmp_path.iterdir()) == []


def test_a_failing_scenario_names_the_step_and_exits_with_1(tmp_path: Path) -> None:
    feature = tmp_path / "eight.feature"
    feature.write_text(DISAPPOINTED)
    told = keyfob("scenario", "run", str(feature), folder=tmp_path)
    assert told.returncode == 1
    assert f"{feature}:6: the fob shows a code of 8 digits: expected a code of 8" in told.stderr
    assert list(tmp_path.iterdir()) == [feature]
    assert processes_in(tmp_path) == []


def test_an_unknown_step_is_refused_before_anything_starts(tmp_path: Path) -> None:
    feature = tmp_path / "typo.feature"
    feature.write_text(UNKNOWN)
    told = keyfob("scenario", "run", str(feature), folder=tmp_path)
    assert told.returncode == 2
    assert f"{feature}:4: 'I pres it' is no known step" in told.stderr
    assert told.stdout == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_process_and_no_file(tmp_path: Path, number: signal.Signals) -> None:
    feature = tmp_path / "endless.feature"
    feature.write_text(ENDLESS)
    process = subprocess.Popen(
        [sys.executable, "-m", "keyfob", "scenario", "run", str(feature)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(tmp_path),
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "press the button" in line:
            break
    process.send_signal(number)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 128 + number
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == [feature]
    assert processes_in(tmp_path) == []


def test_a_kill_leaves_no_process(tmp_path: Path) -> None:
    feature = tmp_path / "endless.feature"
    feature.write_text(ENDLESS)
    process = subprocess.Popen(
        [sys.executable, "-m", "keyfob", "scenario", "run", str(feature)],
        stdout=subprocess.PIPE,
        env=environment(tmp_path),
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert any("press the button" in line for line in process.stdout)
        started = set(processes_in(tmp_path)) - {process.pid}
        assert len(started) == 2, "the fork server and the emulator"
        endings = [os.pidfd_open(number) for number in started]
        process.kill()
    for ending in endings:
        ended, _, _ = select.select([ending], [], [], 60)
        os.close(ending)
        assert ended, "a process outlived the one who started it"


def test_reports_are_written_where_they_were_asked_for(tmp_path: Path) -> None:
    junit, page = tmp_path / "report.xml", tmp_path / "report.html"
    told = keyfob(
        "scenario", "run", "demo", "--junit", str(junit), "--html", str(page), folder=tmp_path
    )
    assert told.returncode == 0
    assert junit.read_text().startswith("<?xml")
    assert "755224" in page.read_text()


def test_a_report_into_no_folder_is_refused_before_anything_starts(tmp_path: Path) -> None:
    where = tmp_path / "absent" / "report.html"
    told = keyfob("scenario", "run", "demo", "--html", str(where), folder=tmp_path)
    assert (told.returncode, told.stdout) == (2, "")
    assert str(where) in told.stderr


def test_steps_and_features_are_listed_in_both_languages(tmp_path: Path) -> None:
    steps = keyfob("scenario", "steps", folder=tmp_path).stdout
    assert "I press the button of {fob}\n{fob}のボタンを押す\n" in steps
    assert keyfob("scenario", "list", folder=tmp_path).stdout.splitlines()[0].startswith("demo  ")
