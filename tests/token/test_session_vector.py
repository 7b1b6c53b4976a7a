"""A whole provisioning as strangers' programs spoke it, frame by frame: vectors/wire."""

import json
from pathlib import Path

import pytest

from firmware_model import catalogue
from firmware_model.device import Device
from firmware_model.effects import Shown, Transmit
from firmware_model.inputs import ContactMoved, Receive, Wake
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime, later, seconds
from host_tools.sniff import Layer, Listener
from tests.token.in_process import byte_by_byte, whole

SESSION = json.loads((Path(__file__).parents[2] / "vectors/wire/session.json").read_text("utf-8"))
STEPS = [(bytes.fromhex(step["host"]), bytes.fromhex(step["fob"])) for step in SESSION["steps"]]
EXTERNAL_AUTHENTICATE = 3
FIRST_CODE = "755224"  # RFC 4226 Appendix D, counter 0


class Replay:
    """A fob as it was when the session was recorded."""

    def __init__(self) -> None:
        self.now = seconds(SESSION["born"])
        self.fob = Device.manufacture(
            catalogue.load("fob-h6"),
            chip_id=bytes.fromhex(SESSION["chip_id"]),
            random_seed=1,
            now=self.now,
        )

    def hear(self, raw: bytes, after_ns: int) -> bytes:
        self.now = SimTime(later(self.now, after_ns))
        effects = self.fob.handle(Receive(raw), self.now)
        return b"".join(effect.data for effect in effects if isinstance(effect, Transmit))


@pytest.mark.parametrize("cut", [whole, byte_by_byte])
def test_the_fob_answers_every_frame_byte_for_byte(cut) -> None:  # type: ignore[no-untyped-def]
    replay = Replay()
    for host, fob in STEPS:
        pieces = list(cut(host))
        answer = b"".join(replay.hear(piece, SESSION["step_ns"] // len(pieces)) for piece in pieces)
        assert answer.hex(" ") == fob.hex(" ")


def test_what_was_loaded_gives_the_codes_of_the_standard() -> None:
    replay = Replay()
    for host, _ in STEPS:
        replay.hear(host, SESSION["step_ns"])
    shown = []
    for given, after_ns in (
        (ContactMoved(closed=True), NS_PER_SECOND),
        (ContactMoved(closed=False), 100 * NS_PER_MS),
        (Wake(), NS_PER_SECOND),
    ):
        replay.now = SimTime(later(replay.now, after_ns))
        effects = replay.fob.handle(given, replay.now)
        shown += [effect for effect in effects if isinstance(effect, Shown)]
    assert [(effect.text.strip(), effect.moving_factor) for effect in shown] == [(FIRST_CODE, 0)]


def test_what_was_recorded_opens_no_channel_a_second_time() -> None:
    replay = Replay()
    for host, _ in STEPS:
        replay.hear(host, SESSION["step_ns"])
    for host, _ in STEPS[:EXTERNAL_AUTHENTICATE]:
        replay.hear(host, SESSION["step_ns"])
    refused = replay.hear(STEPS[EXTERNAL_AUTHENTICATE][0], SESSION["step_ns"])
    assert refused[-5:-3] == bytes.fromhex("63 00")


def test_a_listener_tells_it_and_no_seed() -> None:
    listener = Listener()
    said = []
    for host, fob in STEPS:
        said += listener.feed(host, from_host=True) + listener.feed(fob, from_host=False)
    assert not [heard for heard in said if heard.layer is Layer.LINE]
    assert sum(heard.layer is Layer.APDU for heard in said) == 2 * (len(STEPS) - 2)
    assert SESSION["seed"] not in "".join(map(str, said))
