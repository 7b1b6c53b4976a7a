"""What a line needs that is not as usual: times, tries, echo, modem lines; profiles by name."""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from firmware_model.errors import BadInput
from firmware_model.units import NS_PER_SECOND
from firmware_model.wire.hdlc import INFORMATION_BYTES_MAX
from firmware_model.wire.primary import DEFAULT_TIMING, PrimaryTiming
from host_tools.client.text_file import read_text

PROFILES_VARIABLE = "KEYFOB_LINE_PROFILES"

POLLS_MIN = 2
"""How often an empty place is asked for at least, on a line with a long time-out of its own."""

_SWITCH = {"on": True, "off": False}


@dataclass(frozen=True, slots=True)
class LineSettings:
    """What is other than usual about a line; None leaves it as it is.

    `response` is how long an answer is waited for, in seconds from a frame's last byte (0.01 to
    60); `tries` how often a frame is sent (1 to 100); `information` the longest information field
    (16 to 2030 bytes). `gap` and `turnaround` are silence in seconds (0 to 5) before a frame,
    after our last byte and after the other end's. `echo`: what we send comes back to us. `dtr`
    and `rts` are levels to hold while the port is open.
    """

    response: float | None = None
    tries: int | None = None
    information: int | None = None
    gap: float = 0.0
    turnaround: float = 0.0
    echo: bool = False
    dtr: bool | None = None
    rts: bool | None = None

    def timing(self, usual: PrimaryTiming = DEFAULT_TIMING) -> PrimaryTiming:
        """Return `usual` with this line's time-out and tries."""
        response_ns, tries = usual.response_ns, usual.tries
        if self.response is not None:
            response_ns = int(self.response * NS_PER_SECOND)
        if self.tries is not None:
            tries = self.tries
        inter_octet_ns = max(usual.inter_octet_ns, response_ns // 2)
        return replace(usual, response_ns=response_ns, tries=tries, inter_octet_ns=inter_octet_ns)

    def poll_timing(self, usual: PrimaryTiming) -> PrimaryTiming:
        """Return `usual`, for asking whether a fob is there, with this line's time-out.

        A long one is not waited out as often as for a fob that is known to be there: as often as
        fits into the time that is usual, and twice at least.
        """
        if self.response is None:
            return usual
        timing = self.timing(usual)
        fitting = usual.response_ns * usual.tries // timing.response_ns
        return replace(timing, tries=max(POLLS_MIN, fitting))

    @property
    def information_bytes(self) -> int:
        """The longest information field to propose."""
        return self.information or INFORMATION_BYTES_MAX


def parse_options(url: str, options: list[str]) -> LineSettings:
    """Return the settings of `NAME=VALUE` options; later ones hold, also over a profile's.

    Raises:
        BadInput: an option is unknown or its value invalid, or there is no such profile.
    """
    settings = LineSettings()
    for option in options:
        name, equals, text = option.partition("=")
        if name == "profile" and equals:
            settings = replace(settings, **_profile(url, text))
            continue
        if name == "link":
            raise BadInput(
                f"{url} is the line of a card reader: give pcsc:READER, the reader's name in pcscd"
            )
        if name not in _READ or not equals:
            raise BadInput(
                f"{url}: invalid option {option!r}; expected profile=NAME or one of"
                f" {', '.join(f'{each}=' for each in _READ)}"
            )
        value: Any = _value(url, name, text)
        settings = replace(settings, **{name: value})
    return settings


def profiles() -> Mapping[str, Mapping[str, Any]]:
    """Return the line profiles by name: those that ship, and those of KEYFOB_LINE_PROFILES.

    Raises:
        BadInput: the file is no TOML of that form.
    """
    own = os.environ.get(PROFILES_VARIABLE)
    return _shipped() if own is None else {**_shipped(), **_read(Path(own))}


@cache
def _shipped() -> Mapping[str, Mapping[str, Any]]:
    text = resources.files("host_tools.client").joinpath("line_profiles.toml").read_text("utf-8")
    return _checked("line_profiles.toml", tomllib.loads(text))


def _read(path: Path) -> Mapping[str, Mapping[str, Any]]:
    try:
        return _checked(str(path), tomllib.loads(read_text(path, "line profiles in TOML")))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path} holds no line profiles: expected TOML ({error})") from None


def _checked(where: str, tables: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise BadInput(f"{where}: expected a table [{name}] of options")
        for option, value in table.items():
            text = {True: "on", False: "off"}.get(value) if isinstance(value, bool) else str(value)
            if option not in _READ:
                raise BadInput(f"{where}: [{name}] {option}: expected one of {', '.join(_READ)}")
            _value(f"{where}: [{name}]", option, text or "")
    return tables


def _profile(url: str, name: str) -> Mapping[str, Any]:
    known = profiles()
    if name not in known:
        raise BadInput(f"{url}: unknown profile {name!r}; expected one of {', '.join(known)}")
    return known[name]


def _value(where: str, name: str, text: str) -> float | int | bool:
    try:
        return _READ[name](text)
    except (ValueError, KeyError):
        raise BadInput(f"{where}: {name}={text}: expected {_EXPECTED[name]}") from None


def _seconds(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise ValueError
        return value

    return read


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise ValueError
        return value

    return read


_READ: dict[str, Callable[[str], float | int | bool]] = {
    "response": _seconds(0.01, 60),
    "tries": _whole(1, 100),
    "information": _whole(16, INFORMATION_BYTES_MAX),
    "gap": _seconds(0, 5),
    "turnaround": _seconds(0, 5),
    "echo": _SWITCH.__getitem__,
    "dtr": _SWITCH.__getitem__,
    "rts": _SWITCH.__getitem__,
}
assert set(_READ) == {field.name for field in fields(LineSettings)}

_EXPECTED = {
    "response": "0.01 to 60 seconds",
    "tries": "1 to 100",
    "information": f"16 to {INFORMATION_BYTES_MAX} bytes",
    "gap": "0 to 5 seconds",
    "turnaround": "0 to 5 seconds",
    **dict.fromkeys(("echo", "dtr", "rts"), "on or off"),
}
