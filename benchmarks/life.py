"""A fob's life: five years of presses, what an idle fob costs, lives beside data sheets, drift.

Run with `python -m benchmarks.life`. Times are CPU times of this process; the loop of plain Python
beside them says how fast the machine was in that very run.
"""

import gc
import time
import tracemalloc
from itertools import pairwise
from statistics import fmean, median

from firmware_model import catalogue
from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.expectation import expect
from firmware_model.hardware.thermal import COURSES, POCKET, ROOM, Course
from firmware_model.inputs import ContactMoved, Reset, TemperatureCourse, Wake
from firmware_model.units import (
    NS_PER_MS,
    NS_PER_SECOND,
    SECONDS_PER_DAY,
    SECONDS_PER_YEAR,
    SimTime,
)
from host_tools.client.keys import TEST_KEYS
from host_tools.client.session import TokenSession
from host_tools.provisioning.load import provision
from host_tools.seeds.record import SeedRecord
from keyfob.cli.life_story import live
from keyfob.testing.cable import Cable

START = SimTime(1_800_000_000 * NS_PER_SECOND)
DAY_NS = SECONDS_PER_DAY * NS_PER_SECOND
YEAR_NS = SECONDS_PER_YEAR * NS_PER_SECOND
YEARS, PRESSES_PER_DAY = 5, 10
QUIET_YEARS, STRETCH_DAYS = 3, 5
PUSHED, LET_GO = ContactMoved(closed=True), ContactMoved(closed=False)
FOBS, YEAR_FOBS, LEAP_FOBS = 1000, 20, 50
DRIFTING, DRIFT_YEARS = 100, 3
FLOOR_ROUNDS = 1_000_000


def main() -> None:
    """Print all figures."""
    floor()
    for course in (ROOM, POCKET):
        five_years("fob-h6", course)
    five_years("fob-t60", ROOM)
    five_years("fob-t60", POCKET)
    idle()
    leap()
    lives()
    drift()


def floor() -> None:
    """How long a million rounds of the plainest loop take: the machine's speed in this run."""
    begin = time.process_time()
    total = 0
    for number in range(FLOOR_ROUNDS):
        total += number * number % 7
    assert total
    print(f"floor: {FLOOR_ROUNDS:,} rounds of plain Python in {time.process_time() - begin:.3f} s")


def in_use(model: Model) -> Device:
    """Return a fob that was provisioned over its line, at rest at `START`."""
    images = _images_of(model)
    device = Device.restore(model, images)
    device.handle(Reset(), START)
    return device


