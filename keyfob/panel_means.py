"""What the panel borrows of the host's tools: barcodes, known servers, scenarios."""

from collections.abc import Callable
from typing import Any

from emulator.panel.means import CodeQuestion
from firmware_model.errors import BadInput
from firmware_model.generators import OtpKind
from host_tools.provisioning.station.code128 import bars
from host_tools.scenario.features import Feature, Language, Scenario
from host_tools.scenario.results import StepResult
from host_tools.scenario.runner import RunObserver
from host_tools.scenario.shipped import find, names
from host_tools.verification.profiles import REACH, Sighting, ask, known_profiles
from keyfob.scenarios import play_features

Json = dict[str, Any]


class HostMeans:
    """The panel's means (`emulator.panel.means.PanelMeans`), of the host tools installed here."""

    reach = REACH

    def barcode(self, kind: str, text: str) -> Json | None:
        """Return the bars of a Code 128; the catalogue has no other kind."""
        if kind != "code128" or not text:
            return None
        found = bars(text)
        start, width = found[-1]
        return {"kind": "Code 128", "bars": found, "width": start + width}

    def windows(self) -> list[Json]:
        """Return how far known servers let a clock be wrong."""
        found = []
        for profile in known_profiles():
            steps = profile.cells.get("totp_window_steps")
            seconds = profile.cells.get("totp_window_seconds")
            if steps is not None or seconds is not None:
                found.append(
                    {
                        "title": profile.title,
                        "steps": None if steps is None else int(steps.value),
                        "seconds": None if seconds is None else int(seconds.value),
                    }
                )
        return found

    def judge(self, question: CodeQuestion) -> list[Json]:
        """Return what each known server would say."""
        sighting = Sighting(
            OtpKind.TOTP if question.is_totp else OtpKind.HOTP,
            question.step_seconds,
            question.factor,
            question.next_factor,
            question.step,
            drift_steps=0,
        )
        opinions = [ask(profile, sighting) for profile in known_profiles()]
        return [
            {"title": one.profile.title, "accepted": one.accepted, "reason": one.reason}
            for one in opinions
        ]

    def features(self, language: str) -> list[Json]:
        """Return the scenarios that ship."""
        spoken = _language(language)
        return [{"name": name, "title": find(name, spoken)[0].title} for name in names()]

    def play(self, name: str, language: str, on_line: Callable[[Json], object]) -> list[str]:
        """Play a feature that ships."""
        if name not in names():
            raise BadInput(f"unknown scenario {name[:80]!r}: expected one of {', '.join(names())}")
        results = play_features(find(name, _language(language)), _LineTeller(on_line))
        return [str(result.status) for result in results]


class _LineTeller(RunObserver):
    def __init__(self, on_line: Callable[[Json], object]) -> None:
        self._on_line = on_line

    def on_scenario(self, feature: Feature, scenario: Scenario) -> None:  # noqa: ARG002 - overridden
        self._on_line({"kind": "scenario", "text": scenario.name})

    def on_step(self, result: StepResult) -> None:
        self._on_line(
            {
                "kind": "step",
                "text": f"{result.line.keyword.strip()} {result.line.text}",
                "status": str(result.status),
                "seen": result.seen.text,
                "problem": result.problem,
            }
        )


def _language(code: str) -> Language:
    try:
        return Language(code)
    except ValueError:
        raise BadInput(f"invalid language {code[:20]!r}: expected en or ja") from None
