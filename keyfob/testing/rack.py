"""What a test holds in its hand: fobs by channel, with their ports and the bench they lie on."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from emulator.in_process import InProcess
from emulator.settings import FobPlan, Settings, model_source
from firmware_model.errors import KeyfobError
from host_tools.client.art import draw
from host_tools.client.bench import BenchClient, DisplayReading
from host_tools.client.session import TokenSession, open_session
from keyfob.testing.presets import apply
from keyfob.testing.run_options import count_of, instant_of_start, rate_of

FRAMES = 10
FACES_MAX = 4
"""Fobs whose face and frames a failure report shows."""


class NoBenchError(Exception):
    """The fob lies on no bench: nothing can press its button or look at it."""


class Fob:
    """One fob: `port` and `address` are for any host; the rest is done on the bench."""

    def __init__(self, port: str, address: int, channel: int, bench: BenchClient | None) -> None:
        self.port = port
        self.address = address
        self.channel = channel
        self._bench = bench

    def press(self, seconds: Decimal | float = Decimal("0.2")) -> None:
        """Press the button and wait until the press has run its course."""
        self._at_bench().press(seconds, str(self.channel))

    @property
    def display(self) -> DisplayReading:
        """What an eye sees now."""
        return self._at_bench().display(self.channel)

    @property
    def text(self) -> str:
        """What is read on the display, "" while it is dark."""
        return self.display.text

    def session(self) -> TokenSession:
        """Open the port and select the token application; use it as a context manager."""
        return open_session(self.port, self.address)

    def _at_bench(self) -> BenchClient:
        if self._bench is None:
            raise NoBenchError("there is no bench: --keyfob-bench says where one is")
        return self._bench


class Rack:
    """The fobs of one test by channel, from 1. `close` it, or use it as a context manager."""

    def __init__(
        self,
        fobs: list[Fob],
        bench: BenchClient | None,
        bench_address: str | None,
        emulator: InProcess | None = None,
    ) -> None:
        self._fobs = fobs
        self._emulator = emulator
        self.client = bench
        self.bench_address = bench_address

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        model: str = "fob-h6",
        count: int = 1,
        preset: str | None = "personalised",
        time: str | float = "frozen",
        start: str | None = None,
        dice: str | None = None,
    ) -> "Rack":
        """Start a rack of this process, on a PTY in `folder` and a free bench port.

        The other arguments mean what the options of `keyfob run` mean.

        Raises:
            KeyfobError: it cannot be had.
        """
        plan = apply(FobPlan(source=model_source(model)), preset, {})
        emulator = InProcess(
            Settings(
                plans=(plan,) * count_of(str(count)),
                port=f"pty:{folder / 'line'}",
                bench="tcp:127.0.0.1:0",
                rate=rate_of(str(time)),
                start=None if start is None else instant_of_start(start),
                dice=None if dice is None else dice.encode(),
            )
        )
        address = emulator.started.bench
        assert address is not None
        bench = BenchClient(address)
        return cls(_fobs(str(folder / "line"), 1, count, bench), bench, address, emulator)

    @classmethod
    def there(cls, port: str, bench_address: str | None, *, address: int = 1) -> "Rack":
        """Return the fob that is there already, virtual or real, as channel 1.

        Raises:
            KeyfobError: the bench does not answer.
        """
        bench = None if bench_address is None else BenchClient(bench_address)
        return cls(_fobs(port, address, 1, bench), bench, bench_address)

    @property
    def bench(self) -> BenchClient:
        """The bench they lie on.

        Raises:
            NoBenchError: on none.
        """
        if self.client is None:
            raise NoBenchError("there is no bench: --keyfob-bench says where one is")
        return self.client

    def __getitem__(self, channel: int) -> Fob:
        if not 1 <= channel <= len(self._fobs):
            raise IndexError(f"there is no fob {channel}: 1 to {len(self._fobs)}")
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
        if self.client is not None:
            self.client.close()
            self.client = None
        if self._emulator is not None:
            self._emulator.stop()
            self._emulator = None

    def report(self) -> str:
        """Return what the bench sees, for a failed test: time, faces, last frames."""
        if self.client is None:
            return "there is no bench to look from"
        try:
            lines = [f"true time {self.client.query('TIME:DATE?')}"]
            for fob in self._fobs[:FACES_MAX]:
                lines += _described(self.client, fob)
        except KeyfobError as error:
            return f"the bench does not tell: {error}"
        if len(self._fobs) > FACES_MAX:
            lines.append(f"… and {len(self._fobs) - FACES_MAX} more fobs")
        return "\n".join(lines)


def _fobs(port: str, address: int, count: int, bench: BenchClient | None) -> list[Fob]:
    return [Fob(port, address + index, 1 + index, bench) for index in range(count)]


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