def five_years(name: str, course: Course) -> None:
    """Press a fob for five years through `handle`, and say what a press took.

    The quiet tenth is what a press takes where nothing else runs on the machine: of the stretches
    of five days in the first three years, when no model has ended yet, a tenth is quicker.
    """
    device = in_use(catalogue.load(name))
    device.handle(TemperatureCourse(course), START)
    stretches = []
    for first in range(0, YEARS * 365, STRETCH_DAYS):
        begin = time.process_time()
        for day in range(first, first + STRETCH_DAYS):
            for number in range(PRESSES_PER_DAY):
                down = START + day * DAY_NS + number * DAY_NS // PRESSES_PER_DAY
                device.handle(PUSHED, SimTime(down))
                device.handle(LET_GO, SimTime(down + 200 * NS_PER_MS))
        stretches.append(time.process_time() - begin)
    in_use_stretches = sorted(stretches[: QUIET_YEARS * 365 // STRETCH_DAYS])
    quiet_s = in_use_stretches[len(in_use_stretches) // 10]
    presses = STRETCH_DAYS * PRESSES_PER_DAY
    where = next(key for key, value in COURSES.items() if value == course)
    print(
        f"{name} in a {where}, {YEARS} years at {PRESSES_PER_DAY} presses a day:"
        f" {sum(stretches):.2f} s of CPU; in the quiet tenth {quiet_s * len(stretches):.2f} s,"
        f" {quiet_s / presses * 1e6:.1f} µs a press"
    )


def idle() -> None:
    """What fobs cost that nobody touches: memory, wake-ups and time in a leap of a year."""
    for name in ("fob-h6", "sid-always"):
        model = catalogue.load(name)
        images = _images_of(model)
        in_use(model)  # whatever is shared is there before the counting starts
        gc.collect()
        tracemalloc.start()
        fobs = [Device.restore(model, images) for _ in range(FOBS)]
        for fob in fobs:
            fob.handle(Reset(), START)
        gc.collect()
        size = tracemalloc.get_traced_memory()[0] / FOBS
        tracemalloc.stop()
        wakes = 0
        begin = time.process_time()
        for fob in fobs[:YEAR_FOBS]:
            while (due := fob.wake_at) is not None and due < START + YEAR_NS:
                fob.handle(Wake(), due)
                wakes += 1
        took = (time.process_time() - begin) / YEAR_FOBS * 1e6
        print(
            f"{name} at rest: {size / 1024:.1f} KiB each of {FOBS:,};"
            f" in a year {wakes / YEAR_FOBS:,.1f} wake-ups and {took:,.1f} µs"
        )


def leap() -> None:
    """How long a leap of three years takes over fobs whose display is always on."""
    model = catalogue.load("sid-always")
    images = _images_of(model)
    fobs = [Device.restore(model, images) for _ in range(LEAP_FOBS)]
    for fob in fobs:
        fob.handle(Reset(), START)
    begin = time.process_time()
    for fob in fobs:
        fob.handle(Wake(), SimTime(START + 3 * YEAR_NS))
    each_ms = (time.process_time() - begin) / LEAP_FOBS * 1e3
    print(f"a leap of 3 years: {each_ms:.1f} ms for a sid-always, so many seconds for 1,000")


def lives() -> None:
    """Each model's life as expected from its parts, as simulated, and as data sheets have it."""
    print(f"{'model':12} {'expected':>8} {'its cell':>8} {'lived':>8}  data sheets")
    for name in catalogue.names():
        model = catalogue.load(name)
        if model.app is not None:
            continue
        expected = expect(model, PRESSES_PER_DAY)
        story = live(
            model,
            presses_per_day=PRESSES_PER_DAY,
            course=ROOM,
            days=expected.cell_days * 5 // 4,
            dice=1,
        )
        last = story.day_of("expired") or max(
            before.day for before, after in pairwise(story.samples) if after.codes > before.codes
        )
        print(
            f"{name:12} {_years(expected.days)} {_years(expected.cell_days)} {_years(last)}"
            f"  {model.claim}"
        )


def drift() -> None:
    """How far a hundred twins drift in three years in a pocket, beside reports from the field."""
    model = catalogue.load("fob-t60")
    errors = []
    for seed in range(DRIFTING):
        # A twin from the same assembly line, set right at the start.
        twin = Device.manufacture(
            model, chip_id=bytes(10), random_seed=seed, now=START, course=POCKET
        )
        rtc = twin._board.rtc  # noqa: SLF001 - the crystal alone, without a life around it
        elapsed = DRIFT_YEARS * YEAR_NS
        errors.append((rtc.reading(SimTime(START + elapsed)) - elapsed) / NS_PER_SECOND)
    sizes = sorted(abs(error) for error in errors)
    print(
        f"drift of {DRIFTING} fobs after {DRIFT_YEARS} years in a pocket: mean"
        f" {fmean(errors):+.0f} s, median size {median(sizes):.0f} s, nine in ten within"
        f" {sizes[89]:.0f} s, worst {sizes[-1]:.0f} s"
    )
    a_year = fmean(sizes) / DRIFT_YEARS
    print(
        f"  that is {a_year:.0f} s a year on average, {sizes[-1] / DRIFT_YEARS:.0f} at worst;"
        " field reports: about 120 s a year, up to 365 not unusual"
    )


def _images_of(model: Model) -> dict[str, bytes]:
    """Return what a provisioned fob keeps, an hour after it was made."""
    otp = model.otp
    born = SimTime(START - 3600 * NS_PER_SECOND)
    device = Device.manufacture(model, chip_id=bytes(10), random_seed=1, now=born)
    cable = Cable(device, born)
    record = SeedRecord(
        serial_number="ZZB000000001",
        credential_id="ZZB000000001",
        seed=b"12345678901234567890",
        kind=otp.kind,
        algorithm=otp.algorithm,
        digits=otp.digits,
        step_seconds=otp.step_seconds,
        t0_seconds=otp.t0_seconds,
        manufacturer=model.identity.manufacturer,
        model=model.name,
    )
    with TokenSession(cable.link()) as session:
        provision(session, record, TEST_KEYS, cable.seconds, seal=True)
    device.handle(Wake(), SimTime(START - NS_PER_SECOND))
    return device.images()


def _years(days: int) -> str:
    return f"{days / 365.25:6.1f} y"


if __name__ == "__main__":
    main()
