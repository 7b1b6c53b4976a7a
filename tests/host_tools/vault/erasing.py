"""What lets go of a secret in each kind of store, and a process that is killed while doing it."""

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from host_tools.activation.desk import ActivationDesk
from host_tools.provisioning.station import schema as station_schema
from host_tools.provisioning.station.delivery import seal_delivery
from host_tools.provisioning.station.ledger import Ledger
from host_tools.services.contract import Contract
from host_tools.services.store import ServiceStore
from host_tools.vault.audit import AuditEntry
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.tables import Change
from host_tools.verification.host import Host
from tests.host_tools.vault import make_stores
from tests.host_tools.vault.stores import KEYS, NOW

BOTH_KEYS = KeyRing({1: b"\x11" * 32, 2: b"\x22" * 32})
PIECE = 24
"""Of a sealed secret, in bytes: so much of it in a file is no accident."""

# Fresh imports for each of the processes would take most of the time; a fork server has them.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Erasure:
    """A store with secrets in `columns` of `table`, and what lets go of some of them."""

    table: str
    columns: tuple[str, ...]
    make: Callable[[Path], None]
    erase: Callable[[Path], None]

    def kept(self, path: Path) -> set[bytes]:
        """The sealed secrets that the rows have now."""
        with closing(sqlite3.connect(path)) as raw:
            rows = raw.execute(f"SELECT {', '.join(self.columns)} FROM {self.table}").fetchall()
        return {cell for row in rows for cell in row if cell is not None}


def _exchange(path: Path) -> None:
    with Host.open(path, KEYS) as host:
        codes = [make_stores.code(7)], [make_stores.code(0)]
        _, new = host.exchange("ZZH600000001", "ZZH600000006", *codes, NOW)
        assert new is not None


def _host_in_use(path: Path) -> None:
    with Host.create(path, KEYS, NOW) as host:
        host.import_tokens([make_stores.record(f"ZZH60000000{number}") for number in (1, 6)], NOW)
        host.enroll("ZZH600000001", "alice", [make_stores.code(0)], NOW)


def _rekey(path: Path) -> None:
    with Host.open(path, BOTH_KEYS) as host:
        host.rekey(NOW)


def _withdraw(path: Path) -> None:
    with ActivationDesk(path, KEYS) as desk:
        desk.withdraw("ZZP100000003", NOW)


def _station_with_deliveries(path: Path) -> None:
    make_stores.station(path)
    with Ledger(path, KEYS, "tester") as ledger:
        (job, *_) = ledger.jobs()
        (row,) = ledger.guarded.select(
            station_schema.JOB, "serial_number = ?", (job.serial_number,)
        )
        kept = seal_delivery(KEYS, make_stores.record(job.serial_number))
        changes = [Change(station_schema.JOB, row, {"delivery": kept, "batch": "PO-1"})]
        ledger.guarded.commit([AuditEntry(NOW, "", "")], changes)


def _forget_deliveries(path: Path) -> None:
    with Ledger(path, KEYS, "tester") as ledger:
        ledger.forget_deliveries("PO-1", NOW)


def _save_contract(path: Path) -> None:
    store = ServiceStore(path, KEYS)
    store.save(Contract("1000001", opened_at=NOW))
    store.close()


ERASURES = {
    "host, exchange": Erasure("token", ("seed",), _host_in_use, _exchange),
    "host, rekey": Erasure("token", ("seed",), make_stores.host, _rekey),
    "soft, withdraw": Erasure("issue", ("verifier", "secrets"), make_stores.soft, _withdraw),
    "station, forget": Erasure("job", ("delivery",), _station_with_deliveries, _forget_deliveries),
    "services, save": Erasure("contract", ("document",), make_stores.services, _save_contract),
}


def statements_of(name: str, path: Path) -> list[str]:
    """Do the erasure in a process; return the first words of the statements it ran, in order."""
    receiver, sender = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_told, args=(name, path, sender))
    process.start()
    sender.close()
    found: list[str] = receiver.recv()
    process.join()
    assert process.exitcode == 0
    return found


def killed_at(name: str, path: Path, number: int) -> None:
    """Do the erasure in a process that dies by SIGKILL as its statement `number` begins."""
    process = PROCESSES.Process(target=_killed, args=(name, path, number))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def _told(name: str, path: Path, out: Connection) -> None:
    found: list[str] = []
    _watch(lambda statement: found.append(" ".join(statement.split()[:2])[:40]))
    ERASURES[name].erase(path)
    out.send(found)


def _killed(name: str, path: Path, number: int) -> None:
    left = iter(range(number, -1, -1))

    def count(_statement: str) -> None:
        if not next(left):
            os.kill(os.getpid(), signal.SIGKILL)

    _watch(count)
    ERASURES[name].erase(path)


def _watch(callback: Callable[[str], object]) -> None:
    """Let every connection of this process tell of each statement as it begins."""
    connect = sqlite3.connect

    def watched(*arguments: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **named)
        connection.set_trace_callback(callback)
        return connection

    sqlite3.connect = watched  # type: ignore[assignment]
