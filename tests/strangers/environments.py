"""An environment for each foreign program: Debian packages, or a virtual environment of its own."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / ".strangers"
INSTALL_SECONDS = 900


@cache
def programs_of(package: str, *names: str) -> tuple[Path, ...]:
    """Return where the programs `names` of a Debian package stand, installing it where root may.

    `package` may name several, with blanks between.

    The test that asks is skipped, with the reason, where they cannot be had.
    """
    if not all(map(shutil.which, names)):
        if not may_install():
            pytest.skip(f"{package} is not installed: apt-get install {package}")
        said = debian_package(package)
        if not all(map(shutil.which, names)):
            pytest.skip(f"{package} cannot be installed: {said}")
    return tuple(Path(shutil.which(name) or "") for name in names)


def may_install() -> bool:
    """Whether this process may install Debian packages."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


@cache
def debian_package(package: str) -> str:
    """Install a Debian package, where this process may, and return the last line that said so."""
    if not may_install():
        return ""
    # A fresh machine has no package lists yet.
    _run(["apt-get", "update", "-qq"])
    return _last_line(_run(["apt-get", "install", "-y", "-qq", *package.split()])) or "done"


def source_of(name: str, address: str) -> Path:
    """Return the folder of a program that is in no package registry: `.strangers/NAME`.

    The test that asks is skipped, with what to do, where nobody has put a clone there.
    """
    folder = FOLDER / name
    if not folder.is_dir():
        pytest.skip(f"{name} is in no package registry: git clone {address} {folder}")
    return folder


@cache
def python_with(name: str, *requirements: str) -> Path:
    """Return the Python of a virtual environment that has `requirements`, made on first use.

    The test that asks is skipped, with the reason, where they cannot be installed.
    """
    python = FOLDER / name / "bin" / "python"
    ready = FOLDER / name / "ready"
    wanted = "\n".join(requirements)
    if not ready.exists() or ready.read_text("utf-8") != wanted:
        shutil.rmtree(FOLDER / name, ignore_errors=True)
        made = _run([sys.executable, "-m", "venv", str(FOLDER / name)])
        if made.returncode == 0:
            made = _run([str(python), "-m", "pip", "install", "--quiet", *requirements])
        if made.returncode != 0:
            pytest.skip(f"{name} cannot be installed: {_last_line(made)}")
        ready.write_text(wanted, "utf-8")
    return python


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=environment,
        timeout=INSTALL_SECONDS,
        check=False,
    )


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    return ((done.stderr or done.stdout).strip().splitlines() or ["it said nothing"])[-1]
