"""Which reading of a seed makes the code that a fob shows: hash, step, digits, spelling, counter.

A search over every plausible reading, the file's own first. Codes are short, so one in some
hundred searches finds a wrong reading by chance; a second code makes that one in many millions.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from firmware_model.generators import COUNTER_MAX, DIGITS, Hash, OtpKey, OtpKind, time_step
from host_tools.seeds.record import SeedRecord

COUNTERS_BEHIND, COUNTERS_AHEAD = 20, 1_000
"""How far from the file's counter is searched for the file's own reading."""

CLOCK_SECONDS_OFF = 3_600
"""How far a clock may be off, for the file's own reading."""

NARROW = 20
"""The same in counters or steps for every other reading, or chance would find too much."""

CONSECUTIVE_WITHIN = 3
"""A second code is of one of the next so many presses or steps."""

USUAL_AHEAD, USUAL_OFF = 10, 1
"""Presses ahead and steps off that any server takes."""

STEPS = (30, 60)
T0_SAFENET = 946_684_800
"""2000-01-01 00:00 UTC, from which SafeNet's time-based tokens count."""


@dataclass(frozen=True, slots=True)
class SeedReading:
    """One way to read a record; `changes` says what is other than the file says, in words."""

    seed: bytes = field(repr=False)
    kind: OtpKind
    algorithm: Hash
    digits: int
    step_seconds: int
    t0_seconds: int
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProvenReading:
    """A reading that makes the codes given.

    `factor` is the moving factor of the first code, `offset` how many presses it is ahead of the
    file's counter, or how many steps the fob's clock is ahead (negative: behind).
    """

    reading: SeedReading
    factor: int
    offset: int

    @property
    def is_usual(self) -> bool:
        """Whether the offset is one that servers take without resynchronisation."""
        if self.reading.kind is OtpKind.HOTP:
            return 0 <= self.offset <= USUAL_AHEAD
        return abs(self.offset) <= USUAL_OFF

    def described(self) -> str:
        """Say where the code stands: counter or clock."""
        if self.reading.kind is OtpKind.HOTP:
            if not self.offset:
                return f"counter {self.factor}, as the file says"
            way = "ahead of" if self.offset > 0 else "behind"
            return f"counter {self.factor}, {abs(self.offset)} {way} the file's"
        if not self.offset:
            return "clock right"
        seconds = abs(self.offset) * self.reading.step_seconds
        way = "fast" if self.offset > 0 else "slow"
        return f"clock {seconds} s {way} ({abs(self.offset)} steps)"


@dataclass(frozen=True, slots=True)
class ProofResult:
    """What a search found: readings from the most to the least plausible, and codes tried.

    `chance` is the probability (0 to 1) that such a search finds a wrong reading by chance.
    """

    found: tuple[ProvenReading, ...]
    tried: int
    chance: float

    @property
    def proven(self) -> ProvenReading | None:
        """The one reading that fits, None where none or several do.

        The file's own, at a usual place, is taken before others that fit by chance.
        """
        first = self.found[0] if self.found else None
        if first is not None and not first.reading.changes and first.is_usual:
            return first
        return first if len(self.found) == 1 else None


def prove(record: SeedRecord, codes: Sequence[str], now_seconds: int) -> ProofResult:
    """Search for the readings of `record` that make `codes`: one, or two consecutive ones.

    Args:
        record: what the seed file says.
        codes: 4 to 10 decimal digits each, as the fob showed them.
        now_seconds: true time when the first was shown, in seconds since 1970.

    Raises ValueError for a code of another form, or two of different lengths.
    """
    lengths = {len(code) for code in codes}
    if (
        not codes
        or len(lengths) != 1
        or not all(code.isascii() and code.isdigit() for code in codes)
    ):
        raise ValueError("a code has decimal digits only, and two codes the same number of them")
    digits = lengths.pop()
    if digits not in DIGITS:
        raise ValueError(f"a code has {DIGITS.start} to {DIGITS.stop - 1} digits, not {digits}")
    found, tried = [], 0
    for reading in _readings(record, digits):
        key = OtpKey(reading.seed, reading.algorithm)
        for factor, offset in _places(reading, record, now_seconds):
            tried += 1
            if key.code(factor, digits) == codes[0] and _goes_on(key, factor, codes, digits):
                found.append(ProvenReading(reading, factor, offset))
                break
    # Stable: readings come from the most to the least plausible already.
    found.sort(key=lambda proven: (len(proven.reading.changes), not proven.is_usual))
    further = (CONSECUTIVE_WITHIN / 10**digits) ** (len(codes) - 1)
    return ProofResult(tuple(found), tried, 1 - (1 - further / 10**digits) ** tried)


