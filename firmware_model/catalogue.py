"""Models of fobs: TOML text to checked values. The models and parts themselves are package data.

`load("fob-h6")` gives a built-in model; `parse(text, file)` checks a user's own. `docs/MODELS.md`
explains every key. An unknown key, a missing one, a wrong type and a value out of range are each a
`BadInput` that names file, key, value and what was expected.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, TypeVar

from firmware_model.datasheet import parts
from firmware_model.datasheet.app import AppRules
from firmware_model.datasheet.atr import Atr
from firmware_model.datasheet.card import CardRules, is_version
from firmware_model.datasheet.program import (
    BatteryRules,
    ButtonRules,
    IdentityRules,
    LifeRules,
    Notice,
    Otp,
    Pages,
    Screen,
    Security,
)
from firmware_model.datasheet.rules import Limits
from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKind
from firmware_model.toml import parse_toml

Table = TypeVar("Table")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model of fob: what it is built of, and what its firmware does.

    `claim` is what data sheets of such fobs promise, in words, for comparison only. `app` makes
    it a soft token, `card` a smart card that other makers' programs know.

    Example:
        >>> model = keyfob.load_model("fob-h6")
        >>> model.otp.digits, model.summary
        (6, ...)
    """

    name: str
    summary: str
    claim: str
    cell: parts.CellPart
    crystal: parts.Crystal
    mcu: parts.Mcu
    flash: parts.FlashPart
    contact: parts.ButtonPart
    display: parts.DisplayPart
    otp: Otp
    identity: IdentityRules
    button: ButtonRules
    screen: Screen
    pages: Pages
    battery: BatteryRules
    notices: tuple[Notice, ...]
    life: LifeRules
    security: Security
    app: AppRules | None = None
    card: CardRules | None = None


_PARTS: dict[str, type[Any]] = {
    "cell": parts.CellPart,
    "crystal": parts.Crystal,
    "mcu": parts.Mcu,
    "flash": parts.FlashPart,
    "contact": parts.ButtonPart,
    "display": parts.DisplayPart,
}
_SECTIONS: dict[str, type[Any]] = {
    "otp": Otp,
    "identity": IdentityRules,
    "button": ButtonRules,
    "screen": Screen,
    "pages": Pages,
    "battery": BatteryRules,
    "life": LifeRules,
    "security": Security,
}
_TOP = ("name", "summary", "claim", "parts", "notice", "app", "card", *_SECTIONS)


def names() -> list[str]:
    """Return the names of the built-in models, sorted."""
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in resources.files("firmware_model").joinpath("models").iterdir()
        if entry.name.endswith(".toml")
    )


@cache
def load(name: str) -> Model:
    """Return the built-in model `name`.

    Raises:
        BadInput: unknown name; the message lists the known ones and suggests the nearest.
    """
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise BadInput(f"unknown model {name!r}; known: {', '.join(names())}{hint}")
    return parse(built_in_text(name), f"{name}.toml")


def built_in_text(name: str) -> str:
    """Return the TOML text of the built-in model `name`, one of `names`."""
    return resources.files("firmware_model").joinpath("models", f"{name}.toml").read_text("utf-8")


def parse(text: str, file: str) -> Model:
    """Return the model that TOML `text` describes; `file` is only named in errors."""
    document = parse_toml(text, file)
    checker = _Checker(file)
    checker.require_known(document, _TOP, "")
    chosen = checker.table(document, "parts", "")
    checker.require_known(chosen, tuple(_PARTS), "parts")
    model = Model(
        name=checker.text(document, "name", ""),
        summary=checker.text(document, "summary", ""),
        claim=checker.text(document, "claim", ""),
        **{key: checker.part(kind, chosen, key) for key, kind in _PARTS.items()},
        **{
            key: checker.build(kind, checker.table(document, key, ""), key)
            for key, kind in _SECTIONS.items()
        },
        notices=tuple(
            checker.build(Notice, entry, f"notice[{index}]")
            for index, entry in enumerate(checker.list(document, "notice"))
        ),
        app=checker.build(AppRules, checker.table(document, "app", ""), "app")
        if "app" in document
        else None,
        card=checker.build(CardRules, checker.table(document, "card", ""), "card")
        if "card" in document
        else None,
    )
    _check_together(model, checker)
    return model


