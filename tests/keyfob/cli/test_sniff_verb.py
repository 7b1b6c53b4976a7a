"""`keyfob sniff` between a host and a fob: on a terminal and over TCP, in words, JSON and hex."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from keyfob.__main__ import status_of
from tests.keyfob.cli.running import Desk


@contextmanager
def sniffing(*words: str, log: Path) -> Iterator[str]:
    """Start `keyfob sniff`, writing to `log`; yield where the host shall go."""
    command = [sys.executable, "-m", "keyfob", "sniff", *words]
    with (
        log.open("w") as out,
        subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True) as process,
    ):
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        yield next(line for line in lines if "Ctrl-C ends it" in line).partition(" leads to ")[0]
        process.terminate()
        assert process.wait(timeout=20) == 0


def test_a_host_works_through_it_and_everything_is_told(desk: Desk) -> None:
    log, port = desk.folder / "log", f"pty:{desk.folder / 'tap'}"
    seeds = desk.seeds()
    with sniffing("--port", port, "--to", desk.port, log=log) as url:
        assert url == port
        desk.do("provision", seeds, "--port", port)
    said = log.read_text()
    assert "fob 1: connect (SNRM)" in said
    assert "    fob 1: EXTERNAL AUTHENTICATE, level 33, cryptogram masked" in said
    assert not (desk.folder / "tap").is_symlink()


def test_over_tcp_one_host_follows_the_other_and_json_has_a_line_for_each(desk: Desk) -> None:
    log = desk.folder / "log"
    with sniffing(
        "--port", "tcp:127.0.0.1:0", "--to", desk.port, "--json", "--apdus", log=log
    ) as url:
        for _ in range(2):
            desk.do("info", "--port", url)
    heard = [json.loads(line) for line in log.read_text().splitlines()]
    assert {one["layer"] for one in heard} == {"apdu"}
    assert {one["address"] for one in heard} == {1}
    assert not any("raw" in one for one in heard)
    assert (
        sum("GET DATA" in one["words"] and "battery (DF28)" in one["words"] for one in heard) == 2
    )


def test_bytes_are_printed_only_when_asked_for_and_with_a_warning(desk: Desk) -> None:
    log, port = desk.folder / "log", f"pty:{desk.folder / 'tap'}"
    with sniffing("--port", port, "--to", desk.port, "--hex", log=log):
        desk.do("raw", "00CADF2200", "--port", port)
    assert "00 ca df 22 00" in log.read_text()
    done = subprocess.run(
        [sys.executable, "-m", "keyfob", "sniff", "--hex", "--port", "x", "--to", desk.port],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 3
    assert "It holds seeds and keys" in done.stderr


def test_a_reader_that_leaves_ends_it_quietly(desk: Desk) -> None:
    port = f"pty:{desk.folder / 'tap'}"
    command = [sys.executable, "-m", "keyfob", "sniff", "--port", port, "--to", desk.port]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "Ctrl-C ends it" in process.stderr.readline()
        process.stdout.close()
        status_of(["info", "--port", port])
        assert process.wait(timeout=20) == 0
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("port", "words", "status"),
    [
        ("nonsense", "port not found: nonsense", 3),
        ("tcp:nowhere", "is not tcp:HOST:PORT", 2),
        ("pty:/nowhere/tap", "cannot be made", 3),
        ("pty:/dev/null", "is no link", 5),
    ],
)
def test_a_port_that_cannot_be_offered_is_one_line(
    desk: Desk, port: str, words: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["sniff", "--port", port, "--to", desk.port]) == status
    assert words in capsys.readouterr().err
