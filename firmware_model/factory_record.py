"""What the factory writes into a board whose program is not ours (FIRMWARE §3)."""

from firmware_model.board_program import FactoryRecord
from firmware_model.datasheet.parts import FlashPart
from firmware_model.hardware.pins import Pins
from firmware_model.units import NS_PER_SECOND

RECORD_BYTES = 64
RECORD_MARK = b"KFR1"
SERIAL_BYTES = 16


def write_factory_record(record: FactoryRecord, pins: Pins, flash: FlashPart) -> None:
    """Write what the factory knows into the last bytes of the data flash.

    Mark, chip ID, two bytes of padding, the second since 1970 at which the RTC began (8 bytes),
    the HDLC address (2 bytes), 1 where the fob is alone on its line, the serial number (16 bytes,
    filled up with zeros). Numbers are little-endian. The RTC's mark is set, so that a program can
    tell that it has run since.
    """
    seconds = record.made_at // NS_PER_SECOND
    data = b"".join(
        (
            RECORD_MARK,
            record.chip_id,
            b"\xff\xff",
            seconds.to_bytes(8, "little"),
            record.address.to_bytes(2, "little"),
            bytes((record.alone,)),
            record.serial_number.encode("ascii", "replace")[:SERIAL_BYTES].ljust(
                SERIAL_BYTES, b"\0"
            ),
        )
    ).ljust(RECORD_BYTES, b"\xff")
    pins.flash.program(flash.pages - 1, flash.page_bytes - RECORD_BYTES, data)
    pins.keep_rtc()
