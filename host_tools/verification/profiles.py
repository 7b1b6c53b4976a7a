"""Would that server have accepted this? Known verifiers as data, asked all at once (HOST §7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import cache
from hmac import compare_digest
from importlib import resources
from typing import Any

from firmware_model.errors import BadInput
from firmware_model.generators import COUNTER_MAX, OtpKind, time_step
from firmware_model.toml import parse_toml
from host_tools.verification.search import Credential, Progress

REACH = 1000
"""How far around the expected moving factor a code is looked for, to say where it stands."""


@unique
class Mark(StrEnum):
    """Where a cell is from: seen on the running program, or read about it."""

    MEASURED = "measured"
    DOCUMENTED = "documented"


@dataclass(frozen=True, slots=True)
class ProfileResult:
    """One habit of a verifier; `note` says what the value alone would hide."""

    value: int | bool
    mark: Mark
    note: str = ""


CELLS: Mapping[str, type[int] | type[bool]] = {
    "hotp": bool,
    "hotp_ahead_presses": int,
    "totp_window_steps": int,
    "totp_window_seconds": int,
    "totp_edge_steps": int,
    "drift_kept": bool,
    "replay_refused": bool,
    "resync_presses": int,
    "lock_after_failures": int,
}
"""The cells a profile may have, and what each holds."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A known verifier: its name in the file, its title, and the cells that are known."""

    name: str
    title: str
    cells: Mapping[str, ProfileResult]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one verifier would have said: `accepted` is None where that is not known."""

    profile: Profile
    accepted: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a code stands: its moving factor (None = not found), and what it is compared with.

    `step` is the time step of now, 0 for HOTP; `drift_steps` is what a verifier has stored that
    follows it.
    """

    kind: OtpKind
    step_seconds: int
    factor: int | None
    next_factor: int
    step: int
    drift_steps: int


@cache
def known_profiles() -> tuple[Profile, ...]:
    """Return the verifiers that are shipped."""
    file = resources.files("host_tools.verification") / "data" / "profiles.toml"
    return load_profiles(file.read_text(encoding="utf-8"), "profiles.toml")


def load_profiles(text: str, origin: str) -> tuple[Profile, ...]:
    """Read profiles from TOML.

    Raises:
        BadInput: naming `origin` and the key, and what was expected.
    """
    document = parse_toml(text, origin)
    return tuple(_profile(name, table, origin) for name, table in document.items())


def locate(
    credential: Credential,
    progress: Progress,
    code: str,
    now_seconds: int,
    used_at: int | None = None,
) -> Sighting:
    """Find the moving factor of `code` nearest to where the token is expected.

    `used_at` is the Unix time of the last code accepted: a verifier that follows the clock's drift
    has it from that code, whatever this host's policy makes of drift (`windows.drift_steps_max`).
    """
    step, drift = 0, progress.drift_steps
    centre = progress.next_factor
    if credential.kind is OtpKind.TOTP:
        step = time_step(now_seconds, credential.step_seconds, credential.t0_seconds)
        centre = step + drift
        if used_at is not None and progress.next_factor:
            then = time_step(used_at, credential.step_seconds, credential.t0_seconds)
            drift = progress.next_factor - 1 - then
    tried = range(max(0, centre - REACH), min(centre + REACH, COUNTER_MAX) + 1)
    hits = [
        factor
        for factor, candidate in zip(tried, credential.codes(tried), strict=True)
        if compare_digest(candidate, code)
    ]
    nearest = min(hits, key=lambda factor: abs(factor - centre), default=None)
    return Sighting(
        credential.kind,
        credential.step_seconds,
        nearest,
        progress.next_factor,
        step,
        drift,
    )


def ask(profile: Profile, sighting: Sighting) -> Opinion:
    """Return what `profile` would have said to a code that stands at `sighting`.

    The question assumes that this verifier saw the same codes before, and does not count locks.
    """
    accepted, reason = _judged(profile.cells, sighting)
    return Opinion(profile, accepted, reason)


