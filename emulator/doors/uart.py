"""`serial:DEVICE[,BAUD]`: a real UART of this machine, with a real cable to the host."""

import serial

from emulator.doors.descriptor import DescriptorDoor
from emulator.doors.door import LineListener
from firmware_model.errors import BadInput, InUse, PortUnavailable

BAUD_RATE = 115_200
BUSY = ("lock", "busy")


class UartDoor(DescriptorDoor):
    """An open UART, 8N1; modem lines are left alone."""

    def __init__(self, spelling: str, port: serial.Serial, listener: LineListener) -> None:
        super().__init__(spelling, port.fileno(), listener)
        self._port = port

    @property
    def baud_rate(self) -> int | None:
        """What the door was opened with: the other end of a cable cannot be asked."""
        return self._port.baudrate

    async def close(self) -> None:
        """Give the UART back."""
        self._stop()
        self._port.close()


async def open_uart(device: str, listener: LineListener) -> UartDoor:
    """Open a UART, by its path and, after a comma, its baud rate (115,200 unless told otherwise).

    Raises:
        BadInput: the baud rate is none.
        InUse: another program holds it.
        PortUnavailable: there is no such UART, or it cannot be opened.
    """
    path, comma, rate = device.partition(",")
    if comma and not (rate.isascii() and rate.isdigit() and int(rate[:9])):
        raise BadInput(f"serial:{device}: a baud rate was expected behind the comma")
    try:
        port = serial.Serial(path, int(rate or BAUD_RATE), exclusive=True)
    except (OSError, ValueError) as error:
        reason = str(error)
        if any(word in reason for word in BUSY):
            raise InUse(f"serial:{path} is in use by another program") from None
        strerror = getattr(error, "strerror", None) or reason
        raise PortUnavailable(f"serial:{path} cannot be opened: {strerror}") from None
    return UartDoor(f"serial:{device}", port, listener)
