"""What the factory writes into a board whose program is not ours (FIRMWARE §3)."""

from firmware_model.board_program import FactoryRecord
from firmware_model.datasheet.parts import FlashPart
from firmware_model.hardware.pins import Pins
from firmware_model.units import NS_PER_SECOND

RECORD_BYTES = 32
RECORD_MARK = b"KFR1"


def write_factory_record(record: FactoryRecord, pins: Pins, flash: FlashPart) -> None:
    """Write what the factory knows into the last bytes of the data flash.

    Mark, chip ID, two bytes of padding, the second since 1970 at which the RTC began as 8 bytes,
    little-endian. The RTC's mark is set, so that a program can tell that it has run since.
    """
    seconds = record.made_at // NS_PER_SECOND
    data = RECORD_MARK + record.chip_id + b"\xff\xff" + seconds.to_bytes(8, "little")
    data = data.ljust(RECORD_BYTES, b"\xff")
    pins.program(flash.pages - 1, flash.page_bytes - RECORD_BYTES, data)
    pins.keep_rtc()
