"""What a model prescribes for its firmware: one class for each table of a model's TOML.

`docs/MODELS.md` §4 lists the keys; the rules beside each field are what the catalogue checks.
"""

from dataclasses import dataclass

from firmware_model.datasheet.rules import Curve, choice, enum, flag, points, several, span, text
from firmware_model.generators import Hash, OtpKind

PAGES = ("battery", "serial", "counter", "time", "expiry")
SUPPLY = ("battery_percent", "battery_days")
QUANTITIES = (*SUPPLY, "days_to_expiry", "presses_left")
DATE_FORMS = ("none", "MM/DD/YY", "YYYY-MM-DD", "YYYY/MM", "MM/YY")
BARCODES = ("none", "code128", "code39", "qr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Otp:
    """The generator a fresh credential gets unless the seed file says otherwise."""

    kind: OtpKind = enum(OtpKind, "press-counted or time-based")
    algorithm: Hash = enum(Hash, "hash of the HMAC")
    digits: int = span(4, 10, "digits of a code, at most the display's positions")
    step_seconds: int = span(1, 86_400, "time step of a time-based fob")
    t0_seconds: int = span(0, 2**40, "T0, seconds since 1970")
    slots: int = span(1, 100, "credentials the fob can hold")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRules:
    """How such a fob is named, and what is printed on its back (`label.py`)."""

    manufacturer: str = text("as in seed files: `oath.` and two letters")
    serial_prefix: str = text("what its serial numbers start with")
    credential_prefix: str = text(
        "four letters, with eight digits the Credential ID; empty where that is the serial number"
    )
    serial_barcode: str = choice(*BARCODES, meaning="barcode of the serial number")
    credential_barcode: str = choice(*BARCODES, meaning="barcode of the Credential ID")
    valid_years: int = span(0, 20, "years from manufacture to the expiry date; 0 for no date")
    expiry_print: str = choice(*DATE_FORMS, meaning="how the expiry date is printed on the back")


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonRules:
    """How the firmware reads its button.

    `second_press` says what a press does while a code is shown: the `next` code, the display
    `off`, or (time-based fobs) the `same` code for longer.
    """

    debounce_ms: int = span(1, 100, "time between an edge and the look at the pin")
    repeat_guard_ms: int = span(0, 5000, "a press sooner after another is ignored")
    long_ms: int = span(500, 20_000, "from here on a press is a long one")
    second_press: str = choice("next", "off", "same", meaning="a press while a code is shown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """How long a code is shown: a `timeout`, until the `step` ends, or `always`."""

    until: str = choice("timeout", "step", "always", meaning="when a code goes")
    code_ms: int = span(1000, 600_000, "time-out of a code, and of a message")
    bars: int = span(0, 12, "step bars; 0 for none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What a long press pages through; an empty list means long presses are nothing special."""

    show: tuple[str, ...] = several(*PAGES, meaning="the pages, in their order")
    page_ms: int = span(1000, 60_000, "time-out of a page")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryRules:
    """How the firmware estimates what is left: by charge `budget` or by loaded `voltage`.

    The budget is the firmware's own bookkeeping; the loaded voltage has the last word where it
    says less.
    """

    estimator: str = choice("budget", "voltage", meaning="how what is left is known")
    budget_uah: int = span(1000, 1_000_000, "charge the firmware believes the cell has")
    sleep_na: int = span(10, 100_000, "what it books for all times, self-discharge included")
    press_nas: int = span(0, 100_000_000, "nanoampere-seconds it books for a press")
    voltage_percent: Curve = points(
        "percent left over millivolts under the test load", (0, 5000), (0, 100)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A text shown before the code once a quantity is below a limit; the first that applies wins.

    `battery_percent` and `battery_days` are the firmware's estimate of the cell,
    `days_to_expiry` goes by its clock. `{n}` in the text is the quantity divided by `per`,
    rounded up.
    """

    quantity: str = choice(*QUANTITIES, meaning="what is looked at")
    below: int = span(0, 1_000_000, "the limit")
    text: str = text("what is shown; {n} stands for the number")
    show_ms: int = span(100, 10_000, "how long, before the code")
    per: int = span(1, 1000, "divisor of the number")

    @property
    def about_supply(self) -> bool:
        """Whether it tells of the cell, and so means a low battery."""
        return self.quantity in SUPPLY


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeRules:
    """When the fob stops giving codes: 0 means that limit does not exist.

    `end_text` is shown instead of a code from then on; "" is a blank display.
    """

    presses: int = span(0, 10**9, "codes it gives")
    years: int = span(0, 100, "years since its manufacture")
    by_expiry_date: bool = flag("whether the expiry date written into it ends it")
    grace_days: int = span(0, 365, "days it goes on after that date")
    end_text: str = text("what it shows from then on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """Life-cycle and lock."""

    sealed: bool = flag("delivered dark, until the first long press")
    tries: int = span(3, 255, "failed authentications before secure commands are blocked")
    clock_set_wipes_seed: bool = flag("whether setting the clock overwrites the seeds")
