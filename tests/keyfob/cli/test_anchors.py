"""A store that was rolled back as a whole, log and all, is found by the head kept outside."""

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from host_tools import seeds
from keyfob.__main__ import status_of
from tests.host_tools.verification.hosts import PRESSED, code, record

Keyfob = Callable[..., tuple[int, str, str]]

KEEPER = """
import sys
from pathlib import Path
kept = Path(sys.argv[1])
if sys.argv[2] == "get":
    print(kept.read_text() if kept.exists() else "")
else:
    kept.write_text(sys.argv[3])
"""
"""An anchor command as somebody may write one."""


@pytest.fixture
def keyfob(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Keyfob:
    monkeypatch.setenv("KEYFOB_HOST_STORE", str(tmp_path / "host.db"))
    monkeypatch.setenv("KEYFOB_HOST_KEY_FILE", str(tmp_path / "host.key"))
    monkeypatch.chdir(tmp_path)

    def run(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = status_of(["host", *words])
        out, err = capsys.readouterr()
        return status, out, err

    seeds.write(tmp_path / "seeds.pskcxml", [record(PRESSED)], plain=True)
    return run


def anchors(folder: Path) -> dict[str, tuple[tuple[str, str], Path]]:
    """The options of each anchor, and the file in which it keeps the head."""
    script = folder / "keeper.py"
    script.write_text(KEEPER)
    command = f"{sys.executable} {script} {folder / 'by-command'}"
    return {
        "file": (("--anchor", str(folder / "head")), folder / "head"),
        "command": (("--anchor-command", command), folder / "by-command"),
    }


@pytest.mark.parametrize("kind", ["file", "command"])
def test_a_store_rolled_back_as_a_whole_is_found(keyfob: Keyfob, tmp_path: Path, kind: str) -> None:
    options, kept = anchors(tmp_path)[kind]
    on = ("--token", PRESSED)
    assert keyfob("init", *options)[0] == 0
    assert keyfob("import", "seeds.pskcxml", *options)[0] == 0
    assert keyfob("enroll", *on, "--user", "alice", *options, typed=code(0))[0] == 0
    store, older = tmp_path / "host.db", tmp_path / "older.db"
    shutil.copy(store, older)
    assert keyfob("verify", *on, *options, typed=code(1))[0] == 0
    newest = kept.read_text()

    shutil.copy(older, store)
    assert keyfob("audit", "verify")[0] == 0, "from inside it cannot be known"
    status, out, _ = keyfob("audit", "verify", *options)
    assert status == 1
    assert "a head of row" in out
    status, _, err = keyfob("verify", *on, *options, typed=code(1))
    assert status == 2
    assert "was altered or damaged: the log ends at entry" in err
    assert kept.read_text() == newest, "what was found keeps the anchor as it is"

    for factor in (2, 3):
        assert keyfob("verify", *on, typed=code(factor))[0] == 0
    status, out, _ = keyfob("audit", "verify", *options)
    assert status == 1, "it has as many entries again, but they are others"
    assert "another log" in out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--anchor", "head", "--anchor-command", "keep"), "exclude each other"),
        (("--anchor-command", " "), "the anchor command is empty"),
        (("--anchor-command", "./there-is-none"), "anchor command ./there-is-none: No such file"),
        (("--anchor-command", "false"), "anchor command false: exit status 1"),
        (("--anchor-command", "echo no head"), "echo: invalid audit head: expected NUMBER:MAC"),
        (("--anchor", "torn"), "torn: invalid audit head: expected NUMBER:MAC"),
        (("--anchor", "."), "Invalid value for '--anchor': File '.' is a directory"),
    ],
)
def test_an_anchor_that_does_not_work_is_named(
    keyfob: Keyfob, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    assert keyfob("init")[0] == 0
    (tmp_path / "torn").write_text("7:00")
    status, _, err = keyfob("status", *options)
    assert status == 2
    assert told in err
