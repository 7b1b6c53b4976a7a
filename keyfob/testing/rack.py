"""Racks of virtual fobs for tests and programs: started in this process, or elsewhere already."""

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from emulator.firmware.files import firmware_source
from emulator.in_process import InProcess
from emulator.recordings.bundle import FailureReport, write_bundle
from firmware_model.catalogue import Model
from firmware_model.errors import BadInput, KeyfobError
from host_tools.client.art import draw
from host_tools.client.bench import BenchClient
from keyfob.testing.fob import Fob, NoBenchError
from keyfob.testing.rack_time import RackTime
from keyfob.testing.run_options import DEFAULT_MODEL, plans_of, settings_of
from keyfob.testing.snapshot import Snapshot

DEFAULT_PRESET = "personalised"
FRAMES = 10
FACES_MAX = 4
"""Fobs whose face and frames a failure report shows."""


class Rack:
    """Fobs by channel, from 1, and the bench they are on. A context manager; or `close` it.

    `rack[1]` is the first fob, `len(rack)` how many there are; iterate over it for all of them.
    `dice` is the text that repeats the fobs' chance, "" where the rack was started elsewhere.

    Example:
        >>> with keyfob.Rack.start(model="fob-t60", count=3, start="2029-04-01") as rack:
        ...     print(len({fob.code() for fob in rack}))
        1
    """

    def __init__(
        self,
        fobs: list[Fob],
        bench: BenchClient | None,
        bench_address: str | None,
        *,
        dice: str = "",
        ends: ExitStack | None = None,
        copy_recording: Callable[[Path], None] | None = None,
    ) -> None:
        self._fobs = fobs
        self._copy_recording = copy_recording
        self._ends = ends or ExitStack()
        self.client = bench
        self.bench_address = bench_address
        self.dice = dice

    @classmethod
    def start(
        cls,
        folder: Path | None = None,
        *,
        model: str = DEFAULT_MODEL,
        count: int = 1,
        preset: str | None = DEFAULT_PRESET,
        firmware: str | None = None,
        time: str | float = "frozen",
        start: str | None = None,
        dice: str | None = None,
        record: Path | None = None,
    ) -> "Rack":
        """Start a rack in this process, on one PTY and a free bench port.

        Args:
            folder: where the PTY's link appears, as `line`; a temporary folder if None.
            model: a model's name, or the path of its TOML file.
            count: how many fobs, 1 to 10,000; they share the line, at the addresses 1 to `count`.
            preset: in which state they begin (BENCH §12); None is blank.
            firmware: the path of an ELF or Intel HEX image, or of a core as a shared library, that
                their boards run instead of our program (FIRMWARE §1); such fobs begin as the
                factory leaves them.
            time: "frozen" (moves only when told), "real", or a rate from 0 to 10^7.
            start: where true time starts, an ISO 8601 date; now if None.
            dice: any text: the same text and start give the same cells, crystals and flash.
            record: a new file that keeps every input and effect, for `keyfob replay` (BENCH §16).

        Raises:
            BadInput: a value is invalid.
            KeyfobError: the rack cannot be started.
        """
        dice = secrets.token_hex(8) if dice is None else dice
        source = None if firmware is None else firmware_source(firmware)
        if source is not None and preset == DEFAULT_PRESET:
            preset = None
        plans = plans_of(model, count, preset, firmware=source)
        with ExitStack() as ends:
            if folder is None:
                folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="keyfob-")))
            settings = settings_of(
                plans,
                port=f"pty:{folder / 'line'}",
                bench="tcp:127.0.0.1:0",
                time=time,
                start=start,
                dice=dice,
                record=None if record is None else str(record),
            )
            emulator = InProcess(settings)
            ends.callback(emulator.stop)
            address = emulator.started.bench
            assert address is not None
            bench = ends.enter_context(BenchClient(address))
            fobs = _fobs(str(folder / "line"), 1, count, bench, plans[0].source.model)
            copy = None if record is None else emulator.copy_recording
            return cls(fobs, bench, address, dice=dice, ends=ends.pop_all(), copy_recording=copy)

    @classmethod
    def connect(
        cls, port: str, bench_address: str | None = None, *, address: int = 1, count: int = 1
    ) -> "Rack":
        """Return fobs that run elsewhere, virtual or real, as channels from 1 on.

        Args:
            port: the line's address, such as "./fob0", "serial:/dev/ttyUSB0,9600" or
                "tcp:127.0.0.1:7000".
            bench_address: of the bench they are on, such as "tcp:127.0.0.1:5025"; None for none.
            address: the HDLC address of the first.
            count: how many, at consecutive addresses.

        Raises:
            KeyfobError: the bench does not answer.
        """
        ends = ExitStack()
        bench = None if bench_address is None else ends.enter_context(BenchClient(bench_address))
        return cls(_fobs(port, address, count, bench), bench, bench_address, ends=ends)

    @property
    def bench(self) -> BenchClient:
        """The bench they are on.

        Raises:
            NoBenchError: they are on none.
        """
        if self.client is None:
            raise NoBenchError("there is no bench: give its address with --keyfob-bench")
        return self.client

    @cached_property
    def time(self) -> RackTime:
        """True time of the rack.

        Raises:
            NoBenchError: the fobs are on no bench.
        """
        return RackTime(self.bench)

    def snapshot(self, name: str = "") -> Snapshot:
        """Save the state of all fobs, and return it; under `name`, which replaces an older one.

        Raises:
            NoBenchError: the fobs are on no bench.
            BenchError: invalid name.
        """
        return Snapshot(self, name)

    @property
    def is_recording(self) -> bool:
        """Whether it was started with `record`."""
        return self._copy_recording is not None

    def write_bundle(
        self, path: Path, *, what: str = "", problem: str = "", again: str = ""
    ) -> None:
        """Write what was recorded so far to `path`, for `keyfob replay` (BENCH §16.1).

        Args:
            path: the bundle, mode 0600; an older one is replaced.
            what: which test failed.
            problem: what failed in it.
            again: the line that runs it again.

        Raises:
            BadInput: the rack was started without `record`, or the file cannot be written.
        """
        if self._copy_recording is None:
            raise BadInput("the rack was started without record: nothing to bundle")
        with tempfile.TemporaryDirectory(prefix="keyfob-") as folder:
            copy = Path(folder) / "recording"
            self._copy_recording(copy)
            write_bundle(path, [copy], FailureReport(what, problem, again))

    def press(self, seconds: Decimal | float = Decimal("0.2"), *, rapid: bool = False) -> None:
        """Press the buttons of all fobs at the same instant; see `Fob.press`."""
        self.bench.press(seconds, f"1:{len(self)}", rapid=rapid)

    def __getitem__(self, channel: int) -> Fob:
        if not 1 <= channel <= len(self._fobs):
            raise IndexError(f"there is no fob {channel}: expected 1 to {len(self._fobs)}")
        return self._fobs[channel - 1]

    def __len__(self) -> int:
        return len(self._fobs)

    def __iter__(self) -> Iterator[Fob]:
        return iter(self._fobs)

    def __enter__(self) -> "Rack":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the bench, and stop what was started."""
        self.client = None
        self._ends.close()

    def report(self) -> str:
        """Return what the bench shows, for a failed test: time, displays, last frames."""
        if self.client is None:
            return "the fobs are on no bench: nothing to show"
        try:
            lines = [f"true time {self.client.query('TIME:DATE?')}"]
            for fob in self._fobs[:FACES_MAX]:
                lines += _described(self.client, fob)
        except KeyfobError as error:
            return f"the bench does not answer: {error}"
        if len(self._fobs) > FACES_MAX:
            lines.append(f"… and {len(self._fobs) - FACES_MAX} more fobs")
        return "\n".join(lines)


def _fobs(
    port: str, address: int, count: int, bench: BenchClient | None, model: Model | None = None
) -> list[Fob]:
    return [Fob(port, address + index, 1 + index, bench, model) for index in range(count)]


def _described(bench: BenchClient, fob: Fob) -> Iterator[str]:
    seen = fob.display
    label = bench.query(f"LAB:SER? (@{fob.channel});MOD? (@{fob.channel})").replace(";", ", ")
    yield f"fob {fob.channel}: {label}, at {fob.port}, address {fob.address}"
    yield draw(seen.segments, text=seen.text, bars=seen.bars, icons=seen.icons)
    yield f"text {seen.text!r}" if seen.text else f"dark: {seen.dark_because}"
    frames = bench.query(f"TRAC:FRAM? {FRAMES},(@{fob.channel})")
    yield "last frames:" if frames else "no frames on its line"
    for frame in frames.strip('"').split('","') if frames else []:
        yield f"  {frame}"
