"""JSON and query values to SCPI's data, SCPI's answers to JSON."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

from emulator.bench.declared import Decimals, Keywords, Parameter, Strings, Switch
from emulator.bench.errors import Number, ScpiError
from emulator.bench.grammar import Channels, Data, Numeric, Text, Word, read_datum
from emulator.http.problems import HttpProblem
from emulator.http.resources import BenchResource

EXPONENT_MAX = 99_999
"""As in SCPI's own numbers."""

CHANNELS = re.compile(r"\d{1,5}(:\d{1,5})?(,\d{1,5}(:\d{1,5})?)*")
"""A channel list without its brackets: `7`, `1:500`, `1,5:9`."""

_ITEM = re.compile(r'"((?:[^"]|"")*)"|([^,"]+)')
_WHOLE = re.compile(r"[+-]?\d+")
_NOT_A_NUMBER = Decimal("9.91E+37")


def read_channels(text: str, *, single: bool) -> Channels:
    """Return the channels that a path names.

    Raises:
        HttpProblem: it is no channel list, or names several where `single` takes one.
    """
    if not CHANNELS.fullmatch(text) or (single and not text.isdigit()):
        expected = "one channel such as 7" if single else "channels such as 7, 1:500 or 1,5:9"
        raise HttpProblem(
            HTTPStatus.NOT_FOUND,
            f"invalid fob {text!r}: expected {expected}",
            Number.HARDWARE_MISSING,
        )
    channels = read_datum(f"(@{text})")
    assert isinstance(channels, Channels)
    return channels


def read_body(body: bytes) -> dict[str, Any]:
    """Return a request's JSON object; empty for an empty body.

    Raises:
        HttpProblem: it is not JSON, or no object.
    """
    if not body:
        return {}
    try:
        found = json.loads(body, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse)
    except (ValueError, InvalidOperation, RecursionError):
        raise HttpProblem(
            HTTPStatus.BAD_REQUEST, "the body is not JSON: expected an object"
        ) from None
    if not isinstance(found, dict):
        raise HttpProblem(HTTPStatus.BAD_REQUEST, "the body is no JSON object")
    return found


def data_of(resource: BenchResource, given: Mapping[str, Any]) -> list[Data]:
    """Return the values of a request as SCPI's data, in the order of the command's parameters.

    Raises:
        HttpProblem: an unknown name.
        ScpiError: a value is missing or of another type.
    """
    parameters = resource.command.parameters
    if not resource.command.repeat:
        return _data(parameters, resource.keys, given)
    _refuse_others(given, ("values",))
    rows = given.get("values")
    if not isinstance(rows, list) or not rows:
        raise ScpiError(Number.MISSING_PARAMETER, "values: expected a list of objects")
    data = []
    for row in rows:
        if not isinstance(row, dict):
            raise ScpiError(Number.DATA_TYPE_ERROR, "values: expected objects")
        data += _data(parameters, resource.keys, row)
    return data


def answer_of(resource: BenchResource, answer: str) -> Any:
    """Return SCPI's answer as the JSON that the resource answers with."""
    values = [_value(match) for match in _ITEM.finditer(answer)]
    if resource.command.lists:
        return {"values": values}
    assert len(values) == 1, f"{resource.command.header} answers a list: declare it so"
    return {"value": values[0]}


def _data(
    parameters: Sequence[Parameter], keys: Sequence[str], given: Mapping[str, Any]
) -> list[Data]:
    _refuse_others(given, keys)
    data = []
    for parameter, key in zip(parameters, keys, strict=True):
        value = given.get(key)
        if value is None:
            value = _default(parameter)
        data.append(_datum(parameter, value))
    return data


def _refuse_others(given: Mapping[str, Any], keys: Sequence[str]) -> None:
    for key in given:
        if key not in keys:
            expected = f"expected {', '.join(keys)}" if keys else "expected none"
            raise HttpProblem(
                HTTPStatus.BAD_REQUEST,
                f"unknown parameter {key[:80]!r}: {expected}",
                Number.PARAMETER_NOT_ALLOWED,
            )


def _default(parameter: Parameter) -> Any:
    if parameter.default is None:
        raise ScpiError(Number.MISSING_PARAMETER, parameter.name)
    return parameter.default


def _datum(parameter: Parameter, value: Any) -> Data:
    """Return a JSON value, or the text of a query, as what SCPI's grammar would have made of it."""
    match parameter:
        case Strings():
            if isinstance(value, str):
                return Text(_printable(value))
        case Switch():
            if isinstance(value, bool):
                return Word("ON" if value else "OFF")
            if isinstance(value, str):
                return read_datum(_printable(value))
        case Keywords():
            if isinstance(value, str):
                return Word(_printable(value).upper())
        case Decimals():
            if isinstance(value, Decimal):
                return Numeric(_bounded(value), "")
            if isinstance(value, str):
                return read_datum(_printable(value))
    raise ScpiError(Number.DATA_TYPE_ERROR, f"{parameter.name}: a value of another type")


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ScpiError(Number.INVALID_CHARACTER, "control character")
    return text


def _bounded(number: Decimal) -> Decimal:
    if abs(number.adjusted()) > EXPONENT_MAX:
        raise ScpiError(Number.DATA_OUT_OF_RANGE, "an exponent of more than five digits")
    return number


def _value(match: re.Match[str]) -> str | int | float | None:
    if match[1] is not None:
        return match[1].replace('""', '"')
    text = match[2].strip()
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        number = Decimal(text)
    except InvalidOperation:  # arbitrary text, as `*IDN?` answers
        return text
    return None if number == _NOT_A_NUMBER else float(number)


def _refuse(name: str) -> Any:
    raise ValueError(name)
