"""Molto2's profiles as they lie in flash, and which of them the display shows.

The seed of a profile is the credential of the slot with its number, from 1; title and settings are
kept ten profiles to an entry. A change of both is one step.
"""

import struct

from firmware_model.firmware.journal import Journal
from firmware_model.firmware.memory import Key, credential_key, factor_key
from firmware_model.firmware.slots import Slot, credential_entry, factor_entry, seed_in
from firmware_model.generators import Hash, OtpKind
from firmware_model.wire.molto2 import DEFAULT_KEY, ProfileSettings

PROFILES_AN_ENTRY, PROFILE_ENTRIES = 10, 10
_ROW = struct.Struct(">12sBBBB")
_NO_ROW = bytes(_ROW.size)
PROFILES_BYTES = _ROW.size * PROFILES_AN_ENTRY
_OWN = struct.Struct(">16sBB")


class Profiles:
    """The profiles of one device; `selected` is the number of the one that the display shows."""

    __slots__ = ("_journal", "selected")

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.selected = 1

    # The device's own ---------------------------------------------------------------------------

    @property
    def key(self) -> bytes:
        """The SM4 key that hosts must know."""
        return self._own()[0]

    @property
    def failures(self) -> int:
        """Failed authentications in a row."""
        return self._own()[1]

    @property
    def is_locked(self) -> bool:
        """Whether the screen shows no codes."""
        return bool(self._own()[2])

    def store_own(
        self, *, key: bytes | None = None, failures: int | None = None, locked: bool | None = None
    ) -> None:
        """Store what is given; the rest stays."""
        before = self._own()
        self._journal.put(
            Key.MOLTO2,
            _OWN.pack(
                before[0] if key is None else key,
                before[1] if failures is None else failures,
                before[2] if locked is None else locked,
            ),
        )

    def _own(self) -> tuple[bytes, int, int]:
        entry = self._journal.get(Key.MOLTO2)
        if not entry:
            return DEFAULT_KEY, 0, 0
        key, failures, locked = _OWN.unpack(entry)
        return key, failures, locked

    # Profiles -----------------------------------------------------------------------------------

    def settings(self, number: int) -> ProfileSettings:
        """Return the settings of profile `number` (1 or more); defaults where none were stored."""
        row = self._rows(number)[self._at(number)]
        if row == _NO_ROW:
            return ProfileSettings()
        title, timeout, algorithm, digits, step_seconds = _ROW.unpack(row)
        return ProfileSettings(title.rstrip(b"\0"), timeout, Hash(algorithm), digits, step_seconds)

    def store_settings(
        self, number: int, settings: ProfileSettings, slot: Slot | None, seconds: int | None
    ) -> None:
        """Store the settings of profile `number`; where they change those of its credential, both.

        `seconds` is the time that the fob believes. A moving factor counts steps: with another
        step it becomes the step of the same instant, so that the display never goes back.
        """
        rows = self._rows(number)
        rows[self._at(number)] = _ROW.pack(
            settings.title,
            settings.timeout,
            settings.algorithm,
            settings.digits,
            settings.step_seconds,
        )
        entries = {self._key(number): b"".join(rows)}
        if slot is not None and not _fits(slot, settings):
            seed = seed_in(self._journal.get(credential_key(slot.number)) or b"")
            entries[credential_key(slot.number)] = entry_of(settings, seed)
            if self._journal.get(factor_key(slot.number)):
                shown = slot.factor if seconds is None else min(slot.step_at(seconds), slot.factor)
                factor = max(0, shown) * slot.step_seconds // settings.step_seconds
                entries[factor_key(slot.number)] = factor_entry(factor, slot.presses, 0)
        if len(entries) > 1:
            self._journal.put_all(entries)
        else:
            self._journal.put(self._key(number), entries[self._key(number)])

    def select_next(self, slots: list[Slot | None]) -> Slot | None:
        """Select the next profile that has a seed, None where none has."""
        count = len(slots)
        for ahead in range(1, count + 1):
            number = (self.selected - 1 + ahead) % count + 1
            if slots[number - 1] is not None:
                self.selected = number
                return slots[number - 1]
        return None

    def shown(self, slots: list[Slot | None]) -> Slot | None:
        """Return the slot of the selected profile, or of the next that has a seed."""
        return slots[self.selected - 1] or self.select_next(slots)

    def heading(self) -> str:
        """Return what the display says of the selected profile: number as hosts count, title."""
        title = self.settings(self.selected).title.decode("utf-8", "replace")
        letters = "".join(letter if " " <= letter <= "~" else "?" for letter in title)
        return f"{self.selected - 1:02d} {letters}".rstrip()

    @staticmethod
    def _key(number: int) -> int:
        return Key.PROFILES + (number - 1) // PROFILES_AN_ENTRY

    @staticmethod
    def _at(number: int) -> int:
        return (number - 1) % PROFILES_AN_ENTRY

    def _rows(self, number: int) -> list[bytes]:
        entry = self._journal.get(self._key(number)) or _NO_ROW * PROFILES_AN_ENTRY
        return [entry[at : at + _ROW.size] for at in range(0, len(entry), _ROW.size)]


def entry_of(settings: ProfileSettings, seed: bytes) -> bytes:
    """Return the credential of a profile with these settings as its flash entry has it."""
    return credential_entry(
        kind=OtpKind.TOTP,
        algorithm=settings.algorithm,
        digits=settings.digits,
        step_seconds=settings.step_seconds,
        t0_seconds=0,
        counter=0,
        seed=seed,
    )


def _fits(slot: Slot, settings: ProfileSettings) -> bool:
    return (slot.algorithm, slot.digits, slot.step_seconds) == (
        settings.algorithm,
        settings.digits,
        settings.step_seconds,
    )
