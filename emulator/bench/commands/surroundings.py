"""The temperature around a fob: constant, or a course that repeats (BENCH §8)."""

from decimal import Decimal

from emulator.bench.commands.fobs import give, only
from emulator.bench.declared import CELSIUS, SECONDS, BenchCommand, Decimals, Strings
from emulator.bench.errors import Number, ScpiError, quote
from emulator.bench.session import Session
from emulator.fob import EmulatedFob
from firmware_model.hardware.thermal import (
    COLDEST,
    COURSES,
    HOTTEST,
    STRETCHES_MAX,
    Course,
    constant,
)
from firmware_model.inputs import TemperatureCourse

LENGTH_SECONDS_MAX = 10**10
CELSIUS_RANGE = (Decimal(COLDEST) / 1000, Decimal(HOTTEST) / 1000)

TEMPERATURE = Decimals("the temperature", *CELSIUS_RANGE, CELSIUS)
LENGTH = Decimals(
    "the length of a stretch", Decimal(1), Decimal(LENGTH_SECONDS_MAX), SECONDS, whole=True
)
NAME = Strings("the profile")


def _set(session: Session, fobs: list[EmulatedFob], celsius: Decimal) -> None:
    _follow(session, fobs, constant(_millicelsius(celsius)))


def _read(session: Session, fobs: list[EmulatedFob]) -> str:
    rack = session.bench.rack
    return ",".join(_celsius(fob.device.surroundings.at(rack.catch_up(fob))) for fob in fobs)


def _take_named(session: Session, fobs: list[EmulatedFob], name: str) -> None:
    course = COURSES.get(name)
    if course is None:
        raise ScpiError(
            Number.ILLEGAL_PARAMETER_VALUE, f"unknown profile: expected one of {', '.join(COURSES)}"
        )
    _follow(session, fobs, course)


def _names(session: Session, fobs: list[EmulatedFob]) -> str:  # noqa: ARG001 - every act gets the session
    names = {course: name for name, course in COURSES.items()}
    return ",".join(quote(names.get(fob.device.surroundings, "")) for fob in fobs)


def _take_data(
    session: Session, fobs: list[EmulatedFob], *stretches: tuple[Decimal, Decimal]
) -> None:
    if len(stretches) > STRETCHES_MAX:
        raise ScpiError(Number.TOO_MUCH_DATA, f"at most {STRETCHES_MAX} stretches")
    course = Course(tuple((int(length), _millicelsius(celsius)) for length, celsius in stretches))
    _follow(session, fobs, course)


def _data(session: Session, fobs: list[EmulatedFob]) -> str:  # noqa: ARG001 - every act gets the session
    stretches = only(fobs).device.surroundings.stretches
    return ",".join(f"{seconds},{_celsius(warm)}" for seconds, warm in stretches)


def _catalogue(session: Session) -> str:  # noqa: ARG001 - every act gets the session
    return ",".join(map(quote, COURSES))


def _follow(session: Session, fobs: list[EmulatedFob], course: Course) -> None:
    give(session, fobs, TemperatureCourse(course))


def _millicelsius(celsius: Decimal) -> int:
    return int(celsius * 1000)


def _celsius(millicelsius: int) -> str:
    return str(Decimal(millicelsius) / 1000)


COMMANDS = [
    BenchCommand("TEMPerature", _set, (TEMPERATURE,), channels=True),
    BenchCommand("TEMPerature?", _read, channels=True),
    BenchCommand("TEMPerature:PROFile", _take_named, (NAME,), channels=True),
    BenchCommand("TEMPerature:PROFile?", _names, channels=True),
    BenchCommand("TEMPerature:PROFile:CATalog?", _catalogue, lists=True),
    BenchCommand(
        "TEMPerature:PROFile:DATA", _take_data, (LENGTH, TEMPERATURE), channels=True, repeat=True
    ),
    BenchCommand("TEMPerature:PROFile:DATA?", _data, channels=True, lists=True),
]
