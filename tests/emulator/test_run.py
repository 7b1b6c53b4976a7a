"""`keyfob run` as a user meets it: a process with a start-up line, a status, and no traceback."""

import json
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 120


class Run:
    """One `keyfob run` in a process of its own."""

    def __init__(self, *arguments: str, folder: Path) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KEYFOB_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "keyfob", "run", "--json", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            text=True,
        )

    def announced(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate(timeout=PATIENCE)[1]
        found = json.loads(line)
        assert isinstance(found, dict)
        return found

    def ask(self, bench: str, *lines: str) -> list[str]:
        """Send lines and return the answers of those with a question mark."""
        host, port = bench.removeprefix("tcp:").rsplit(":", 1)
        with socket.create_connection((host, int(port)), PATIENCE) as talk, talk.makefile("r") as f:
            talk.sendall("".join(f"{line}\n" for line in lines).encode())
            return [f.readline().removesuffix("\n") for line in lines if "?" in line]

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors


@contextmanager
def running(*arguments: str, folder: Path) -> Iterator[Run]:
    run = Run(*arguments, folder=folder)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.process.kill()
        run.process.communicate()


HERE = ("--port", "pty:./fob0", "--bench", "tcp:127.0.0.1:0")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_says_where_it_is_and_leaves_nothing_behind(tmp_path: Path, number: int) -> None:
    with running("--model", "fob-h6", *HERE, folder=tmp_path) as run:
        announced = run.announced()
        assert announced["port"] == "pty:./fob0"
        assert announced["ports"] == ["pty:./fob0"]
        assert announced["fobs"] == 1
        assert announced["store"] is None
        assert stat.S_ISCHR((tmp_path / "fob0").stat().st_mode)
        assert run.ask(announced["bench"], "SYST:VERS?") == ["1999.0"]
        assert run.end(number) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_it_ends_with_whoever_holds_its_standard_input(tmp_path: Path) -> None:
    with running("--model", "fob-h6", *HERE, "--until-eof", folder=tmp_path) as run:
        bench = run.announced()["bench"]
        assert run.process.stdin is not None
        run.process.stdin.write("what comes in means nothing\n")
        run.process.stdin.flush()
        assert run.ask(bench, "SYST:VERS?") == ["1999.0"]
        _, errors = run.process.communicate(timeout=PATIENCE)  # it closes standard input
        assert (run.process.returncode, errors) == (0, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("redirection", ["</dev/null", "<&-"])
def test_standard_input_that_cannot_be_held_is_refused(tmp_path: Path, redirection: str) -> None:
    words = f"{sys.executable} -m keyfob run --model fob-h6 {' '.join(HERE)} --until-eof"
    done = subprocess.run(
        ["sh", "-c", f"exec {words} {redirection}"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "standard input is" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_it_can_be_ended_while_a_controller_is_connected(tmp_path: Path) -> None:
    with running("--model", "fob-h6", *HERE, folder=tmp_path) as run:
        host, port = run.announced()["bench"].removeprefix("tcp:").rsplit(":", 1)
        with socket.create_connection((host, int(port)), PATIENCE) as talk:
            talk.sendall(b"BUTT:PRES 60\n*OPC?\n")
            assert run.end() == (0, "")
            with suppress(ConnectionResetError):
                assert talk.recv(1) == b""


def test_keys_that_others_may_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "factory.keys").write_text("11" * 16)
    (tmp_path / "factory.keys").chmod(0o644)
    (tmp_path / "rack.toml").write_text('keys = "factory.keys"\n[[fobs]]\nmodel = "fob-h6"\n')
    for words in (("--model", "fob-h6", "--keys", "factory.keys"), ("rack.toml",)):
        with running(*words, *HERE, folder=tmp_path) as run:
            _, errors = run.process.communicate(timeout=PATIENCE)
            assert run.process.returncode == 2
            assert "factory.keys can be read by other users (mode 0644)" in errors


def test_a_second_run_on_a_store_is_refused_with_status_5(tmp_path: Path) -> None:
    store = ("--store", "rack.db")
    with running("--model", "fob-h6", *HERE, *store, folder=tmp_path) as run:
        run.announced()
        assert stat.S_IMODE((tmp_path / "rack.db").stat().st_mode) == 0o600
        second = ("--model", "fob-h6", "--port", "pty:./fob1", "--bench", "tcp:127.0.0.1:0")
        with running(*second, *store, folder=tmp_path) as other:
            _, errors = other.process.communicate(timeout=PATIENCE)
            assert other.process.returncode == 5
            assert errors == "keyfob: store rack.db is in use by another keyfob run\n"


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        (("--model", "fob-h7", *HERE), 2, "fob-h6"),
        (("--model", "./mine.toml", *HERE), 2, "mine.toml"),
        (("--model", "fob-h6", "--port", "fob0"), 2, "pty:PATH"),
        (("--model", "fob-h6", "--port", "pty:/no/such/fob0"), 3, "/no/such/fob0"),
        (("--model", "fob-h6", *HERE, "--store", "no/such/rack.db"), 2, "no/such/rack.db"),
        (("--model", "fob-h6", *HERE, "--time", "fast"), 2, "real, frozen"),
        (("--model", "fob-h6", *HERE, "--start", "soon"), 2, "2029-04-01"),
        (("--model", "fob-h6", *HERE, "--count", "0"), 2, "--count"),
        (HERE, 2, "model"),
        (("--model", "fob-h6", "--port", "pty:./fob0", "--bench", "serial:x"), 2, "serial:x"),
    ],
)
def test_what_cannot_be_run_is_one_line_and_a_status(
    tmp_path: Path, arguments: tuple[str, ...], status: int, word: str
) -> None:
    with running(*arguments, folder=tmp_path) as run:
        out, errors = run.process.communicate(timeout=PATIENCE)
        assert run.process.returncode == status, errors
        assert out == ""
        assert word in errors
        assert errors.startswith("keyfob: ")
        assert errors.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_model_with_an_unknown_key_is_named_with_file_and_key(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "mine"\ncolour = "red"\n')
    with running("--model", "mine.toml", *HERE, folder=tmp_path) as run:
        _, errors = run.process.communicate(timeout=PATIENCE)
        assert run.process.returncode == 2
        assert "mine.toml" in errors
        assert "colour" in errors


def test_a_door_open_to_others_is_opened_with_a_warning(tmp_path: Path) -> None:
    doors = ("--port", "tcp:0.0.0.0:0", "--bench", "tcp:127.0.0.1:0")
    with running("--model", "fob-h6", *doors, folder=tmp_path) as run:
        run.announced()
        status, errors = run.end()
        assert status == 0
        assert errors.startswith("warning: tcp:0.0.0.0:0 can be reached from other machines")


def test_a_kill_loses_nothing_that_was_seen_and_time_goes_on(tmp_path: Path) -> None:
    given = ("--model", "fob-h6", *HERE, "--store", "rack.db", "--time", "frozen")
    with running(*given, "--start", "2029-04-01", folder=tmp_path) as run:
        bench = run.announced()["bench"]
        assert run.ask(bench, "TIME:DATE?") == ['"2029-04-01T00:00:00Z"']
        run.ask(bench, "TIME:ADV 3 D", "TEMP -5", "BATT:CHAR 40", "*OPC?")
        run.process.kill()
        run.process.wait()
    assert (tmp_path / "fob0").is_symlink()
    with running(*given, folder=tmp_path) as run:
        bench = run.announced()["bench"]
        charge, date = run.ask(bench, "BATT:CHAR?", "TIME:DATE?")
        assert float(charge) == pytest.approx(40, abs=0.2)
        assert date.startswith('"2029-04-04T00:0')
        run.end()
    assert not (tmp_path / "fob0").is_symlink()


def test_a_store_alone_is_enough_and_another_model_is_refused(tmp_path: Path) -> None:
    store = ("--store", "rack.db")
    with running("--model", "fob-h6", *HERE, *store, folder=tmp_path) as run:
        first = run.ask(run.announced()["bench"], "LAB:SER?")
        run.end()
    with running(*HERE, *store, folder=tmp_path) as run:
        assert run.ask(run.announced()["bench"], "LAB:SER?") == first
        run.end()
    with running("--model", "fob-t60", *HERE, *store, folder=tmp_path) as run:
        _, errors = run.process.communicate(timeout=PATIENCE)
        assert run.process.returncode == 2
        assert "1 × fob-h6, not 1 × fob-t60" in errors


def test_the_bench_can_stand_on_a_terminal_line(tmp_path: Path) -> None:
    doors = ("--port", "pty:./fob0", "--bench", "pty:./bench")
    with running("--model", "fob-h6", *doors, folder=tmp_path) as run:
        assert run.announced()["bench"] == "pty:./bench"
        line = os.open(tmp_path / "bench", os.O_RDWR | os.O_NOCTTY)
        os.write(line, b"SYST:VERS?\r\n")
        assert os.read(line, 100) == b"1999.0\n"
        os.close(line)
        assert run.end() == (0, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rate", ["frozen", "0.5", "1", "10000000"])
def test_time_never_goes_back_over_a_kill_at_any_rate(tmp_path: Path, rate: str) -> None:
    given = ("--model", "fob-h6", *HERE, "--store", "rack.db", "--time", rate)
    seen = 0.0
    for _ in range(2):
        with running(*given, folder=tmp_path) as run:
            bench = run.announced()["bench"]
            for _ in range(2):
                run.ask(bench, "BUTT:PRES 0.01", "*OPC?")
                now = float(run.ask(bench, "TIME:NOW?")[0])
                assert now >= seen
                seen = now
            run.process.kill()
            run.process.wait()


def test_real_time_stays_with_the_wall_clock_over_kills(tmp_path: Path) -> None:
    given = ("--model", "fob-h6", *HERE, "--store", "rack.db")
    for _ in range(2):
        with running(*given, folder=tmp_path) as run:
            bench = run.announced()["bench"]
            before = time.time_ns()
            told = run.ask(bench, "TIME:NOW?")[0]
            assert before <= int(told.replace(".", "")) <= time.time_ns()
            run.process.kill()
            run.process.wait()


def test_a_disk_that_is_full_ends_the_run_with_one_line(tmp_path: Path) -> None:
    given = ("--model", "fob-h6", "--preset", "personalised", *HERE, "--store", "rack.db")
    with running(*given, "--time", "frozen", folder=tmp_path) as run:
        bench = run.announced()["bench"]
        limit = (tmp_path / "rack.db-wal").stat().st_size + 10_000
        resource.prlimit(run.process.pid, resource.RLIMIT_FSIZE, (limit, limit))
        with suppress(ConnectionError):
            for _ in range(100):
                run.ask(bench, "BUTT:PRES", "*OPC?", "TIME:ADV 30")
        _, errors = run.process.communicate(timeout=PATIENCE)
        assert run.process.returncode == 2
        assert errors.startswith("keyfob: cannot write store rack.db")
        assert errors.count("\n") == 1
    assert not (tmp_path / "fob0").is_symlink()
