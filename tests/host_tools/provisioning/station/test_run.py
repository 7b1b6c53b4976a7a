"""A run from its seeds to its end, without a fob: what is planned, and when all was done."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from host_tools.provisioning.station.batches import BatchLedger, batch_of_delivery
from host_tools.provisioning.station.clock import ClockBehind
from host_tools.provisioning.station.confirm import DisplayReader
from host_tools.provisioning.station.handover import transfer, withdraw
from host_tools.provisioning.station.jobs import Claim
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.run import RunOrder, StationRun
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.provisioning.station.tray import lines
from tests.host_tools.provisioning.station.rig import RING, TEST, records
from tests.host_tools.provisioning.station.test_ledger import NOW, claim, claimed

SEEDS = tuple(records(2))
NAMES = [record.serial_number for record in SEEDS]
ORDER = RunOrder(records=SEEDS, source="delivery", keys=TEST, lines=(), expect=0)
"""Of a tray without places: all is done, unless something else is not."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "station.db"


def ledger_at(path: Path, actor: str = "tester") -> Ledger:
    return Ledger(path, RING, actor)


def no_reader() -> DisplayReader:
    raise AssertionError("there is no fob to look at")


def ran(
    path: Path,
    order: RunOrder,
    *,
    at: int = NOW,
    reader: Callable[[], DisplayReader] = no_reader,
) -> StationRun:
    """Return a run of `order` that was worked through."""
    run = StationRun(order, lambda actor: ledger_at(path, actor), lambda: Decimal(at))
    run.plan("Aoi", lambda ledger, at: "Aoi and Ken")
    run.work(reader if order.lines else object, lambda event: None)  # type: ignore[arg-type]
    return run


def test_seeds_are_planned_by_who_was_authorized(path: Path) -> None:
    run = ran(path, ORDER)
    assert (run.records, run.faults, run.is_complete) == (SEEDS, [], True)
    with ledger_at(path) as ledger:
        assert [job.state for job in ledger.jobs()] == [JobState.PLANNED] * 2
        planned = [entry for _, entry in ledger.log() if entry.event == "planned"]
        assert [entry.actor for entry in planned] == ["Aoi and Ken"] * 2
    with pytest.raises(ClockBehind):
        ran(path, ORDER, at=NOW - 3)


def test_a_refused_record_is_not_done_and_on_record(path: Path) -> None:
    run = ran(path, replace(ORDER, records=(*SEEDS, replace(SEEDS[0], serial_number="A9"))))
    assert {fault.cause for fault in run.faults} == {FailureCause.SERIAL_TWICE}
    assert not run.is_complete
    with ledger_at(path) as ledger:
        assert {fault.subject for fault in ledger.refusals()} == {NAMES[0], "A9"}


def test_a_withdrawn_seed_is_named_and_no_failure(path: Path) -> None:
    ran(path, ORDER)
    with ledger_at(path) as ledger:
        withdraw(ledger, NAMES[:1], "x", NOW)
    run = ran(path, ORDER)
    assert [fault.cause for fault in run.faults] == [FailureCause.WITHDRAWN]
    assert run.records == SEEDS[1:]
    assert run.is_complete


def test_a_line_that_is_not_there_is_not_done(path: Path, tmp_path: Path) -> None:
    order = replace(ORDER, lines=tuple(lines([f"pty:{tmp_path / 'none'}"], [1])))

    class Nobody:
        def close(self) -> None:
            """Nothing is held."""

    run = ran(path, order, reader=Nobody)  # type: ignore[arg-type]
    assert ["port not found" in str(error) for error in run.errors] == [True]
    assert not run.is_complete


def test_an_interrupted_run_is_not_done_and_says_what_is_left_open(path: Path) -> None:
    ran(path, ORDER)
    with ledger_at(path) as ledger:
        ledger.set_at_hand(SEEDS, [])
        claimed(ledger.claim(claim(1), NAMES[0], NOW))

    def interrupt() -> DisplayReader:
        raise KeyboardInterrupt

    run = ran(path, replace(ORDER, lines=tuple(lines(["pty:none"], [7]))), reader=interrupt)
    assert run.is_interrupted
    assert not run.is_complete
    assert [job.serial_number for job in run.outcome.left_open] == NAMES[:1]


