"""Builds the tokens of vectors/firmware/mutants.toml: each a change of the example's sources.

    python -m tests.host_tools.make_mutants

Needs gcc-arm-none-eabi and picolibc-arm-none-eabi; writes vectors/firmware/mutants/*.elf.
"""

import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "examples/firmware"
MUTANTS = ROOT / "vectors/firmware/mutants"


def declared() -> list[dict[str, Any]]:
    """Return the mutants, as the TOML file has them."""
    table = tomllib.loads(MUTANTS.with_suffix(".toml").read_text("utf-8"))
    mutants: list[dict[str, Any]] = table["mutant"]
    return mutants


def build(mutant: dict[str, Any], folder: Path) -> bytes:
    """Return the image of one mutant, without symbols, built in an empty `folder`."""
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
    file = folder / "token.c"
    text = file.read_text("utf-8")
    for old, new in (("old", "new"), ("old2", "new2")):
        if old in mutant:
            assert text.count(mutant[old]) == 1, f"{mutant['name']}: {mutant[old]!r} occurs once"
            text = text.replace(mutant[old], mutant[new])
    file.write_text(text, "utf-8")
    image = f"token-{mutant['kind']}.elf"
    subprocess.run(["make", "-s", "-C", folder, image], check=True)
    subprocess.run(["arm-none-eabi-strip", folder / image], check=True)
    return (folder / image).read_bytes()


def main() -> None:
    """Build them all."""
    MUTANTS.mkdir(exist_ok=True)
    for mutant in declared():
        with tempfile.TemporaryDirectory() as folder:
            (MUTANTS / f"{mutant['name']}.elf").write_bytes(build(mutant, Path(folder)))
    sys.stdout.write(f"{len(declared())} mutants in {MUTANTS}\n")


if __name__ == "__main__":
    main()
