"""Seeded dice: the only source of chance in the model; one integer, part of its state."""

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E37_79B9_7F4A_7C15


class Drbg:
    """SplitMix64: a deterministic random bit generator of one 64-bit word of state.

    It decides how contacts bounce and which bits a power cut leaves behind. It is not
    cryptographic, and nothing secret is ever made of it.
    """

    __slots__ = ("state",)

    def __init__(self, random_seed: int) -> None:
        self.state = random_seed & _MASK

    def throw(self) -> int:
        """Throw 64 fresh bits; `bits_of` says which, should anybody ask."""
        state = self.state = (self.state + _GOLDEN) & _MASK
        return state

    def word(self) -> int:
        """Return 64 fresh bits."""
        return bits_of(self.throw())

    def below(self, limit: int) -> int:
        """Return an integer of 0..limit-1; `limit` is at least 1."""
        return (self.word() * limit) >> 64

    def hits(self, permille: int) -> bool:
        """Return True in `permille` of a thousand throws."""
        return self.below(1000) < permille

    def normal(self, sigma: int) -> int:
        """Return a bell-shaped integer around 0 with standard deviation `sigma`.

        The sum of twelve uniform numbers has variance 1, integers throughout, and ends at six
        sigma, so that no unit is unrealistic.
        """
        total = sum(self.below(65_536) for _ in range(12)) - 6 * 65_536
        return total * sigma // 65_536


def bits_of(throw: int) -> int:
    """Return the 64 bits of what `Drbg.throw` returned."""
    z = ((throw ^ (throw >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return z ^ (z >> 31)
