"""Inputs and effects as a recording spells them: JSON arrays of a word and its values.

Bytes are hex digits. An image is not kept, only its CRC-32: what it says, the seed included, comes
from the start and the inputs. Old words stay: a recording of every older version can be read.
"""

import json
from collections.abc import Callable
from dataclasses import fields
from enum import Enum
from typing import Any, get_type_hints
from zlib import crc32

from firmware_model import inputs
from firmware_model.effects import Effect, Happened, Persist, Shown, Transmit
from firmware_model.hardware.thermal import Course
from firmware_model.inputs import Input, Receive

INPUT_WORDS: dict[str, type[Any]] = {
    "time": inputs.Wake,
    "start": inputs.Reset,
    "contact": inputs.ContactMoved,
    "receive": inputs.Receive,
    "signals": inputs.LineSignals,
    "temperature": inputs.Temperature,
    "course": inputs.TemperatureCourse,
    "charge": inputs.Charge,
    "cell out": inputs.CellRemoved,
    "cell in": inputs.CellInserted,
    "cut": inputs.CutArmed,
    "stuck": inputs.ButtonStuck,
    "segments": inputs.SegmentsBroken,
    "clock": inputs.ClockShifted,
    "cycle cut": inputs.CycleCutArmed,
    "crystal": inputs.CrystalHalted,
    "flip": inputs.FlashFlipped,
    "wear": inputs.FlashWorn,
    "install": inputs.Installed,
    "move": inputs.Moved,
    "type": inputs.Typed,
    "tap": inputs.Tapped,
}
"""Word -> class of input; its fields follow in their order, left out from the end where unknown."""

_WORD_OF = {kind: word for word, kind in INPUT_WORDS.items()}
_FREQUENT: dict[Input, str] = {}
"""Inputs of each press, spelled once."""


def spell_input(given: Input) -> str:
    """Return `given` as JSON."""
    if type(given) is Receive:  # frames and presses are by far the most frequent
        return f'["receive","{given.data.hex()}",{given.pace},{given.baud_rate}]'
    if (frequent := _FREQUENT.get(given)) is not None:
        return frequent
    return _spell(given)


def _spell(given: Input) -> str:
    values = [_plain(getattr(given, field.name)) for field in fields(given)]
    return json.dumps([_WORD_OF[type(given)], *values], separators=(",", ":"))


def spell_effects(effects: list[Effect]) -> str:
    """Return `effects` as JSON, in order."""
    if not effects:
        return "[]"
    if len(effects) == 1:
        effect = effects[0]
        return f"[{_SPELL[type(effect)](effect)}]"
    return "[" + ",".join([_SPELL[type(effect)](effect) for effect in effects]) + "]"


def read_input(spelled: Any) -> Input:
    """Return the input that parsed JSON spells.

    Raises:
        ValueError: it spells none.
    """
    try:
        word, *values = spelled
        kind = INPUT_WORDS[word]
        names, hints = [field.name for field in fields(kind)], get_type_hints(kind)
        if len(values) > len(names):
            raise ValueError("too many values")
        named = {n: _read(hints[n], v) for n, v in zip(names, values, strict=False)}
        made: Input = kind(**named)
    except (AssertionError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no input of a fob: {error}") from None
    return made


def _spell_transmit(effect: Transmit) -> str:
    return f'["transmit","{effect.data.hex()}"]'


def _spell_persist(effect: Persist) -> str:
    return f'["keep","{effect.key}","{crc32(effect.image):08x}"]'


def _spell_shown(effect: Shown) -> str:
    factor = "null" if effect.moving_factor is None else effect.moving_factor
    text = effect.text
    spelled = f'"{text}"' if text.isalnum() and text.isascii() else json.dumps(text)
    return f'["show",{spelled},{factor}]'


def _spell_happened(effect: Happened) -> str:
    return f'["event","{effect.event.value}"]'


_SPELL: dict[type[Any], Callable[[Any], str]] = {
    Transmit: _spell_transmit,
    Persist: _spell_persist,
    Shown: _spell_shown,
    Happened: _spell_happened,
}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Course):
        return value.stretches
    return value


def _read(kind: Any, value: Any) -> Any:
    """Return a value of a field of that type; raise ValueError or TypeError where it is none."""
    if kind is bytes:
        return bytes.fromhex(value)
    if kind is Course:
        return Course(tuple((int(seconds), int(celsius)) for seconds, celsius in value))
    if kind in (bool, int, str):
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not {kind.__name__}")
        return value
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return tuple((int(a), int(b)) for a, b in value)


_FREQUENT |= {
    given: _spell(given)
    for given in (
        inputs.Wake(),
        inputs.ContactMoved(closed=True),
        inputs.ContactMoved(closed=False),
    )
}
