"""What kind of fob stands at one place: its model, its address, the program on its board."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from emulator.firmware.files import FirmwareSource
from emulator.firmware.programs import RackPrograms
from firmware_model.board_program import ProgramFactory
from firmware_model.catalogue import Model
from firmware_model.device import Device


@dataclass(frozen=True, slots=True)
class FobKind:
    """A model, as a value and as the text that a store keeps; the HDLC address; the firmware.

    `alone` says that it is the only fob on its line; `programs` makes what runs on its board;
    `firmware` is None for our own program.
    """

    model: Model
    text: str
    address: int
    alone: bool
    programs: RackPrograms = field(compare=False, repr=False)
    firmware: FirmwareSource | None = None

    @property
    def make_program(self) -> ProgramFactory | None:
        """What makes a fob's program; None for our own."""
        return self.programs.factory(self.firmware, self.model)

    @property
    def source(self) -> str:
        """The text that tells fobs apart whose state is not each other's."""
        if self.firmware is None:
            return self.text
        images = sorted(self.firmware.images().items())
        return f"{self.text}, firmware {hashlib.sha256(repr(images).encode()).hexdigest()}"

    def rebuild(self, images: Mapping[str, bytes]) -> Device:
        """Return the fob of these durable images, not yet booted."""
        return Device.restore(
            self.model,
            images,
            address=self.address,
            alone=self.alone,
            make_program=self.make_program,
        )
