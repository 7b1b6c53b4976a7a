"""Which fobs a report, an import file or labels are of: a batch, dates, a range of numbers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any

import click

from firmware_model.errors import BadInput
from firmware_model.identity import SerialRange
from host_tools.provisioning.station.batches import BatchLedger
from host_tools.provisioning.station.jobs import Job
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.states import JobState
from host_tools.vault.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class Receipt:
    """A job that is done, with its entry in the log."""

    job: Job
    number: int
    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class Selection:
    """What `--batch`, `--from`, `--to` and `--serials` say; all that is given must hold."""

    batch: str = ""
    first: date | None = None
    last: date | None = None
    serials: str = ""

    @classmethod
    def options(cls, command: Callable[..., Any]) -> Callable[..., Any]:
        """Add all four options; the parameter is `selection: Selection`."""

        @wraps(command)
        def with_dates(
            *args: Any, first: str, last: str, selection: Selection, **others: Any
        ) -> Any:
            chosen = replace(selection, first=_day(first, "--from"), last=_day(last, "--to"))
            return command(*args, selection=chosen, **others)

        decorated: Callable[..., Any] = with_dates
        for option, name, which in (("--to", "last", "up to"), ("--from", "first", "from")):
            decorated = click.option(
                option, name, default="", metavar="DATE", help=f"Sealed {which} this day, in UTC."
            )(decorated)
        return cls.seed_options(decorated)

    @classmethod
    def seed_options(cls, command: Callable[..., Any]) -> Callable[..., Any]:
        """Add `--batch` and `--serials`, for seeds that are in no fob yet."""

        @wraps(command)
        def with_selection(*args: Any, batch: str, serials: str, **others: Any) -> Any:
            return command(*args, selection=cls(batch, None, None, serials), **others)

        decorated: Callable[..., Any] = with_selection
        for option, metavar, text in (
            ("--serials", "RANGE", "Only these serial numbers: ZZH600000001+250, or FIRST-LAST."),
            ("--batch", "NAME", "Only fobs and seeds of this order."),
        ):
            decorated = click.option(option, default="", metavar=metavar, help=text)(decorated)
        return decorated

    @property
    def is_everything(self) -> bool:
        """Whether nothing was chosen."""
        return self == Selection()

    def jobs(self, ledger: Ledger) -> list[Job]:
        """Return the jobs chosen; with dates, only those of fobs sealed in these days.

        Raises:
            BadInput: there is no such batch, or no such range.
        """
        jobs = ledger.jobs()
        if self.batch:
            name = BatchLedger(ledger).get(self.batch).name.casefold()
            jobs = [job for job in jobs if job.batch.casefold() == name]
        if self.serials:
            try:
                wanted = {each.casefold() for each in SerialRange.parse(self.serials, None)}
            except ValueError as error:
                raise BadInput(f"--serials {self.serials}: {error}") from None
            jobs = [job for job in jobs if job.serial_number.casefold() in wanted]
        if self.first or self.last:
            sealed = receipts(ledger, jobs)
            jobs = [each.job for each in sealed if self._holds(each.entry.at)]
        return jobs

    def _holds(self, at: int) -> bool:
        day = datetime.fromtimestamp(at, UTC).date()
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)

    def __str__(self) -> str:
        words = [f"batch {self.batch}"] if self.batch else []
        words += [f"from {self.first}"] if self.first else []
        words += [f"to {self.last}"] if self.last else []
        words += [f"serials {self.serials}"] if self.serials else []
        return ", ".join(words) or "everything"


def receipts(ledger: Ledger, jobs: list[Job]) -> list[Receipt]:
    """Return the receipts of those of `jobs` that are done, in the order of the log."""
    done = {job.serial_number.casefold(): job for job in jobs if job.state is JobState.RECEIPTED}
    return [
        Receipt(done[entry.serial_number.casefold()], number, entry)
        for number, entry in ledger.log()
        if entry.event == JobState.RECEIPTED and entry.serial_number.casefold() in done
    ]


def _day(text: str, option: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option} {text}: expected a day as 2029-12-31") from None
