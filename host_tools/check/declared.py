"""What a check is and what came of it: declared once, run by `keyfob check` and by the tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import TYPE_CHECKING

from firmware_model.wire.apdu import describe_status
from host_tools.errors import Denied

if TYPE_CHECKING:
    from host_tools.check.subject import Subject


class Disagreement(Denied):
    """The fob does not do what WIRE says; the message holds no secret."""


class Unfit(Exception):  # noqa: N818 - nothing failed
    """This fob, as it is now, cannot be checked in this way; the message says why."""


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of WIRE and how to find out whether a fob keeps it.

    `name` is unique; `area` groups the sheet; `promise` is a sentence. `erases` says that the
    check changes the fob for good, or that it spends tries or time.
    """

    name: str
    area: str
    section: str
    promise: str
    erases: bool
    run: Callable[["Subject"], None] = field(repr=False)


@unique
class Outcome(Enum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the sheet; `reason` says why, and is "" where the check passed."""

    check: Check
    outcome: Outcome
    reason: str = ""


class Area:
    """The checks about one subject, in the order in which they are written."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.checks: list[Check] = []

    def check(
        self, section: str, *, erases: bool = False
    ) -> Callable[[Callable[["Subject"], None]], Callable[["Subject"], None]]:
        """Declare the function below as a check; its docstring's first line is the promise."""

        def declare(run: Callable[["Subject"], None]) -> Callable[["Subject"], None]:
            promise = (run.__doc__ or "").partition("\n")[0]
            name = f"{self.name}: {run.__name__.replace('_', ' ')}"
            self.checks.append(Check(name, self.name, section, promise, erases, run))
            return run

        return declare


def expect(found: object, wanted: object, what: str) -> None:
    """Raise `Disagreement` unless `found` is `wanted`; neither may be a secret."""
    if found != wanted:
        raise Disagreement(f"{what}: {_shown(found)} instead of {_shown(wanted)}")


def expect_status(found: int, wanted: int, what: str) -> None:
    """Raise `Disagreement` unless the status word is the wanted one."""
    if found != wanted:
        raise Disagreement(f"{what}: {describe_status(found)} instead of {describe_status(wanted)}")


def require(condition: bool, what: str) -> None:
    """Raise `Disagreement` unless the condition holds."""
    if not condition:
        raise Disagreement(what)


def _shown(value: object) -> str:
    return value.hex(" ") or "nothing" if isinstance(value, bytes) else str(value)
