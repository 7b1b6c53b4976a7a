"""The programs of one rack: ours, images, and libraries, which share one process."""

from types import TracebackType
from typing import Self

from emulator.firmware.files import FirmwareSource
from emulator.firmware.library import LibraryFirmware
from emulator.firmware.library_process import LibraryProcess
from firmware_model.board_program import ProgramFactory
from firmware_model.catalogue import Model


class RackPrograms:
    """Makes the programs of a rack's fobs; `close` ends the process that its libraries run in."""

    def __init__(self) -> None:
        self._process = LibraryProcess()

    def factory(self, firmware: FirmwareSource | None, model: Model) -> ProgramFactory | None:
        """Return what makes the program of one fob of `model`; None for our own program.

        Raises:
            BadInput: the firmware is invalid, or does not fit the model.
        """
        if firmware is None:
            return None
        found = firmware.firmware()
        if isinstance(found, LibraryFirmware):
            return found.factory(model, self._process)
        return found.factory(model.mcu, model.flash)

    def close(self) -> None:
        """End the process of the libraries, if there is one."""
        self._process.close()

    def __enter__(self) -> Self:
        """Return it, to be closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()
