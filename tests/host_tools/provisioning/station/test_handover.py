"""Seeds that were never sent leave a ledger, and of two desks only one may ever use each."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from host_tools.provisioning.station.handover import transfer, withdraw
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.matching import Fault
from host_tools.provisioning.station.others import handed_here, known_elsewhere
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.vault.key_ring import KeyRing
from tests.host_tools.provisioning.station.rig import RING, records
from tests.host_tools.provisioning.station.test_ledger import NOW, claim, claimed, opened

SEEDS = records(3)
NAMES = [record.serial_number for record in SEEDS]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Ledger]:
    with opened(tmp_path / "here.db", SEEDS) as ledger:
        assert ledger.plan(SEEDS, "delivery", NOW) == []
        yield ledger


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "there.db", KeyRing.parse("22" * 32, "x"), "there") as ledger:
        ledger.set_at_hand(SEEDS, [])
        yield ledger


def usable_at(ledger: Ledger, other: Ledger) -> list[str]:
    """Plan as a run does, and return the serial numbers of the seeds it may load."""
    refused = {fault.subject for fault in known_elsewhere(ledger, [other.path], SEEDS)}
    good = [record for record in SEEDS if record.serial_number not in refused]
    handed = handed_here(ledger, [other.path], good)
    ledger.receive(handed, NOW)
    refused |= {fault.subject for fault in ledger.plan(good, "delivery", NOW)}
    ledger.receive(handed, NOW)
    return [name for name in NAMES if name not in refused]


def test_another_desks_seed_is_known_by_its_credential_id_too(here: Ledger, there: Ledger) -> None:
    other = replace(SEEDS[0], serial_number="NEW", credential_id=NAMES[0])
    (fault,) = known_elsewhere(there, [here.path], [other])
    assert (fault.cause, fault.subject) == (FailureCause.OTHER_LEDGER, "NEW")


def test_what_is_withdrawn_is_free_for_others_and_never_used_here_again(
    here: Ledger, there: Ledger
) -> None:
    withdraw(here, NAMES[:1], "wrong customer", NOW)
    assert usable_at(there, here) == NAMES[:1]
    (fault,) = here.plan(SEEDS, "delivery", NOW)
    assert (fault.cause, fault.subject) == (FailureCause.WITHDRAWN, NAMES[0])
    assert "2030-03-17 17:46:40 UTC" in fault.message
    assert isinstance(here.claim(claim(1), NAMES[0], NOW), Fault)
    assert claimed(here.claim(claim(1), None, NOW)).serial_number == NAMES[1]


def test_what_is_transferred_is_for_that_desk_only(
    here: Ledger, there: Ledger, tmp_path: Path
) -> None:
    transfer(here, NAMES[:2], there.path, NOW)
    assert usable_at(there, here) == NAMES[:2]
    with Ledger(tmp_path / "third.db", RING, "third") as third:
        assert usable_at(third, here) == []
        assert handed_here(third, [here.path], SEEDS) == {}
    head = there.head()
    assert usable_at(there, here) == NAMES[:2]
    assert there.head() == head, "a hand-over is taken in once"
    assert usable_at(here, there) == NAMES[2:], "it is planned there now"


def test_seeds_go_to_and_fro_and_are_at_one_desk_at_a_time(here: Ledger, there: Ledger) -> None:
    desks = [here, there]
    assert usable_at(here, there) == NAMES
    for _ in range(3):
        giver, receiver = desks
        transfer(giver, NAMES, receiver.path, NOW)
        assert usable_at(giver, receiver) == [], "before the receiver took them"
        assert usable_at(receiver, giver) == NAMES
        assert usable_at(giver, receiver) == [], "after it did"
        desks.reverse()


def test_a_seed_that_may_have_left_stays_and_all_or_none_go(here: Ledger, there: Ledger) -> None:
    claimed(here.claim(claim(1), NAMES[1], NOW))
    with pytest.raises(BadInput, match=rf"{NAMES[1]} is opened .*nothing was changed"):
        withdraw(here, NAMES, "x", NOW)
    with pytest.raises(BadInput, match=rf"{NAMES[1]} is opened .*nothing was changed"):
        transfer(here, NAMES, there.path, NOW)
    with pytest.raises(BadInput, match="has no nobody"):
        withdraw(here, [NAMES[0], "nobody"], "x", NOW)
    with pytest.raises(BadInput, match="own ledger"):
        transfer(here, NAMES[:1], here.path, NOW)
    assert [job.state for job in here.jobs()] == [
        JobState.PLANNED,
        JobState.OPENED,
        JobState.PLANNED,
    ]
