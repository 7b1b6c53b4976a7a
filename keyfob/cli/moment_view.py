"""One moment of a replay as text: time, glass, frames and events, side by side where they fit."""

import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime

from emulator.recordings.replay import EffectDifference, Moment, words_of
from firmware_model.catalogue import Model
from firmware_model.datasheet.glass import Glass
from firmware_model.units import NS_PER_SECOND, SimTime
from host_tools.client.art import draw

SIDE_BY_SIDE = 60
"""Columns from which on frames and events stand beside the glass."""

GAP = 2


def moment_lines(moment: Moment, columns: int, *, plain: bool) -> list[str]:
    """Return a moment as lines of at most `columns` (40 or more); `plain` is ASCII."""
    fob = moment.fob
    head = f"{moment.count}  {spelled(moment.at)}  fob {fob.number} {fob.serial_number}"
    glass = glass_of(moment, columns, plain=plain).split("\n")
    told = [words_of(moment.given), *moment.frames, *(f"* {event}" for event in moment.events)]
    if plain:
        told = [line.replace("→", ">").replace("←", "<") for line in told]
    if columns < SIDE_BY_SIDE:
        return [*_wrapped([head], columns), *glass, *_wrapped(told, columns)]
    width = max(map(len, glass))
    beside = _wrapped(told, columns - width - GAP)
    height = max(len(glass), len(beside))
    pairs = zip(_padded(glass, height), _padded(beside, height), strict=True)
    rows = [f"{left.ljust(width + GAP)}{right}".rstrip() for left, right in pairs]
    return [*_wrapped([head], columns), *rows]


def difference_lines(moment: Moment, columns: int, *, plain: bool) -> list[str]:
    """Return what is different at a moment, with both glasses, as lines of at most `columns`."""
    found = moment.difference
    assert found is not None
    model = moment.fob.kind.model
    lines = _wrapped(
        [
            f"first difference: input {moment.count} ({words_of(moment.given)}), line"
            f" {moment.line}, {spelled(moment.at)}, fob {moment.fob.number}"
            f" {moment.fob.serial_number}",
            f"recorded: {_effect(found.recorded)}",
            f"replayed: {_effect(found.replayed)}",
        ],
        columns,
    )
    for what, text in _glasses(found):
        lines += [f"glass, {what}: {text or 'dark'}", *_drawn(text, model, columns, plain=plain)]
    return lines


def glass_of(moment: Moment, columns: int, *, plain: bool) -> str:
    """Return the drawing of what can be read, or of what is driven while segments turn on."""
    face = moment.face
    if face.text:
        return draw(
            face.segments, text=face.text, bars=face.bars, columns=columns // 2, plain=plain
        )
    return "\n".join(_drawn(moment.glass, moment.fob.kind.model, columns // 2, plain=plain))


def spelled(instant: SimTime) -> str:
    """Return an instant as `2029-04-01 00:00:10.250`, UTC."""
    seconds, rest = divmod(instant, NS_PER_SECOND)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{rest // 1_000_000:03d}"


def _glasses(found: EffectDifference) -> Iterator[tuple[str, str]]:
    yield "recorded", found.recorded_glass
    yield "replayed", found.replayed_glass


def _drawn(text: str, model: Model, columns: int, *, plain: bool) -> list[str]:
    glass = Glass.of(model.display)
    patterns = glass.patterns(glass.memory(text)) if text else bytes(model.display.positions)
    return draw(patterns, text=text, columns=columns, plain=plain).split("\n")


def _effect(spelled_effect: tuple[str, ...] | None) -> str:
    if spelled_effect is None:
        return "nothing"
    word, *values = (str(value) for value in spelled_effect)
    match word:
        case "keep":
            return f"keeps {values[0]}, digest {values[1]}"
        case "transmit":
            return f"sends {len(values[0]) // 2} bytes"  # an answer may hold what is secret
        case "show":
            return f"shows {values[0]!r}" if values[0] else "switches the display off"
        case _:
            return f"{word} {' '.join(values)}"


def _wrapped(lines: list[str], columns: int) -> list[str]:
    return [
        part
        for line in lines
        for part in textwrap.wrap(line, columns, subsequent_indent="  ") or [""]
    ]


def _padded(lines: list[str], height: int) -> list[str]:
    return lines + [""] * (height - len(lines))
