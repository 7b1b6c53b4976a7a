"""What registers hold, as expressions of Python that are worked out as late as possible.

A `Term` is right in its low 32 bits. It may have more of them, or be negative: `low` and `high`
are the numbers between which it lies, and `word` takes the surplus away where somebody would see
it (a comparison, a shift to the right, a store, the end of a block). Sums, logic and shifts to the
left do not, so most values never lose it.
"""

WORD = 0xFFFF_FFFF
SIGN = 0x8000_0000

_WIDEST = 1 << 88
"""Beyond this a value is cut to 32 bits: three digits of Python's integers hold it."""


class Term:
    """A number, a variable, or an expression of other values.

    `form` has a `%s` for each of `operands`. `name` is the variable that holds it from the start
    of the block on, or from its load on; `number` is what it is, where that is known. `base` and
    `offset` say the same as another value and a number.
    """

    __slots__ = ("base", "form", "high", "low", "name", "number", "offset", "operands")

    def __init__(
        self,
        form: str,
        operands: tuple["Term", ...],
        low: int,
        high: int,
        *,
        name: str = "",
        number: int | None = None,
    ) -> None:
        self.form = form
        self.operands = operands
        self.low = low
        self.high = high
        self.name = name
        self.number = number
        self.base: Term = self
        self.offset = 0

    @property
    def is_word(self) -> bool:
        """Whether it is within 32 bits."""
        return self.low >= 0 and self.high <= WORD


