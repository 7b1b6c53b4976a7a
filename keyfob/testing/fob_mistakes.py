"""Mistakes that people make with a fob, as a test makes them (BENCH §14.3)."""

from typing import TYPE_CHECKING

from emulator.faults.vocabulary import MISTAKES
from host_tools.client.bench import BenchClient
from host_tools.seeds.record_mistakes import RecordMistake, mistaken_record
from keyfob.testing.duration import Duration, seconds_of

if TYPE_CHECKING:
    from host_tools.seeds.record import SeedRecord
    from keyfob.testing.fob import Fob


class FobMistakes:
    """What goes wrong with fobs in the field, made on purpose with one fob.

    `wrong_step` and `wrong_encoding` return the record that the product under test is to import
    instead of `fob.record`: such a mistake is made with the seed file.

    Raises, from every method: `KeyfobError` as `Bench` does; `BenchError` for a value out of range.

    Example:
        >>> with keyfob.Rack.start() as rack:
        ...     rack[1].mistakes.pocket_presses(15)
        ...     print(rack[1].state().counters.presses, rack[1].mistakes.count("pocket_presses"))
        15 15
    """

    def __init__(self, fob: "Fob", bench: BenchClient) -> None:
        self._fob = fob
        self._bench = bench

    def pocket_presses(self, presses: int) -> None:
        """Press `presses` times (1..1000), each until the display is dark: the counter is ahead."""
        self._order("POCKet", presses)

    def wrong_clock(self, offset: Duration, *, behind: bool = False) -> None:
        """Let the fob's clock be ahead of true time by exactly `offset`, or `behind` it."""
        self._order("CLOCk", f"{'-' if behind else ''}{seconds_of(offset)}")

    def drawer(self, lasting: Duration = "2y") -> None:
        """Let nobody touch it for `lasting`: true time passes for all fobs of the rack."""
        self._order("DRAWer", seconds_of(lasting))

    def twin_of(self, other: "Fob") -> None:
        """Make it the twin of `other`, of the same model and rack: one seed in two fobs."""
        self._order("TWIN", other.channel)

    def wrong_step(self) -> "SeedRecord":
        """Return its record with a step of 30 s where the fob has another, else with 60 s.

        Raises:
            BadInput: the fob has no time step.
        """
        return mistaken_record(self._fob.record, RecordMistake.STEP)

    def wrong_encoding(self, read_as: str = "hex") -> "SeedRecord":
        """Return its record with a seed that was decoded wrongly.

        Args:
            read_as: "hex", "base32" or "base64": in which text the seed was written, whose
                characters were then taken for the seed itself.

        Raises:
            BadInput: another word.
        """
        return mistaken_record(self._fob.record, RecordMistake.named(read_as))

    def count(self, mistake: str) -> int:
        """Return how often `mistake` (a method's name, or one of BENCH §14.3) happened."""
        name = _SPELLED.get(mistake, mistake)
        return int(self._bench.query(f'FAULt:COUNt? "{name}",(@{self._fob.channel})'))

    def _order(self, mistake: str, *values: object) -> None:
        given = ",".join(map(str, values))
        self._bench.do(f"FAULt:MISTake:{mistake} {given},(@{self._fob.channel})")


_SPELLED = {fault.method: fault.header for fault in MISTAKES}
"""Methods, and how the bench calls their mistakes."""
