"""What a fob promises at its serial port, where it has one: the truth, and nothing but reading."""

from host_tools.check.findings import Disagreement, expect, require
from host_tools.check.promises.declared import PromiseArea
from host_tools.check.promises.subject import PromiseSubject

PORT = PromiseArea("port")

CLOCK_SLACK_SECONDS = 3
"""How long reading a clock may take, with its whole seconds."""


@PORT.promise
def it_tells_what_was_seen(fob: PromiseSubject) -> None:
    """Counter, digits, seed and clock at the port agree with the codes on the display."""
    fob.expect_code(fob.press())
    fob.wait_until_dark()
    compare_port(fob)
    fob.expect_code(fob.press())
    fob.wait_until_dark()
    compare_port(fob)


@PORT.promise
def reading_changes_nothing(fob: PromiseSubject) -> None:
    """Reading at the port spends no code and lights nothing."""
    fob.require_dark_at_rest()
    fob.expect_code(fob.press())
    fob.wait_until_dark()
    for _ in range(3):
        fob.read_port()
        require(not fob.bench.text(), "reading at the port lights the display")
    fob.expect_code(fob.press())
    fob.wait_until_dark()


def compare_port(fob: PromiseSubject) -> None:
    """Hold that what the port tells agrees with what was seen."""
    state = fob.read_port()
    slot = next((slot for slot in state.slots if slot.is_present), None)
    if slot is None:
        raise Disagreement("the port tells of no slot with a seed, and codes are shown")
    expect(slot.kind, fob.model.otp.kind, "its kind at the port")
    expect(slot.digits, fob.model.otp.digits, "its digits at the port")
    require(slot.seed_check == fob.seed_check, "its seed's check value is of another seed")
    if not fob.is_timed:
        expect(slot.counter, fob.next_counter, "the next counter at the port")
    elif state.clock is not None and state.clock.valid:
        lag = abs(state.clock.unix_seconds - fob.bench.now())
        if lag > fob.drift_seconds + CLOCK_SLACK_SECONDS:
            raise Disagreement(f"its clock at the port is {lag:.0f} s off the time")
