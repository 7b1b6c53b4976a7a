"""What the panel needs of the host's tools, handed in by the front door."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CodeQuestion:
    """Where a code stands among those of a fob; its seed stays in the fob.

    `factor` is its moving factor, None where it is no code of the fob near that; `next_factor` is
    the first one that has not been used; `step` is the time step of now, 0 for HOTP.
    """

    is_totp: bool
    step_seconds: int
    factor: int | None
    next_factor: int
    step: int


class PanelMeans(Protocol):
    """What the front door lends the panel: barcodes, known servers, scenarios."""

    reach: int
    """How far around its place a code is looked for."""

    def barcode(self, kind: str, text: str) -> Json | None:
        """Return the bars of a text as `[start, width]` in modules; None for another `kind`."""

    def windows(self) -> Sequence[Json]:
        """Return how far known servers let a clock be wrong: title, steps or seconds."""

    def judge(self, question: CodeQuestion) -> Sequence[Json]:
        """Return what each known server would say: title, accepted (or None), reason."""

    def features(self, language: str) -> Sequence[Json]:
        """Return the scenarios that ship: name and title.

        Raises:
            BadInput: an unknown language.
        """

    def play(self, name: str, language: str, on_line: Callable[[Json], object]) -> Sequence[str]:
        """Play a feature in this thread; tell of each line, return how each scenario ended.

        Raises:
            KeyfobError: an unknown name or language, or it cannot be played.
        """
