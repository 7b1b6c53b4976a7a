"""A whole fob in a virtual reader: command APDUs in, through the device's own door."""

from firmware_model import catalogue
from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.effects import Effect, Transmit
from firmware_model.inputs import Receive, Reset
from firmware_model.units import NS_PER_SECOND, SimTime
from firmware_model.wire.fob_link import LinePlace, LinkKind
from tests.firmware_model.fobs import CHIP_ID, START

PLACE = LinePlace(link=LinkKind.VPCD)


class CardFob:
    """One fob, its time, and what it has kept."""

    def __init__(self, model: str | Model) -> None:
        self.model = catalogue.load(model) if isinstance(model, str) else model
        self.now = START
        self.device = Device.manufacture(
            self.model, chip_id=CHIP_ID, random_seed=7, now=START, place=PLACE
        )
        self.effects: list[Effect] = []
        self.give(Reset())

    def give(self, given: object) -> bytes:
        """Give the device an input; return what it sends."""
        came = self.device.handle(given, self.now)  # type: ignore[arg-type]
        self.effects += came
        return b"".join(effect.data for effect in came if isinstance(effect, Transmit))

    def ask(self, apdu: bytes) -> bytes:
        """Send a command APDU; return the response APDU, b"" while there is none."""
        return self.give(Receive(len(apdu).to_bytes(2, "big") + apdu))[2:]

    def exchange(self, apdu: bytes) -> tuple[bytes, int]:
        raw = self.ask(apdu)
        return raw[:-2], int.from_bytes(raw[-2:], "big")

    def later(self, seconds: float) -> None:
        self.now = SimTime(self.now + int(seconds * NS_PER_SECOND))

    def restart(self, images: dict[str, bytes] | None = None) -> None:
        """Let the firmware start again, from other flash if `images` are given."""
        kept = self.device.images() if images is None else images
        self.device = Device.restore(self.model, kept, place=PLACE)
        self.give(Reset())

    @property
    def text(self) -> str:
        return self.device.face(self.now).text.strip()
