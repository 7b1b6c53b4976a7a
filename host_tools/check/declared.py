"""What a check is and what came of it: declared once, run by `keyfob check` and by the tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, unique

from host_tools.check.subject import Subject


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
    run: Callable[[Subject], None] = field(repr=False)


@unique
class CheckOutcome(Enum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """One line of the sheet; `reason` says why, and is "" where the check passed."""

    check: Check
    outcome: CheckOutcome
    reason: str = ""


class Area:
    """The checks about one subject, in the order in which they are written."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.checks: list[Check] = []

    def check(
        self, section: str, *, erases: bool = False
    ) -> Callable[[Callable[[Subject], None]], Callable[[Subject], None]]:
        """Declare the function below as a check; its docstring's first line is the promise."""

        def declare(run: Callable[[Subject], None]) -> Callable[[Subject], None]:
            promise = (run.__doc__ or "").partition("\n")[0]
            name = f"{self.name}: {run.__name__.replace('_', ' ')}"
            self.checks.append(Check(name, self.name, section, promise, erases, run))
            return run

        return declare
