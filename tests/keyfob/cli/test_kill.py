"""The promise that everything rests on, against `kill -9`: no moving factor is shown twice.

A real `keyfob run` on a store in real time, killed at random instants around a press. Every code
that the display shows is looked up in the seed's sequence; eight digits make that unambiguous.
"""

import json
import multiprocessing
import os
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

import pytest

from firmware_model.generators import OtpKey, OtpKind
from host_tools.client.bench import BenchClient
from host_tools.client.keys import TEST_KEYS
from host_tools.client.session import open_session
from host_tools.provisioning.load import provision
from host_tools.seeds import SeedRecord
from keyfob.__main__ import status_of
from tests.shares import times

KILLS = times(12, 200)
DIGITS = 8
SEED = b"12345678901234567890"  # RFC 4226, Appendix D
FACTORS = {OtpKey(SEED).code(factor, DIGITS): factor for factor in range(2 * KILLS)}

# Fresh imports for each of the processes would take most of the time; a fork server has them.
PROCESSES = multiprocessing.get_context("forkserver")


def emulate(arguments: list[str], out: Connection) -> None:
    """Be `keyfob run` in this process, its standard output going into the pipe `out`."""
    os.dup2(out.fileno(), 1)
    raise SystemExit(status_of(["run", "--json", *arguments]))


@contextmanager
def emulator(folder: Path) -> Iterator[dict[str, str]]:
    """Run on the store in `folder`; leaving kills the process with SIGKILL, in mid-work."""
    arguments = [
        *("--model", str(folder / "eight.toml"), "--store", str(folder / "store.db")),
        *("--port", "tcp:127.0.0.1:0", "--bench", "tcp:127.0.0.1:0"),
    ]
    receiver, sender = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=emulate, args=(arguments, sender))
    process.start()
    sender.close()
    try:
        assert receiver.poll(20), "keyfob run never became ready"
        ready = os.read(receiver.fileno(), 4096)
        assert ready.endswith(b"\n"), "keyfob run ended at once"
        yield json.loads(ready)
    finally:
        process.kill()
        process.join()
        receiver.close()


@contextmanager
def bench_of(ready: dict[str, str]) -> Iterator[IO[str]]:
    """Open the bench as a plain socket: nothing in between that takes its time."""
    address = ("127.0.0.1", int(ready["bench"].rpartition(":")[2]))
    with socket.create_connection(address, 10) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with line.makefile("rw", encoding="ascii", newline="\n") as bench:
            yield bench


def say(bench: IO[str], line: str) -> None:
    """Send one SCPI line."""
    bench.write(line + "\n")
    bench.flush()


def factor_shown(bench: IO[str]) -> int | None:
    """Look at the display and return the moving factor of its code, None where it shows none."""
    say(bench, "DISPlay:TEXT? (@1)")
    text = bench.readline().strip().strip('"')
    return FACTORS[text] if text.isdecimal() else None


@pytest.mark.slow
def test_no_moving_factor_is_shown_again_over_kills_around_a_press(tmp_path: Path) -> None:
    PROCESSES.set_forkserver_preload([__name__, "keyfob.cli.verbs.run"])
    assert len(FACTORS) == 2 * KILLS, "the codes of this seed must tell the factors apart"
    dice = random.Random(4226)
    model = resources.files("firmware_model").joinpath("models", "fob-h6.toml").read_text()
    model = model.replace("digits = 6", f"digits = {DIGITS}").replace('"lcd-6"', '"lcd-8"')
    model = model.replace('name = "fob-h6"', 'name = "fob-h8"')
    (tmp_path / "eight.toml").write_text(model)
    record = SeedRecord(
        serial_number="ZZH600000001",
        credential_id="ZZH600000001",
        seed=SEED,
        kind=OtpKind.HOTP,
        digits=DIGITS,
    )
    with (
        emulator(tmp_path) as ready,
        open_session(ready["port"]) as session,
        BenchClient(ready["bench"]) as bench,
    ):
        provision(session, record, TEST_KEYS, bench.now)

    highest, shown, unseen = -1, 0, 0
    for kill in range(KILLS):
        with emulator(tmp_path) as ready, bench_of(ready) as bench:
            assert factor_shown(bench) is None, f"kill {kill}: a code is shown before the press"
            # Whatever this machine's speed, a quarter of the kills is blind and one sees the code.
            blind, sees = kill % 4 == 0, kill % 4 == 1
            until = time.monotonic() + (60 if sees else dice.uniform(0, 0.25))
            say(bench, "BUTTon:PRESs 0.05,(@1)")
            seen: set[int] = set()
            while time.monotonic() < until and not (blind or (sees and seen)):
                if (factor := factor_shown(bench)) is not None:
                    seen.add(factor)
        assert len(seen) <= 1, f"kill {kill}: one press, several codes"
        for factor in seen:
            assert factor > highest, f"kill {kill}: moving factor {factor} was shown before"
            assert factor <= kill, f"kill {kill}: a kill cost more than its own press"
            highest = factor
        shown += len(seen)
        unseen += not seen
    assert min(shown, unseen) >= KILLS / 4, f"{shown} shown, {unseen} not: kills miss the press"
