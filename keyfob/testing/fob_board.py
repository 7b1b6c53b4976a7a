"""Faults of a fob's board, as a test orders them: `fob.board.pull_cell("2s")` (BENCH §14.2)."""

from decimal import Decimal

from emulator.faults.vocabulary import BOARD_FAULTS
from host_tools.client.bench import BenchClient
from keyfob.testing.duration import Duration, seconds_of

Number = Decimal | float


class FobBoard:
    """Supply, key, glass, crystal and flash of one fob, to be made bad on purpose.

    What was there before comes back by itself after `lasting`, or at `clear`; what has happened to
    the flash stays.

    Raises, from every method: `KeyfobError` as `Bench` does; `BenchError` for a value out of range.

    Example:
        >>> with keyfob.Rack.start() as rack:
        ...     rack[1].board.pull_cell("2s")
        ...     rack.time.advance("2s")
        ...     print(rack[1].state().serial_number, rack[1].board.count("POWer:PULL"))
        ZZH600000001 1
    """

    def __init__(self, bench: BenchClient, channel: int) -> None:
        self._bench = bench
        self._channel = channel

    def pull_cell(self, lasting: Duration) -> None:
        """Take the cell out for `lasting`."""
        self._order("POWer:PULL", seconds_of(lasting))

    def sag(self, percent: Number, lasting: Duration) -> None:
        """Leave only `percent` (0..100) of charge in the cell for `lasting`."""
        self._order("POWer:SAG", percent, seconds_of(lasting))

    def cut_inside(self, operation: int, percent: Number = 50) -> None:
        """Let the supply fail `percent` into the flash operation `operation` from now (1: next)."""
        self._order("POWer:CUT", operation, percent)

    def cut_at_cycle(self, cycle: int) -> None:
        """Let the supply fail when the processor has run `cycle` cycles of its clock from now."""
        self._order("POWer:CYCLe", cycle)

    def surround(self, celsius: Number, lasting: Duration) -> None:
        """Put the fob into `celsius` degrees (-60..120) for `lasting`."""
        self._order("TEMPerature", celsius, seconds_of(lasting))

    def stick_key(self, lasting: Duration) -> None:
        """Let the key stick for `lasting`."""
        self._order("BUTTon:STUCk", seconds_of(lasting))

    def bounce(self, seconds: Number, closings: int = 20) -> None:
        """Let the contact close and open `closings` times (1..500) within `seconds` (0.001..60).

        The dice draw the instants. It happens as time passes.
        """
        self._order("BUTTon:BOUNce", seconds, closings)

    def halt_crystal(self, lasting: Duration) -> None:
        """Stop the crystal for `lasting`: the clock stands, and nothing that waits for it comes."""
        self._order("CRYStal:HALT", seconds_of(lasting))

    def flip_bits(self, bits: int = 1, page: int = 0) -> None:
        """Flip `bits` bits (1..1000) of what is written in flash `page` (from 1), or in any (0)."""
        self._order("FLASh:FLIP", bits, page)

    def wear_flash(self, page: int = 0) -> None:
        """Bring flash `page` (from 1), or every page (0), to its end: erased bytes stay down."""
        self._order("FLASh:WEAR", page)

    def deaden(self, position: int, lasting: Duration) -> None:
        """Let no segment of `position` (from 1) light for `lasting`."""
        self._order("DISPlay:DEAD", position, seconds_of(lasting))

    def count(self, fault: str = "") -> int:
        """Return how often `fault` has fired since the last `clear`, all faults if "".

        It is a method's name here ("pull_cell"), or a name of BENCH §14.2 ("POWer:PULL").
        """
        name = _SPELLED.get(fault, fault)
        return int(self._bench.query(f'FAULt:COUNt? "{name}",(@{self._channel})'))

    def clear(self) -> None:
        """End all faults of this fob, those of its line too, and set the counts to 0."""
        self._bench.do(f"FAULt:CLEar (@{self._channel})")

    def _order(self, fault: str, *values: object) -> None:
        self._bench.do(f"FAULt:{fault} {','.join(map(str, values))},(@{self._channel})")


_SPELLED = {fault.method: fault.header for fault in BOARD_FAULTS}
"""Methods, and how the bench calls their faults."""