def _check_together(model: Model, checker: "_Checker") -> None:
    """Raise BadInput for values that are valid one by one and not together."""
    fail, positions = checker.fail, model.display.positions
    if model.otp.digits > positions:
        fail("otp.digits", model.otp.digits, f"at most the display's {positions}")
    if model.otp.kind is OtpKind.HOTP:
        if model.screen.until != "timeout":
            fail("screen.until", model.screen.until, "'timeout' for a press-counted fob")
        if model.button.second_press == "same":
            fail("button.second_press", "same", "'next' or 'off' for a press-counted fob")
    rules = model.identity
    if not re.fullmatch(r"[A-Z0-9]{1,11}", rules.serial_prefix):
        fail("identity.serial_prefix", rules.serial_prefix, "1 to 11 characters of A-Z and 0-9")
    if not re.fullmatch(r"([A-Z]{4})?", rules.credential_prefix):
        fail("identity.credential_prefix", rules.credential_prefix, "four letters A-Z, or none")
    if (rules.expiry_print != "none") != bool(rules.valid_years):
        expected = "none without valid_years, and another form with them"
        fail("identity.expiry_print", rules.expiry_print, expected)
    texts = [(f"notice[{n}].text", _longest(notice)) for n, notice in enumerate(model.notices)]
    for key, text in [*texts, ("life.end_text", model.life.end_text)]:
        if len(text) > positions:
            fail(key, text, f"at most {positions} positions, with its number")
    if model.contact.bounce_us_min > model.contact.bounce_us_max:
        fail("contact.bounce_us_min", model.contact.bounce_us_min, "at most bounce_us_max")
    if model.card is not None:
        _check_card(model.card, checker)
    flash = model.flash
    if 16 % flash.word_bytes or flash.page_bytes % 16:
        fail("flash.word_bytes", flash.word_bytes, "1, 2, 4, 8 or 16, and pages of 16 n bytes")
    if flash.paired_page_permille and flash.pages < 4:
        fail("flash.pages", flash.pages, "at least 4 where cuts hit paired pages")
    fresh_mv, brown_out_mv = model.cell.open_circuit_mv[0][1], model.mcu.brown_out_mv
    if fresh_mv <= brown_out_mv + model.mcu.brown_out_hysteresis_mv:
        fail("mcu.brown_out_mv", brown_out_mv, f"less than a fresh cell's {fresh_mv}")


def _check_card(card: CardRules, checker: "_Checker") -> None:
    if not is_version(card.version):
        checker.fail("card.version", card.version, "three numbers such as 5.7.4")
    if not re.fullmatch(r"[ -!#-~]{1,64}", card.reader):
        checker.fail("card.reader", card.reader, "1 to 64 ASCII characters without quotation marks")
    try:
        atr = Atr.parse(bytes.fromhex(card.atr))
    except ValueError:
        atr = None
    if atr is None:
        checker.fail("card.atr", card.atr, "hexadecimal, an answer to reset that announces T=1")


