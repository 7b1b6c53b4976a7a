"""The conditions of a branch, as terms (ARM DDI 0419, A6.3).

Where a comparison came before, its operands are asked, and no flag is worked out.
"""

from firmware_model.processor.operations import MachineState
from firmware_model.processor.terms import SIGN, WORD, Term

_COMPARED = ("==", "!=", ">=", "<", "", "", "", "", ">", "<=", ">=", "<", ">", "<=")
"""How two operands that were compared stand to each other; "" where N or V is asked."""

_SIGNED = 10
"""The first condition that compares as numbers with a sign."""


def condition(state: MachineState, number: int) -> Term:
    """Return whether a condition, 0 (EQ) to 13 (LE), holds: a value that is 0 or is not."""
    terms = state.terms
    if state.compared is not None and _COMPARED[number]:
        a, b = state.compared
        if number >= _SIGNED:
            sign = terms.number(SIGN)
            a, b = terms.differing(a, sign), terms.differing(b, sign)
        return terms.expression(f"%s {_COMPARED[number]} %s", (a, b), 0, 1)
    if number == 1:
        return terms.word(state.nz)
    holds = _even_condition(state, number & ~1)
    return terms.expression("not %s", (holds,), 0, 1) if number & 1 else holds


def _even_condition(state: MachineState, number: int) -> Term:
    """Return whether EQ, CS, MI, VS, HI, GE or GT holds; the odd ones are their opposites."""
    terms = state.terms
    negative, not_zero = _negative(state), terms.word(state.nz)
    match number:
        case 0:
            return terms.expression("not %s", (not_zero,), 0, 1)
        case 2:
            return state.cf
        case 4:
            return negative
        case 6:
            return terms.both(state.vf, terms.number(SIGN))
        case 8:
            return terms.expression("%s and %s", (state.cf, not_zero), 0, WORD)
    differ = terms.both(terms.differing(negative, state.vf), terms.number(SIGN))
    if number == 10:
        return terms.expression("not %s", (differ,), 0, 1)
    return terms.expression("%s and not %s", (not_zero, differ), 0, 1)


def _negative(state: MachineState) -> Term:
    """Return a value whose bit 31 is N, and which has no other bit."""
    terms, nz = state.terms, state.nz
    if nz.name == "nz":
        return terms.expression(f"(%s >> 31 and {SIGN})", (nz,), 0, SIGN)
    return terms.both(nz, terms.number(SIGN))
