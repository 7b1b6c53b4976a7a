"""Cost as curves: racks, hosts, seed files, lines at growing sizes, plotted into docs/curves.svg.

Run with `python -m benchmarks.curves [MOST]`: sizes beyond MOST are left out. Processor time, which
other work on the machine leaves as it is, but for fobs a second on several lines. Machine and date
stand in the plot.
"""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks import rack, seeds, verification
from benchmarks.station import wall
from firmware_model.generators import OtpKey
from host_tools.provisioning.station.states import JobState
from host_tools.seeds import write
from host_tools.vault.key_ring import KeyRing
from host_tools.verification.host import Host
from tests.host_tools.provisioning.station.rig import Station, racks, records

PLOT = Path(__file__).parent.parent / "docs" / "curves.svg"
RACKS = (1, 10, 100, 1000, 10_000)
HOSTS = (1000, 10_000, 100_000, 1_000_000)
SEED_FILES = (100, 1000, 10_000, 100_000, 1_000_000)
LINES = (1, 2, 4, 8)
PRESSES, VERIFICATIONS, FOBS = 60, 300, 96
PACKAGES = 1000
"""A file of more keys repeats these."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What one thing costs at each size: two figures, each with its unit."""

    title: str
    sizes: tuple[int, ...]
    first: tuple[str, tuple[float, ...]]
    second: tuple[str, tuple[float, ...]]


def main(most: int = max(HOSTS)) -> None:
    """Measure, print and plot."""
    curves = []
    for measure, sizes in (
        (racks_of, RACKS),
        (hosts_of, HOSTS),
        (seed_files_of, SEED_FILES),
        (lines_of, LINES),
    ):
        curve = measure([size for size in sizes if size <= most or size == sizes[0]])
        print(f"{curve.title:>12} {curve.first[0]:>34} {curve.second[0]:>34}")
        for size, one, two in zip(curve.sizes, curve.first[1], curve.second[1], strict=True):
            print(f"{size:12,} {one:34.2f} {two:34.2f}", flush=True)
        curves.append(curve)
    plot(curves, PLOT)
    print(f"plotted into {PLOT}")


def curve_of(
    title: str,
    sizes: Sequence[int],
    units: tuple[str, str],
    measure: Callable[[int], tuple[float, float]],
) -> Curve:
    """Measure both figures at each size."""
    found = [measure(size) for size in sizes]
    firsts, seconds = zip(*found, strict=True)
    return Curve(title, tuple(sizes), (units[0], firsts), (units[1], seconds))


def racks_of(sizes: Sequence[int]) -> Curve:
    """What a press in a rack costs, and what the rack's process holds in memory."""

    def measure(count: int) -> tuple[float, float]:
        _, work_ms = rack.presses(count, PRESSES)
        _, rss, _ = rack.idle("fob-h6", count, 0)
        return work_ms, rss / 2**20

    return curve_of("fobs", sizes, ("ms of CPU a press", "MiB of the process"), measure)


def hosts_of(sizes: Sequence[int]) -> Curve:
    """What importing a token and verifying a code cost in a store of that size."""

    def measure(tokens: int) -> tuple[float, float]:
        with tempfile.TemporaryDirectory() as folder:
            keys, _ = KeyRing.generate()
            policy = "[enrolment]\ncodes = 0"
            with Host.create(Path(folder, "host.db"), keys, verification.NOW, policy) as host:
                began = time.process_time()
                host.import_tokens(map(verification.record, range(1, tokens + 1)), verification.NOW)
                imported = (time.process_time() - began) / tokens * 1e6
                chosen = range(1, tokens + 1, max(1, tokens // VERIFICATIONS))[:VERIFICATIONS]
                names = [verification.serial_number(number) for number in chosen]
                for name in names:
                    host.enroll(name, f"user of {name}", [], verification.NOW)
                code = OtpKey(verification.SEED).code(0)
                began = time.process_time()
                for name in names:
                    verification.accept(host, code, name)
                verified = (time.process_time() - began) / len(names) * 1e3
        return verified, imported

    return curve_of("tokens", sizes, ("ms of CPU a verification", "µs of CPU an import"), measure)


def seed_files_of(sizes: Sequence[int]) -> Curve:
    """How many keys a second are read of a PSKC file in clear, and the memory that it takes."""

    def measure(keys: int) -> tuple[float, float]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "seeds.pskcxml")
            write(path, seeds.new_records(min(keys, PACKAGES)), plain=True)
            if keys > PACKAGES:
                seeds.repeat_packages(path, keys // PACKAGES)
            spent = seeds.seconds_of(seeds.count_of, path)
            return keys / spent, seeds.peak_kib(path, "count_of(path)") / 1024

    return curve_of("keys", sizes, ("keys a second of CPU", "MiB at most"), measure)


def lines_of(sizes: Sequence[int]) -> Curve:
    """How many fobs a second the station seals on so many lines, and what one costs it."""

    def measure(count: int) -> tuple[float, float]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            with racks(folder, FOBS, count) as announced:
                station = Station(folder, announced, records(FOBS), now=wall)
                station.ports = announced["ports"]
                began, cpu = time.perf_counter(), time.process_time()
                assert station.run(range(1, FOBS // count + 1)) == []
                took, busy = time.perf_counter() - began, time.process_time() - cpu
                assert set(station.states().values()) == {JobState.RECEIPTED}
        return FOBS / took, busy / FOBS * 1e3

    return curve_of("lines", sizes, ("fobs a second", "ms of the station's CPU a fob"), measure)


def machine() -> str:
    """Return what it was measured on, and when."""
    cores, load = os.cpu_count(), os.getloadavg()[0]
    day = datetime.now(UTC).date()
    return (
        f"{platform.machine()}, {cores} cores, load {load:.1f}, Python"
        f" {platform.python_version()}, {day}"
    )


def plot(curves: Sequence[Curve], path: Path) -> None:
    """Draw all curves into one SVG."""
    with mpl.rc_context({"svg.hashsalt": "keyfob", "font.size": 9}):
        figure = Figure(figsize=(9, 6.5), layout="constrained")
        figure.suptitle(f"Cost by size ({machine()})")
        grid = figure.subplots(2, 2).flatten()
        for axes, curve in zip(grid, curves, strict=True):
            draw(axes, curve)
        figure.savefig(path, metadata={"Date": None})


def draw(axes: Axes, curve: Curve) -> None:
    """Draw one: its first figure on the left axis, the second on the right."""
    axes.set_xlabel(curve.title)
    if curve.title == "lines":
        axes.set_xscale("log", base=2)
        axes.set_xticks(curve.sizes, [str(size) for size in curve.sizes])
    else:
        axes.set_xscale("log")
    for side, (name, values), style in (
        (axes, curve.first, "C0o-"),
        (axes.twinx(), curve.second, "C1s--"),
    ):
        side.plot(curve.sizes, values, style)
        side.set_ylabel(name, color=style[:2])
        side.set_ylim(bottom=0, top=max(values) * 1.2)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
