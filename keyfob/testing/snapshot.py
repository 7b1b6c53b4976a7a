"""A prepared state of a rack, to go back to: `rack.snapshot()` (BENCH §15)."""

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keyfob.testing.rack import Rack


class Snapshot:
    """The state of all fobs of `rack` when it was taken: `restore` brings it back, often.

    It keeps what outlives a restart: flash, cell, clock, surroundings, a stuck key. True time does
    not go back: after `restore` the fobs have been left alone since. Each restore begins a new
    incarnation, and a promise such as "no code twice" holds within one only.

    Raises, from every method: `KeyfobError` as `Bench` does.

    Example:
        >>> with keyfob.Rack.start(model="fob-h6") as rack:
        ...     prepared = rack.snapshot()
        ...     first = rack[1].code()
        ...     _ = prepared.restore()
        ...     print(first, rack[1].code())
        755224 755224
    """

    def __init__(self, rack: "Rack", name: str = "") -> None:
        self.rack = rack
        self.name = name or f"snapshot-{secrets.token_hex(8)}"
        rack.bench.do(f'SNAPshot:SAVE "{self.name}"')

    def restore(self) -> "Rack":
        """Bring all fobs back to this state, end all faults, and return the rack."""
        self.rack.bench.do(f'FAULt:CLEar (@1:{len(self.rack)});:SNAPshot:RESTore "{self.name}"')
        return self.rack

    def delete(self) -> None:
        """Forget this state."""
        self.rack.bench.do(f'SNAPshot:DELete "{self.name}"')
