"""The places for credentials: seed, parameters and moving factor, as they lie in flash."""

import struct
from dataclasses import dataclass, field

from firmware_model.firmware.journal import Journal
from firmware_model.firmware.memory import Key
from firmware_model.generators import COUNTER_MAX, Hash, OtpKey, OtpKind, time_step
from firmware_model.wire.objects import seed_check_value

_PARAMETERS = struct.Struct(">BBBIqQ")
_FACTOR = struct.Struct(">9s3sH")
_PRESSES_MAX = 0xFF_FFFF
AHEAD_MAX = 0xFFFF
EXHAUSTED = COUNTER_MAX + 1
"""The moving factor of an HOTP slot that has shown its very last code."""


@dataclass(slots=True)
class Slot:
    """One credential at work.

    `factor` is the next counter of an HOTP slot, or the latest step a TOTP slot may have shown;
    an always-on display reserves `ahead` steps beyond what it has shown, to spare the flash.
    `presses` counts codes asked for.
    """

    number: int
    kind: OtpKind
    algorithm: Hash
    digits: int
    step_seconds: int
    t0_seconds: int
    key: OtpKey = field(repr=False)
    seed_check: bytes
    factor: int
    presses: int = 0
    ahead: int = 0

    def step_at(self, unix_seconds: int) -> int:
        """Return the TOTP step at that time; negative before T0."""
        return time_step(unix_seconds, self.step_seconds, self.t0_seconds)

    @property
    def earliest_step(self) -> int:
        """The first step a TOTP slot may show without going back."""
        return self.factor - self.ahead

    def code(self, factor: int) -> str:
        """Return the code of that moving factor."""
        return self.key.code(factor, self.digits)


def store_credential(
    journal: Journal,
    number: int,
    *,
    kind: OtpKind,
    algorithm: Hash,
    digits: int,
    step_seconds: int,
    t0_seconds: int,
    counter: int,
    seed: bytes,
) -> Slot:
    """Store a credential in slot `number` (1..16), in one entry, and return it ready for use.

    A credential that has shown codes is emptied first, then its moving factor is forgotten: so
    a cut never leaves a seed beside a counter that is not its own.
    """
    entry = credential_entry(
        kind=kind,
        algorithm=algorithm,
        digits=digits,
        step_seconds=step_seconds,
        t0_seconds=t0_seconds,
        counter=counter,
        seed=seed,
    )
    if journal.get(Key.FACTOR + number - 1):
        erase_slot(journal, number)
    journal.put(Key.CREDENTIAL + number - 1, entry)
    slot = load_slot(journal, number)
    assert slot is not None, "what was just stored is there"
    return slot


def credential_entry(
    *,
    kind: OtpKind,
    algorithm: Hash,
    digits: int,
    step_seconds: int,
    t0_seconds: int,
    counter: int,
    seed: bytes,
) -> bytes:
    """Return a credential as its flash entry has it."""
    return _PARAMETERS.pack(kind, algorithm, digits, step_seconds, t0_seconds, counter) + seed


def seed_in(entry: bytes) -> bytes:
    """Return the seed of a credential as its flash entry has it."""
    return entry[_PARAMETERS.size :]


def load_slot(journal: Journal, number: int) -> Slot | None:
    """Return slot `number` as flash has it, None while it is empty."""
    entry = journal.get(Key.CREDENTIAL + number - 1)
    if not entry:
        return None
    kind, algorithm, digits, step_seconds, t0, counter = _PARAMETERS.unpack_from(entry)
    seed = seed_in(entry)
    slot = Slot(
        number=number,
        kind=OtpKind(kind),
        algorithm=Hash(algorithm),
        digits=digits,
        step_seconds=step_seconds,
        t0_seconds=t0,
        key=OtpKey(seed, Hash(algorithm)),
        seed_check=seed_check_value(seed),
        factor=counter,
    )
    moved = journal.get(Key.FACTOR + number - 1)
    if moved:
        factor, presses, slot.ahead = _FACTOR.unpack(moved)
        slot.factor = int.from_bytes(factor, "big")
        slot.presses = int.from_bytes(presses, "big")
    return slot


def store_factor(journal: Journal, slot: Slot, factor: int, *, press: int, ahead: int = 0) -> None:
    """Make a new moving factor durable, count `press` presses, and only then believe it."""
    presses = min(slot.presses + press, _PRESSES_MAX)
    row = _FACTOR.pack(factor.to_bytes(9, "big"), presses.to_bytes(3, "big"), ahead)
    journal.put(Key.FACTOR + slot.number - 1, row)
    slot.factor, slot.presses, slot.ahead = factor, presses, ahead


def erase_slot(journal: Journal, number: int) -> None:
    """Empty slot `number`: its entries become empty; its seed lies there until a wipe."""
    journal.put(Key.CREDENTIAL + number - 1, b"")
    journal.put(Key.FACTOR + number - 1, b"")
