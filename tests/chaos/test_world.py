"""Faults that need a program or a privilege: failing system calls, another clock, a full disk."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.chaos.commands import COMMANDS, WritingCommand, copy_folder, environment, next_code
from tests.chaos.conftest import Place
from tests.chaos.test_faults import assert_no_secret
from tests.chaos.victim import NOWHERE, End
from tests.shares import every, times
from tests.small_disk import filled, small_disk

BY_NAME = {command.name: command for command in COMMANDS}

CALLS = ("fdatasync", "fsync", "pwrite64", "rename", "ftruncate")
"""System calls by which data comes onto a disk."""


def run(
    command: WritingCommand,
    folder: Path,
    *before: str,
    counter: int = 5,
    where: Mapping[str, str] = NOWHERE,
) -> End:
    """Run a command as a program of its own, with `before` in front of it."""
    done = subprocess.run(
        [*before, sys.executable, "-m", "keyfob", *command.words],
        cwd=folder,
        env={
            **environment(folder, **where),
            **({"KEYFOB_CODE": next_code(counter)} if command.code else {}),
        },
        input=command.typed,
        capture_output=True,
        text=True,
        check=False,
    )
    return End(done.returncode, done.stdout, done.stderr)


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed: apt-get install {program}")


@pytest.mark.parametrize(
    ("name", "call"),
    every(10, [(command.name, call) for command in COMMANDS for call in CALLS]),
)
def test_a_failing_system_call_is_told_and_leaves_nothing_half(
    name: str, call: str, folder: Path, placed: Callable[[WritingCommand], Place]
) -> None:
    needs("strace")
    command, where = placed(BY_NAME[name])
    tracer = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}")
    end = run(command, folder, *tracer, "-e", f"inject={call}:error=EIO:when=1+", where=where)
    assert end.status in command.statuses, end.err
    assert_no_secret(folder, end)
    if end.status:
        assert len(end.lines) == 1, end.err
        assert any(name in end.lines[0] for name in command.files), end.err
        again = run(command, folder, where=where)
        assert again.status == 0, again.err


@pytest.mark.parametrize(("shift", "status"), [("-2y", 0), ("+2y", 0)])
def test_another_clock_of_the_machine_costs_a_code_at_most(
    shift: str, status: int, folder: Path
) -> None:
    """HOTP needs no clock; a host whose clock went back says so in its log, and goes on."""
    needs("faketime")
    verify = BY_NAME["host verify"]
    end = run(verify, folder, "faketime", "-f", shift)
    assert end.status == status, end.err
    assert run(verify, folder, counter=6).status == 0
    audit = WritingCommand(("host", "audit", "verify"), ())
    assert run(audit, folder).status == 0


@pytest.mark.parametrize("name", every(3, list(BY_NAME)))
def test_a_full_disk_is_called_so(
    name: str, template: Path, tmp_path: Path, placed: Callable[[WritingCommand], Place]
) -> None:
    command, where = placed(BY_NAME[name])
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk, 16 << 10):
        copy_folder(template, disk)
        with filled(disk):
            end = run(command, disk, where=where)
        if end.status:
            assert end.status in command.statuses, end.err
            assert len(end.lines) == 1, end.err
            assert "full" in end.lines[0], end.err
        if end.status:
            assert run(command, disk, where=where).status == 0


NESTED = 60_000


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("deep.toml", "a = " + "[" * NESTED, ("models", "./deep.toml")),
        ("deep.toml", "a = " + "[" * NESTED, ("run", "./deep.toml")),
        (
            "deep.toml",
            "a = " + "{a=" * NESTED,
            ("host", "init", "--store", "n.db", "--policy", "deep.toml"),
        ),
        ("deep.xml", "<a>" * NESTED, ("seeds", "inspect", "deep.xml")),
        (
            "deep.xml",
            '<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">'
            + "<KeyPackage>" * NESTED,
            ("seeds", "inspect", "deep.xml"),
        ),
        ("deep.json", "[" * NESTED, ("seeds", "inspect", "deep.json")),
        (
            "deep.feature",
            "Feature: x\n" + "  Rule: y\n" * NESTED,
            ("scenario", "run", "./deep.feature"),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_deep_nesting_is_a_bad_file(
    file: str, text: str, words: tuple[str, ...], folder: Path
) -> None:
    (folder / file).write_text(text)
    end = run(WritingCommand(words, ()), folder)
    assert end.status in (1, 2), end.err[-500:]
    assert len(end.lines) == 1, end.err[-500:]
    assert file in end.lines[0]


def test_a_stopped_command_goes_on(folder: Path) -> None:
    """SIGSTOP and SIGCONT in mid-work change nothing."""
    command = BY_NAME["host import"]
    process = subprocess.Popen(
        [sys.executable, "-m", "keyfob", *command.words],
        cwd=folder,
        env=environment(folder),
        stderr=subprocess.PIPE,
    )
    for _ in range(times(2, 20)):
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        process.send_signal(signal.SIGCONT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
