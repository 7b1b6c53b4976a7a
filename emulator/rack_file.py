"""Rack files: the fobs and settings of a rack as TOML (BENCH §11)."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from emulator.firmware.files import FirmwareSource, firmware_source
from emulator.model_source import ModelSource, model_source
from emulator.settings import FOBS_MAX, FobPlan
from firmware_model.bounded_text import text_of
from firmware_model.errors import BadInput
from firmware_model.identity import SerialRange
from firmware_model.toml import parse_toml

GROUP_KEYS: dict[str, type] = {
    "model": str,
    "count": int,
    "serials": str,
    "port": str,
    "preset": str,
    "firmware": str,
    "chip": str,
    "strict": bool,
    "set": dict,
}
TOP_KEYS: dict[str, type] = {
    "port": str,
    "bench": str,
    "http": str,
    "store": str,
    "keys": str,
    "time": str,
    "start": str,
    "pace": str,
    "fobs": list,
}


Prepare = Callable[[FobPlan, str | None, Mapping[str, str]], FobPlan]
"""Applies a preset (or None) and values to a plan."""


def read_rack_file(
    path: Path, prepare: Prepare
) -> tuple[tuple[FobPlan, ...], dict[str, str | None]]:
    """Return the planned fobs of a rack file, by channel, and its other settings as text.

    Paths in it are relative to its folder. `prepare` gets each plan with its preset and values.

    Raises:
        BadInput: it cannot be read, or a key or value is invalid; names file and key.
    """
    table = _parse(path)
    _check(table, TOP_KEYS, str(path))
    groups = table.pop("fobs", [])
    plans: list[FobPlan] = []
    for index, group in enumerate(groups, 1):
        where = f"{path}: fobs[{index}]"
        if not isinstance(group, dict):
            raise BadInput(f"{where}: expected a table [[fobs]]")
        _check(group, GROUP_KEYS, where)
        plans += _plans(group, path, where, prepare)
        if len(plans) > FOBS_MAX:
            raise BadInput(f"{path}: more than {FOBS_MAX:,} fobs")
    if not plans:
        raise BadInput(f"{path}: no fobs: expected a table [[fobs]] with a model")
    _require_unique(plans, path)
    for key in ("store", "keys"):
        if key in table:
            table[key] = str(path.parent / table[key])
    return tuple(plans), table


def _plans(group: Mapping[str, Any], path: Path, where: str, prepare: Prepare) -> Iterator[FobPlan]:
    if "model" not in group:
        raise BadInput(f"{where}: model is missing")
    source = _source(group["model"], path)
    serial_numbers: list[str | None] = list(_serial_numbers(group, where))
    changes = {key: str(value) for key, value in group.get("set", {}).items()}
    firmware = _firmware(group, path, where)
    for serial_number in serial_numbers:
        plan = FobPlan(
            source=source, serial_number=serial_number, port=group.get("port"), firmware=firmware
        )
        yield prepare(plan, group.get("preset"), changes)


def _source(model: str, path: Path) -> ModelSource:
    if model.endswith(".toml") or "/" in model:
        return model_source(str(path.parent / model))
    return model_source(model)


def _firmware(group: Mapping[str, Any], path: Path, where: str) -> FirmwareSource | None:
    chip = group.get("chip")
    if "firmware" not in group:
        if chip is not None or "strict" in group:
            raise BadInput(
                f"{where}: chip and strict are for a firmware: expected the key firmware"
            )
        return None
    if chip is not None and ("/" in chip or chip.endswith(".toml")):
        chip = str(path.parent / chip)
    name = str(path.parent / group["firmware"])
    return firmware_source(name, chip, strict=group.get("strict", False))


def _serial_numbers(group: Mapping[str, Any], where: str) -> Iterator[str | None]:
    count = group.get("count")
    if count is not None and not 1 <= count <= FOBS_MAX:
        raise BadInput(f"{where}: count = {count}: expected 1 to {FOBS_MAX:,}")
    if "serials" not in group:
        return iter([None] * (count or 1))
    try:
        found = SerialRange.parse(group["serials"], count)
    except ValueError as error:
        raise BadInput(f"{where}: serials = {group['serials']!r}: {error}") from None
    if found.count > FOBS_MAX:
        raise BadInput(f"{where}: serials has {found.count:,} fobs: expected at most {FOBS_MAX:,}")
    return iter(found)


def _require_unique(plans: list[FobPlan], path: Path) -> None:
    seen: set[str] = set()
    for plan in plans:
        if plan.serial_number is not None and plan.serial_number in seen:
            raise BadInput(f"{path}: serial number {plan.serial_number} occurs twice")
        seen.add(plan.serial_number or "")


def _parse(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return parse_toml(text_of(file, str(path), "a rack file's TOML"), str(path))
    except OSError as error:
        raise BadInput(f"{path}: cannot read the rack file: {error.strerror}") from None


def _check(table: dict[str, Any], keys: Mapping[str, type], where: str) -> None:
    for key, value in table.items():
        if key not in keys:
            raise BadInput(f"{where}: unknown key {key}: expected one of {', '.join(keys)}")
        if key in ("time", "pace", "start") and not isinstance(value, dict | list):
            table[key] = str(value)  # numbers and TOML dates need no quotes
        elif type(value) is not keys[key]:
            raise BadInput(f"{where}: {key} = {value!r}: expected {_NAMES[keys[key]]}")


_NAMES = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    dict: "a table",
    list: "tables [[fobs]]",
}
