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
    image = f"token-{mutant['kind']}.elf"
    write_sources(mutant, folder)
    subprocess.run(["make", "-s", "-C", folder, image], check=True)
    subprocess.run(["arm-none-eabi-strip", folder / image], check=True)
    return (folder / image).read_bytes()


def build_library(kind: str, folder: Path, mutant: dict[str, Any] | None = None) -> Path:
    """Build the token, or a mutant of it, as a library for this machine; return its path."""
    write_sources(mutant or {}, folder)
    subprocess.run(["make", "-s", "-C", folder, f"token-{kind}.so"], check=True)
    return folder / f"token-{kind}.so"


def write_sources(mutant: dict[str, Any], folder: Path) -> None:
    """Write the token's sources into `folder`, with a mutant's changes."""
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.so"))
    file = folder / mutant.get("file", "token.c")
    text = file.read_text("utf-8")
    for old, new in (("old", "new"), ("old2", "new2")):
        if old in mutant:
            assert text.count(mutant[old]) == 1, f"{mutant['name']}: {mutant[old]!r} occurs once"
            text = text.replace(mutant[old], mutant[new])
    file.write_text(text, "utf-8")


def main() -> None:
    """Build them all."""
    MUTANTS.mkdir(exist_ok=True)
    for mutant in declared():
        with tempfile.TemporaryDirectory() as folder:
            (MUTANTS / f"{mutant['name']}.elf").write_bytes(build(mutant, Path(folder)))
    sys.stdout.write(f"{len(declared())} mutants in {MUTANTS}\n")


if __name__ == "__main__":
    main()
