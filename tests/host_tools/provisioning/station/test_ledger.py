"""The ledger: one seed, one fob; a log that shows what was done to it; no seed on the disk."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_model.catalogue import names
from firmware_model.errors import BadInput
from host_tools.provisioning.station import schema
from host_tools.provisioning.station.delivery import after_confirmation
from host_tools.provisioning.station.faults import FobFault
from host_tools.provisioning.station.jobs import Claim, Job
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.matching import Fault
from host_tools.provisioning.station.others import known_elsewhere
from host_tools.provisioning.station.report import report, server_records
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.seeds.record import SeedRecord
from host_tools.vault import sqlite
from host_tools.vault.database import RowRefusal
from host_tools.vault.key_ring import KeyRing
from tests.host_tools.provisioning.station.rig import RING, records

NOW = 1_900_000_000


def claim(chip: int, model: str = "fob-h6", *, test_keys: bool = False) -> Claim:
    return Claim(
        chip_id=chip.to_bytes(10, "big"),
        place=f"line, address {chip}",
        model=model,
        firmware="1.0.0",
        key_set="bank version 1",
        test_keys=test_keys,
    )


def opened(path: Path, seeds: Sequence[SeedRecord]) -> Ledger:
    ledger = Ledger(path, RING, "tester")
    ledger.set_at_hand(seeds, names())
    return ledger


@pytest.fixture
def seeds() -> list[SeedRecord]:
    return records(4)


@pytest.fixture
def ledger(tmp_path: Path, seeds: list[SeedRecord]) -> Iterator[Ledger]:
    with opened(tmp_path / "station.db", seeds) as ledger:
        assert ledger.plan(seeds, "delivery.pskcxml", NOW) == []
        yield ledger


def claimed(found: Job | Fault) -> Job:
    assert isinstance(found, Job)
    return found


def test_a_seed_file_may_be_planned_again(ledger: Ledger, seeds: list[SeedRecord]) -> None:
    head = ledger.head()
    assert ledger.plan(seeds, "a copy", NOW + 1) == []
    assert ledger.head() == head
    assert [job.source for job in ledger.jobs()] == ["delivery.pskcxml"] * 4


def test_a_known_name_with_another_seed_is_refused(ledger: Ledger, seeds: list[SeedRecord]) -> None:
    (fault,) = ledger.plan([replace(seeds[0], seed=bytes(20))], "other", NOW)
    assert fault.cause is FailureCause.SERIAL_TWICE
    assert fault.message == (
        f"ZZH600000001 is known with another seed from delivery.pskcxml in {ledger.path}: for"
        " another delivery under the same numbers name another ledger with --ledger"
    )


def test_a_known_seed_under_another_name_is_refused(
    ledger: Ledger, seeds: list[SeedRecord]
) -> None:
    other = replace(seeds[0], serial_number="NEW", credential_id="NEW")
    (fault,) = ledger.plan([other], "other", NOW)
    assert fault.cause is FailureCause.SEED_TWICE
    assert fault.message == f"the seed of NEW is known as that of ZZH600000001 in {ledger.path}"


def test_fobs_get_the_seeds_in_the_files_order(ledger: Ledger) -> None:
    found = [claimed(ledger.claim(claim(chip), None, NOW)).serial_number for chip in range(4)]
    assert found == [f"ZZH60000000{number}" for number in range(1, 5)]
    assert isinstance(ledger.claim(claim(5), None, NOW), Fault)


def test_a_seed_that_is_set_aside_is_refused_to_another_fob(ledger: Ledger) -> None:
    ledger.claim(claim(1), "ZZH600000003", NOW)
    fault = ledger.claim(claim(2), "zzh600000003", NOW)
    assert isinstance(fault, Fault)
    assert fault.cause is FailureCause.SERIAL_TWICE
    assert "chip 00000000000000000001" in fault.message


def test_a_record_of_another_file_is_not_at_hand(ledger: Ledger, seeds: list[SeedRecord]) -> None:
    ledger.set_at_hand(seeds[:1], names())
    fault = ledger.claim(claim(2), "ZZH600000003", NOW)
    assert isinstance(fault, Fault)
    assert fault.cause is FailureCause.NO_RECORD


def test_of_many_that_ask_at_once_each_gets_another_seed(tmp_path: Path) -> None:
    seeds, found = records(40), []
    with opened(tmp_path / "station.db", seeds) as first:
        first.plan(seeds, "file", NOW)

    def line(number: int) -> None:
        with opened(tmp_path / "station.db", seeds) as ledger:
            for chip in range(10):
                job = ledger.claim(claim(10 * number + chip), None, NOW)
                found.append(claimed(job).serial_number)

    threads = [threading.Thread(target=line, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [record.serial_number for record in seeds]


def test_one_fob_has_one_job(ledger: Ledger) -> None:
    ledger.claim(claim(1), None, NOW)
    with pytest.raises(RowRefusal):
        ledger.claim(claim(1), None, NOW)
    assert [job.state for job in ledger.jobs()].count(JobState.PLANNED) == 3


def test_what_happened_to_a_seed_is_on_record_in_order(ledger: Ledger) -> None:
    job = claimed(ledger.claim(claim(1), None, NOW + 1))
    job = ledger.fail(job, Fault(FailureCause.NO_ANSWER, "", "the fob went away"), NOW + 2)
    assert (job.cause, job.state) == (FailureCause.NO_ANSWER, JobState.OPENED)
    job = ledger.advance(job, [JobState.IDENTIFIED], NOW + 3)
    assert job.cause == ""
    job = ledger.advance(job, [JobState.LOADED], NOW + 4)
    assert ledger.job_of_chip(claim(1).chip_id) == job
    job = ledger.advance(job, [JobState.CONFIRMED], NOW + 5, factor=7)
    job = ledger.advance(job, [JobState.SEALED, JobState.RECEIPTED], NOW + 6)
    assert (job.state, job.factor) == (JobState.RECEIPTED, 7)
    mine = [entry for _, entry in ledger.log() if entry.serial_number == job.serial_number]
    assert [entry.event for entry in mine] == [
        *("planned", "opened", "failed", "identified", "loaded", "confirmed"),
        *("sealed", "receipted"),
    ]
    assert mine[2].outcome == FailureCause.NO_ANSWER
    assert '"moving_factor": 7' in mine[-1].detail
    assert ledger.faults() == []


def test_the_server_gets_exactly_the_sealed_ones(ledger: Ledger, seeds: list[SeedRecord]) -> None:
    for chip, state in enumerate((JobState.RECEIPTED, JobState.CONFIRMED)):
        job = claimed(ledger.claim(claim(chip), None, NOW))
        ledger.advance(job, [state], NOW, factor=11)
    (imported,) = server_records(ledger, ledger.jobs(), seeds)
    assert (imported.serial_number, imported.counter) == ("ZZH600000001", 12)
    with pytest.raises(BadInput, match=r"1 of the sealed fobs.*--seeds.*delivery.pskcxml"):
        server_records(ledger, ledger.jobs(), seeds[1:])
    with pytest.raises(BadInput, match="keeps no record of 1"):
        server_records(ledger, ledger.jobs(), [replace(seeds[0], seed=bytes(20))])


def test_what_the_server_gets_is_kept_sealed_and_outlives_the_seed_file(
    ledger: Ledger, seeds: list[SeedRecord]
) -> None:
    job = claimed(ledger.claim(claim(1), None, NOW))
    kept = after_confirmation(seeds[0], 11)
    ledger.advance(job, [JobState.SEALED, JobState.RECEIPTED], NOW, kept, factor=11)
    assert server_records(ledger, ledger.jobs()) == [kept]
    assert kept.counter == 12
    with sqlite3.connect(ledger.path) as thief:
        (sealed,) = thief.execute("SELECT delivery FROM job WHERE delivery IS NOT NULL").fetchone()
    thief.close()
    assert seeds[0].seed not in sealed
    assert seeds[0].seed.hex().encode() not in sealed
    assert ledger.forget_deliveries("", NOW) == 1
    with pytest.raises(BadInput, match="keeps no record"):
        server_records(ledger, ledger.jobs())
    for file in ledger.path.parent.glob("station.db*"):
        assert sealed not in file.read_bytes(), "what was forgotten is still in a file"


def test_a_seed_that_never_left_is_free_again(ledger: Ledger) -> None:
    job = claimed(ledger.claim(claim(1), None, NOW))
    job = ledger.give_up(job.credential_id, NOW)
    assert (job.state, job.chip_id) == (JobState.PLANNED, None)
    assert claimed(ledger.claim(claim(2), job.serial_number, NOW)).chip_id == bytes(9) + b"\x02"


def test_a_seed_that_may_have_left_is_void_for_good(ledger: Ledger) -> None:
    job = claimed(ledger.claim(claim(1), None, NOW))
    job = ledger.advance(job, [JobState.IDENTIFIED], NOW)
    assert ledger.give_up(job.serial_number, NOW).state is JobState.VOID
    fault = ledger.claim(claim(2), job.serial_number, NOW)
    assert isinstance(fault, Fault)
    with pytest.raises(BadInput, match="nothing to give up"):
        ledger.give_up(job.serial_number, NOW)
    with pytest.raises(BadInput, match=r"has no nobody: .*station report"):
        ledger.give_up("nobody", NOW)


def test_a_seed_given_up_at_one_desk_is_not_gone_on_with_at_another(
    ledger: Ledger, seeds: list[SeedRecord]
) -> None:
    job = claimed(ledger.claim(claim(1), None, NOW))
    with opened(ledger.path, seeds) as other:
        other.give_up(job.serial_number, NOW)
        taken = claimed(other.claim(claim(2), job.serial_number, NOW))
    before = ledger.head()
    with pytest.raises(FobFault, match="changed meanwhile"):
        ledger.advance(job, [JobState.IDENTIFIED], NOW)
    assert ledger.job(job.serial_number) == taken
    assert ledger.head() == before


def test_what_is_on_another_desks_books_is_refused_unless_a_fob_has_it_here(
    ledger: Ledger, seeds: list[SeedRecord], tmp_path: Path
) -> None:
    path = tmp_path / "other.db"
    with Ledger(path, KeyRing.parse("22" * 32, "another key"), "other") as other:
        renamed = replace(seeds[1], serial_number="OTHER", seed=bytes(20))
        assert other.plan([seeds[0], renamed, seeds[2]], "copy", NOW) == []
    ledger.claim(claim(1), seeds[2].serial_number, NOW)
    found = known_elsewhere(ledger, [path], seeds)
    assert [fault.subject for fault in found] == ["ZZH600000001", "ZZH600000002"]
    assert {fault.cause for fault in found} == {FailureCause.OTHER_LEDGER}
    assert found[0].message == f"ZZH600000001 is planned in {path}"


def test_another_desks_ledger_is_another_and_a_ledger(
    ledger: Ledger, seeds: list[SeedRecord], tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="this desk's own ledger"):
        known_elsewhere(ledger, [ledger.path], seeds)
    (tmp_path / "text").write_text("no database at all, only some text that is long enough" * 30)
    with pytest.raises(BadInput, match="is not a ledger"):
        known_elsewhere(ledger, [tmp_path / "text"], seeds)


def test_another_desks_ledger_that_is_just_being_made_knows_nothing_yet(
    ledger: Ledger, seeds: list[SeedRecord], tmp_path: Path
) -> None:
    path = tmp_path / "new.db"
    sqlite.connect(path, schema.APPLICATION, "a ledger", create=True).close()
    assert known_elsewhere(ledger, [path], seeds) == []


def test_what_is_turned_away_is_written_once_until_it_changes(ledger: Ledger) -> None:
    before = ledger.head().number
    for message in ("sealed", "sealed", "still sealed"):
        ledger.record_refusals([Fault(FailureCause.ALREADY_SEALED, "chip 01", message)], NOW)
    assert ledger.head().number == before + 2
    assert report(ledger.jobs(), ledger.refusals()).causes == {FailureCause.ALREADY_SEALED: 1}


def test_a_log_that_was_altered_or_cut_is_found_out(ledger: Ledger) -> None:
    kept = ledger.head()
    with sqlite3.connect(ledger.path) as thief:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            thief.execute("UPDATE audit SET actor = 'nobody' WHERE number = 2")
        thief.execute("DROP TRIGGER audit_no_update")
        thief.execute("DROP TRIGGER audit_no_delete")
        thief.execute(f"DELETE FROM audit WHERE number = {kept.number}")
    thief.close()
    assert "job zzh600000004 was put in: the log does not know it" in ledger.faults()
    end = f"the log ends at row {kept.number - 1}, but a head of row {kept.number} was kept"
    assert ledger.faults(kept)[0] == end
    with sqlite3.connect(ledger.path) as thief:
        thief.execute("UPDATE audit SET actor = 'nobody' WHERE number = 2")
    thief.close()
    assert ledger.faults()[0] == "row 2 was altered, or the one before it"


def test_another_key_and_another_file_are_refused(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="the key given is not this store's"):
        Ledger(ledger.path, KeyRing.parse("22" * 32, "x"), "tester")
    (tmp_path / "text").write_text("no database at all, only some text that is long enough" * 30)
    with pytest.raises(BadInput, match="is not a ledger"):
        Ledger(tmp_path / "text", RING, "tester")


def test_no_seed_is_in_the_files_and_nobody_else_may_read_them(
    ledger: Ledger, seeds: list[SeedRecord]
) -> None:
    files = list(ledger.path.parent.glob("station.db*"))
    assert len(files) > 1
    for file in files:
        assert file.stat().st_mode & 0o777 == 0o600
        content = file.read_bytes()
        for record in seeds:
            assert record.seed not in content
            assert record.seed.hex().encode() not in content.lower()