class TermMaker:
    """The values of one block: the same expression twice is one value."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Term] = {}
        self.zero = self.number(0)

    # Leaves -------------------------------------------------------------------------------------

    def number(self, number: int) -> Term:
        """Return a number, cut to 32 bits."""
        return self._constant(number & WORD)

    def _constant(self, number: int) -> Term:
        found = self._known.get((number,))
        if found is None:
            found = self._known[number,] = Term("", (), number, number, number=number)
        return found

    def variable(self, name: str, high: int = WORD) -> Term:
        """Return what a variable of the block holds, from 0 to `high`."""
        return Term("", (), 0, high, name=name)

    # Expressions --------------------------------------------------------------------------------

    def expression(self, form: str, operands: tuple[Term, ...], low: int, high: int) -> Term:
        """Return an expression; where all its operands are numbers, what it comes to."""
        key = (form, *map(id, operands))
        found = self._known.get(key)
        if found is None:
            numbers = tuple(operand.number for operand in operands)
            if None in numbers:
                found = Term(form, operands, low, high)
            else:
                found = self._constant(int(eval(form % numbers)))  # noqa: S307 - our own text
            self._known[key] = found
        return found

    def word(self, value: Term) -> Term:
        """Return a value cut to 32 bits."""
        if value.is_word:
            return value
        return self.expression(f"%s & {WORD}", (value,), 0, WORD)

    def narrow(self, value: Term, bits: int) -> Term:
        """Return a value's lowest bits."""
        mask = (1 << bits) - 1
        if value.low >= 0 and value.high <= mask:
            return value
        return self.expression(f"%s & {mask}", (value,), 0, mask)

    def signed(self, value: Term, bits: int = 32) -> Term:
        """Return a value's lowest bits as a number with a sign."""
        half = 1 << bits - 1
        if value.low >= 0 and value.high < half:
            return value
        low = self.narrow(value, bits)
        return self.expression(f"(%s ^ {half}) - {half}", (low,), -half, half - 1)

    def plus(self, value: Term, number: int) -> Term:
        """Return the sum of a value and a number, which may be negative."""
        if value.number is not None:
            return self.number(value.number + number)
        base = value.base
        offset = value.offset + number & WORD
        offset -= (offset & SIGN) << 1
        if not offset:
            return base
        base = self._fitting(base)
        form = f"%s + {offset}" if offset > 0 else f"%s - {-offset}"
        found = self.expression(form, (base,), base.low + offset, base.high + offset)
        found.base, found.offset = base, offset
        return found

    def add(self, a: Term, b: Term) -> Term:
        """Return a sum."""
        if b.number is not None:
            return self.plus(a, b.number)
        if a.number is not None:
            return self.plus(b, a.number)
        if a.offset or b.offset:
            return self.plus(self.add(a.base, b.base), a.offset + b.offset)
        return self.exact_sum(self._fitting(a), self._fitting(b))

    def exact_sum(self, a: Term, b: Term) -> Term:
        """Return a sum with all its bits."""
        return self.expression("%s + %s", (a, b), a.low + b.low, a.high + b.high)

    def subtract(self, a: Term, b: Term) -> Term:
        """Return a difference."""
        if b.number is not None:
            return self.plus(a, -b.number)
        a, b = self._fitting(a), self._fitting(b)
        return self.expression("%s - %s", (a, b), a.low - b.high, a.high - b.low)

    def multiply(self, a: Term, b: Term) -> Term:
        """Return a product."""
        a, b = self.word(a), self.word(b)
        return self.expression("%s * %s", (a, b), 0, a.high * b.high)

    def both(self, a: Term, b: Term) -> Term:
        """Return the bits that both have."""
        if a is b:
            return a
        if a.low < 0 and b.low < 0:
            b = self.word(b)
        high = min(value.high for value in (a, b) if value.low >= 0)
        return self.expression("%s & %s", (a, b), 0, high)

    def either(self, a: Term, b: Term) -> Term:
        """Return the bits that one of them has."""
        return a if a is b else self._joined("%s | %s", a, b)

    def differing(self, a: Term, b: Term) -> Term:
        """Return the bits in which they differ."""
        return self.zero if a is b else self._joined("%s ^ %s", a, b)

    def without(self, a: Term, b: Term) -> Term:
        """Return the bits of `a` that `b` does not have."""
        a = self.word(a)
        return self.expression("%s & ~%s", (a, b), 0, a.high)

    def inverted(self, value: Term) -> Term:
        """Return the opposite of each bit."""
        return self.expression("~%s", (value,), ~value.high, ~value.low)

    def shifted_left(self, value: Term, count: int) -> Term:
        """Return a value shifted by a number."""
        if not count:
            return value
        if value.high << count > _WIDEST or value.low << count < -_WIDEST:
            value = self.word(value)
        return self.expression(f"%s << {count}", (value,), value.low << count, value.high << count)

    def shifted_right(self, value: Term, count: int) -> Term:
        """Return a value without its lowest bits, zeros above."""
        value = self.word(value)
        if not count:
            return value
        return self.expression(f"%s >> {count}", (value,), 0, value.high >> count)

    def shifted_signed(self, value: Term, count: int) -> Term:
        """Return a value without its lowest bits, its sign above."""
        value = self.signed(value)
        return self.expression(f"%s >> {count}", (value,), value.low >> count, value.high >> count)

    def rotated(self, value: Term, count: int) -> Term:
        """Return a value turned to the right by 0 to 31 bits."""
        if not count:
            return value
        value = self.word(value)
        form = f"(%s >> {count}) + (%s << {32 - count})"  # no bit is in both, and sums are quicker
        return self.expression(form, (value, value), 0, (WORD << 32 - count) | WORD)

    def pair(self, a: Term, b: Term) -> Term:
        """Return both, one of which is not known, as a tuple."""
        return self.expression("%s, %s", (a, b), 0, 0)

    def bit(self, value: Term, number: int) -> Term:
        """Return bit 0 to 31 of a value, as 0 or 1."""
        if value.is_word and number == 31:
            return self.shifted_right(value, 31)
        return self.expression(f"%s >> {number} & 1", (value,), 0, 1)

    def _joined(self, form: str, a: Term, b: Term) -> Term:
        a, b = self._fitting(a), self._fitting(b)
        bits = max(number.bit_length() for value in (a, b) for number in (value.low, value.high))
        lowest = 0 if a.low >= 0 and b.low >= 0 else -1 << bits
        return self.expression(form, (a, b), lowest, (1 << bits) - 1)

    def _fitting(self, value: Term) -> Term:
        """Return a value that may grow by some bits more."""
        return value if value.low > -_WIDEST and value.high < _WIDEST else self.word(value)
