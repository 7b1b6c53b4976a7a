"""The flags of a core, which are worked out when somebody asks for them.

N and Z are those of `nz`, C is `cf`, 0 or 1, V is bit 31 of `vf`. Both N and Z, which only a write
of the flags can make, is bit 32 of `nz` alone. Instead of a number each of the three may be a pair:
the two operands of the subtraction that sets it.
"""

from typing import NamedTuple, Protocol

from firmware_model.processor.terms import SIGN, WORD, Term

FLAGS = ("nz", "cf", "vf")

Held = int | tuple[int, int]
"""What a core holds of a flag: its number, or the operands of a subtraction."""

SETTLED = {
    "nz": f"nz[0] - nz[1] & {WORD}",
    "cf": "cf[0] >= cf[1]",
    "vf": "(vf[0] ^ vf[1]) & (vf[0] ^ vf[0] - vf[1])",
}
"""What each of them is, as a number, where it is a pair."""

_NZ = (1, 0, SIGN, WORD + 1)  # what N and Z, as two bits, are as one number


class Flag(NamedTuple):
    """One of them at a place of a block: its value, and the pair that says the same."""

    name: str
    value: Term
    pair: Term | None

    @property
    def is_unchanged(self) -> bool:
        """Whether it is what it was where the block began."""
        return self.value.name == self.name


class FlagCore(Protocol):
    """A core's flags."""

    nz: Held
    cf: Held
    vf: Held


def settle_flags(core: FlagCore) -> tuple[int, int, int]:
    """Work out all three, and return them."""
    nz, cf, vf = core.nz, core.cf, core.vf
    if isinstance(nz, tuple):
        nz = nz[0] - nz[1] & WORD
    if isinstance(cf, tuple):
        cf = int(cf[0] >= cf[1])
    if isinstance(vf, tuple):
        vf = (vf[0] ^ vf[1]) & (vf[0] ^ vf[0] - vf[1])
    core.nz, core.cf, core.vf = nz, cf, vf
    return nz, cf, vf


def read_flags(core: FlagCore) -> int:
    """Return N, Z, C and V as bits 31 to 28."""
    nz, cf, vf = settle_flags(core)
    return (SIGN if nz >> 31 else 0) | (0 if nz & WORD else SIGN >> 1) | cf << 29 | (vf & SIGN) >> 3


def write_flags(core: FlagCore, value: int) -> None:
    """Take N, Z, C and V from bits 31 to 28."""
    core.nz = _NZ[value >> 30]
    core.cf, core.vf = value >> 29 & 1, value << 3 & SIGN
