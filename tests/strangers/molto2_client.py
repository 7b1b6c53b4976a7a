"""A host for a Molto2, from Token2's published protocol page alone: it imports nothing of ours.

Sources: token2/molto2-tools, docs/PROTOCOL.md (commands, keys, MAC, TLV), and where that page is
silent framefilter/keyroost, docs/PROTOCOL.md (9060, delete without a key, observed on hardware).
SM4 is written here from GB/T 32907-2016, so that no library is shared with what is tested.

A connection is anything that takes an APDU (bytes) and gives data and status word. As a program it
drives a Molto2 in a reader through pyscard: `molto2_client.py load|authenticate|key|reset [KEY]`.
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable

Connection = Callable[[bytes], tuple[bytes, int]]

DEFAULT_CUSTOMER_KEY = b"TOKEN2MOLTO1-KEY"
OK, QUEUED = 0x9000, 0x9060

_S_BOX = bytes.fromhex(
    "d690e9fecce13db716b614c228fb2c052b679a762abe04c3aa44132649860699"
    "9c4250f491ef987a33540b43edcfac62e4b31ca9c908e89580df94fa758f3fa6"
    "4707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35"
    "1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89e"
    "eabf8ad240c738b5a3f7f2cef96115a1e0ae5da49b341a55ad933230f58cb1e3"
    "1df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51"
    "8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b0"
    "8969974a0c96777e65b9f109c56ec68418f07dec3adc4d2079ee5f3ed7cb3948"
)
_SYSTEM = (0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC)


def _rotated(word: int, by: int) -> int:
    return (word << by | word >> 32 - by) & 0xFFFFFFFF


def _substituted(word: int) -> int:
    return int.from_bytes(bytes(_S_BOX[byte] for byte in word.to_bytes(4, "big")), "big")


def _round_keys(key: bytes) -> list[int]:
    k = [int.from_bytes(key[4 * i : 4 * i + 4], "big") ^ _SYSTEM[i] for i in range(4)]
    for i in range(32):
        constant = int.from_bytes(bytes((4 * i + j) * 7 % 256 for j in range(4)), "big")
        word = _substituted(k[i + 1] ^ k[i + 2] ^ k[i + 3] ^ constant)
        k.append(k[i] ^ word ^ _rotated(word, 13) ^ _rotated(word, 23))
    return k[4:]


def sm4_block(key: bytes, block: bytes) -> bytes:
    """Encrypt one block of 16 bytes."""
    x = [int.from_bytes(block[4 * i : 4 * i + 4], "big") for i in range(4)]
    for i, round_key in enumerate(_round_keys(key)):
        word = _substituted(x[i + 1] ^ x[i + 2] ^ x[i + 3] ^ round_key)
        mixed = word
        for by in (2, 10, 18, 24):
            mixed ^= _rotated(word, by)
        x.append(x[i] ^ mixed)
    return b"".join(word.to_bytes(4, "big") for word in reversed(x[-4:]))


def sm4_ecb(key: bytes, data: bytes) -> bytes:
    return b"".join(sm4_block(key, data[at : at + 16]) for at in range(0, len(data), 16))


def mac(key: bytes, message: bytes) -> bytes:
    """ISO 9797-1 padding 2 only where the input is not aligned; first 4 bytes of the last block."""
    if len(message) % 16:
        message = (message + b"\x80").ljust(-(-(len(message) + 1) // 16) * 16, b"\0")
    chained = bytes(16)
    for at in range(0, len(message), 16):
        mixed = bytes(a ^ b for a, b in zip(chained, message[at : at + 16], strict=True))
        chained = sm4_block(key, mixed)
    return chained[:4]


def device_key(customer_key: bytes) -> bytes:
    return hashlib.sha1(customer_key).digest()[:16]


def padded(data: bytes) -> bytes:
    return (data + b"\x80").ljust(-(-(len(data) + 1) // 16) * 16, b"\0")


class Molto2Client:
    """One conversation; each method gives the status word, or what was read."""

    def __init__(self, connection: Connection, customer_key: bytes = DEFAULT_CUSTOMER_KEY) -> None:
        self._send = connection
        self._key = device_key(customer_key)

    def info(self) -> tuple[str, int]:
        """Serial number and UTC time."""
        data, status = self._send(bytes.fromhex("80 41 00 00 00"))
        assert status == OK
        end = 4 + data[3]
        return data[4:end].decode("ascii"), int.from_bytes(data[end + 2 : end + 6], "big")

    def profile(self, number: int) -> dict[str, object]:
        """The public data of a profile."""
        data, status = self._send(bytes((0x80, 0x41, 0, number, 1, 0x70)))
        assert status == OK, f"{status:04X}"
        assert data[:4] == bytes.fromhex("95 1F 70 1D")
        assert len(data) == 33
        value = data[4:]
        return {
            "title": value[1:17].rstrip(b"\0").decode(),
            "clock": int.from_bytes(value[17:21], "big"),
            "algorithm": value[25],
            "step": value[26],
            "digits": value[27],
            "has_seed": value[28] == 1,
        }

    def authenticate(self) -> int:
        challenge, status = self._send(bytes.fromhex("80 4B 08 00 00"))
        assert status == OK
        assert len(challenge) == 8
        proof = sm4_ecb(self._key, challenge + bytes(8))
        return self._send(bytes.fromhex("80 CE 00 00 10") + proof)[1]

    def _secured(self, ins: int, p1: int, p2: int, body: bytes) -> int:
        check = mac(self._key, bytes((0x80, ins, p1, p2, len(body))) + body)
        data = body + check
        return self._send(bytes((0x84, ins, p1, p2, len(data))) + data)[1]

    def write_seed(self, profile: int, seed: bytes) -> int:
        clears = not any(seed)
        body = seed + bytes(16 - len(seed) % 16) if clears else padded(seed)
        return self._secured(0xC5, 1, profile, sm4_ecb(self._key, body))

    def write_title(self, profile: int, title: str) -> int:
        return self._secured(0xD5, 0, profile, sm4_ecb(self._key, padded(title.encode())))

    def configure(
        self,
        profile: int,
        unix_seconds: int,
        *,
        timeout: int = 1,
        algorithm: int = 1,
        digits: int = 6,
        step: int = 30,
    ) -> int:
        body = (
            bytes((0x81, 0x14, 0x1F, 1, timeout, 0x0F, 4))
            + unix_seconds.to_bytes(4, "big")
            + bytes((0x86, 9, 0x0A, 1, algorithm, 0x0B, 1, digits, 0x0D, 1, step))
        )
        return self._secured(0xD4, 1, profile, body)

    def set_time(self, profile: int, unix_seconds: int) -> int:
        body = bytes((0x81, 6, 0x0F, 4)) + unix_seconds.to_bytes(4, "big")
        return self._secured(0xD4, 1, profile, body)

    def delete_seed(self, profile: int) -> int:
        return self._send(bytes((0x80, 0xE6, 0, profile, 0)))[1]

    def lock(self) -> int:
        return self._send(bytes.fromhex("80 D8 0C 02 00"))[1]

    def unlock(self) -> int:
        return self._send(bytes.fromhex("80 D8 0C 02 01 01"))[1]

    def change_key(self, new: bytes) -> int:
        """Ask for another customer key; it holds after a press of the button."""
        body = b"\0" + device_key(new) + b"\x80" + bytes(14)
        return self._secured(0xD7, 0, 0, sm4_ecb(self._key, body))

    def factory_reset(self) -> int:
        """Ask for a factory reset; it happens after a press of the button."""
        return self._send(bytes.fromhex("80 56 00 00 00"))[1]


def reader() -> Connection:
    """Connect to the one reader that has the maker's name in its own."""
    from smartcard.System import readers

    (found,) = [each for each in readers() if "TOKEN2" in str(each)]
    connection = found.createConnection()
    connection.connect()

    def exchange(apdu: bytes) -> tuple[bytes, int]:
        data, first, second = connection.transmit(list(apdu))
        return bytes(data), first << 8 | second

    return exchange


def main(act: str, key: str = "TOKEN2MOLTO1-KEY") -> dict[str, object]:
    """Do one thing to the device in the reader, and return what came of it."""
    client = Molto2Client(reader(), key.encode())
    serial, _ = client.info()
    if act == "reset":
        return {"status": client.factory_reset()}
    status = client.authenticate()
    if act == "authenticate" or status != OK:
        return {"status": status, "serial": serial}
    if act == "key":
        return {"status": client.change_key(b"a key of our own")}
    statuses = [
        client.write_seed(2, b"12345678901234567890"),
        client.write_title(2, "Google"),
        client.configure(2, int(time.time()), timeout=3, digits=8, step=60),
        client.lock(),
        client.unlock(),
    ]
    return {"statuses": statuses, "profile": client.profile(2), "other": client.profile(99)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
