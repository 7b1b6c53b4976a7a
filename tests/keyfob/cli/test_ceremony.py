"""`keyfob keys combine` at a terminal: custodians make mistakes, and nobody's key is replaced."""

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest

from keyfob.__main__ import status_of

ONE, TWO = "00112233445566778899aabbccddee01", "00112233445566778899aabbccddee77"
PATIENCE_SECONDS = 60


def typed(words: list[str], turns: list[tuple[str, str]]) -> tuple[int, str]:
    """Answer each prompt of a verb at a terminal of its own; return exit status and screen.

    What is typed ahead of a prompt for a secret is thrown away, so each is waited for.
    """
    ours, theirs = pty.openpty()
    environment = {name: os.environ[name] for name in os.environ if name[:7] != "KEYFOB_"}
    process = subprocess.Popen(
        [sys.executable, "-m", "keyfob", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    )
    os.close(theirs)
    screen = seen = ""
    try:
        for prompt, answer in [*turns, ("\0", "")]:
            while prompt not in seen:
                assert select.select([ours], [], [], PATIENCE_SECONDS)[0], screen
                try:
                    read = os.read(ours, 4096).decode()
                except OSError:  # the other end is closed: the verb is done
                    break
                screen, seen = screen + read, seen + read
            else:
                os.write(ours, f"{answer}\n".encode())
                seen = ""
        return process.wait(PATIENCE_SECONDS), screen
    finally:
        process.kill()
        os.close(ours)


def test_a_custodian_who_mistypes_types_again_and_the_others_need_not(tmp_path: Path) -> None:
    out = tmp_path / "desk.keys"
    words = ["keys", "combine", "--for", "device", "--name", "bank", "--out", str(out)]
    status, screen = typed(
        words,
        [
            ("the new passphrase: ", "horse"),
            ("the new passphrase again: ", "horse"),
            ("component 1 of 2: ", ONE),
            ("envelope? [Y/n]: ", "y"),
            ("component 2 of 2: ", TWO[:-1]),  # a digit too few
            ("component 2 of 2: ", TWO[:-1] + "6"),  # a digit wrong
            ("envelope? [Y/n]: ", "n"),
            ("component 2 of 2: ", TWO),
            ("envelope? [Y/n]: ", "y"),
        ],
    )
    assert status == 0, screen
    assert "32, 48 or 64 hex digits were expected; once more" in screen
    assert "key: check value ce18f3" in screen
    assert ONE not in screen
    assert TWO[:-1] not in screen


def test_a_key_set_that_is_there_is_replaced_by_force_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEYFOB_KEYS_PASSPHRASE", "horse")
    out, words = tmp_path / "desk.keys", ["keys", "combine", "--for", "device", "--name", "bank"]
    for name, value in (("one", ONE), ("two", TWO)):
        path = tmp_path / name
        path.touch(mode=0o600)
        path.write_text(value)
        words += ["--component", str(path)]
    words += ["--out", str(out)]
    assert status_of(words) == 0
    before = out.read_bytes()
    assert status_of(words) == 2
    assert "holds device keys already, bank version 1 check value ce18f3" in capsys.readouterr().err
    assert out.read_bytes() == before
    assert status_of([*words, "--force"]) == 0
    assert out.read_bytes() != before
