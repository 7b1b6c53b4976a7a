"""What a run came to, place by place, and whether that is all that was asked for (STATION §6)."""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from host_tools.provisioning.station.jobs import Job
from host_tools.provisioning.station.matching import Fault
from host_tools.provisioning.station.place import StationEvent, TrayPlace
from host_tools.provisioning.station.states import REMEDY, FailureCause, JobState


class TrayOutcome:
    """The last event of each fob and of each empty place; for any thread.

    Args:
        expected: how many fobs must be done at the end; None for one at each of `places`.
        places: the places of the run.
    """

    def __init__(self, places: Sequence[TrayPlace], expected: int | None = None) -> None:
        self.places = tuple(places)
        self.expected = len(self.places) if expected is None else expected
        self.left_open: tuple[Job, ...] = ()
        """Jobs that are open in the ledger after the run, at whatever place."""
        self._last: dict[object, StationEvent] = {}
        self._lock = threading.Lock()

    def add(self, event: StationEvent) -> None:
        """Take in an event; what was known of the same fob, or of the place without one, goes."""
        with self._lock:
            self._last.pop(event.place, None)
            self._last[event.chip_id or event.place] = event

    @property
    def done(self) -> int:
        """How many fobs are sealed and receipted."""
        return sum(event.state is JobState.RECEIPTED for event in self._events())

    @property
    def failed(self) -> list[StationEvent]:
        """The fobs that stopped, in the order of their places."""
        return [event for event in self._by_place() if event.cause is not None]

    @property
    def silent(self) -> list[TrayPlace]:
        """The places where nothing answered and no job is open."""
        return [
            event.place for event in self._by_place() if event.cause is None and event.state is None
        ]

    @property
    def unfinished(self) -> list[StationEvent]:
        """The fobs that were left in mid-work, as by Ctrl-C, in the order of their places."""
        return [
            event
            for event in self._by_place()
            if event.cause is None and event.state not in (None, JobState.RECEIPTED)
        ]

    @property
    def open_here(self) -> list[Job]:
        """The open jobs of this run's places."""
        names = {str(place) for place in self.places}
        return [job for job in self.left_open if job.place in names]

    @property
    def open_elsewhere(self) -> list[Job]:
        """The open jobs of other places, which another desk may be at work on."""
        here = self.open_here
        return [job for job in self.left_open if job not in here]

    @property
    def is_complete(self) -> bool:
        """Whether as many fobs as expected are done, and none stopped or is left open here."""
        return (
            self.done == self.expected
            and not self.failed
            and not self.unfinished
            and not self.open_here
        )

    def last_of(self, place: TrayPlace) -> StationEvent | None:
        """Return the newest event of a place, None where there was none yet."""
        found = [event for event in self._events() if event.place == place]
        return found[-1] if found else None

    def all(self) -> list[StationEvent]:
        """Return the last event of each fob and empty place, in the order of the places."""
        return self._by_place()

    def _by_place(self) -> list[StationEvent]:
        return sorted(self._events(), key=lambda event: event.place.position)

    def _events(self) -> list[StationEvent]:
        with self._lock:
            return list(self._last.values())


def causes(events: Iterable[StationEvent], faults: Iterable[Fault]) -> Counter[FailureCause]:
    """Count the causes of fobs that stopped and of records that were refused."""
    found = Counter(event.cause for event in events if event.cause is not None)
    return found + Counter(fault.cause for fault in faults)


@dataclass(frozen=True, slots=True)
class ToDo:
    """What an operator has to do next: `what`, and how many things it concerns."""

    what: str
    count: int = field(default=1)


def to_do(
    outcome: TrayOutcome, faults: Sequence[Fault], *, ended_early: bool = False
) -> list[ToDo]:
    """Return what is to be done until the run's work is complete; empty where it is.

    `ended_early`: a line failed, which has its own message; places that were not reached are
    no missing fobs.
    """
    found = [
        ToDo(f"{cause}: {REMEDY[cause]}", count)
        for cause, count in causes(outcome.failed, faults).items()
    ]
    missing = outcome.expected - outcome.done
    if outcome.silent and missing > 0:
        found.append(
            ToDo(
                "nothing answers: put fobs in and run again"
                + (
                    f", or give --expect {outcome.done} if no more are in the tray"
                    if outcome.done
                    else ""
                ),
                len(outcome.silent),
            )
        )
    elif missing > 0 and not found and not ended_early:
        found.append(ToDo("fobs are missing: put them in and run again", missing))
    if missing < 0:
        found.append(ToDo("more fobs are done than expected: count the tray", -missing))
    stopped = {event.subject for event in outcome.failed}
    here = [job for job in outcome.open_here if job.serial_number not in stopped]
    if here or outcome.unfinished:
        found.append(ToDo("left open: run again, or `keyfob station give-up`", len(here) or 1))
    return found