def _longest(notice: Notice) -> str:
    """Return a notice's text with the greatest number it can have."""
    return notice.text.replace("{n}", str(-(-max(0, notice.below - 1) // notice.per)))


class _Checker:
    def __init__(self, file: str) -> None:
        self.file = file

    def fail(self, key: str, value: object, expected: str) -> None:
        raise BadInput(f"{self.file}: {key} = {value!r}: expected {expected}")

    def require_known(self, table: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise BadInput(
                    f"{self.file}: unknown key {_path(where, key)}: "
                    f"expected one of {', '.join(keys)}{hint}"
                )

    def need(self, table: Mapping[str, Any], key: str, where: str) -> Any:
        if key not in table:
            raise BadInput(f"{self.file}: {_path(where, key)} is missing")
        return table[key]

    def table(self, table: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
        value = self.need(table, key, where)
        if not isinstance(value, dict):
            self.fail(_path(where, key), value, "a table")
        result: Mapping[str, Any] = value
        return result

    def list(self, table: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.fail(key, value, f"tables [[{key}]]")
        result: list[Mapping[str, Any]] = value
        return result

    def text(self, table: Mapping[str, Any], key: str, where: str) -> str:
        value = self.need(table, key, where)
        if not isinstance(value, str):
            self.fail(_path(where, key), value, "text")
        return str(value)

    def part(self, kind: type[Table], chosen: Mapping[str, Any], key: str) -> Table:
        """Return a part by its name, or by its name with some values of the model's own."""
        given = self.need(chosen, key, "parts")
        changes: dict[str, Any] = {}
        if isinstance(given, dict):
            changes = {name: value for name, value in given.items() if name != "from"}
            given = self.need(given, "from", f"parts.{key}")
        parts_by_name = _parts_of_kind(key)
        if not isinstance(given, str) or given not in parts_by_name:
            self.fail(f"parts.{key}", given, f"one of {', '.join(sorted(parts_by_name))}")
        return self.build(kind, {**parts_by_name[given], **changes}, f"parts.{key}")

    def build(self, kind: type[Table], table: Mapping[str, Any], where: str) -> Table:
        keys = {entry.name: entry for entry in fields(kind)}  # type: ignore[arg-type]
        self.require_known(table, (*keys, "source"), where)
        values: dict[str, Any] = {}
        for name, entry in keys.items():
            value = self.need(table, name, where)
            values[name] = self._value(entry.metadata, value, _path(where, name))
        return kind(**values)

    def _value(self, rule: Mapping[str, Any], value: Any, key: str) -> Any:
        if "low" in rule:
            if type(value) is not int or not rule["low"] <= value <= rule["high"]:
                self.fail(key, value, f"a whole number {rule['low']}..{rule['high']}")
            return value
        if "enum" in rule:
            names_ = {member.name.lower(): member for member in rule["enum"]}
            if not isinstance(value, str) or value not in names_:
                self.fail(key, value, f"one of {', '.join(names_)}")
            return names_[value]
        if "choices" in rule:
            several, choices = rule.get("several", False), ", ".join(rule["choices"])
            if several and not isinstance(value, list):
                self.fail(key, value, f"a list of some of {choices}")
            for one in value if several else [value]:
                if one not in rule["choices"]:
                    self.fail(key, value, f"{'some' if several else 'one'} of {choices}")
            return tuple(value) if several else value
        if "curve" in rule:
            return self._curve(rule["curve"], value, key)
        expected = rule["type"]
        if type(value) is not expected:
            self.fail(key, value, {bool: "true or false", str: "text"}[expected])
        return value

    def _curve(self, limits: Limits, value: Any, key: str) -> tuple[tuple[int, int], ...]:
        (x_low, x_high), (y_low, y_high) = limits
        right = isinstance(value, list) and len(value) > 0
        right = right and all(
            isinstance(point, list)
            and [type(number) for number in point] == [int, int]
            and x_low <= point[0] <= x_high
            and y_low <= point[1] <= y_high
            for point in value
        )
        if not right:
            pairs = f"[x, y] pairs of whole numbers, x {x_low}..{x_high}, y {y_low}..{y_high}"
            self.fail(key, value, f"a list of {pairs}")
        curve = tuple((x, y) for x, y in value)
        if any(a[0] >= b[0] for a, b in pairwise(curve)):
            self.fail(key, value, "pairs with rising x")
        return curve


@cache
def _parts_of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """Return the parts of one kind, by name."""
    text = resources.files("firmware_model").joinpath("parts", f"{kind}.toml").read_text("utf-8")
    return parse_toml(text, "a part")


def _path(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


__all__ = ["Hash", "Model", "OtpKind", "load", "names", "parse"]
