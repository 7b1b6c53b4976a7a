"""The example token's HDLC, in C, beside our own secondary: same bytes in, same bytes out."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from emulator.firmware.programs import RackPrograms
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime
from firmware_model.wire.events import Indication, Send
from firmware_model.wire.hdlc import Frame, encode
from firmware_model.wire.negotiation import Lengths
from firmware_model.wire.secondary import Secondary
from tests import shares
from tests.emulator.firmware.test_library import SOURCES, Driven

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")

ANSWER_MAX = 96
FRAMES = 150
OWN = (bytes.fromhex("02 0B"), bytes.fromhex("00 02 00 0B"), bytes.fromhex("03"))
OTHERS = (bytes.fromhex("02 0D"), bytes.fromhex("02 FF"))
CONTROLS = (0x93, 0x93, 0x83, 0x53, 0x97, 0x3F, 0x13, 0x03, 0x73)


class Ours:
    """Our secondary with an application that sends commands back, last byte first."""

    def __init__(self) -> None:
        self.link = Secondary(5, alone=True, information_bytes=128)

    def receive(self, data: bytes, now: SimTime) -> bytes:
        sent = b""
        for octet in data:  # it has answered a frame before the next one is there
            events = self.link.receive(bytes((octet,)), now)
            while events:
                event = events.pop(0)
                if isinstance(event, Send):
                    sent += event.data
                elif isinstance(event, Indication):
                    answer = event.information[::-1][:ANSWER_MAX]
                    events = self.link.respond(answer, now) + events
        return sent


class RandomHost:
    """A host that mostly keeps to the protocol, and often does not."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.sent = self.received = 0
        self.own = OWN[0]

    def frame(self) -> bytes:
        """Return the next bytes for the line."""
        dice = self.dice
        kind = dice.random()
        information, segmented = b"", False
        if kind < 0.12:
            control = dice.choice(CONTROLS)
            if control & 0xEF == 0x83:
                self.sent = self.received = 0
                self.own = dice.choice(OWN)  # an answer from memory keeps its form
                information = dice.choice((b"", Lengths(60, 40).encode(), b"\x81\x80\x01"))
        elif kind < 0.3:
            control = dice.choice((0x11, 0x01, 0x15)) | self._received() << 5
        else:
            control = self._received() << 5 | 0x10 | self._sent() << 1
            information = dice.randbytes(dice.choice((1, 5, 20, 40, 60, 128, 129)))
            segmented = dice.random() < 0.15
        address = dice.choice(OTHERS) if dice.random() < 0.05 else self.own
        client = bytes.fromhex("23" if dice.random() < 0.03 else "21")
        data = bytearray(encode(Frame(address, client, control, information, segmented)))
        if dice.random() < 0.06:
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        if dice.random() < 0.05:
            data = data[: dice.randrange(len(data))] + data
        return bytes(data)

    def take(self, answer: bytes) -> None:
        """Follow what the fob has sent, as a host does, but not always."""
        if len(answer) > 7 and not answer[6] & 1:
            self.received = (self.received + 1) & 7

    def _received(self) -> int:
        return self.dice.randrange(8) if self.dice.random() < 0.04 else self.received

    def _sent(self) -> int:
        if self.dice.random() < 0.08:
            return self.dice.randrange(8)
        number, self.sent = self.sent, (self.sent + 1) & 7
        return number


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("echo") / "echo.so"
    files = [str(Path(__file__).with_name("echo_core.c")), str(SOURCES / "link.c")]
    flags = [
        "-shared",
        "-fPIC",
        "-O1",
        "-Wall",
        "-Wextra",
        "-Werror",
        f"-I{SOURCES}",
        "-DLINK_COMMAND_MAX=4096",
    ]
    subprocess.run(["cc", *flags, *files, "-o", str(target)], check=True)
    return target


@pytest.mark.parametrize("seed", range(shares.times(8, 200)))
def test_the_link_in_c_says_what_ours_says(echo: Path, seed: int) -> None:
    with RackPrograms() as programs:
        fob, ours, host = Driven(echo, programs), Ours(), RandomHost(seed)
        answers = 0
        for _ in range(FRAMES):
            data = host.frame()
            if host.dice.random() < 0.02:  # a pause within a frame, or a long silence
                cut = host.dice.randrange(len(data))
                parts = [(data[:cut], 600), (data[cut:], 5)]
            else:
                parts = [(data, host.dice.choice((5, 5, 5, 400, 121_000)))]
            for part, ms in parts:
                now = SimTime(fob.now + ms * NS_PER_MS)
                expected = ours.receive(part, now)
                found = fob.say_bytes(part, ms)
                assert found.hex(" ") == expected.hex(" "), f"after {part.hex(' ')}"
                host.take(found)
                answers += bool(found)
        assert answers > FRAMES // 3
        assert fob.device.program_notes == ()
        assert fob.now > NS_PER_SECOND
