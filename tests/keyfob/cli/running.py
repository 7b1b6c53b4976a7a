"""A `keyfob run` in a process of its own, and verbs that work with it in this one."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from keyfob.__main__ import status_of


@contextmanager
def running(*arguments: str) -> Iterator[dict[str, Any]]:
    """Start `keyfob run` and yield what it announced: `port`, `bench`, ..."""
    command = [sys.executable, "-m", "keyfob", "run", "--json", "--bench", "tcp:127.0.0.1:0"]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(timeout=20)


class Desk:
    """A folder, a fob and a bench, named by the environment as a user would."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], port: str) -> None:
        self.folder = folder
        self.port = port
        self._capsys = capsys

    def do(self, *words: str | Path, status: int = 0) -> str:
        """Run a verb, make sure of its exit status, and return its standard output."""
        found = status_of([str(word) for word in words])
        out, err = self._capsys.readouterr()
        assert found == status, f"{words}: {err}"
        return out

    def refused(self, *words: str | Path, status: int) -> str:
        """Run a verb that must fail, and return its one line without the command's name."""
        found = status_of([str(word) for word in words])
        lines = [
            line
            for line in self._capsys.readouterr().err.splitlines()
            if not line.startswith("TEST KEYS")
        ]
        assert found == status, lines
        assert len(lines) == 1
        assert lines[0].startswith("keyfob: ")
        return lines[0].removeprefix("keyfob: ")

    def json(self, *words: str | Path) -> Any:
        """Run a verb with --json and return what it printed."""
        return json.loads(self.do(*words, "--json"))

    def seeds(self, *words: str, model: str = "fob-h6") -> Path:
        """Make a seed file."""
        path = self.folder / "seeds.pskcxml"
        self.do("seeds", "generate", "--model", model, "--out", path, *words)
        return path
