"""A visit to one fob: what the table says, step by step, written before and after (STATION §3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from firmware_model.errors import KeyfobError, PortUnavailable
from firmware_model.wire.objects import LifeCycle
from host_tools.client.session import TokenSession
from host_tools.provisioning.station.confirm import (
    TRIES,
    DisplayReader,
    confirmed_factor,
    plain_code,
    problem_with,
)
from host_tools.provisioning.station.conversation import Conversation
from host_tools.provisioning.station.delivery import after_confirmation
from host_tools.provisioning.station.desk import StationDesk
from host_tools.provisioning.station.faults import FobFault, cause_of
from host_tools.provisioning.station.jobs import Claim, Job, chip_name
from host_tools.provisioning.station.matching import Fault, MatchRule
from host_tools.provisioning.station.place import StationEvent, TrayPlace
from host_tools.provisioning.station.shared_ledger import RunLedger
from host_tools.provisioning.station.states import (
    RESULT,
    WRITTEN_WITH_NEXT,
    FailureCause,
    JobState,
    JobStep,
    what_next,
)
from host_tools.seeds.record import SeedRecord

EventHandler = Callable[[StationEvent], None]


class Visitor:
    """Visits the fobs of one line, one after the other.

    Raises, from `visit`, only what is no fob's own fault: the port went away, the ledger cannot
    be written, the clock went back, nothing reads the display. All else is recorded and returned.
    """

    def __init__(
        self, desk: StationDesk, ledger: RunLedger, reader: DisplayReader, on_event: EventHandler
    ) -> None:
        self._desk = desk
        self._ledger = ledger
        self._reader = reader
        self._emit = on_event
        self._records: Mapping[str, SeedRecord] = desk.by_serial()
        self._key_set = str(desk.keys)
        self._steps: dict[JobStep, Callable[[_Case], dict[str, Any]]] = {
            JobStep.IDENTIFY: self._identify,
            JobStep.LOAD: self._load,
            JobStep.CONFIRM: self._confirm,
            JobStep.SEAL: self._seal,
        }

    def visit(self, session: TokenSession, place: TrayPlace) -> StationEvent:
        """Connect to the fob behind `session`, do what is still to be done, say how it ended."""
        chip_id: bytes | None = None
        try:
            if not session.link.is_connected:
                session.link.connect()
            fob = Conversation(session, self._desk.keys)
            chip_id = fob.chip_id
            job = self._work(fob, place)
            event = StationEvent(
                place,
                job.serial_number,
                job.state,
                test_keys=job.test_keys,
                chip_id=chip_id,
                at=job.at,
            )
            self._emit(event)
        except KeyfobError as error:
            cause = cause_of(error)
            if cause is None:
                raise
            event = self._stopped(place, chip_id, Fault(cause, str(place), str(error)))
            self._emit(event)
            if isinstance(error, PortUnavailable):
                raise
        return event

    def miss(self, place: TrayPlace) -> StationEvent:
        """Log that nothing answers at `place`; where a job is open there, it is what fails."""
        job = self._ledger.open_job_at(str(place))
        if job is None:
            event = StationEvent(place, at=self._desk.clock.unwatched())
            self._emit(event)
            return event
        fault = Fault(FailureCause.NO_ANSWER, job.serial_number, f"nothing answers at {place}")
        event = self._stopped(place, job.chip_id, fault)
        self._emit(event)
        return event

    def _work(self, fob: Conversation, place: TrayPlace) -> Job:
        job = self._ledger.job_of_chip(fob.chip_id)
        state = JobState.PLANNED if job is None else job.state
        at: _Case | None = None
        while (step := what_next(state, fob.life_cycle)) is not JobStep.NOTHING:
            if isinstance(step, FailureCause):
                raise self._refusal(step, state, fob)
            if job is None:
                job = self._open(fob, place)
                state = job.state
            else:
                at = at or _Case(fob, place, self._record_of(job), job)
                state = self._do(step, at)
        assert job is not None, "nothing is left to do for a finished job only"
        return job if at is None else at.job

    def _open(self, fob: Conversation, place: TrayPlace) -> Job:
        """Set a seed aside for a fob that proved its keys."""
        wanted = fob.serial_number or self._wanted(place, fob.model)
        fob.prove_keys()
        claim = Claim(
            chip_id=fob.chip_id,
            place=str(place),
            model=fob.model,
            firmware=fob.firmware,
            key_set=self._key_set,
            test_keys=self._desk.keys.are_test_keys,
        )
        found = self._ledger.claim(claim, wanted, int(self._desk.clock()))
        if isinstance(found, Fault):
            raise FobFault(found.cause, found.message)
        self._emit(StationEvent(place, found.serial_number, found.state, chip_id=fob.chip_id))
        return found

    def _wanted(self, place: TrayPlace, model: str) -> str | None:
        """Return the serial number that the rule says, None for whichever is next."""
        if self._desk.rule is MatchRule.NEXT:
            return None
        if self._desk.rule is MatchRule.ADDRESS:
            serial_number = self._desk.serial_at(place.position)
            if serial_number is None:
                message = f"the seed file has no record {place.position} for this place"
                raise FobFault(FailureCause.NO_RECORD, message)
            return serial_number
        with self._reader.turn(place):
            return self._labelled(place, model)

    def _labelled(self, place: TrayPlace, model: str) -> str:
        """Return the serial number on the label, asked for until it is one that can be had."""
        problem = ""
        while True:
            label = plain_code(self._reader.label(place, problem))
            job = self._ledger.job(label)
            name = label if job is None else job.serial_number
            fault = self._ledger.why_not(name, model, str(place))
            if fault is None:
                return name
            if not self._reader.may_mistype:
                raise FobFault(fault.cause, fault.message)
            problem = fault.message

    def _record_of(self, job: Job) -> SeedRecord:
        record = self._records.get(job.serial_number.casefold())
        if record is None or not self._ledger.has_seed(job, record):
            raise FobFault(
                FailureCause.OTHER_FILE,
                f"its seed {job.serial_number} came from {job.source}: give that",
            )
        return record

    def _do(self, step: JobStep, at: "_Case") -> JobState:
        """Do a step and write its result; return the state that it leads to."""
        try:
            known = self._steps[step](at)
            seconds = int(self._desk.clock())
        except KeyfobError:
            if at.reached:
                self._write(at)
            raise
        at.reached.append(RESULT[step])
        at.reached_at = seconds
        if step in WRITTEN_WITH_NEXT:
            return RESULT[step]
        self._write(at, **known)
        return at.job.state

    def _write(self, at: "_Case", **known: Any) -> None:
        """Write what the job has reached, and the receipt after the seal."""
        states, at.reached, delivery = at.reached, [], None
        if states[-1] is JobState.SEALED:
            states.append(JobState.RECEIPTED)
            delivery = after_confirmation(at.record, at.job.factor)
        at.job = self._ledger.advance(at.job, states, at.reached_at, delivery, **known)
        if delivery is None:  # how a visit ended, `visit` tells
            name, chip_id = at.job.serial_number, at.fob.chip_id
            for state in states:
                self._emit(StationEvent(at.place, name, state, chip_id=chip_id))

    # Steps: each leaves the fob where its result says, or raises ---------------------------------

    def _identify(self, at: "_Case") -> dict[str, Any]:
        at.fob.put_keys()
        at.fob.write_identity(at.record, self._desk.clock())
        # Public keys once in the story make it TEST for good, whatever came later.
        are_test_keys = at.job.test_keys or self._desk.keys.are_test_keys
        return {"key_set": self._key_set, "test_keys": are_test_keys}

    def _load(self, at: "_Case") -> dict[str, Any]:
        if at.fob.life_cycle is LifeCycle.BLANK:
            at.fob.set_clock(self._desk.clock)  # before the seed: setting it may wipe one
            at.fob.load(at.record, self._desk.clock)
            at.fob.move_to(LifeCycle.PERSONALISED)
        else:
            at.fob.refuse_other_seed(at.record)
        return {}

    def _confirm(self, at: "_Case") -> dict[str, Any]:
        at.fob.keep_clock(at.record, self._desk.clock)
        problem, tries = "", 0
        with self._reader.turn(at.place):
            while tries < TRIES:
                code = plain_code(self._reader.code(at.place, at.record.serial_number, problem))
                problem = problem_with(at.record, code)
                if problem and self._reader.may_mistype:
                    continue
                factor = confirmed_factor(at.record, code, at.fob.newest_factor(at.record))
                if factor is not None:
                    return {"factor": factor}
                tries += 1
                problem = f"not the code of this fob; {TRIES - tries} tries left"
        raise FobFault(FailureCause.WRONG_CODE, f"no right code was seen in {TRIES} tries")

    def _seal(self, at: "_Case") -> dict[str, Any]:
        at.fob.open_final()  # whatever it reports from here on, it reports under its own keys
        at.fob.keep_clock(at.record, self._desk.clock)
        if at.fob.life_cycle is not LifeCycle.SEALED:
            at.fob.move_to(LifeCycle.SEALED)
        at.fob.refuse_unsealed(at.record)
        return {}

    # Endings --------------------------------------------------------------------------------------

    def _refusal(self, cause: FailureCause, state: JobState, fob: Conversation) -> FobFault:
        told = fob.serial_number
        life_cycle = fob.life_cycle.name.lower()
        if cause is FailureCause.GIVEN_UP:
            return FobFault(cause, "its seed was given up")
        if cause is FailureCause.OUT_OF_STEP:
            return FobFault(cause, f"the fob is {life_cycle}, and the ledger says {state}")
        known = None if told is None else self._ledger.job(told)
        if known is not None and known.chip_id is not None:
            message = f"the fob is {life_cycle} and says it is {told}, which is another fob"
            return FobFault(FailureCause.SERIAL_TWICE, message)
        return FobFault(
            cause, f"the fob is {life_cycle} and not of this ledger: {told or 'nameless'}"
        )

    def _stopped(self, place: TrayPlace, chip_id: bytes | None, fault: Fault) -> StationEvent:
        at = self._desk.clock.unwatched()
        job = None if chip_id is None else self._ledger.job_of_chip(chip_id)
        if job is not None:
            self._ledger.fail(job, fault, at)
            return self._failed(place, job.serial_number, fault, chip_id, at)
        subject, message = str(place), fault.message
        if chip_id is not None:
            subject, message = chip_name(chip_id), f"{message}; at {place}"
        self._ledger.record_refusals([Fault(fault.cause, subject, message)], at)
        return self._failed(place, subject, fault, chip_id, at)

    def _failed(
        self, place: TrayPlace, subject: str, fault: Fault, chip_id: bytes | None, at: int
    ) -> StationEvent:
        return StationEvent(
            place, subject, None, fault.cause, fault.message, chip_id=chip_id, at=at
        )


@dataclass(slots=True)
class _Case:
    """A fob with its seed, in its place.

    `job` is as the ledger has it, `reached` the states that it has come to since, the last of them
    at Unix time `reached_at`.
    """

    fob: Conversation
    place: TrayPlace
    record: SeedRecord
    job: Job
    reached: list[JobState] = field(default_factory=list)
    reached_at: int = 0