def _judged(cells: Mapping[str, ProfileResult], sighting: Sighting) -> tuple[bool | None, str]:
    hotp = cells.get("hotp")
    if sighting.kind is OtpKind.HOTP and hotp is not None and not hotp.value:
        return False, f"it takes no press-counted codes ({hotp.mark})"
    if sighting.factor is None:
        return False, f"no code of this token within {REACH} of where it stands"
    if sighting.factor < sighting.next_factor:
        refused, why = _replay(cells.get("replay_refused"))
        if refused is not False:
            return (None if refused is None else False), why
        inside, where = _window(cells, sighting, sighting.factor)
        return inside, f"{why}; {where}"
    return _window(cells, sighting, sighting.factor)


def _replay(cell: ProfileResult | None) -> tuple[bool | None, str]:
    if cell is None:
        return None, "used already or passed over; what it does then is not known"
    if cell.value:
        return True, f"used already or passed over, which it refuses ({cell.mark})"
    return False, f"used already or passed over, which it does not notice ({cell.mark})"


def _window(
    cells: Mapping[str, ProfileResult], sighting: Sighting, factor: int
) -> tuple[bool | None, str]:
    if sighting.kind is OtpKind.HOTP:
        off, unit, cell = factor - sighting.next_factor, "press", cells.get("hotp_ahead_presses")
        width = None if cell is None else int(cell.value)
    else:
        kept = cells.get("drift_kept")
        if kept is None and sighting.drift_steps:
            return None, "whether it remembers the clock's drift is not known"
        drift = sighting.drift_steps if kept is not None and kept.value else 0
        off, unit = factor - sighting.step - drift, "step"
        cell, width = _time_window(cells, sighting.step_seconds)
    where = f"{_count(abs(off), unit)} {'behind' if off < 0 else 'ahead'}" if off else "on time"
    if cell is None or width is None:
        return None, f"{where}; how far it looks is not known"
    note = f"; {cell.note}" if cell.note else ""
    where += f"; it allows {_count(width, unit)} ({cell.mark}){note}"
    edge = cells.get("totp_edge_steps")
    if sighting.kind is OtpKind.TOTP and edge is not None and width - edge.value < off <= width:
        return None, f"{where}, but {edge.note} ({edge.mark})"
    return abs(off) <= width, where


def _time_window(
    cells: Mapping[str, ProfileResult], step_seconds: int
) -> tuple[ProfileResult | None, int | None]:
    if (cell := cells.get("totp_window_steps")) is not None:
        return cell, int(cell.value)
    if (cell := cells.get("totp_window_seconds")) is not None:
        return cell, int(cell.value) // step_seconds
    return None, None


def _count(number: int, unit: str) -> str:
    plural = {"press": "presses", "step": "steps"}[unit]
    return f"{number} {unit if number == 1 else plural}"


def _profile(name: str, table: Any, origin: str) -> Profile:
    where = f"{origin}: {name}"
    if not isinstance(table, dict) or not isinstance(table.get("title"), str):
        raise BadInput(f"{where} is to be a table with a title")
    cells = {}
    for key, cell in table.items():
        if key == "title":
            continue
        if key not in CELLS:
            raise BadInput(f"{where}.{key} is unknown; expected one of {', '.join(CELLS)}")
        if not isinstance(cell, dict) or not {"value", "mark"} <= cell.keys() <= {
            "value",
            "mark",
            "note",
        }:
            raise BadInput(f"{where}.{key} is to be a table of value, mark and perhaps note")
        if type(cell["value"]) is not CELLS[key] or cell["value"] < 0:
            kind = "true or false" if CELLS[key] is bool else "a whole number from 0 on"
            raise BadInput(f"{where}.{key}: value is to be {kind}")
        if cell["mark"] not in list(Mark):
            raise BadInput(f"{where}.{key}: mark is to be one of {', '.join(Mark)}")
        cells[key] = ProfileResult(cell["value"], Mark(cell["mark"]), str(cell.get("note", "")))
    return Profile(name, table["title"], cells)
