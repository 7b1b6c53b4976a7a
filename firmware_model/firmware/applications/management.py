"""The management applet: hosts of the OATH applet ask it first. It changes nothing (WIRE §12.4)."""

from firmware_model.datasheet.card import PLAIN_CARD
from firmware_model.firmware.applications.context import CardApplication, Outcome
from firmware_model.firmware.question import Answer
from firmware_model.firmware.token import Token
from firmware_model.wire.apdu import Command, Response, StatusWord
from firmware_model.wire.messages import CLA_ISO, Instruction
from firmware_model.wire.yubico_management import MANAGEMENT_AID, READ_CONFIG, DeviceInformation

SERIAL_NUMBER_MASK = 0x7FFF_FFFF


class ManagementSession:
    """The applet since its selection: it remembers nothing."""

    continued_by = Instruction.GET_RESPONSE
    has_own_security = False

    __slots__ = ("_token",)

    def __init__(self, token: Token) -> None:
        self._token = token

    def answer_select(self) -> Answer:
        """Return the version in words, as hosts read it."""
        version = (self._token.model.card or PLAIN_CARD).version
        return Response(f"Virtual mgr - FW version {version}".encode("ascii"))

    def perform(self, command: Command) -> Outcome:
        """Answer READ CONFIG; there is nothing else."""
        if command.cla != CLA_ISO:
            return StatusWord.CLASS_NOT_SUPPORTED
        if command.ins != READ_CONFIG:
            return StatusWord.INSTRUCTION_NOT_SUPPORTED
        if command.p1p2 != 0:
            return StatusWord.INCORRECT_P1_P2
        serial_number = int.from_bytes(self._token.chip_id[-4:], "big") & SERIAL_NUMBER_MASK
        version = (self._token.model.card or PLAIN_CARD).version_numbers
        return Response(DeviceInformation(serial_number, version).encode())


MANAGEMENT_APPLET = CardApplication(MANAGEMENT_AID, ManagementSession)
