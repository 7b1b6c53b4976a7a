"""`keyfob run`: in the background until it is ended, and no store is left where it is refused."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from keyfob.__main__ import status_of
from keyfob.testing.rack import Rack


def started(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "keyfob", "run", "--background", "--model", "fob-h6", *words],
        capture_output=True,
        text=True,
        timeout=60,
    )


def end(process_id: int) -> None:
    watched = os.pidfd_open(process_id)
    os.kill(process_id, signal.SIGTERM)
    assert select.select([watched], [], [], 20)[0], "it does not end"
    os.close(watched)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux's pidfd_open")
def test_it_returns_when_the_fobs_are_ready_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port, store = f"pty:{tmp_path / 'fob0'}", str(tmp_path / "rack.db")
    words = ["--preset", "in-use", "--time", "frozen", "--port", port, "--bench", "tcp:127.0.0.1:0"]
    found = json.loads(started("--json", *words, "--store", store).stdout)
    try:
        assert status_of(["press", "--show", "--bench", found["bench"]]) == 0
        assert capsys.readouterr().out.splitlines()[-1].isdigit()
        second = started("--port", port, "--store", str(tmp_path / "second.db"))
        assert second.returncode == 5
        assert "in use" in second.stderr
        assert started("--port", f"{port}2", "--store", store).returncode == 5
    finally:
        end(found["process_id"])
    assert not list(tmp_path.glob("second*"))
    assert (tmp_path / "rack.db").exists()
    assert not (tmp_path / "fob0").is_symlink()


def test_a_refused_run_leaves_no_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "--model", "fob-h6", "--store", str(tmp_path / "rack.db")]
    with Rack.start(tmp_path) as rack:
        assert status_of([*words, "--port", f"pty:{rack[1].port}"]) == 5
    assert status_of([*words, "--port", "pty:./no/such/folder/fob0"]) in (2, 3)
    assert list(tmp_path.glob("rack.db*")) == []


def test_a_press_within_the_guard_time_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    with Rack.start() as rack:
        assert rack.bench_address is not None
        bench = ("--bench", rack.bench_address)
        rack[1].press()
        assert status_of(["press", "--rapid", "--json", *bench]) == 0
        assert json.loads(capsys.readouterr().out)["ignored"] == [1]
        rack[1].press()
        assert status_of(["press", "--rapid", *bench]) == 0
        assert "fob 1 ignored the press" in capsys.readouterr().err


def test_a_dark_display_is_status_1_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    with Rack.start() as rack:
        assert rack.bench_address is not None
        assert status_of(["look", "--text", "--bench", rack.bench_address]) == 1
        assert "fob 1 is dark" in capsys.readouterr().err
        rack[1].press()
        assert status_of(["look", "--text", "--bench", rack.bench_address]) == 0
        assert capsys.readouterr().out == "755224\n"


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        (("--http", "nonsense"), 2, "invalid address 'nonsense': expected HOST:PORT"),
        (("--http", "127.0.0.1:70000"), 2, "PORT from 0 to 65535"),
        (("--panel", "--http-token-file", "no-such-file"), 2, "cannot read the token"),
        (("--panel", "--http-token-file", "open"), 2, "can be read by other users"),
        (("--http", "IN USE"), 5, "in use"),
    ],
)
def test_an_http_port_that_cannot_be_opened_is_refused(
    given: tuple[str, ...],
    status: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "open").write_text("a" * 32)
    (tmp_path / "open").chmod(0o644)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        options = [address if one == "IN USE" else one for one in given]
        run = ["run", "--model", "fob-h6", "--port", "pty:./fob0", "--bench", "tcp:127.0.0.1:0"]
        assert status_of([*run, *options]) == status
    assert words in capsys.readouterr().err
    assert not (tmp_path / "fob0").is_symlink()
