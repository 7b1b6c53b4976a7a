"""What `keyfob run --record` costs: presses through the bench and reads over a PTY.

Run with `python -m benchmarks.recording`. A run with it and one without take turns, in blocks, in
processor time of the emulator's process, so other work on the machine meets both alike.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.rack import Running, running
from firmware_model.wire.objects import SerialNumber
from host_tools.client.session import TokenSession, open_session

BLOCKS = 40
PRESSES = 25
READS = 100


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        record = Path(folder) / "run.kfrec"
        given = ("--model", "fob-h6", "--preset", "in-use", "--time", "frozen")
        plain = stack.enter_context(running(*given))
        recorded = stack.enter_context(running(*given, "--record", str(record)))
        print(_compared("a durable press through the bench", plain, recorded, _press))
        sessions = {
            run: stack.enter_context(open_session(run.port, 1)) for run in (plain, recorded)
        }
        print(_compared("GET DATA over a PTY", plain, recorded, lambda run: _read(sessions[run])))
        print(f"recorded: {record.stat().st_size / 1024:.0f} KiB")


def _compared(what: str, plain: Running, recorded: Running, work: Callable[[Running], int]) -> str:
    work(plain)
    work(recorded)
    costs: dict[Running, list[float]] = {plain: [], recorded: []}
    for _ in range(BLOCKS):
        for run in (plain, recorded):
            before = _cpu_ns(run)
            times = work(run)
            costs[run].append((_cpu_ns(run) - before) / times / 1000)
    pairs = [b / a for a, b in zip(costs[plain], costs[recorded], strict=True)]
    quiet, quiet_recorded = (sorted(costs[run])[BLOCKS // 10] for run in (plain, recorded))
    return (
        f"{what}: {quiet:.0f} µs, recorded {quiet_recorded:.0f} µs of the emulator's processor time"
        f" in the quiet tenth: {quiet_recorded / quiet:.3f} ×, median of pairs"
        f" {median(pairs):.3f} ×"
    )


def _cpu_ns(run: Running) -> int:
    return int(Path(f"/proc/{run.process.pid}/schedstat").read_text("ascii").split()[0])


def _press(run: Running) -> int:
    for _ in range(PRESSES):
        run.ask("BUTT:PRES 0.2;*OPC?")
        run.ask("TIME:ADV 60;*OPC?")
    return PRESSES


def _read(session: TokenSession) -> int:
    for _ in range(READS):
        session.get(SerialNumber)
    return READS


if __name__ == "__main__":
    main()
