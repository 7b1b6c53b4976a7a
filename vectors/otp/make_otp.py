"""Write the JSON files beside this one: python vectors/otp/make_otp.py.

Codes are computed here from `hmac` and RFC 4226 §5.3 anew; the published ones are typed in and
compared, so that a slip in either shows. Shares no code with keyfob.
"""

import hashlib
import hmac
import json
from pathlib import Path

HERE = Path(__file__).parent
S20 = b"12345678901234567890"
S32 = b"12345678901234567890123456789012"
S64 = b"1234567890123456789012345678901234567890123456789012345678901234"
PUBLISHED_HOTP = [
    "755224",
    "287082",
    "359152",
    "969429",
    "338314",
    "254676",
    "287922",
    "162583",
    "399871",
    "520489",
]
TIMES = (59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000)
PUBLISHED_TOTP = {
    "SHA1": ["94287082", "07081804", "14050471", "89005924", "69279037", "65353130"],
    "SHA256": ["46119246", "68084774", "67062674", "91819424", "90698825", "77737706"],
    "SHA512": ["90693936", "25091201", "99943326", "93441116", "38618901", "47863826"],
}
SEEDS = {"SHA1": S20, "SHA256": S32, "SHA512": S64}
COUNTERS = (10, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**63, 2**64 - 2, 2**64 - 1)


def code(seed: bytes, factor: int, digits: int, algorithm: str) -> str:
    """Return the code of `factor`, by RFC 4226 §5.3."""
    mac = hmac.new(seed, factor.to_bytes(8, "big"), getattr(hashlib, algorithm.lower())).digest()
    offset = mac[-1] % 16
    number = int.from_bytes(mac[offset : offset + 4], "big") % 2**31
    return str(number)[-digits:].rjust(digits, "0")


def row(seed: bytes, factor: int, digits: int, algorithm: str = "SHA1", **more: object) -> dict:
    """Return one vector."""
    return {
        "seed": seed.hex(),
        "algorithm": algorithm,
        "moving_factor": factor,
        "digits": digits,
        "code": code(seed, factor, digits, algorithm),
    } | more


def save(name: str, origin: str, rows: list[dict]) -> None:
    """Write `rows` and their origin, one row a line."""
    lines = ",\n".join("  " + json.dumps(entry) for entry in rows)
    text = f'{{\n "origin": {json.dumps(origin)},\n "rows": [\n{lines}\n ]\n}}\n'
    (HERE / name).write_text(text)


def main() -> None:
    """Compute, compare with what is published, write."""
    published = [row(S20, counter, 6) for counter in range(10)]
    assert [entry["code"] for entry in published] == PUBLISHED_HOTP
    save(
        "rfc4226.json", "RFC 4226 appendix D; the 6-digit values are the published ones", published
    )
    totp = []
    for algorithm, codes in PUBLISHED_TOTP.items():
        for time, expected in zip(TIMES, codes, strict=True):
            totp.append(
                row(SEEDS[algorithm], time // 30, 8, algorithm, unix_seconds=time, step_seconds=30)
            )
            assert totp[-1]["code"] == expected, (algorithm, time)
    save(
        "rfc6238.json",
        "RFC 6238 appendix B; seeds of 32 and 64 bytes for SHA-256 and SHA-512, as the published"
        " codes need them and not as the text says (erratum 2866)",
        totp,
    )
    wrong = [
        row(S20, time // 30, 8, algorithm, unix_seconds=time, step_seconds=30)
        for algorithm in ("SHA256", "SHA512")
        for time in TIMES
    ]
    save(
        "rfc6238_wrong_seed.json",
        "make_otp.py: what the 20-byte seed of RFC 6238's text gives for SHA-256 and SHA-512; a"
        " generator that prints the published codes for it, or a table with these, is wrong",
        wrong,
    )
    sixty = [
        row(S20, time // 60, digits, unix_seconds=time, step_seconds=60)
        for time in TIMES
        for digits in (6, 8)
    ]
    save("totp_60s.json", "make_otp.py: the times of RFC 6238 appendix B at 60 s", sixty)
    bounds = [row(S20, counter, digits) for counter in (0, *COUNTERS) for digits in (6, 8)]
    bounds += [row(S20, counter, digits) for counter in range(5) for digits in (4, 5, 7, 9, 10)]
    bounds += [row(SEEDS[a], 2**64 - 1, d, a) for a in SEEDS for d in (4, 10)]
    # Keys about HMAC's block lengths, where they are padded or hashed down (RFC 2104 §2).
    bounds += [
        row(bytes(range(length)), 1, 6, a)
        for a in SEEDS
        for length in (1, 63, 64, 65, 127, 128, 129)
    ]
    save("boundaries.json", "make_otp.py: ends of the counter, of the digits, of the key", bounds)


if __name__ == "__main__":
    main()
