# ruff: noqa: D103
"""The origin of transcript.json: one activation written from the standards, without keyfob's code.

SRP-6a by plain integers (RFC 5054 §2.5 and §2.6, RFC 2945 §3, SHA-256), HKDF by hand (RFC 5869),
BER-TLV by hand; AES-256-GCM is pyca/cryptography's. The prime is computed from its definition, RFC
3526 §4 (the 3072-bit group of RFC 5054 appendix A, there with generator 5). Run it from anywhere:
it writes transcript.json beside itself.
"""

import hashlib
import hmac
import json
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SERVICE_ID, USER_ID, PASSWORD = "301245", "0001234567", "4711"
DEVICE_ID = "phone-1"
CLOCK = 1_800_000_000
SALT = bytes(range(0x10, 0x20))
A_PRIVATE = bytes(range(0x20, 0x40))
B_PRIVATE = bytes(range(0x40, 0x60))
SERIAL = "ZZP100000001"
TODAY, EXPIRY = CLOCK // 86_400, CLOCK // 86_400 + 90
G = 5


def pi_floor(bits: int) -> int:
    """Return floor(2^bits pi) by Machin's formula."""
    guard = 64
    one = 1 << bits + guard

    def arctan_of_inverse(x: int) -> int:
        total = term = one // x
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total

    return 4 * (4 * arctan_of_inverse(5) - arctan_of_inverse(239)) >> guard


N = 2**3072 - 2**3008 - 1 + 2**64 * (pi_floor(2942) + 1_690_314)


def h(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def number(octets: bytes) -> int:
    return int.from_bytes(octets, "big")


def short(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def padded(value: int) -> bytes:
    return value.to_bytes(384, "big")


def tlv(tag: int, value: bytes) -> bytes:
    size = len(value)
    if size < 0x80:
        length = bytes([size])
    else:
        length = bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + value


def hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    extracted = hmac.digest(salt, key, "sha256")
    block = okm = b""
    while len(okm) < length:
        block = hmac.digest(extracted, block + info + bytes([len(okm) // 32 + 1]), "sha256")
        okm += block
    return okm[:length]


def main() -> None:
    identity = f"{SERVICE_ID}/{USER_ID}".encode()
    k = number(h(padded(N), padded(G)))
    x = number(h(SALT, h(identity, b":", PASSWORD.encode())))
    v = pow(G, x, N)
    a, b = number(A_PRIVATE), number(B_PRIVATE)
    client, server = pow(G, a, N), (k * v + pow(G, b, N)) % N
    u = number(h(padded(client), padded(server)))
    premaster = pow(server - k * v, a + u * x, N)
    assert premaster == pow(client * pow(v, u, N), b, N)
    key = h(short(premaster))
    mixed = short(number(h(short(N))) ^ number(h(short(G))))
    m1 = h(mixed, short(number(h(identity))), SALT, short(client), short(server), key)
    m2 = h(short(client), m1, key)

    request = (
        tlv(0x80, b"\x01")
        + tlv(0x81, DEVICE_ID.encode())
        + tlv(0x82, CLOCK.to_bytes(8, "big"))
        + tlv(0x83, SERVICE_ID.encode())
        + tlv(0x84, USER_ID.encode())
        + tlv(0x85, padded(client))
    )
    challenge = tlv(0x80, SALT) + tlv(0x81, padded(server))
    said = h(request, challenge)

    def derived(label: str, length: int) -> bytes:
        return hkdf(key, said, b"keyfob activation " + label.encode(), length)

    grant = (
        tlv(0x80, SERIAL.encode())
        + tlv(0x81, SERIAL.encode())
        + tlv(0x82, TODAY.to_bytes(4, "big"))
        + tlv(0x83, EXPIRY.to_bytes(4, "big"))
        + tlv(0x84, b"\x01")
        + tlv(0x85, b"\x06")
        + tlv(0x86, (30).to_bytes(4, "big"))
        + tlv(0x87, CLOCK.to_bytes(8, "big"))
    )
    sealed = AESGCM(derived("seal", 32)).encrypt(bytes(12), grant, None)
    spoken = {
        "request": request,
        "challenge": tlv(0x7C, challenge),
        "proof": tlv(0x7C, tlv(0x82, m1)),
        "confirmation": tlv(0x7C, tlv(0x83, m2) + tlv(0x84, sealed)),
        "receipt": tlv(0x7C, tlv(0x85, derived("receipt", 32))),
    }
    kept = {
        "verifier": padded(v),
        "key": key,
        "seed": derived("seed", 64)[:20],
        "enc": derived("ENC", 16),
        "mac": derived("MAC", 16),
        "dek": derived("DEK", 16),
    }
    vectors = {
        "origin": "make_transcript.py: RFC 5054, RFC 2945, RFC 5869 and WIRE §9 by plain integers",
        "given": {
            "service_id": SERVICE_ID,
            "user_id": USER_ID,
            "start_password": PASSWORD,
            "device_id": DEVICE_ID,
            "unix_seconds": CLOCK,
            "serial_number": SERIAL,
            "issue_days": TODAY,
            "expiry_days": EXPIRY,
            "salt": SALT.hex(" "),
            "client_private": A_PRIVATE.hex(" "),
            "server_private": B_PRIVATE.hex(" "),
        },
        "spoken": {name: octets.hex(" ") for name, octets in spoken.items()},
        "kept": {name: octets.hex(" ") for name, octets in kept.items()},
    }
    text = json.dumps(vectors, indent=1) + "\n"
    Path(__file__).with_name("transcript.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
