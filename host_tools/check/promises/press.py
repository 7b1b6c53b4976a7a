"""What a fob promises of its button and its display."""

from host_tools.check.findings import Unfit, require
from host_tools.check.promises.declared import PromiseArea
from host_tools.check.promises.subject import GUARD_SECONDS, PromiseSubject

PRESS = PromiseArea("press")

CODES = 40
"""Enough that every digit and a leading zero have been shown."""
HELD_LONG_SECONDS = 20.0


@PRESS.promise
def dark_until_pressed(fob: PromiseSubject) -> None:
    """Nothing is shown before the button is pressed."""
    fob.require_dark_at_rest()
    fob.bench.advance(60)
    require(not fob.bench.text(), "something is shown without a press")


@PRESS.promise
def codes_in_order(fob: PromiseSubject) -> None:
    """Every press brings the code that RFC 4226 or RFC 6238 gives next, digit by digit."""
    for _ in range(CODES):
        fob.expect_code(fob.press())
        fob.wait_until_dark()


@PRESS.promise
def a_code_goes_in_time(fob: PromiseSubject) -> None:
    """A code stands as long as the model says, no less and no longer."""
    screen = fob.model.screen
    fob.require_dark_at_rest()
    if fob.model.pages.show:
        raise Unfit("it shows pages of its own after the code")
    lasts = screen.code_ms / 1000
    step = fob.model.otp.step_seconds
    if fob.is_timed:  # early within a step, so that it does not end first
        fob.bench.advance(step - fob.bench.now() % step + 2)
        lasts = step if screen.until == "step" else min(lasts, step - 4)
    fob.expect_code(fob.press())
    fob.bench.advance(lasts * 0.85)
    require(bool(fob.bench.text()), f"the code was gone before {lasts * 0.85:.1f} s")
    fob.bench.advance(lasts * 0.3 + (step if fob.is_timed and screen.until == "step" else 0))
    require(not fob.bench.text(), f"the code was still shown after {lasts * 1.15:.1f} s")


@PRESS.promise
def one_press_one_code(fob: PromiseSubject) -> None:
    """A press that is held, however long, brings one code."""
    fob.require_counted()
    fob.bench.advance(GUARD_SECONDS)
    fob.bench.push(closed=True)
    fob.bench.advance(HELD_LONG_SECONDS)
    require(not fob.bench.text(), "something is still shown while the button is held")
    fob.bench.push(closed=False)
    fob.bench.advance(3)
    require(not fob.bench.text(), "letting the button go brings something")
    fob.expect_code(fob.press(), skipped=1)
    fob.wait_until_dark()


@PRESS.promise
def a_touch_is_no_press(fob: PromiseSubject) -> None:
    """A touch much shorter than the debounce time brings nothing."""
    fob.require_dark_at_rest()
    fob.wait_until_dark()
    touch = fob.model.button.debounce_ms / 4000
    for _ in range(5):
        fob.bench.advance(1)
        fob.bench.push(closed=True)
        fob.bench.advance(touch)
        fob.bench.push(closed=False)
        require(fob.bench.wait_for("?*", 1) is None, f"a touch of {touch * 1000:.0f} ms counted")


@PRESS.promise
def the_next_press(fob: PromiseSubject) -> None:
    """A press while a code is shown does what the model says: next code, same code or dark."""
    what = fob.model.button.second_press
    fob.require_dark_at_rest()
    if fob.is_timed:
        step = fob.model.otp.step_seconds
        fob.bench.advance(step - fob.bench.now() % step + 1)
    fob.expect_code(fob.press())
    if what == "off":
        fob.bench.advance(GUARD_SECONDS)
        fob.bench.push(closed=True)
        fob.bench.advance(0.2)
        fob.bench.push(closed=False)
        fob.bench.advance(GUARD_SECONDS)
        require(not fob.bench.text(), "a second press did not switch the display off")
    else:
        fob.expect_code(fob.press())
    fob.wait_until_dark()
