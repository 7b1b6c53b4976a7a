"""What a promise is and what came of it: declared once, judged by `keyfob check`."""

from collections.abc import Callable
from dataclasses import dataclass, field

from host_tools.check.declared import CheckOutcome
from host_tools.check.promises.subject import PromiseSubject


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of an OTP fob and how to find out whether it is kept.

    `name` is unique; `promise` is a sentence.
    """

    name: str
    area: str
    promise: str
    run: Callable[[PromiseSubject], None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PromiseVerdict:
    """One line of the sheet; `reason` says why, and is "" where the promise was kept."""

    promise: Promise
    outcome: CheckOutcome
    reason: str = ""


class PromiseArea:
    """The promises about one subject, in the order in which they are written."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.promises: list[Promise] = []

    def promise(self, run: Callable[[PromiseSubject], None]) -> Callable[[PromiseSubject], None]:
        """Declare the function below as a promise; its docstring's first line says which."""
        sentence = (run.__doc__ or "").partition("\n")[0]
        name = f"{self.name}: {run.__name__.replace('_', ' ')}"
        self.promises.append(Promise(name, self.name, sentence, run))
        return run
