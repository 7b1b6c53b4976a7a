"""Our own wheel as a stranger has it: in an environment without this clone, from its own folder."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def keyfob(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(folder), str(ROOT)], check=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run(
        [folder / "venv/bin/python", "-m", "pip", "--quiet", "install", wheel], check=True
    )
    return folder / "venv/bin/keyfob"


def test_it_plays_the_demo_and_knows_its_models(keyfob: Path, tmp_path: Path) -> None:
    subprocess.run([keyfob, "demo"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    said = subprocess.run(
        [keyfob, "models", "--json"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert "fob-h6" in json.dumps(json.loads(said.stdout))


@pytest.mark.parametrize("folder", ["tests", "vectors"])
def test_it_installs_no_tests_and_no_vectors(keyfob: Path, tmp_path: Path, folder: str) -> None:
    said = subprocess.run(
        [keyfob.parent / "python", "-c", f"import {folder}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"No module named '{folder}'" in said.stderr
