"""The places for credentials: seed, parameters and moving factor, as they lie in flash."""

import struct
from dataclasses import dataclass, field

from firmware_model.firmware.journal import Journal
from firmware_model.firmware.memory import credential_key, factor_key
from firmware_model.generators import COUNTER_MAX, Hash, OtpKey, OtpKind, time_step
from firmware_model.wire.objects import seed_check_value

_PARAMETERS = struct.Struct(">BBBIqQ")
_NAMED = 0x80
"""The bit of the kind that says: options, length of the name and the name stand before the seed."""
_NAME_HEAD = struct.Struct(">BB")
_FACTOR = struct.Struct(">BQBHH")
"""A moving factor of nine bytes, presses in three, steps ahead."""
_PRESSES_MAX = 0xFF_FFFF
AHEAD_MAX = 0xFFFF
ONLY_INCREASING, REQUIRE_TOUCH = 0x01, 0x02
"""Options of a credential that a host asks for codes (the OATH applet's properties)."""
EXHAUSTED = COUNTER_MAX + 1
"""The moving factor of an HOTP slot that has shown its very last code."""


@dataclass(slots=True)
class Slot:
    """One credential at work.

    `factor` is the next counter of an HOTP slot, or the latest step a TOTP slot may have shown;
    an always-on display reserves `ahead` steps beyond what it has shown, to spare the flash.
    `presses` counts codes asked for. `is_timed` says that it is a TOTP slot. `name` is what a host
    calls it, b"" where hosts call it by its number; `options` are bits.
    """

    number: int
    kind: OtpKind
    algorithm: Hash
    digits: int
    step_seconds: int
    t0_seconds: int
    is_timed: bool
    key: OtpKey = field(repr=False)
    seed_check: bytes
    factor: int
    presses: int = 0
    ahead: int = 0
    name: bytes = b""
    options: int = 0

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
    name: bytes = b"",
    options: int = 0,
) -> Slot:
    """Store a credential in slot `number` (1..100), in one entry, and return it ready for use.

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
        name=name,
        options=options,
    )
    if journal.get(factor_key(number)):
        erase_slot(journal, number)
    journal.put(credential_key(number), entry)
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
    name: bytes = b"",
    options: int = 0,
) -> bytes:
    """Return a credential as its flash entry has it."""
    coded = kind | _NAMED if name else kind
    front = _PARAMETERS.pack(coded, algorithm, digits, step_seconds, t0_seconds, counter)
    label = _NAME_HEAD.pack(options, len(name)) + name if name else b""
    return front + label + seed


def seed_in(entry: bytes) -> bytes:
    """Return the seed of a credential as its flash entry has it."""
    return _label_and_seed(entry)[2]


def _label_and_seed(entry: bytes) -> tuple[bytes, int, bytes]:
    """Return name, options and seed of a credential's entry."""
    rest = entry[_PARAMETERS.size :]
    if not entry[0] & _NAMED:
        return b"", 0, rest
    options, length = _NAME_HEAD.unpack_from(rest)
    rest = rest[_NAME_HEAD.size :]
    return rest[:length], options, rest[length:]


def load_slot(journal: Journal, number: int) -> Slot | None:
    """Return slot `number` as flash has it, None while it is empty."""
    entry = journal.get(credential_key(number))
    if not entry:
        return None
    kind, coded, digits, step_seconds, t0, counter = _PARAMETERS.unpack_from(entry)
    algorithm = Hash(coded)
    name, options, seed = _label_and_seed(entry)
    slot = Slot(
        number=number,
        kind=OtpKind(kind & ~_NAMED),
        algorithm=algorithm,
        digits=digits,
        step_seconds=step_seconds,
        t0_seconds=t0,
        is_timed=kind & ~_NAMED == OtpKind.TOTP,
        key=OtpKey(seed, algorithm),
        seed_check=seed_check_value(seed),
        factor=counter,
        name=name,
        options=options,
    )
    moved = journal.get(factor_key(number))
    if moved:
        high, low, many, few, slot.ahead = _FACTOR.unpack(moved)
        slot.factor, slot.presses = high << 64 | low, many << 16 | few
    return slot


def store_factor(journal: Journal, slot: Slot, factor: int, *, press: int, ahead: int = 0) -> None:
    """Make a new moving factor durable, count `press` presses, and only then believe it."""
    presses = slot.presses + press
    if presses > _PRESSES_MAX:
        presses = _PRESSES_MAX
    journal.put(factor_key(slot.number), factor_entry(factor, presses, ahead))
    slot.factor, slot.presses, slot.ahead = factor, presses, ahead


def factor_entry(factor: int, presses: int, ahead: int) -> bytes:
    """Return a moving factor as its flash entry has it."""
    return _FACTOR.pack(factor >> 64, factor & COUNTER_MAX, presses >> 16, presses & 0xFFFF, ahead)


def put_named(journal: Journal, number: int, entry: bytes) -> Slot:
    """Store a credential's `entry` in slot `number`: the one before it stays until that is done.

    Where a moving factor is in the slot, both change in one step, at the cost of a turn of banks.
    """
    if journal.get(factor_key(number)):
        journal.put_all({credential_key(number): entry, factor_key(number): b""})
    else:
        journal.put(credential_key(number), entry)
    slot = load_slot(journal, number)
    assert slot is not None, "what was just stored is there"
    return slot


def rename_slot(journal: Journal, slot: Slot, name: bytes) -> None:
    """Give a credential that has a name another one."""
    entry = journal.get(credential_key(slot.number)) or b""
    front, seed = entry[: _PARAMETERS.size], seed_in(entry)
    label = _NAME_HEAD.pack(slot.options, len(name)) + name
    journal.put(credential_key(slot.number), front + label + seed)
    slot.name = name


def erase_slot(journal: Journal, number: int) -> None:
    """Empty slot `number`: its entries become empty; its seed lies there until a wipe."""
    journal.put(credential_key(number), b"")
    journal.put(factor_key(number), b"")
