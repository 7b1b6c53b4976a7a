"""Make a store of each kind: `python -m tests.host_tools.vault.make_stores FOLDER`.

Each version's folder was made by the code of that version and is never made anew. Keys and seeds
are for tests: every key is 0x11 repeated, the host's seed is RFC 4226's.
"""

import sys
from pathlib import Path

from emulator.store import FobRecord, RackStore, TimeRecord
from firmware_model.catalogue import names
from firmware_model.generators import OtpKey, OtpKind
from firmware_model.units import SimTime
from host_tools.activation.desk import ActivationDesk
from host_tools.provisioning.station.jobs import Claim, Job
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.matching import Fault
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.seeds import SeedRecord
from host_tools.services.contract import Bank, Contract, Member, Stop
from host_tools.services.store import ServiceStore
from host_tools.vault.key_ring import KeyRing
from host_tools.verification.host import Host
from host_tools.verification.statefile import StateFile
from host_tools.verification.states import TokenEvent
from tests.host_tools.activation.apps import PASSWORD, App, activated, tried

KEYS = KeyRing.parse("11" * 32, "the test key")
SEED = b"12345678901234567890"
NOW = 1_800_000_000


def record(serial_number: str, kind: OtpKind = OtpKind.HOTP, seed: bytes = SEED) -> SeedRecord:
    return SeedRecord(
        serial_number=serial_number,
        credential_id=f"{serial_number[:3]}ID{serial_number[5:]}",
        seed=seed,
        kind=kind,
        step_seconds=60,
    )


def code(factor: int) -> str:
    return OtpKey(SEED).code(factor)


def host(path: Path) -> None:
    """Six tokens: in use, by time, locked, lost, on stock, exchanged for the one before."""
    with Host.create(path, KEYS, NOW, "[enrolment]\nusers_per_token = 2") as host:
        hotp = [record(f"ZZH60000000{number}") for number in (1, 3, 4, 5, 6)]
        host.import_tokens([*hotp, record("ZZT600000002", OtpKind.TOTP)], NOW)
        host.enroll("ZZH600000001", "acme/alice", [code(0)], NOW)
        host.enroll("ZZH600000001", "acme/bob", [code(1)], NOW)
        host.verify([code(4)], NOW, token="ZZH600000001")
        host.verify([code(4)], NOW, token="ZZH600000001")
        host.enroll("ZZT600000002", "carol", [code(NOW // 60)], NOW)
        host.enroll("ZZH600000003", "dave", [code(0)], NOW)
        for _ in range(5):
            host.verify(["000000"], NOW, token="ZZH600000003")
        host.enroll("ZZH600000004", "erin", [code(0)], NOW)
        host.exchange("ZZH600000004", "ZZH600000005", [code(1)], [code(0)], NOW)
        host.move(TokenEvent.LOSE, "ZZH600000006", NOW)


def station(path: Path) -> None:
    """Four seeds: receipted, loaded, stopped, planned; and a fob that was turned away."""
    seeds = [record(f"ZZH60000000{number}", seed=bytes([number]) * 20) for number in range(1, 5)]
    with Ledger(path, KEYS, "tester") as ledger:
        ledger.plan(seeds, "delivery.pskcxml", NOW)
        ledger.set_at_hand(seeds, names())
        jobs = []
        for number in range(1, 4):
            claim = Claim(
                chip_id=number.to_bytes(10, "big"),
                place=f"line, address {number}",
                model="fob-h6",
                firmware="1.0.0",
                key_set="bank version 1",
                test_keys=False,
            )
            job = ledger.claim(claim, None, NOW + number)
            assert isinstance(job, Job)
            jobs.append(job)
        loaded = [JobState.IDENTIFIED, JobState.LOADED]
        done = ledger.advance(jobs[0], [*loaded, JobState.CONFIRMED], NOW + 5, factor=3)
        ledger.advance(done, [JobState.SEALED, JobState.RECEIPTED], NOW + 6)
        ledger.advance(jobs[1], loaded, NOW + 7)
        ledger.fail(jobs[2], Fault(FailureCause.NO_ANSWER, "", "no answer"), NOW + 8)
        away = Fault(FailureCause.WRONG_KEYS, "line, address 9", "wrong keys")
        ledger.record_refusals([away], NOW + 9)


def soft(path: Path) -> None:
    """Four issues: open, with a wrong password, activated, withdrawn."""
    with ActivationDesk(path, KEYS, create=True) as desk:
        for user in ("1000000001", "1000000002", "1000000003", "1000000004"):
            desk.issue("301245", PASSWORD, NOW, user_id=user)
        tried(desk, App("1000000002", password="99999999"))
        activated(desk, App("1000000003"))
        desk.withdraw("ZZP100000004", NOW)


def services(path: Path) -> None:
    """Two contracts, and what is true for all."""
    store = ServiceStore(path, KEYS)
    contract = Contract("1000001", opened_at=NOW)
    contract.members["alice"] = Member("alice", "user", {"password": "ab" * 16 + "cd" * 64})
    contract.stops.append(Stop("user", "alice", "suspension"))
    store.save(contract, Bank(announcements=[("interrupt", {"time": "Monday"})]))
    store.save(Contract("1000002", opened_at=NOW))
    store.close()


def rack(path: Path) -> None:
    """Two fobs, one without images, and true time."""
    store = RackStore(path)
    store.add_fob(FobRecord(1, "ZZH600000001", "fob-h6", bytes(10), bytes(32)))
    store.add_fob(FobRecord(2, "ZZH600000002", "fob-h6", bytes([1] * 10), bytes([1] * 32)))
    store.put_image(1, "flash", b"flash of a fob")
    store.put_time(TimeRecord(SimTime(NOW * 10**9), -7))
    store.commit()
    store.close()


def verify(path: Path) -> None:
    """A token with one code used and one failure."""
    with StateFile(path) as file:
        token = record("ZZH600000001")
        file.attempt(token, [code(2)], NOW)
        file.attempt(token, ["000000"], NOW)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)
    for make in (host, station, soft, services, rack, verify):
        make(folder / f"{make.__name__}.db")
