"""The README's lines do what they say, typed by each of its users; no page names a verb in vain."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest

from keyfob.__main__ import cli

ROOT = Path(__file__).resolve().parents[2]
# A person waits until the emulator says that it is there.
HELPERS = """
set -e
cleanup() { kill $! $(sed -n "s/.*kill \\([0-9]*\\) ends it/\\1/p" started) 2>/dev/null; wait; }
trap cleanup EXIT
there() { for _ in $(seq 600); do [ -L "$1" ] && return; sleep 0.1; done; false; }
"""


def block(heading: str) -> list[str]:
    """Return the lines of the code block below a heading that starts with `heading`."""
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.search(rf"^### {heading}.*?^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[1].splitlines()


def typed(lines: list[str], folder: Path, before: str = "") -> str:
    """Run `lines` in a shell of their own and return what they printed."""
    command = folder / "bin" / "keyfob"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m keyfob "$@"\n')
    command.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as server:
        bench = f"127.0.0.1:{server.getsockname()[1]}"
    script = "\n".join([HELPERS, before, *lines]).replace("127.0.0.1:5025", bench)
    own = {name: value for name, value in os.environ.items() if not name.startswith("KEYFOB_")}
    path = f"{command.parent}{os.pathsep}{own['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        cwd=folder,
        env=own | {"PATH": path, "HOME": str(folder), "PYTHONPATH": str(ROOT)},
        timeout=300,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.slow
def test_the_lines_of_qa(tmp_path: Path) -> None:
    lines = [
        re.sub("#.*", "| tee started", line) if "keyfob run" in line else line
        for line in block("You test")
        if "keyfob scenario" not in line  # has tests of its own
    ]
    said = typed(lines, tmp_path)
    assert "ZZH600000001: accepted" in said
    assert len(lines) < 10


@pytest.mark.slow
def test_the_lines_of_provisioning(tmp_path: Path) -> None:
    lines = [
        re.sub("&.*", "& there tray", line) if "keyfob run" in line else line
        for line in block("You load")
    ]
    said = typed(lines, tmp_path)
    assert "10 fobs sealed" in said
    assert (tmp_path / "server.pskcxml").exists()
    assert len(lines) < 10


@pytest.mark.slow
def test_the_lines_at_a_bench(tmp_path: Path) -> None:
    run = "keyfob run --model fob-h6 --port pty:./fob0 --bench tcp:127.0.0.1:5025 & there fob0"
    before = f"export KEYFOB_BENCH=tcp:127.0.0.1:5025\n{run}"
    lines = block("You want")
    said = typed(lines, tmp_path, before)
    assert "life-cycle     blank" in said
    assert "dark: " in said
    assert len(lines) < 10


def test_every_verb_and_option_that_a_page_names_exists() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "examples/README.md"]
    commands = [
        (f"{page.name}: keyfob {command}", command)
        for page in sorted(pages)
        if page.name != "WIRE.md"  # its `keyfob activation` is a label of a key derivation
        for command in re.findall(
            r"(?:^|`|; )keyfob (?!is )([a-z][^`;|&#\n]*)", page.read_text("utf-8"), re.MULTILINE
        )
    ]
    assert len(commands) > 80
    assert [f"{where}: {fault}" for where, line in commands if (fault := unknown_in(line))] == []


def unknown_in(command: str) -> str:
    """Return the first word of a command line that keyfob does not know, or nothing."""
    words = [word.rstrip(",.") for word in command.split()]
    with click.Context(cli) as context:
        verb = cli.get_command(context, words[0])
        depth = 1
        while isinstance(verb, click.Group) and len(words) > depth:
            verb = verb.get_command(context, words[depth])
            depth += 1
        if verb is None:
            return "no such verb"
        known = {name for option in verb.params for name in (*option.opts, *option.secondary_opts)}
    given = [word.partition("=")[0] for word in words if word.startswith("--")]
    return next((name for name in given if name not in {*known, "--help"}), "")
