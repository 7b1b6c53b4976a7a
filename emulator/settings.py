"""What an emulator is to run: checked values, whoever asks for them."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from emulator.true_time import REAL
from firmware_model.bounded_text import text_of
from firmware_model.catalogue import Model, load, parse
from firmware_model.device import Device
from firmware_model.errors import BadInput
from firmware_model.units import SimTime
from firmware_model.wire.scp03_keys import KeySet

FOBS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model with what a store must keep to build it again: a built-in name or the TOML text."""

    model: Model
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FobPlan:
    """One fob to be made: its model, and what it does not have in common with the others.

    Without a serial number it gets the next free one; without a port it hangs where all do.
    `age_ns` is how long before the start it was made; `prepare` then brings a new fob, by its
    serial number and its keys, into the state it is to start in, and to the instant given.
    """

    source: ModelSource
    serial_number: str | None = None
    port: str | None = None
    age_ns: int = 0
    prepare: Callable[[Device, str, SimTime, KeySet], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One run. `plans` may be empty where the store already holds fobs.

    `port` is the door of every fob without one of its own; fobs with the same door share its
    line, and `{n}` (or `{n:03}`) in it stands for the channel. None gives them no door. `rate`
    is at what true time runs (0..10^7), `start` where it starts at least. `random_seed` makes
    the fobs' dice repeatable; without it they are the machine's own. `pace` holds bytes back to
    the host's baud rate, or to a given one. `transport_keys` says by its chip ID with which keys
    a new fob leaves the factory; without it these are the public test keys.
    """

    plans: tuple[FobPlan, ...] = ()
    port: str | None = None
    bench: str | None = None
    store: Path | None = None
    rate: Fraction = REAL
    start: SimTime | None = None
    random_seed: bytes | None = None
    pace: int | None = None
    transport_keys: Callable[[bytes], KeySet] | None = None


HOST_PACE = 0
"""The `pace` that follows the baud rate the host sets."""


def spell_port(template: str, number: int) -> str:
    """Return the door of channel `number`: `{n}` and `{n:03}` in `template` stand for it.

    Raises:
        BadInput: another brace than these.
    """
    try:
        return template.format(n=number)
    except (ValueError, LookupError, AttributeError, TypeError):
        raise BadInput(f"{template!r}: only {{n}} or {{n:03}} was expected in braces") from None


def model_source(name_or_path: str) -> ModelSource:
    """Return a built-in model by name, or the user's own by the path of its TOML file.

    A name with a slash or an ending of `.toml` is a path.

    Raises:
        BadInput: no such model, no such file, or the file describes no model.
    """
    if "/" not in name_or_path and not name_or_path.endswith(".toml"):
        return ModelSource(load(name_or_path), name_or_path)
    text = _read(Path(name_or_path))
    return ModelSource(parse(text, name_or_path), text)


def model_of(text: str) -> Model:
    """Return the model that a store keeps as `text` (`ModelSource.text`).

    Raises:
        BadInput: this keyfob cannot build it.
    """
    return parse(text, "the store's model") if "\n" in text else load(text)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return text_of(file, str(path), "a model's TOML")
    except OSError as error:
        raise BadInput(f"{path}: cannot read the model: {error.strerror}") from None