def _readings(record: SeedRecord, digits: int) -> Iterator[SeedReading]:
    own = SeedReading(
        record.seed, record.kind, record.algorithm, digits, record.step_seconds, record.t0_seconds
    )
    if digits != record.digits:
        own = replace(own, changes=(f"{digits} digits instead of {record.digits}",))
    steps = list(dict.fromkeys((record.step_seconds, *STEPS)))
    t0s = list(dict.fromkeys((record.t0_seconds, 0, T0_SAFENET)))
    for seed, spelled in seed_spellings(record.seed):
        for algorithm in sorted(Hash, key=lambda hash_: hash_ is not record.algorithm):
            for kind in sorted(OtpKind, key=lambda kind: kind is not record.kind):
                for step in steps if kind is OtpKind.TOTP else steps[:1]:
                    for t0 in t0s if kind is OtpKind.TOTP else t0s[:1]:
                        changes = list(own.changes)
                        if spelled:
                            changes.append(spelled)
                        if algorithm is not record.algorithm:
                            was = record.algorithm.title
                            changes.append(f"hash {algorithm.title} instead of {was}")
                        if kind is not record.kind:
                            changes.append(f"{kind.name} instead of {record.kind.name}")
                        if kind is OtpKind.TOTP and (
                            step != record.step_seconds or kind is not record.kind
                        ):
                            was = f" instead of {record.step_seconds} s"
                            changes.append(f"time step {step} s{was * (record.kind is kind)}")
                        if t0 != record.t0_seconds:
                            changes.append(f"time counted from {t0} s after 1970 (T0)")
                        yield SeedReading(seed, kind, algorithm, digits, step, t0, tuple(changes))


def _places(
    reading: SeedReading, record: SeedRecord, now_seconds: int
) -> Iterator[tuple[int, int]]:
    """Yield moving factors and their offsets, the nearest first."""
    own = not [change for change in reading.changes if "digits" not in change]
    if reading.kind is OtpKind.HOTP:
        start = record.counter if record.kind is OtpKind.HOTP else 0
        ahead = COUNTERS_AHEAD if own else 5 * NARROW
        offsets = [*range(ahead + 1), *range(-1, -COUNTERS_BEHIND - 1, -1)]
    else:
        start = time_step(now_seconds, reading.step_seconds, reading.t0_seconds)
        reach = max(CLOCK_SECONDS_OFF // reading.step_seconds, USUAL_OFF) if own else NARROW
        offsets = sorted(range(-reach, reach + 1), key=abs)
    for offset in offsets:
        if 0 <= start + offset <= COUNTER_MAX:
            yield start + offset, offset


def _goes_on(key: OtpKey, factor: int, codes: Sequence[str], digits: int) -> bool:
    """Tell whether the codes after the first follow within a few presses or steps each."""
    for code in codes[1:]:
        last = min(factor + CONSECUTIVE_WITHIN, COUNTER_MAX)
        following = (at for at in range(factor + 1, last + 1) if key.code(at, digits) == code)
        factor = next(following, -1)
        if factor < 0:
            return False
    return True


def seed_spellings(seed: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield `seed` as it was read, then what it is in other spellings, with words for each.

    A text may have been decoded once too often or too seldom, or as another encoding than its own.
    """
    yield seed, ""
    seen = {seed}
    texts = {
        "hexadecimal": seed.hex(),
        "base32": base64.b32encode(seed).decode().rstrip("="),
        "base64": base64.b64encode(seed).decode(),
    }
    plain = seed.decode("ascii") if seed.isascii() else ""
    for name in texts:
        if (decoded := _decoded(plain, name)) and decoded not in seen:
            seen.add(decoded)
            yield decoded, f"the seed is {name} text, to be decoded once more"
    for name, text in texts.items():
        for other in texts:
            if other != name and (decoded := _decoded(text, other)) and decoded not in seen:
                seen.add(decoded)
                yield decoded, f"the seed's {name} text is {other}"
    for name, text in texts.items():
        for spelled, case in ((text, ""), (text.upper(), " in capitals")):
            if (literal := spelled.encode()) not in seen:
                seen.add(literal)
                yield literal, f"the seed's {name} text{case} is the key itself, not decoded"


def _decoded(text: str, encoding: str) -> bytes:
    """Return what `text` is in `encoding`, b"" where it is none or too short for a seed."""
    try:
        if encoding == "hexadecimal":
            data = bytes.fromhex(text)
        elif encoding == "base32":
            plain = text.upper().rstrip("=")
            data = base64.b32decode(plain + "=" * (-len(plain) % 8))
        else:
            data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return b""
    return data if len(data) >= 5 else b""
