"""What is suspicious about a single seed record."""

import re
from itertools import pairwise

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds.record import SeedRecord

SEED_BYTES_MIN = 16
"""RFC 4226 §4 R6: at least 128 bits."""

DISTINCT_BYTES_MIN = 6
"""Of 16 or more random bytes, fewer distinct ones than this happen in no fleet."""

ODD_SEED_BYTES = 24
"""SafeNet's 48 hex digits: importers that expect 20, 32 or 64 bytes guess the hash wrong."""

COMMON_STEPS = (30, 60)

UNDECODED = "its seed is hexadecimal, base32 or base64 text: it was probably not decoded"
"""The doubt about such a seed: its codes will be wrong."""

_DIGITS_64 = b"1234567890123456789012345678901234567890123456789012345678901234"
PUBLISHED_SEEDS = frozenset(
    {_DIGITS_64[:20], _DIGITS_64[:32], _DIGITS_64}  # RFC 4226 App. D, RFC 6238 App. B
    | {b"Hello!\xde\xad\xbe\xef"}  # the Key Uri Format's example
)
_RUNS_AT_60 = re.compile(r"\b(feitian|ftsafe|c200)\b", re.IGNORECASE)


def doubts_about_seed(record: SeedRecord) -> list[str]:
    """Say what is suspicious about the seed itself; never quotes it."""
    seed = record.seed
    doubts = []
    if seed in PUBLISHED_SEEDS:
        doubts.append("its seed is a published test seed")
    elif is_undecoded(seed):
        doubts.append(UNDECODED)
    elif len(set(seed)) < min(DISTINCT_BYTES_MIN, len(seed) // 2) or _counts(seed):
        doubts.append("its seed is not random: it repeats or counts")
    if len(seed) < SEED_BYTES_MIN:
        doubts.append("its seed is shorter than 128 bits (RFC 4226 §4)")
    if len(seed) == ODD_SEED_BYTES:
        doubts.append("its seed has 24 bytes, as some SafeNet files; check that codes are right")
    elif record.algorithm is Hash.SHA1 and len(seed) in (32, 64):
        doubts.append("its seed is as long as SHA-2's, but its hash is SHA-1")
    return doubts


def doubts_about_step(record: SeedRecord) -> list[str]:
    """Say what is suspicious about the time step."""
    if record.kind is not OtpKind.TOTP:
        return []
    if record.step_seconds not in COMMON_STEPS:
        return [f"its time step is {record.step_seconds} s; nearly all fobs run at 30 or 60 s"]
    makers = f"{record.manufacturer} {record.model}"
    if record.step_seconds == 30 and _RUNS_AT_60.search(makers):
        return ["its time step is 30 s, but fobs of this maker run at 60 s by default"]
    return []


def is_undecoded(seed: bytes) -> bool:
    """Whether `seed` is text that was decoded once too seldom; not so for published seeds."""
    if len(seed) < SEED_BYTES_MIN or seed in PUBLISHED_SEEDS:
        return False
    text = seed.decode("latin-1")
    if re.fullmatch(r"[0-9a-fA-F]+|[A-Z2-7]+=*|[a-z2-7]+=*", text):
        return True
    mixed = re.search("[a-z]", text) and re.search("[A-Z]", text)
    return bool(mixed) and re.fullmatch(r"[0-9A-Za-z+/_-]+=*", text) is not None


def _counts(seed: bytes) -> bool:
    """Tell whether the bytes go up or down in even steps."""
    steps = {(after - before) % 256 for before, after in pairwise(seed)}
    return len(seed) > 2 and len(steps) == 1
