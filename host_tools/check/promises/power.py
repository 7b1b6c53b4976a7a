"""What a fob promises of its supply: cuts, a pulled cell, a cell near its end."""

from host_tools.check.findings import Disagreement, Unfit, require
from host_tools.check.promises.declared import PromiseArea
from host_tools.check.promises.port import compare_port
from host_tools.check.promises.subject import PromiseSubject

POWER = PromiseArea("power")

DEPTHS = (5, 50, 80, 95, 100)
"""How far into a flash operation the supply fails, in percent."""
OPERATIONS_MAX = 40
"""A press that takes more flash operations than this is no press."""
TURN_PRESSES_MAX = 1_100
"""Presses within which a journal has surely turned its page."""
TURN_CASES = ((1, 50), (1, 95), (2, 5), (2, 50), (3, 50), (3, 95))
"""Which operation from the beginning of a turn is cut, and how far into it (percent)."""
CHARGES = (12, 8, 6, 4, 3, 2, 1.5, 1, 0.6, 0.3)


@POWER.promise
def durable_before_seen(fob: PromiseSubject) -> None:
    """A code that was seen, if only for an instant, is never the next one again."""
    fob.require_counted()
    for seen_before in (0, 1, 0, 1):  # whatever is stored only now and then
        for _ in range(seen_before):
            fob.expect_code(fob.press())
            fob.wait_until_dark()
        fob.expect_code(fob.press_until_code())
        _cut_and_restore(fob)
        fob.expect_code(fob.press(), skipped=1)
        fob.wait_until_dark()


@POWER.promise
def cuts_within_a_press(fob: PromiseSubject) -> None:
    """A cut in any flash operation of a press costs one code at most, and repeats none."""
    fob.require_counted()
    cases = 0
    for operation in range(1, OPERATIONS_MAX + 1):
        for depth in DEPTHS:
            if not _press_through_cut(fob, operation, depth):
                return
            cases += 1
            if cases % 2:  # or the counter would be even at every cut, or odd
                fob.expect_code(fob.press())
                fob.wait_until_dark()
    raise Disagreement(f"a press takes more than {OPERATIONS_MAX} flash operations")


@POWER.promise
def cuts_while_a_page_turns(fob: PromiseSubject) -> None:
    """A cut while the journal goes to another page costs one code at most, and repeats none."""
    fob.require_counted()
    if not fob.bench.erases():
        raise Unfit("this bench does not tell when a page is erased")
    _press_to_turn(fob)
    clean = _press_to_turn(fob)
    """Presses from one turn to the next."""
    dirty: int | None = None
    """The same after a cut and what was done to look at it."""
    first = True
    for operation, depth in TURN_CASES:
        left = clean if first else dirty
        if left is None:
            dirty = _press_to_turn(fob)
            left = clean
        if not _press_without_turn(fob, left - 1):
            _press_without_turn(fob, clean - 1)
        _press_through_cut(fob, operation, depth)
        first = False


@POWER.promise
def a_weak_cell(fob: PromiseSubject) -> None:
    """A cell near its end brings right codes or none, says so before, and repeats none after."""
    spent = 0
    fob.notices.clear()
    seen_codes = 0
    for percent in CHARGES:
        fob.bench.set_charge(percent)
        found = fob.press()
        if found is None:
            spent += 1
        else:
            spent -= fob.expect_code(found, skipped=spent)
            spent = max(spent, 0)
            seen_codes += 1
        fob.wait_until_dark()
    fob.bench.set_charge(100)
    fob.bench.advance(1)
    found = fob.press()
    if not fob.is_timed or found is not None:
        fob.expect_code(found, skipped=spent + 1)
    fob.wait_until_dark()
    tells = any(notice.quantity.startswith("battery") for notice in fob.model.notices)
    if tells and seen_codes and not fob.notices:
        raise Disagreement("nothing was shown of a cell near its end, which the model asks for")


@POWER.promise
def a_pulled_cell(fob: PromiseSubject) -> None:
    """Without its cell it is dark at once, and dark when the cell is back until it is pressed.

    A time-based fob has lost its time then: it shows no code, or the right one.
    """
    fob.require_dark_at_rest()
    fob.expect_code(fob.press())
    fob.bench.cut_power()
    require(not fob.bench.text(), "something is shown without a cell")
    fob.bench.advance(3600)
    fob.bench.restore_power()
    require(fob.bench.wait_for("?*", 5) is None, "something is shown before the first press")
    fob.bench.cut_power()
    fob.bench.push(closed=True)
    fob.bench.restore_power()
    found = fob.bench.wait_for("[0-9]" * fob.model.otp.digits, 5)
    require(found is None, "a button that was held when the cell came counts as a press")
    fob.bench.push(closed=False)
    fob.bench.advance(1)
    found = fob.press()
    if fob.is_timed:
        if found is not None:
            fob.expect_code(found)
        return
    fob.expect_code(found, skipped=2)
    fob.wait_until_dark()


@POWER.promise
def the_port_after_a_cut(fob: PromiseSubject) -> None:
    """Without its cell it is silent; when the cell is back, the port tells the next counter."""
    fob.read_port()
    if not fob.is_timed:
        fob.expect_code(fob.press())
        fob.wait_until_dark()
    fob.bench.cut_power()
    require(fob.read_port_or_nothing() is None, "it answers at its port without a cell")
    fob.bench.restore_power()
    fob.bench.advance(1)
    if fob.is_timed:  # its time is lost
        fob.read_port()
    else:
        compare_port(fob)


def _cut_and_restore(fob: PromiseSubject) -> None:
    fob.bench.cut_power()
    fob.bench.advance(1)
    fob.bench.restore_power()
    fob.bench.advance(1)


def _press_through_cut(fob: PromiseSubject, operation: int, depth: int) -> bool:
    """Press with a cut armed, put the cell back, and press again; return whether the cut came."""
    bench = fob.bench
    bench.arm_cut(operation, depth)
    found = fob.press()
    came = not bench.has_power()
    if found is not None:
        fob.expect_code(found)
    if not came:
        bench.arm_cut(0, 0)
        if found is None:
            raise Disagreement("a press brought no code")
        fob.wait_until_dark()
        return False
    bench.advance(1)
    bench.restore_power()
    bench.advance(1)
    require(not bench.text(), "something is shown after a cut, before the next press")
    for _ in range(2):  # the press after the next shows whether what was written holds
        fob.expect_code(fob.press(), skipped=1)
        fob.wait_until_dark()
        _cut_and_restore(fob)
    return True


def _press_to_turn(fob: PromiseSubject) -> int:
    """Press until a page is erased; return how many presses that took."""
    before = sum(fob.bench.erases())
    for count in range(1, TURN_PRESSES_MAX):
        fob.expect_code(fob.press())
        if sum(fob.bench.erases()) > before:
            fob.wait_until_dark()
            return count
    raise Unfit(f"no page of its flash was erased in {TURN_PRESSES_MAX:,} presses")


def _press_without_turn(fob: PromiseSubject, count: int) -> bool:
    """Press so often; return False, at once, where a page was erased."""
    before = sum(fob.bench.erases())
    for _ in range(count):
        fob.expect_code(fob.press())
        if sum(fob.bench.erases()) > before:
            return False
    fob.wait_until_dark()
    return True
