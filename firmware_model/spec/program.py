"""What a model prescribes for its firmware: one class for each table of a model's TOML.

`docs/MODELS.md` §4 lists the keys. The rules beside each field are what the catalogue checks.
"""

from dataclasses import dataclass, field
from typing import Any

from firmware_model.generators import Hash, Kind
from firmware_model.spec.parts import span

PAGES = ("battery", "serial", "counter", "time")
QUANTITIES = ("battery_percent", "months_left", "days_to_expiry", "presses_left")


def _choice(*choices: str, several: bool = False) -> Any:
    return field(metadata={"choices": choices, "several": several})


def _enum(kind: type[Any]) -> Any:
    return field(metadata={"enum": kind})


def _text(default: str | None = None) -> Any:
    rule: dict[str, Any] = {"type": str}
    return field(metadata=rule if default is None else {**rule, "default": default})


def _flag() -> Any:
    return field(metadata={"type": bool})


@dataclass(frozen=True, slots=True, kw_only=True)
class Otp:
    """The generator a fresh credential gets unless the seed file says otherwise."""

    kind: Kind = _enum(Kind)
    algorithm: Hash = _enum(Hash)
    digits: int = span(4, 10)
    step_seconds: int = span(1, 86_400)
    t0_seconds: int = span(0, 2**40)
    slots: int = span(1, 16, "credentials the fob can hold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How such a fob is named."""

    manufacturer: str = _text()
    serial_prefix: str = _text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """How the firmware reads its button.

    `second_press` says what a press does while a code is shown: the `next` code, the display
    `off`, or the `same` code for longer.
    """

    debounce_ms: int = span(1, 100)
    repeat_guard_ms: int = span(0, 5000)
    long_ms: int = span(500, 20_000)
    second_press: str = _choice("next", "off", "same")


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """How long a code is shown: a `timeout`, until the `step` ends, or `always`."""

    until: str = _choice("timeout", "step", "always")
    code_ms: int = span(1000, 600_000)
    bars: int = span(0, 12, "step bars; 0 for none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What a long press pages through; an empty list means long presses are nothing special."""

    show: tuple[str, ...] = _choice(*PAGES, several=True)
    page_ms: int = span(1000, 60_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """How the firmware estimates what is left: by charge `budget` or by loaded `voltage`.

    The budget is the firmware's own bookkeeping: `sleep_na` at all times, `press_nas` (nA·s) a
    press, from a cell of `budget_uah`.
    """

    estimator: str = _choice("budget", "voltage")
    budget_uah: int = span(1000, 1_000_000)
    sleep_na: int = span(10, 100_000)
    press_nas: int = span(0, 100_000_000)
    voltage_percent: tuple[tuple[int, int], ...] = field(metadata={"curve": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A text shown before the code once a quantity is below a limit; the first that applies wins.

    `{n}` in the text is the quantity, divided by `per` and rounded up (months) or down.
    """

    quantity: str = _choice(*QUANTITIES)
    below: int = span(0, 1_000_000)
    text: str = _text()
    show_ms: int = span(100, 10_000)
    per: int = span(1, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """When the fob stops giving codes: 0 means that limit does not exist.

    `end_text` is shown instead of a code from then on; "" is a blank display.
    """

    presses: int = span(0, 10**9)
    years: int = span(0, 100)
    by_expiry_date: bool = _flag()
    grace_days: int = span(0, 365)
    end_text: str = _text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """Life-cycle and lock."""

    sealed: bool = _flag()
    tries: int = span(3, 255)
    clock_set_wipes_seed: bool = _flag()
