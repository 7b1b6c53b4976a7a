"""Racks: start, memory and idle CPU a fob, presses through the bench, a leap of three years.

Run with `python -m benchmarks.rack`. Each figure at growing sizes, so that one sees how it grows.
Work is counted in processor time, which other work on the machine leaves as it is.
"""

import os
import resource
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

SIZES = (1, 100, 1000, 10_000)
IDLE_SECONDS = 10
PRESSES = 300
LEAP_FOBS = (1, 100, 1000)
ANSWER_SECONDS = 600
PAGE_BYTES = resource.getpagesize()
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(eq=False)
class Running:
    """A `keyfob run` in a process of its own, a controller at its bench, and its port."""

    process: subprocess.Popen[bytes]
    talk: socket.socket
    port: str

    def ask(self, line: str) -> str:
        """Send a line and return its answer."""
        self.talk.sendall(line.encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            answer += self.talk.recv(65_536)
        return answer.decode().strip()

    @property
    def rss_bytes(self) -> int:
        """What the process holds in memory."""
        return int(self._proc("statm").split()[1]) * PAGE_BYTES

    @property
    def cpu_s(self) -> float:
        """What the process has used of a core since its start, in seconds."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def _proc(self, name: str) -> str:
        return Path(f"/proc/{self.process.pid}/{name}").read_text("ascii")


@contextmanager
def running(*options: str) -> Iterator[Running]:
    """Start `keyfob run` with these options, on a PTY line and a store of its own."""
    import json

    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "keyfob", "run", "--json", "--port", f"pty:{folder}/line"),
                *("--bench", "tcp:127.0.0.1:0", "--store", f"{folder}/rack.db", *options),
            ],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        try:
            assert select.select([process.stdout], [], [], ANSWER_SECONDS)[0], "it never was ready"
            announced = json.loads(process.stdout.readline())
            host, port = announced["bench"][4:].rsplit(":", 1)
            with socket.create_connection((host, int(port)), ANSWER_SECONDS) as talk:
                yield Running(process, talk, announced["port"])
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def idle(model: str, count: int, seconds: float = IDLE_SECONDS) -> tuple[float, int, float]:
    """Return seconds of work to start, resident bytes and share of a core of an idle rack."""
    with running("--model", model, "--count", str(count), "--preset", "blank") as rack:
        rack.ask("*OPC?")
        started_s, begin = rack.cpu_s, time.perf_counter()
        time.sleep(seconds)
        share = (rack.cpu_s - started_s) / (time.perf_counter() - begin)
        return started_s, rack.rss_bytes, share


def presses(count: int, presses_each: int = PRESSES) -> tuple[list[float], float]:
    """Return the sorted times of presses of one fob in a rack of `count`, and the work of one.

    Both in milliseconds.

    Time is frozen, so that what is measured is our work and the disk's, not the finger's: each
    press is the command, `*OPC?` (which moves time to its end) and a look at the display.
    """
    times = []
    options = ("--model", "fob-h6", "--count", str(count), "--time", "frozen")
    with running(*options, "--preset", "personalised") as rack:
        rack.ask("*OPC?")
        work_before = rack.cpu_s
        for _ in range(presses_each):
            begin = time.perf_counter()
            rack.ask("BUTT:PRES 0.2;*OPC?;:DISP:TEXT?")
            times.append((time.perf_counter() - begin) * 1e3)
            rack.ask("TIME:ADV 30;*OPC?")
        work = (rack.cpu_s - work_before) / presses_each * 1e3
    return sorted(times), work


def disk_commit(rounds: int = PRESSES) -> list[float]:
    """Return the sorted times, in milliseconds, of what no durable press goes below: one sync."""
    times = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(rounds):
            file.seek(0)
            file.write(bytes(PAGE_BYTES))
            file.flush()
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - begin) * 1e3)
    return sorted(times)


def leap(model: str, count: int) -> float:
    """Return the seconds of work that a leap of three years over `count` fobs in use takes."""
    options = ("--model", model, "--count", str(count), "--time", "frozen", "--preset", "in-use")
    with running(*options) as rack:
        rack.ask("*OPC?")
        before = rack.cpu_s
        rack.ask("TIME:ADV 3 ANN;*OPC?")
        return rack.cpu_s - before


def main() -> None:
    """Measure and print tables."""
    print("idle racks (fob-h6, blank, on one line, with a store)")
    print(f"{'fobs':>8} {'start s':>9} {'MiB':>8} {'KiB a fob':>10} {'CPU %':>8}")
    base = 0
    for size in SIZES:
        start_s, rss, share = idle("fob-h6", size)
        base = base or rss
        a_fob = (rss - base) / max(size - 1, 1) / 1024
        print(f"{size:8,} {start_s:9.2f} {rss / 2**20:8.1f} {a_fob:10.1f} {share * 100:8.2f}")
    print("presses through the bench, one after the other, each durable before it shows (ms)")
    print(f"{'fobs':>8} {'p50':>8} {'p99':>8} {'presses/s':>10} {'work':>8}")
    for size in SIZES:
        times, work = presses(size)
        rate = len(times) / sum(times) * 1e3
        print(f"{size:8,} {_p50(times):8.2f} {_p99(times):8.2f} {rate:10,.0f} {work:8.2f}")
    floor = disk_commit()
    print(
        f"the disk's own commit, as the floor: p50 {_p50(floor):.2f} ms, p99 {_p99(floor):.2f} ms"
    )
    print("a leap of three years over fobs in use (s of work)")
    print(f"{'fobs':>8} {'fob-h6':>8} {'fob-t60':>8} {'sid-always':>11}")
    for size in LEAP_FOBS:
        pressed = f"{leap('fob-h6', size):8.2f} {leap('fob-t60', size):8.2f}"
        print(f"{size:8,} {pressed} {leap('sid-always', size):11.2f}")


def _p50(times: list[float]) -> float:
    return times[len(times) // 2]


def _p99(times: list[float]) -> float:
    return quantiles(times, n=100)[98]


if __name__ == "__main__":
    main()
