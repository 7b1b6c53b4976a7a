"""Faults of a fob's line, as a test orders them: `fob.line.drop(2)` (BENCH §14.1)."""

from decimal import Decimal
from typing import Literal, TypedDict, Unpack

from emulator.faults.vocabulary import DISCONNECTED, LINE_FAULTS, UNSOLICITED
from host_tools.client.bench import BenchClient
from keyfob.testing.duration import Duration, seconds_of

Way = Literal["from", "to", "both"]
Number = Decimal | float


class LineBounds(TypedDict, total=False):
    """The bounds of a line fault besides its frames.

    Example:
        >>> bounds: keyfob.LineBounds = {"percent": 3, "lasting": "10s", "way": "both"}
    """

    percent: Number
    lasting: Duration
    way: Way


class FobLine:
    """The line of one fob, to be made bad on purpose.

    Every fault meets the next `frames` frames (1 to 1,000,000). By name it takes more bounds: each
    frame with a chance of `percent` (0.001..100), for `lasting` of true time at most (0: no such
    end), `way` the fob's frames ("from"), the host's ("to") or "both". Seconds of a delay, pause or
    gap are wall time.

    Raises, from every method: `KeyfobError` as `Bench` does; `BenchError` for a value out of range.

    Example:
        >>> with keyfob.Rack.start() as rack:
        ...     rack[1].line.damage_crc(1)
        ...     with rack[1].session() as session:
        ...         print(keyfob.read_state(session).serial_number, rack[1].line.count())
        ZZH600000001 1
    """

    def __init__(self, bench: BenchClient, channel: int) -> None:
        self._bench = bench
        self._channel = channel

    def delay(
        self,
        seconds: Number,
        spread: Number = 0,
        frames: int = 1,
        **bounds: Unpack[LineBounds],
    ) -> None:
        """Let frames come `seconds` late, and up to `spread` more."""
        self._order("DELay", (seconds, spread), frames, bounds)

    def drop(self, frames: int = 1, **bounds: Unpack[LineBounds]) -> None:
        """Lose frames."""
        self._order("DROP", (), frames, bounds)

    def damage_bit(self, frames: int = 1, **bounds: Unpack[LineBounds]) -> None:
        """Flip one bit in each frame."""
        self._order("DAMage:BIT", (), frames, bounds)

    def damage_crc(self, frames: int = 1, **bounds: Unpack[LineBounds]) -> None:
        """Spoil the check sequence of frames."""
        self._order("DAMage:CRC", (), frames, bounds)

    def damage_length(self, frames: int = 1, **bounds: Unpack[LineBounds]) -> None:
        """Spoil the length of frames."""
        self._order("DAMage:LENGth", (), frames, bounds)

    def duplicate(self, frames: int = 1, **bounds: Unpack[LineBounds]) -> None:
        """Let frames come twice."""
        self._order("DUPLicate", (), frames, bounds)

    def split(self, seconds: Number, frames: int = 1, **bounds: Unpack[LineBounds]) -> None:
        """Let frames come in two parts with a pause of `seconds` between them."""
        self._order("SPLit", (seconds,), frames, bounds)

    def dribble(self, seconds: Number, frames: int = 1, **bounds: Unpack[LineBounds]) -> None:
        """Let frames come byte by byte, `seconds` before each."""
        self._order("DRIBble", (seconds,), frames, bounds)

    def garbage(self, count: int, frames: int = 1, **bounds: Unpack[LineBounds]) -> None:
        """Let `count` random bytes come before frames (1..1000)."""
        self._order("GARBage", (count,), frames, bounds)

    def foreign(self, frames: int = 1, **bounds: Unpack[LineBounds]) -> None:
        """Address frames to somebody else, with good check sequences."""
        self._order("FOReign", (), frames, bounds)

    def parity(self, frames: int = 1, **bounds: Unpack[LineBounds]) -> None:
        """Give a byte of frames a parity error, on an `rfc2217:` port ("from" only)."""
        self._order("PARity", (), frames, bounds)

    def framing(self, frames: int = 1, **bounds: Unpack[LineBounds]) -> None:
        """Give a byte of frames a framing error, on an `rfc2217:` port ("from" only)."""
        self._order("FRAMing", (), frames, bounds)

    def echo(self, frames: int = 1, **bounds: Unpack[LineBounds]) -> None:
        """Let the host hear its own frames, as on a two-wire RS-485 adapter ("to" only)."""
        self._order("ECHO", (), frames, {"way": "to", **bounds})

    def turnaround(self, seconds: Number, frames: int = 1, **bounds: Unpack[LineBounds]) -> None:
        """Lose what the host sends within `seconds` after an answer ("to" only)."""
        self._order("TURNaround", (seconds,), frames, {"way": "to", **bounds})

    def silence(self, lasting: Duration, way: Way = "both") -> None:
        """Let nothing pass for `lasting` of true time."""
        self._bench.do(f"FAULt:LINE:SILence {seconds_of(lasting)},{way.upper()},{self._channels}")

    def noise(self, count: int) -> None:
        """Send the host `count` random bytes now (1..1000)."""
        self._bench.do(f"FAULt:LINE:NOISe {count},{self._channels}")

    def disconnect(self, lasting: Duration = 0) -> None:
        """Pull the port's plug, for `lasting` of true time, or until `plug_in` (0).

        All fobs on the port are disconnected.
        """
        self._bench.do(f"FAULt:LINE:DISConnect {seconds_of(lasting)},{self._channels}")

    def plug_in(self) -> None:
        """Put the plug back; do nothing where it was not pulled."""
        self._bench.do(f"FAULt:LINE:PLUG {self._channels}")

    def count(self, fault: str = "") -> int:
        """Return how often `fault` has fired since the last `clear`, all faults if "".

        It is a method's name here ("damage_crc"), or a name of BENCH §14 ("LINE:DAMage:CRC").
        """
        name = _SPELLED.get(fault, fault)
        return int(self._bench.query(f'FAULt:COUNt? "{name}",{self._channels}'))

    def clear(self) -> None:
        """End all faults of this line, plug it in, and set the counts to 0."""
        self._bench.do(f"FAULt:CLEar {self._channels}")

    @property
    def _channels(self) -> str:
        return f"(@{self._channel})"

    def _order(
        self, fault: str, values: tuple[Number, ...], frames: int, bounds: LineBounds
    ) -> None:
        lasting = seconds_of(bounds.get("lasting", 0))
        way = bounds.get("way", "from").upper()
        given = (*values, frames, bounds.get("percent", 100), lasting, way)
        self._bench.do(f"FAULt:LINE:{fault} {','.join(map(str, given))},{self._channels}")


_SPELLED = {fault.method: fault.name for fault in LINE_FAULTS} | {
    "noise": UNSOLICITED,
    "disconnect": DISCONNECTED,
}
"""Methods, and how the bench calls their faults."""
