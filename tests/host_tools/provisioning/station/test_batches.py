"""Orders: what may be loaded for one, when it is reconciled, and whose seeds are whose."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from firmware_model.errors import BadInput, Denied
from host_tools.provisioning.station.batch import BATCH_TABLE, Batch, BatchEvent, BatchState
from host_tools.provisioning.station.batches import (
    BatchLedger,
    delivery_digest,
    refuse_other_delivery,
)
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.states import FailureCause, JobState
from tests.host_tools.provisioning.station.rig import RING, records
from tests.host_tools.provisioning.station.test_ledger import NOW, claim, claimed, opened

SEEDS = records(4)
ORDER = Batch(
    name="PO-1",
    customer="First Bank",
    delivery_file="delivery.pskcxml",
    delivery_digest=bytes(32),
    expected=2,
    models=("fob-h6",),
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with opened(tmp_path / "station.db", SEEDS) as ledger:
        BatchLedger(ledger).open(ORDER, NOW)
        assert ledger.plan(SEEDS, "delivery.pskcxml", NOW, "PO-1") == []
        yield ledger


def seal(ledger: Ledger, *chips: int) -> None:
    for chip in chips:
        job = claimed(ledger.claim(claim(chip), None, NOW))
        ledger.advance(job, [JobState.SEALED, JobState.RECEIPTED], NOW, factor=1)


def test_an_order_goes_from_opened_to_closed(ledger: Ledger) -> None:
    batches = BatchLedger(ledger)
    seal(ledger, 1)
    assert batches.note_loaded("po-1", NOW).state is BatchState.OPENED
    seal(ledger, 2)
    assert batches.note_loaded("PO-1", NOW).state is BatchState.LOADED
    count = batches.reconcile("PO-1", NOW)
    assert (count.sealed, count.void, count.spare, count.open) == (2, 0, 2, ())
    assert batches.close("PO-1", NOW, forget_seeds=True).state is BatchState.CLOSED
    assert [entry.event for _, entry in ledger.log()][-1] == "seeds forgotten"
    assert [entry.outcome for _, entry in ledger.log() if entry.event == "batch"] == [
        "opened",
        "loaded",
        "reconciled",
        "closed",
    ]
    with Ledger(ledger.path, RING, "another") as other:
        assert BatchLedger(other).get("PO-1") == batches.get("PO-1"), (
            "what is kept is what was said"
        )


@pytest.mark.parametrize(("state", "event"), list(product(BatchState, BatchEvent)))
def test_every_pair_moves_as_the_table_says_or_is_refused(
    tmp_path: Path, state: BatchState, event: BatchEvent
) -> None:
    with Ledger(tmp_path / "station.db", RING, "tester") as ledger:
        batches = BatchLedger(ledger)
        batch = batches.open(ORDER, NOW)
        target = BATCH_TABLE.get((state, event))
        if target is None:
            with pytest.raises(BadInput, match=rf"PO-1 is {state} in .*station.db: {event} needs"):
                batches._move(replace(batch, state=state), event, NOW)
        else:
            assert batches._move(replace(batch, state=state), event, NOW).state is target
            assert batches.get("PO-1").state is target


def test_counts_that_differ_must_be_explained_and_open_fobs_finished(ledger: Ledger) -> None:
    batches = BatchLedger(ledger)
    seal(ledger, 1)
    with pytest.raises(Denied, match=r"1 fobs are sealed, and 2 were ordered.*--shortfall"):
        batches.reconcile("PO-1", NOW)
    job = claimed(ledger.claim(claim(2), None, NOW))
    with pytest.raises(Denied, match=f"{job.serial_number} is opened at line, address 2: finish"):
        batches.reconcile("PO-1", NOW, "one broke")
    assert batches.get("PO-1").state is BatchState.OPENED
    ledger.advance(job, [JobState.IDENTIFIED], NOW)
    ledger.give_up(job.serial_number, NOW)
    count = batches.reconcile("PO-1", NOW, "one broke")
    assert (count.sealed, count.void, count.batch.shortfall) == (1, 1, "one broke")


def test_a_seed_of_an_unfinished_order_is_not_for_another_and_a_spare_one_is(
    ledger: Ledger,
) -> None:
    batches = BatchLedger(ledger)
    batches.open(replace(ORDER, name="PO-2"), NOW)
    seal(ledger, 1, 2)
    faults = ledger.plan(SEEDS, "delivery.pskcxml", NOW, "PO-2")
    assert {fault.cause for fault in faults} == {FailureCause.OTHER_BATCH}
    assert len(faults) == 4
    batches.reconcile("PO-1", NOW)
    faults = ledger.plan(SEEDS, "delivery.pskcxml", NOW, "PO-2")
    assert [fault.subject for fault in faults] == ["ZZH600000001", "ZZH600000002"]
    assert batches.count(batches.get("PO-2")).spare == 2
    assert batches.count(batches.get("PO-1")).sealed == 2, "what was delivered stays its own"


def test_another_file_another_model_and_a_finished_order_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "delivery"
    path.write_bytes(b"seeds")
    order = replace(ORDER, delivery_digest=delivery_digest(path))
    refuse_other_delivery(order, path, SEEDS)
    with pytest.raises(BadInput, match="is reconciled: open another one"):
        refuse_other_delivery(replace(order, state=BatchState.RECONCILED), path, SEEDS)
    with pytest.raises(BadInput, match=r"fob-t60; batch PO-1 is of fob-h6"):
        refuse_other_delivery(order, path, records(1, "fob-t60"))
    path.write_bytes(b"other seeds")
    with pytest.raises(BadInput, match=r"is not the delivery of batch PO-1.*delivery\.pskcxml"):
        refuse_other_delivery(order, path, SEEDS)


@pytest.mark.parametrize(
    "bad",
    [
        replace(ORDER, name=""),
        replace(ORDER, customer="x" * 81),
        replace(ORDER, customer="a\nb"),
        replace(ORDER, expected=0),
        ORDER,
    ],
    ids=["no name", "long customer", "two lines", "no fob", "there already"],
)
def test_an_order_that_is_none_or_there_already_is_refused(ledger: Ledger, bad: Batch) -> None:
    with pytest.raises(BadInput):
        BatchLedger(ledger).open(bad, NOW)
    with pytest.raises(BadInput, match=r"unknown batch nope in .*station.db; it has PO-1"):
        BatchLedger(ledger).get("nope")
