"""What kind of fob stands at one place: its model, the place, the program on its board."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from emulator.firmware.files import FirmwareSource
from emulator.firmware.programs import RackPrograms
from firmware_model.board_program import ProgramFactory
from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.wire.fob_link import LinePlace


@dataclass(frozen=True, slots=True)
class FobKind:
    """A model, as a value and as the text that a store keeps; its place on a line; the firmware.

    `programs` makes what runs on its board;
    `firmware` is None for our own program.
    """

    model: Model
    text: str
    place: LinePlace
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
            place=self.place,
            make_program=self.make_program,
        )
