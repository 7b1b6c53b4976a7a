"""The rack, the labels of its fobs, and the last frames on their lines (BENCH §4, §10)."""

from collections.abc import Callable
from decimal import Decimal

from emulator.bench.declared import PLAIN, BenchCommand, Decimals, Strings
from emulator.bench.errors import Number, ScpiError, quote
from emulator.bench.session import Session
from emulator.fob import EmulatedFob
from emulator.ports.same_port import is_same_port
from emulator.settings import FOBS_MAX
from firmware_model.label import FobLabel

FRAMES = Decimals("the number of frames", Decimal(0), Decimal(100), PLAIN, Decimal(10), whole=True)
EVENTS = Decimals("the number of events", Decimal(0), Decimal(100), PLAIN, Decimal(10), whole=True)
CHANNEL = Decimals("the channel", Decimal(1), Decimal(FOBS_MAX), PLAIN, whole=True)
PORT = Strings("the port's address")
ADDRESS = Decimals("the HDLC address", Decimal(0), Decimal(16_381), PLAIN, Decimal(1), whole=True)


def _catalogue(session: Session) -> str:
    return ",".join(quote(fob.serial_number) for fob in session.bench.rack.fobs)


def _full_catalogue(session: Session) -> str:
    return ",".join(f"{quote(fob.serial_number)},{fob.number}" for fob in session.bench.rack.fobs)


def _count(session: Session) -> str:
    return str(len(session.bench.rack.fobs))


def _select(session: Session, channel: Decimal) -> None:
    count = len(session.bench.rack.fobs)
    if channel > count:
        raise ScpiError(Number.HARDWARE_MISSING, f"channel {channel}; there are {count}")
    session.selected = int(channel)


def _selected(session: Session) -> str:
    return str(session.selected)


def _find(session: Session, port: str, address: Decimal) -> str:
    """Return the channel of the fob at an address of a port, 0 where there is none."""
    for fob in session.bench.rack.fobs:
        if address in (0, fob.device.place.address) and fob.port and is_same_port(fob.port, port):
            return str(fob.number)
    return "0"


def _frames(session: Session, fobs: list[EmulatedFob], count: Decimal) -> str:
    trace = session.bench.rack.trace
    return ",".join(quote(line) for fob in fobs for line in trace.frames(fob.number, int(count)))


def _events(session: Session, fobs: list[EmulatedFob], count: Decimal) -> str:
    trace = session.bench.rack.trace
    return ",".join(quote(line) for fob in fobs for line in trace.events(fob.number, int(count)))


def _notes(session: Session, fobs: list[EmulatedFob]) -> str:
    rack = session.bench.rack
    for fob in fobs:
        rack.catch_up(fob)
    return ",".join(quote(note) for fob in fobs for note in fob.device.program_notes)


def _erases(session: Session, fobs: list[EmulatedFob]) -> str:
    rack = session.bench.rack
    return ",".join(str(n) for fob in fobs for n in fob.device.gauges(rack.catch_up(fob)).erases)


def _printed(read: Callable[[FobLabel], str]) -> Callable[[Session, list[EmulatedFob]], str]:
    def answer(session: Session, fobs: list[EmulatedFob]) -> str:  # noqa: ARG001 - every act gets it
        return ",".join(quote(read(fob.label)) for fob in fobs)

    return answer


LABEL: dict[str, tuple[Callable[[FobLabel], str], Callable[[FobLabel], str]]] = {
    "SERial": (lambda label: label.serial_number, lambda label: label.serial_barcode),
    "CREDential": (lambda label: label.credential_id, lambda label: label.credential_barcode),
    "MODel": (lambda label: label.model, lambda _: "none"),
    "EXPiry": (lambda label: label.expiry_date, lambda _: "none"),
}
"""What is printed on the back, and the barcode that carries it."""


COMMANDS = [
    BenchCommand("INSTrument:CATalog?", _catalogue, lists=True),
    BenchCommand("INSTrument:CATalog:FULL?", _full_catalogue, lists=True),
    BenchCommand("INSTrument:COUNt?", _count),
    BenchCommand("INSTrument:FIND?", _find, (PORT, ADDRESS)),
    BenchCommand("INSTrument:NSELect", _select, (CHANNEL,)),
    BenchCommand("INSTrument:NSELect?", _selected),
    BenchCommand("TRACe:FRAMes?", _frames, (FRAMES,), channels=True, lists=True),
    BenchCommand("TRACe:NOTEs?", _notes, channels=True, lists=True),
    BenchCommand("TRACe:ERASes?", _erases, channels=True, lists=True),
    BenchCommand("TRACe:EVENts?", _events, (EVENTS,), channels=True, lists=True),
    *(
        BenchCommand(f"LABel:{name}{tail}?", _printed(read), channels=True)
        for name, reads in LABEL.items()
        for tail, read in zip(("", ":BARCode"), reads, strict=True)
    ),
]
