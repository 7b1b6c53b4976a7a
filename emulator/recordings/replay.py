"""Replays a recording through `Device.handle`, and compares every effect with the recorded one."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from emulator.recordings.reading import RecordedFob, RecordedInput, Recording
from emulator.recordings.spelling import spell_effects
from emulator.trace import describe
from firmware_model import inputs
from firmware_model.device import Device
from firmware_model.effects import Effect, Face, Happened, Persist, Transmit
from firmware_model.errors import BadInput
from firmware_model.inputs import Input, Receive
from firmware_model.units import SimTime
from firmware_model.wire.hdlc import Deframer


@dataclass(frozen=True, slots=True)
class EffectDifference:
    """The first effect that is not the recorded one; None where there is none at its place.

    The glasses are what the programs drove it with by then, "" for nothing.
    """

    recorded: tuple[str, ...] | None
    replayed: tuple[str, ...] | None
    recorded_glass: str = field(repr=False)
    replayed_glass: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Moment:
    """One input of a replay, and what came of it.

    `count` is its number in the recording, from 1. `given` is None where a snapshot was restored.
    `frames` are the frames that crossed the line, without their contents; `glass` is what the
    program drives the display with, `face` what can be read on it.
    """

    count: int
    line: int
    fob: RecordedFob
    at: SimTime
    given: Input | None
    frames: tuple[str, ...]
    sent: bytes = field(repr=False)
    events: tuple[str, ...]
    glass: str = field(repr=False)
    face: Face = field(repr=False)
    images: Mapping[str, bytes] = field(repr=False)
    """What was kept: flash and board, by their keys."""
    difference: EffectDifference | None


class _ReplayedFob:
    """One fob of a replay: its device, and what stands on both glasses."""

    def __init__(self, fob: RecordedFob) -> None:
        self.fob = fob
        self.device: Device = fob.kind.rebuild(fob.images)
        self.glass = self.recorded_glass = ""
        self.inward, self.outward = Deframer(), Deframer()


def replay(recording: Recording) -> Iterator[Moment]:
    """Replay `recording`, and yield each of its inputs; stop after the first difference.

    Raises:
        BadInput: it is damaged, cut short, or its fobs cannot be built.
    """
    fobs = {fob.number: _built(fob) for fob in recording.run.fobs}
    for count, one in enumerate(recording.inputs, 1):
        replayed = fobs[one.number]
        try:
            moment = _played(replayed, one, count)
        except (AssertionError, IndexError, ValueError):  # forged: no device has taken that
            raise BadInput(
                f"line {one.line} of the recording has an input that no fob takes"
            ) from None
        yield moment
        if moment.difference is not None:
            return


def _built(fob: RecordedFob) -> _ReplayedFob:
    try:
        return _ReplayedFob(fob)
    except (KeyError, ValueError, IndexError, TypeError, AssertionError):
        raise BadInput(f"the recording has no whole state of fob {fob.number}") from None


def _played(replayed: _ReplayedFob, one: RecordedInput, count: int) -> Moment:
    if one.given is None:
        assert one.restored is not None
        try:
            replayed.device = replayed.fob.kind.rebuild(one.restored)
        except (KeyError, ValueError, IndexError, TypeError):
            raise BadInput(
                f"line {one.line} of the recording has no whole state of fob {one.number}"
            ) from None
        replayed.glass = replayed.recorded_glass = ""
        return _moment(replayed, one, count, [], one.restored, None)
    effects = replayed.device.handle(one.given, one.at)
    spelled = [tuple(effect) for effect in json.loads(spell_effects(effects))]
    replayed.glass = _glass_after(spelled, replayed.glass)
    replayed.recorded_glass = _glass_after(one.effects, replayed.recorded_glass)
    difference = None
    if list(one.effects) != spelled:
        difference = _first_difference(replayed, one, spelled)
    kept = {effect.key: effect.image for effect in effects if isinstance(effect, Persist)}
    return _moment(replayed, one, count, effects, kept, difference)


def _moment(
    replayed: _ReplayedFob,
    one: RecordedInput,
    count: int,
    effects: list[Effect],
    images: Mapping[str, bytes],
    difference: EffectDifference | None,
) -> Moment:
    events = ["restored from a snapshot"] if one.given is None else []
    frames, transmitted = [], b""
    if isinstance(one.given, Receive):
        frames += [f"→ {describe(frame)}" for frame in replayed.inward.feed(one.given.data)]
    for effect in effects:
        if isinstance(effect, Transmit):
            transmitted += effect.data
            frames += [f"← {describe(frame)}" for frame in replayed.outward.feed(effect.data)]
        elif isinstance(effect, Happened):
            events.append(effect.event.value)
    return Moment(
        count,
        one.line,
        replayed.fob,
        one.at,
        one.given,
        tuple(frames),
        transmitted,
        tuple(events),
        replayed.glass,
        replayed.device.face(one.at),
        images,
        difference,
    )


def _glass_after(effects: Any, before: str) -> str:
    shown = [effect[1] for effect in effects if effect[0] == "show"]
    return str(shown[-1]) if shown else before


def _first_difference(
    replayed: _ReplayedFob, one: RecordedInput, spelled: list[tuple[str, ...]]
) -> EffectDifference:
    place = 0
    while place < min(len(spelled), len(one.effects)) and spelled[place] == one.effects[place]:
        place += 1
    return EffectDifference(
        one.effects[place] if place < len(one.effects) else None,
        spelled[place] if place < len(spelled) else None,
        replayed.recorded_glass,
        replayed.glass,
    )


def words_of(given: Input | None) -> str:
    """Return what the world did to the fob, in words without secrets."""
    return "a snapshot is restored" if given is None else _WORDS[type(given)](given)


def _says(text: str) -> Callable[[Any], str]:
    return lambda given: text.format(given=given)


def _either(on: str, off: str) -> Callable[[Any], str]:
    """Return what says one of two things, by the input's first field."""
    return lambda given: on if getattr(given, fields(given)[0].name) else off


_WORDS: dict[type[Any], Callable[[Any], str]] = {
    inputs.Wake: _says("time passes"),
    inputs.Reset: _says("the program starts"),
    inputs.ContactMoved: _either("the contact closes", "the contact opens"),
    inputs.Receive: lambda given: f"the host sends {len(given.data)} bytes",
    inputs.LineSignals: _says("the host sets the modem lines"),
    inputs.Temperature: _says("the temperature changes"),
    inputs.TemperatureCourse: _says("the temperature changes"),
    inputs.Charge: _says("the charge is set to {given.permille} ‰"),
    inputs.CellRemoved: _says("the cell is taken out"),
    inputs.CellInserted: _says("the cell is put in"),
    inputs.CutArmed: _says("a cut is armed at flash operation {given.operation}"),
    inputs.ButtonStuck: _either("the key sticks", "the key comes up"),
    inputs.SegmentsBroken: _either("segments fail", "all segments are mended"),
    inputs.ClockShifted: _says("the clock is shifted"),
    inputs.CycleCutArmed: _says("a cut is armed at cycle {given.cycles}"),
    inputs.CrystalHalted: _either("the crystal stops", "the crystal swings again"),
    inputs.FlashFlipped: _says("bits of flash page {given.page} flip"),
    inputs.FlashWorn: _says("flash page {given.page} is worn"),
    inputs.Installed: _says("the app is installed"),
    inputs.Moved: _says("the app is copied to another device"),
    inputs.Typed: _says("the user types IDs and start password"),
    inputs.Tapped: _says("the user taps {given.tap.value}"),
}
