# ruff: noqa: D102, D103
"""The origin of session.json: a whole provisioning, frame by frame, by hosts that are not keyfob's.

Frames are dlms-cosem's (25.1.0), SCP03 is yubikey-manager's (5.9.2), objects are written out from
WIRE §5 and wrapped with `cryptography`. Only the fob is keyfob's; what it answers is taken apart
and verified by those two. Run it from the root of the clone: python -m vectors.wire.make_session
"""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from dlms_cosem.hdlc import address, connection, frames
from dlms_cosem.hdlc.state import NEED_DATA
from yubikit.core import TRANSPORT, Version
from yubikit.core.smartcard import SmartCardConnection, SmartCardProtocol, scp

from firmware_model import catalogue
from firmware_model.device import Device
from firmware_model.effects import Transmit
from firmware_model.inputs import Receive
from firmware_model.units import SimTime, later, seconds

CHIP_ID = bytes.fromhex("00 01 02 03 04 05 06 07 08 09")
HOST_CHALLENGE = bytes.fromhex("11 22 33 44 55 66 77 88")
BORN, STEP_NS = 1_800_000_000, 1_000_000
TEST_KEY = bytes(range(0x40, 0x50))
SEED = b"12345678901234567890"  # RFC 4226 Appendix D
TOKEN = bytes.fromhex("F0 4B 45 59 46 4F 42 01")


class Line:
    """The fob on its line, and everything that passes."""

    def __init__(self) -> None:
        model = catalogue.load("fob-h6")
        self.now = seconds(BORN)
        self.fob = Device.manufacture(model, chip_id=CHIP_ID, random_seed=1, now=self.now)
        self.steps: list[dict[str, str]] = []

    def exchange(self, raw: bytes, says: str) -> bytes:
        self.now = SimTime(later(self.now, STEP_NS))
        effects = self.fob.handle(Receive(raw), self.now)
        answer = b"".join(effect.data for effect in effects if isinstance(effect, Transmit))
        self.steps.append({"says": says, "host": raw.hex(" "), "fob": answer.hex(" ")})
        return answer


class Card(SmartCardConnection):  # type: ignore[misc, unused-ignore]
    """Their card reader, over their HDLC."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.client = address.HdlcAddress(16, None, "client")
        self.server = address.HdlcAddress(1, 1, "server")
        self.link = connection.HdlcConnection(self.client, self.server)
        self.says = ""
        self.ask(frames.SetNormalResponseModeFrame(self.server, self.client), "connect")

    @property
    def transport(self) -> TRANSPORT:
        return TRANSPORT.USB

    def close(self) -> None:
        self.ask(frames.DisconnectFrame(self.server, self.client), "disconnect")

    def ask(self, frame: Any, says: str) -> Any:
        self.link.receive_data(self.line.exchange(self.link.send(frame), says))
        event = self.link.next_event()
        assert event is not NEED_DATA, "their HDLC does not take our answer"
        return event

    def send_and_receive(self, apdu: bytes) -> tuple[bytes, int]:
        numbers = {
            "send_sequence_number": self.link.server_ssn,
            "receive_sequence_number": self.link.server_rsn,
        }
        frame = frames.InformationFrame(self.server, self.client, bytes(apdu), **numbers)
        payload = self.ask(frame, self.says).payload
        return payload[:-2], int.from_bytes(payload[-2:], "big")


def tlv(tag: str, value: bytes) -> bytes:
    return bytes.fromhex(tag) + bytes((len(value),)) + value


def identity() -> bytes:
    name = b"ZZH600000001"
    made, over = (20_833).to_bytes(4, "big"), (22_658).to_bytes(4, "big")
    return tlv("FF31", tlv("80", name) + tlv("81", name) + tlv("82", made) + tlv("83", over))


def credential() -> bytes:
    padded = SEED + b"\x80" + bytes(11)
    cipher = Cipher(algorithms.AES(TEST_KEY), modes.CBC(bytes(16))).encryptor()
    wrapped = bytes((len(SEED),)) + cipher.update(padded)
    check = hmac.new(SEED, b"KCV", hashlib.sha256).digest()[:3]
    fields = tlv("80", b"\x01") + tlv("81", b"\x01") + tlv("82", b"\x01") + tlv("83", b"\x06")
    counter = tlv("86", bytes(8))
    return tlv("FF30", fields + counter + tlv("87", wrapped) + tlv("88", check))


def main() -> None:
    scp.os.urandom = lambda _: HOST_CHALLENGE  # type: ignore[attr-defined, unused-ignore]
    line = Line()
    card = Card(line)
    card.says = "SELECT the token application"
    protocol = SmartCardProtocol(card)
    protocol.select(TOKEN)
    protocol.configure(Version(5, 3, 0), force_short=True)
    card.says = "open a channel at level 33 under the public test keys"
    protocol.init_scp(scp.Scp03KeyParams())
    clock = tlv("DF29", BORN.to_bytes(8, "big") + b"\x01")
    for says, command in (
        ("STORE DATA of the clock", (0x80, 0xE2, 0x90, 0x00, clock)),
        ("STORE DATA of the identity", (0x80, 0xE2, 0x90, 0x00, identity())),
        ("STORE DATA of the credential", (0x80, 0xE2, 0xB0, 0x00, credential())),
        ("GET DATA of the slots", (0x00, 0xCA, 0xFF, 0x2B)),
        ("SET STATUS personalised", (0x80, 0xF0, 0x80, 0x07)),
        ("GET DATA of the life-cycle status", (0x00, 0xCA, 0xDF, 0x25)),
    ):
        card.says = says
        protocol.send_apdu(*command)
    card.close()
    origin = (__doc__ or "").partition("\n\n")[2].partition(" Run it")[0]
    session = {
        "origin": "make_session.py: " + " ".join(origin.split()),
        "chip_id": CHIP_ID.hex(),
        "born": BORN,
        "step_ns": STEP_NS,
        "seed": SEED.hex(),
        "steps": line.steps,
    }
    text = json.dumps(session, indent=1) + "\n"
    Path(__file__).with_name("session.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
