"""`serial:DEVICE[,BAUD]`: a real UART of this machine, cabled to the host."""

import serial

from emulator.ports.descriptor import DescriptorPort
from emulator.ports.port import PortListener
from firmware_model.errors import BadInput, InUse, PortUnavailable

BAUD_RATE = 115_200
BUSY = ("lock", "busy")


class UartPort(DescriptorPort):
    """An open UART, 8N1; modem lines are not used."""

    def __init__(self, address: str, port: serial.Serial, listener: PortListener) -> None:
        super().__init__(address, port.fileno(), listener)
        self._port = port

    @property
    def baud_rate(self) -> int | None:
        """The rate in bits a second that the port was opened with."""
        return self._port.baudrate

    async def close(self) -> None:
        """Close the UART."""
        self._stop()
        self._port.close()


async def open_uart(device: str, listener: PortListener) -> UartPort:
    """Open a UART by its path and, after a comma, its baud rate (default 115,200).

    Raises:
        BadInput: the baud rate is invalid.
        InUse: another program holds it.
        PortUnavailable: there is no such UART, or it cannot be opened.
    """
    path, comma, rate = device.partition(",")
    if comma and not (rate.isascii() and rate.isdigit() and int(rate[:9])):
        raise BadInput(f"invalid address 'serial:{device}': expected a baud rate after the comma")
    try:
        port = serial.Serial(path, int(rate or BAUD_RATE), exclusive=True)
    except (OSError, ValueError) as error:
        reason = str(error)
        if any(word in reason for word in BUSY):
            raise InUse(f"serial:{path} is in use by another program") from None
        strerror = getattr(error, "strerror", None) or reason
        raise PortUnavailable(f"cannot open serial:{path}: {strerror}") from None
    return UartPort(f"serial:{device}", port, listener)
