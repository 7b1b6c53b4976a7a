"""One code from a seed: keyfob beside pyotp, and beside OpenSSL's HMAC as the floor.

Run with `python -m benchmarks.codes`. Ratios of one run on one machine; best of several rounds.
"""

import base64
import hmac
import timeit
from collections.abc import Callable

import pyotp

from firmware_model.generators import OtpKey, hotp

SEED = bytes.fromhex("3132333435363738393031323334353637383930")
CODES = 20_000
ROUNDS = 7


def best(act: Callable[[], object]) -> float:
    """Return the shortest time of one call of `act` over ROUNDS rounds, in microseconds."""
    return min(timeit.repeat(act, number=CODES, repeat=ROUNDS)) / CODES * 1e6


def main() -> None:
    """Measure and print a table."""
    secret = base64.b32encode(SEED).decode()
    key, peer = OtpKey(SEED), pyotp.HOTP(secret)
    message = (7).to_bytes(8, "big")
    assert key.code(7) == peer.at(7) == hotp(SEED, 7)
    rows = [
        ("keyfob, key made ready (OtpKey.code)", best(lambda: key.code(7))),
        ("keyfob, from the seed each time (hotp)", best(lambda: hotp(SEED, 7))),
        ("pyotp, object made ready", best(lambda: peer.at(7))),
        ("pyotp, from the secret each time", best(lambda: pyotp.HOTP(secret).at(7))),
        ("floor: hmac.digest alone (OpenSSL)", best(lambda: hmac.digest(SEED, message, "sha1"))),
    ]
    for name, microseconds in rows:
        print(f"{name:42} {microseconds:7.2f} µs {1e6 / microseconds:12,.0f}/s")
    ours, whole, theirs, anew, floor = (microseconds for _, microseconds in rows)
    print(f"keyfob is {theirs / ours:.1f} × pyotp, {ours / floor:.2f} of the floor's time;")
    print(f"with the seed anew each time {anew / whole:.1f} × pyotp, {whole / floor:.2f} of it")


if __name__ == "__main__":
    main()
