"""True time: read it, leap, set its rate (BENCH §9)."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from emulator.bench.declared import PLAIN, SECONDS, BenchCommand, Decimals, Strings
from emulator.bench.errors import Number, ScpiError
from emulator.bench.session import Session
from emulator.true_time import END, REAL, instant_of, nanoseconds, spell_seconds
from firmware_model.units import SECONDS_PER_YEAR

LEAP_YEARS_MAX = 200
DURATION = Decimals("the leap", Decimal(0), Decimal(LEAP_YEARS_MAX * SECONDS_PER_YEAR), SECONDS)
RATE = Decimals("the rate", Decimal(0), Decimal(10**7), PLAIN, Decimal(1))
DATE = Strings("the date")


async def _advance(session: Session, duration: Decimal) -> None:
    await _leap(session, nanoseconds(duration))


async def _forward(session: Session, date: str) -> None:
    try:
        instant = instant_of(date)
    except ValueError as error:
        raise ScpiError(Number.ILLEGAL_PARAMETER_VALUE, str(error)) from None
    left = instant - session.bench.rack.clock.now()
    if left < 0:
        raise ScpiError(Number.DATA_OUT_OF_RANGE, f"true time never goes back: {date} has passed")
    await _leap(session, left)


async def _leap(session: Session, duration_ns: int) -> None:
    rack = session.bench.rack
    if rack.clock.now() + duration_ns > END:
        raise ScpiError(Number.DATA_OUT_OF_RANGE, "true time ends with the year 2261")
    await rack.advance(duration_ns)


async def _step(session: Session) -> None:
    rack = session.bench.rack
    if not rack.clock.is_standing:
        raise ScpiError(Number.SETTINGS_CONFLICT, "time runs: freeze it first with TIME:FREeze")
    await rack.step()


def _now(session: Session) -> str:
    rack = session.bench.rack
    return spell_seconds(rack.seen_now())


def _date(session: Session) -> str:
    seconds = session.bench.rack.seen_now() // 10**9
    return f'"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"'


def _scale(session: Session, rate: Decimal) -> None:
    session.bench.rack.set_rate(Fraction(rate))


def _what_scale(session: Session) -> str:
    rate = session.bench.rack.clock.rate
    return str(Decimal(rate.numerator) / rate.denominator)


def _freeze(session: Session) -> None:
    session.bench.rack.set_rate(Fraction(0))


def _real(session: Session) -> None:
    session.bench.rack.set_rate(REAL)


COMMANDS = [
    BenchCommand("TIME:NOW?", _now),
    BenchCommand("TIME:DATE?", _date),
    BenchCommand("TIME:ADVance", _advance, (DURATION,)),
    BenchCommand("TIME:FORWard", _forward, (DATE,)),
    BenchCommand("TIME:SCALe", _scale, (RATE,)),
    BenchCommand("TIME:SCALe?", _what_scale),
    BenchCommand("TIME:FREeze", _freeze),
    BenchCommand("TIME:REAL", _real),
    BenchCommand("TIME:STEP", _step),
]
