"""A host on a fob's serial line: HDLC and SCP03, byte by byte through the device's own door."""

from firmware_model.device import Device
from firmware_model.effects import Effect, Transmit
from firmware_model.inputs import Receive
from firmware_model.units import SimTime
from firmware_model.wire.apdu import Command, Response, decode_response
from firmware_model.wire.events import Connected, Indication, Send
from firmware_model.wire.messages import Message
from firmware_model.wire.primary import Primary, PrimaryEvent
from tests.firmware_model.firmware.applications.rig import Fob


class Silent(Exception):  # noqa: N818 - the fob's doing
    """The fob did not answer."""


class Wired(Fob):
    """The rig of the applications' tests, with a whole fob at the end of a line.

    `effects` are all that came of it.
    """

    def __init__(self, device: Device, now: SimTime) -> None:
        self.device = device
        self.now = now
        self.effects: list[Effect] = []
        self._primary = Primary(1)
        self._told = self._pump(self._primary.connect(now))
        if not any(isinstance(event, Connected) for event in self._told):
            raise Silent

    def send(self, command: Command | Message) -> Response:
        apdu = command if isinstance(command, Command) else command.command()
        for event in self._pump(self._primary.transmit(apdu.encode(), self.now)):
            if isinstance(event, Indication):
                response = decode_response(event.information)
                assert response is not None
                return response
        raise Silent

    def _pump(self, events: list[PrimaryEvent]) -> list[PrimaryEvent]:
        """Carry bytes to and fro until the line is quiet; return what the primary tells."""
        told: list[PrimaryEvent] = []
        while events:
            event = events.pop(0)
            if not isinstance(event, Send):
                told.append(event)
                continue
            effects = self.device.handle(Receive(event.data), self.now)
            self.effects += effects
            for effect in effects:
                if isinstance(effect, Transmit):
                    events += self._primary.receive(effect.data, self.now)
        return told