def test_while_waiting_every_record_is_expected_unless_a_number_is_given(path: Path) -> None:
    run = ran(path, replace(ORDER, wait=True, expect=None))
    assert (run.outcome.expected, run.is_complete) == (2, False)
    run = ran(path, replace(ORDER, wait=True))
    assert (run.outcome.expected, run.is_complete) == (0, True)


def test_what_another_desk_has_is_neither_planned_nor_taken(path: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    ran(there, replace(ORDER, records=SEEDS[:1]))
    order = replace(ORDER, others=(there,))
    run = ran(path, order)
    assert [(fault.cause, fault.subject) for fault in run.faults] == [
        (FailureCause.OTHER_LEDGER, NAMES[0])
    ]
    assert not run.is_complete
    with ledger_at(path) as ledger:
        assert [job.serial_number for job in ledger.jobs()] == NAMES[1:]
    with ledger_at(there) as ledger:
        transfer(ledger, NAMES[:1], path, NOW)
    run = ran(path, order)
    assert (run.records, run.is_complete) == (SEEDS, True)
    with ledger_at(path) as ledger:
        transfer(ledger, NAMES[:1], there, NOW)
    assert ran(path, order).records == SEEDS[1:], "it was handed back"
    ran(there, replace(ORDER, records=SEEDS[:1], others=(path,)))
    with ledger_at(there) as ledger:
        transfer(ledger, NAMES[:1], path, NOW)
    assert ran(path, order).records == SEEDS, "and handed here once more"


def test_of_two_desks_that_plan_at_once_each_sees_the_other(path: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    with ledger_at(there):
        pass  # it is empty when this desk first looks

    class SlowLedger(Ledger):
        def plan(self, *given: object, **named: object) -> list[object]:  # type: ignore[override]
            ran(there, ORDER)
            return super().plan(*given, **named)  # type: ignore[arg-type, return-value]

    run = StationRun(
        replace(ORDER, others=(there,)),
        lambda actor: SlowLedger(path, RING, actor),
        lambda: Decimal(NOW),
    )
    run.plan("Aoi", lambda ledger, at: "Aoi")
    assert run.records == ()
    assert {fault.cause for fault in run.faults} == {FailureCause.OTHER_LEDGER}


def test_a_batch_takes_its_own_delivery_and_is_loaded_when_all_are_sealed(
    path: Path, tmp_path: Path
) -> None:
    delivery, other = tmp_path / "delivery", tmp_path / "other"
    delivery.write_bytes(b"seeds")
    other.write_bytes(b"other seeds")
    with ledger_at(path) as ledger:
        batch = batch_of_delivery("PO-1", "First Bank", delivery, SEEDS)
        assert (batch.expected, batch.models) == (2, ("fob-h6",))
        BatchLedger(ledger).open(batch, NOW)
    with pytest.raises(BadInput, match="and 3 fobs are ordered"):
        batch_of_delivery("PO-2", "First Bank", delivery, SEEDS, expected=3)
    order = replace(ORDER, batch="PO-1", seed_file=delivery)
    for wrong in (replace(order, seed_file=None), replace(order, seed_file=other)):
        with pytest.raises(BadInput, match="batch PO-1"):
            ran(path, wrong)
    for chip, state in ((1, "opened"), (2, "loaded")):
        ran(path, order)
        with ledger_at(path) as ledger:
            ledger.set_at_hand(SEEDS, [])
            found: Claim = claim(chip)
            job = claimed(ledger.claim(found, None, NOW))
            ledger.advance(job, [JobState.SEALED, JobState.RECEIPTED], NOW, factor=1)
        ran(path, order)
        with ledger_at(path) as ledger:
            assert BatchLedger(ledger).get("PO-1").state == state
            assert {job.batch for job in ledger.jobs()} == {"PO-1"}
