"""Saves what outlives a restart of fobs, and brings it back as a new incarnation."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from emulator.fob import EmulatedFob
from emulator.rack import EmulatedRack
from firmware_model.errors import BadInput
from firmware_model.units import NS_PER_SECOND, SimTime

SNAPSHOTS_MAX = 1000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")


@dataclass(frozen=True, slots=True)
class SavedFob:
    """One fob: its channel and serial number, the text of its model, its durable images.

    `powered` is False where the bench had cut its supply.
    """

    number: int
    serial_number: str
    source: str
    powered: bool
    images: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SavedRack:
    """Fobs as they were at `instant` of true time."""

    instant: SimTime
    fobs: tuple[SavedFob, ...]


def save(rack: EmulatedRack, fobs: Sequence[EmulatedFob]) -> SavedRack:
    """Return the state of `fobs` now."""
    saved = []
    for fob in fobs:
        rack.catch_up(fob)
        powered = fob not in rack.unpowered
        saved.append(
            SavedFob(fob.number, fob.serial_number, fob.kind.source, powered, fob.device.images())
        )
    return SavedRack(rack.clock.now(), tuple(saved))


def restore(rack: EmulatedRack, saved: SavedRack, fobs: Sequence[EmulatedFob]) -> None:
    """Bring `fobs` back to what they were in `saved`: nobody has touched them since.

    True time does not go back: each fob boots now, as after a restart of the emulator, its clock
    and its cell went on meanwhile.

    Raises:
        BadInput: `saved` lacks one of them, or is of another fob, or of a later time; no fob was
            changed.
    """
    by_number = {one.number: one for one in saved.fobs}
    pairs = []
    for fob in fobs:
        one = by_number.get(fob.number)
        if one is None:
            raise BadInput(f"the snapshot has no channel {fob.number}")
        if one.serial_number != fob.serial_number:
            raise BadInput(
                f"channel {fob.number} is {fob.serial_number}, the snapshot's {one.serial_number}"
            )
        pairs.append((fob, one))
    _replace(rack, saved, pairs)


def copy(rack: EmulatedRack, saved: SavedRack, number: int, fobs: Sequence[EmulatedFob]) -> None:
    """Make `fobs` twins of channel `number` of `saved`: the same seed, identity and clock.

    Raises:
        BadInput: `saved` has no such channel, or one of another model, or is of a later time; no
            fob was changed.
    """
    one = next((one for one in saved.fobs if one.number == number), None)
    if one is None:
        raise BadInput(f"the snapshot has no channel {number}")
    _replace(rack, saved, [(fob, one) for fob in fobs])


def _replace(
    rack: EmulatedRack, saved: SavedRack, pairs: Sequence[tuple[EmulatedFob, SavedFob]]
) -> None:
    if saved.instant > rack.clock.now():
        moment = datetime.fromtimestamp(-(-saved.instant // NS_PER_SECOND), UTC)
        raise BadInput(
            f"the snapshot is of a later time: move there first, TIME:FORWard"
            f" '{moment:%Y-%m-%dT%H:%M:%SZ}'"
        )
    for fob, one in pairs:
        if one.source != fob.kind.source:
            raise BadInput(f"channel {fob.number} is another model than the snapshot's")
    renewed = [(fob, fob.kind.rebuild(one.images), one) for fob, one in pairs]
    for fob, device, one in renewed:
        rack.renew(fob, device, one.images)
        if one.powered:
            rack.unpowered.discard(fob)
        else:
            rack.unpowered.add(fob)
    rack.settle()


def require_name(name: str) -> None:
    """Raise BadInput if `name` cannot be a snapshot's."""
    if not NAME.fullmatch(name):
        raise BadInput(
            "invalid name: expected 1 to 64 letters, digits, blanks, dots, hyphens, underscores,"
            " a letter or digit first"
        )
