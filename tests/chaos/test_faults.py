"""Every command that writes, under every fault: a documented status, one line, nothing half done.

The same command works as soon as the fault is gone, and no known secret is in any file that the
user did not put there, nor in anything printed.
"""

import base64
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from tests.chaos.commands import COMMANDS, INPUTS, SECRETS, WritingCommand
from tests.chaos.conftest import Place
from tests.chaos.faults import DESCRIPTORS, FAULTS, MachineFault
from tests.chaos.victim import End, run
from tests.shares import every

PAIRS = list(product(COMMANDS, FAULTS))


@pytest.mark.parametrize(
    ("command", "fault"),
    every(6, PAIRS),
    ids=[f"{command.name}-{fault.name}" for command, fault in every(6, PAIRS)],
)
def test_a_fault_costs_a_line_and_nothing_else(
    command: WritingCommand,
    fault: MachineFault,
    folder: Path,
    placed: Callable[[WritingCommand], Place],
) -> None:
    command, where = placed(command)
    before = set(folder.rglob("*"))
    end = run(command, folder, fault.breaks, where=where)
    folder.chmod(0o755)
    assert_told(command, fault, end)
    assert_no_secret(folder, end)
    if end.status != 0 and not fault.kills:
        left = {path for path in set(folder.rglob("*")) - before if path.name not in command.keeps}
        left -= {path for path in left if path.name.endswith(("-wal", "-shm"))}
        if fault.says == DESCRIPTORS:  # without one, no folder can be emptied
            left -= set((folder / "temporary").rglob("*"))
        assert not left, "a command that failed leaves no new file"
    if end.status != 0:
        again = run(command, folder, where=where)
        # Ended by force after its commit, it has been done: then it says so.
        done = fault.kills and command.refusal and command.refusal in again.out + again.err
        assert again.status == 0 or done, f"without the fault: {again.err}"
    for name in command.makes:
        assert (folder / name).stat().st_size > 0


def assert_told(command: WritingCommand, fault: MachineFault, end: End) -> None:
    if fault.kills and end.status < 0:
        return
    assert end.status in command.statuses, end.err
    if end.status == 0:
        return
    assert len(end.lines) == 1, end.err
    line = end.lines[0]
    assert line.startswith("keyfob: ")
    if not fault.says:
        return
    assert any(word in line.lower() for word in fault.says), line
    if fault.says != DESCRIPTORS:
        assert any(name in line for name in command.files), f"names no file: {line}"


def assert_no_secret(folder: Path, end: End) -> None:
    forms = [form for secret in SECRETS for form in spelled(secret)]
    texts = {path.name: path.read_bytes().lower() for path in folder.rglob("*") if path.is_file()}
    texts |= {
        "standard output": end.out.encode().lower(),
        "standard error": end.err.encode().lower(),
    }
    found = {
        (name, form)
        for name, text in texts.items()
        if name not in INPUTS
        for form in forms
        if form.lower() in text
    }
    assert not found


def spelled(secret: str) -> list[bytes]:
    """Return a secret in the spellings in which it could be seen."""
    try:
        raw = bytes.fromhex(secret)
    except ValueError:
        return [secret.encode()]
    if len(raw) < 8:
        return [secret.encode()]
    return [secret.encode(), raw, base64.b64encode(raw), base64.b32encode(raw)]


def test_the_search_for_secrets_finds_one(folder: Path) -> None:
    (folder / "leak").write_bytes(b"..." + bytes.fromhex(SECRETS[0]) + b"...")
    with pytest.raises(AssertionError):
        assert_no_secret(folder, End(0, "", ""))
