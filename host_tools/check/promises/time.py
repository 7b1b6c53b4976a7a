"""What a fob promises of time: steps, drift, years, heat and cold."""

from datetime import UTC, datetime

from host_tools.check.findings import Unfit, require
from host_tools.check.promises.declared import PromiseArea
from host_tools.check.promises.subject import DAY_SECONDS, PromiseSubject

TIME = PromiseArea("time")

DATES = ((2, 28), (2, 29), (3, 1), (7, 1), (12, 31))
"""Days of a leap year on which calendars go wrong."""


@TIME.promise
def the_end_of_a_step(fob: PromiseSubject) -> None:
    """No code is shown after its step has ended."""
    fob.require_timed()
    if fob.model.screen.until == "timeout":
        raise Unfit("its model lets a code stand for a time, whenever its step ends")
    step = fob.model.otp.step_seconds
    drift = fob.drift_seconds
    fob.bench.advance(step - fob.bench.now() % step + step - 4 - drift)
    found = fob.press()
    fob.expect_code(found)
    fob.bench.advance(5 + 2 * drift)
    text = fob.bench.text()
    require(text != found, "the code of a step that has ended is still shown")
    if text:
        fob.expect_code(text)
    fob.wait_until_dark()


@TIME.promise
def heat_and_cold(fob: PromiseSubject) -> None:
    """Codes are right at 0 and at 45 °C."""
    for celsius in (0, 45, 25):
        fob.bench.set_temperature(celsius)
        fob.expect_code(fob.press())
        fob.wait_until_dark()


@TIME.promise
def drift_over_years(fob: PromiseSubject) -> None:
    """Through a leap year and more, its time stays within what its crystal may drift."""
    fob.require_timed()
    now = datetime.fromtimestamp(fob.bench.now(), UTC)
    year = now.year + (-now.year % 4) + (4 if now.year % 4 == 0 and now.month > 1 else 0)
    days = [datetime(year, month, day, 12, tzinfo=UTC) for month, day in DATES]
    for moment in [*days, datetime(year + 1, 1, 2, tzinfo=UTC)]:
        left = moment.timestamp() - fob.bench.now()
        if left > 0:
            fob.bench.advance(left)
        try:
            fob.expect_code(fob.press())
        except Exception as error:
            error.add_note(f"on {moment:%Y-%m-%d}")
            raise
        fob.wait_until_dark()


@TIME.promise
def a_week_unused(fob: PromiseSubject) -> None:
    """A week without a press changes nothing but the time."""
    fob.bench.advance(7 * DAY_SECONDS)
    fob.expect_code(fob.press())
    fob.wait_until_dark()
