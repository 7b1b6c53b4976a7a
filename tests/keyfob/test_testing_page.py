"""docs/TESTING.md: every snippet runs as a suite of pytest, at once and in parallel."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "TESTING.md"


def test_every_snippet_passes_on_its_own(tmp_path: Path) -> None:
    snippets = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    for number, text in enumerate(snippets):
        name = f"test_{number}.py" if "def test_" in text else f"script_{number}.py"
        (tmp_path / name).write_text(text)
    options = ("-p", "keyfob.testing.plugin", "-p", "no:cacheprovider", "-q", "-n", "2")
    tests = sum(text.count("def test_") for text in snippets)
    assert tests > 8
    assert f"{tests} passed" in _run("-m", "pytest", *options, folder=tmp_path)
    (script,) = tmp_path.glob("script_*.py")
    assert _run(str(script), folder=tmp_path) == "755224 755224\n"


def _run(*command: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
