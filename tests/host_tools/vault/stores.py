"""A store of each kind with something in every table, for what is tried on all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from host_tools.activation.desk import ActivationDesk
from host_tools.activation.schema import SCHEMA as SOFT
from host_tools.activation.store import inspect as inspect_soft
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.migrations import SCHEMA as STATION
from host_tools.services.contract import Bank, Contract
from host_tools.services.store import SCHEMA as SERVICES
from host_tools.services.store import ServiceStore
from host_tools.vault.audit import AuditEntry
from host_tools.vault.guarded import GuardedStore
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.migration import Schema, open_guarded
from host_tools.vault.tables import Change
from host_tools.verification.host import Host
from host_tools.verification.store import SCHEMA as HOST
from host_tools.verification.submissions import Submission
from tests.host_tools.vault import make_stores

KEYS = KeyRing.parse("11" * 32, "the test key")
NOW = make_stores.NOW


@dataclass(frozen=True)
class StoreKind:
    """How a kind of store is made, changed once more in every table, opened and verified."""

    schema: Schema
    make: Callable[[Path], None]
    change: Callable[[Path], None]
    faults: Callable[[Path], Sequence[str]]

    def open(self, path: Path) -> GuardedStore:
        return open_guarded(path, self.schema, KEYS, create=False)


def _make_host(path: Path) -> None:
    """A host with a row in every table: a submission too."""
    make_stores.host(path)
    with Host.open(path, KEYS) as host:
        submission = Submission("web:1", "asked").change(KEYS, {"said": "yes"}, NOW)
        host._store.guarded.commit([AuditEntry(NOW, "", "")], [submission])


def _change_host(path: Path) -> None:
    """Give each table a row with a later revision than `make` did."""
    with Host.open(path, KEYS) as host:
        host.verify(["000000"], NOW, token="ZZH600000001")
        host.backup(path.with_name("backup.db"), NOW)
        store = host._store.guarded
        for table in HOST.tables:
            _touch(store, table.name)


def _touch(store: GuardedStore, name: str) -> None:
    (table,) = [table for table in store.tables if table.name == name]
    rows = store.select(table)
    store.commit([AuditEntry(NOW, "", "")], [Change(table, row, {}) for row in rows])


def _change_soft(path: Path) -> None:
    with ActivationDesk(path, KEYS) as desk:
        _touch(desk.store._guarded, "issue")


def _make_station(path: Path) -> None:
    """A ledger with a row in every table."""
    make_stores.station(path)
    with Ledger(path, KEYS, "tester") as ledger:
        entry = ledger.entry(NOW, "test", "ok", "")
        ledger.put("operator", {"name": "kim", "verifier": "v", "at": NOW}, entry)
        ledger.put("custody", {"act": "export", "operators": 2}, entry)
        batch = {"name": "PO-1", "customer": "acme", "delivery_file": "d", "delivery_digest": b"1"}
        rest = {"expected": 1, "models": "[]", "state": "open", "shortfall": "", "at": NOW}
        ledger.put("batch", batch | rest, entry)


def _change_station(path: Path) -> None:
    with Ledger(path, KEYS, "tester") as ledger:
        for table in STATION.tables:
            _touch(ledger.guarded, table.name)


def _faults_of_station(path: Path) -> list[str]:
    with Ledger(path, KEYS, "", check=False) as ledger:
        return ledger.faults()


def _change_services(path: Path) -> None:
    store = ServiceStore(path, KEYS)
    store.save(Contract("1000001", opened_at=NOW), Bank())
    store.save(Contract("1000002", opened_at=NOW))
    store.close()


def _faults_of_services(path: Path) -> list[str]:
    store = open_guarded(path, SERVICES, KEYS, create=False, check=False)
    try:
        return store.faults()
    finally:
        store.abandon()


KINDS = {
    "host": StoreKind(HOST, _make_host, _change_host, lambda path: Host.inspect(path, KEYS)[0]),
    "soft": StoreKind(
        SOFT, make_stores.soft, _change_soft, lambda path: inspect_soft(path, KEYS)[0]
    ),
    "station": StoreKind(STATION, _make_station, _change_station, _faults_of_station),
    "services": StoreKind(SERVICES, make_stores.services, _change_services, _faults_of_services),
}
