"""A host's rules as one value, read from TOML: windows, limits, enrolment, who may do what."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from firmware_model.errors import BadInput
from firmware_model.toml import parse_toml
from host_tools.seeds.record import SeedRecord
from host_tools.verification.search import Windows
from host_tools.verification.states import CAUSED_BY_NOBODY, Permissions, Reach, Role, TokenEvent
from host_tools.verification.throttle import Limits

_DIGITS_MIN = 6
_STEP_SECONDS_MAX = 120

_Value = TypeVar("_Value", bound="Windows | Limits | Enrolment | Exchange")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """How a token comes into use: `codes` consecutive ones must match (0 = none is asked).

    `users_per_token` is how many may share one token; 0 = any number.
    """

    codes: int = field(default=1, metadata={"range": range(4)})
    users_per_token: int = field(default=1, metadata={"range": range(1001)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """How a token takes another's place: with a code of the old one if `old_code`."""

    old_code: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything a verification host decides by."""

    name: str
    windows: Windows
    limits: Limits
    enrolment: Enrolment
    exchange: Exchange
    permissions: Permissions = field(default_factory=dict)


_BLANK = Policy(
    name="",
    windows=Windows(),
    limits=Limits(),
    enrolment=Enrolment(),
    exchange=Exchange(),
)


@cache
def default_policy() -> Policy:
    """Return the host's own rules, where nobody has set others."""
    return load_policy(default_text(), "policy.toml", _BLANK)


def default_text() -> str:
    """Return the TOML of the host's own rules, with its comments."""
    file = resources.files("host_tools.verification") / "data" / "policy.toml"
    return file.read_text(encoding="utf-8")


def load_policy(text: str, origin: str, base: Policy | None = None) -> Policy:
    """Return the policy that the TOML `text` makes of `base` (without one: of the default).

    Raises:
        BadInput: naming `origin`, the key, and what was expected.
    """
    document = parse_toml(text, origin)
    return policy_of(document, origin, base)


def policy_of(document: Mapping[str, Any], origin: str, base: Policy | None = None) -> Policy:
    """Return the policy that a parsed document makes of `base`; see `load_policy`."""
    base = base or default_policy()
    known = [entry.name for entry in fields(Policy)]
    for key in document:
        if key not in known:
            raise BadInput(f"{origin}: {key} is unknown; expected one of {', '.join(known)}")
    name = document.get("name", base.name)
    if not isinstance(name, str):
        raise BadInput(f"{origin}: name is to be a text")
    return Policy(
        name=name,
        windows=_section(document, "windows", base.windows, origin),
        limits=_section(document, "limits", base.limits, origin),
        enrolment=_section(document, "enrolment", base.enrolment, origin),
        exchange=_section(document, "exchange", base.exchange, origin),
        permissions={
            **base.permissions,
            **_permissions(_table(document, "permissions", origin), origin),
        },
    )


def nist_doubts(record: SeedRecord) -> list[str]:
    """Return in what SP 800-63B §5.1.4.1 would not take the token `record`, in words."""
    doubts = []
    if record.digits < _DIGITS_MIN:
        doubts.append(f"codes of {record.digits} digits; SP 800-63B §5.1.4.1 wants {_DIGITS_MIN}")
    if record.step_seconds > _STEP_SECONDS_MAX:
        doubts.append(
            f"a code stands for {record.step_seconds} s;"
            f" SP 800-63B §5.1.4.1 allows {_STEP_SECONDS_MAX} s"
        )
    return doubts


def _table(document: Mapping[str, Any], key: str, origin: str) -> Mapping[str, Any]:
    table = document.get(key, {})
    if not isinstance(table, dict):
        raise BadInput(f"{origin}: {key} is to be a table")
    return table


def _section(document: Mapping[str, Any], key: str, base: _Value, origin: str) -> _Value:
    known = {entry.name: entry for entry in fields(base)}
    values: dict[str, Any] = {}
    for name, value in _table(document, key, origin).items():
        where = f"{origin}: {key}.{name}"
        if name not in known:
            raise BadInput(f"{where} is unknown; expected one of {', '.join(known)}")
        values[name] = _value(value, getattr(base, name), known[name].metadata.get("range"), where)
    return replace(base, **values)


def _value(value: object, example: object, allowed: range | None, where: str) -> object:
    if isinstance(example, StrEnum):
        return _choice(type(example), value, where)
    if isinstance(example, bool):
        if not isinstance(value, bool):
            raise BadInput(f"{where} is to be true or false")
        return value
    assert allowed is not None
    if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
        raise BadInput(f"{where} is to be {allowed.start} to {allowed.stop - 1}, a whole number")
    return value


def _permissions(table: Mapping[str, Any], origin: str) -> dict[TokenEvent, Mapping[Role, Reach]]:
    permissions: dict[TokenEvent, Mapping[Role, Reach]] = {}
    for key in table:
        where = f"{origin}: permissions.{key}"
        event = _choice(TokenEvent, key, where)
        if event in CAUSED_BY_NOBODY:
            raise BadInput(f"{where}: {event} is caused by count or calendar and granted to nobody")
        permissions[event] = {
            _choice(Role, role, f"{where}.{role}"): _choice(Reach, reach, f"{where}.{role}")
            for role, reach in _table(table, key, f"{origin}: permissions").items()
        }
    return permissions


_Choice = TypeVar("_Choice", bound=StrEnum)


def _choice(choices: type[_Choice], value: object, where: str) -> _Choice:
    try:
        return choices(value)  # type: ignore[arg-type]
    except ValueError:
        raise BadInput(f"{where} is {value!r}, to be one of {', '.join(choices)}") from None
