"""The bar over long reads: on a terminal with rate and time left, nowhere else."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from keyfob.cli.progress import QUICK_BYTES, progress_of

ROW = "A{:06d},a5f5ff152f408a5f2b04c92f96332e92{:08x},totp,6,60\n"


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("big") / "seeds.csv"
    path.write_text("".join(ROW.format(number, number) for number in range(25_000)))
    assert path.stat().st_size > QUICK_BYTES
    return path


def inspected(path: Path, stderr: int) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "keyfob", "seeds", "inspect", str(path)]
    return subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
        check=True,
        timeout=60,
    )


def test_a_terminal_sees_rate_and_time_left_and_no_seed(big: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        done = inspected(big, theirs)
        os.close(theirs)
        drawn = b""
        while b"\x1b[?25h" not in drawn:
            drawn += os.read(ours, 65_536)
    finally:
        os.close(ours)
    assert b"25,000" in done.stdout
    assert re.search(rb"[0-9.]+ [kM]B/s", drawn)
    assert re.search(rb"\d:\d\d:\d\d", drawn)
    assert b"a5f5ff" not in drawn


def test_a_pipe_sees_nothing(big: Path) -> None:
    assert inspected(big, subprocess.PIPE).stderr == b""


def test_a_small_file_has_no_bar(tmp_path: Path) -> None:
    path = tmp_path / "small"
    path.write_text("A")
    with progress_of(path) as progress:
        assert progress is None
