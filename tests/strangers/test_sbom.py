"""The bill of materials, made by CycloneDX's own tool, against what the project declares."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_bill_of_materials_lists_what_a_user_installs() -> None:
    made = subprocess.run(
        ["make", "sbom", f"PYTHON={sys.executable}"], cwd=ROOT, capture_output=True, text=True
    )
    if "No matching distribution" in made.stderr or "NewConnectionError" in made.stderr:
        pytest.skip("the tool cannot be installed")
    assert made.returncode == 0, made.stderr[-500:]
    bill = json.loads((ROOT / "sbom.cdx.json").read_text("utf-8"))
    listed = {plain(component["name"]): component for component in bill["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {plain(re.split(r"[\[<>=;]", name)[0]) for name in project["dependencies"]}
    assert bill["metadata"]["component"]["name"] == "keyfob"
    assert declared <= listed.keys()
    assert all(component["version"] for component in listed.values())
    assert not {"pytest", "mypy", "ruff", "hypothesis"} & listed.keys(), "no developer's tools"


def plain(name: str) -> str:
    return name.strip().lower().replace("_", "-")
