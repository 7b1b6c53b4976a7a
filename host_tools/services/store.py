"""The service's store: one sealed JSON document for each contract, in guarded rows."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from firmware_model.errors import BadInput
from host_tools.services.contract import Bank, Contract
from host_tools.vault import guarded, sqlite, version_1
from host_tools.vault.anchor import Anchor
from host_tools.vault.audit import AuditEntry, Head
from host_tools.vault.guarded import GuardedStore
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.migration import Schema, open_guarded
from host_tools.vault.sqlite_database import SqliteDatabase
from host_tools.vault.tables import Change, GuardedTable

KIND = "services"
CONTRACT = GuardedTable("contract", ("number",), ("document",))
_TABLES = """
CREATE TABLE contract (
    number TEXT NOT NULL PRIMARY KEY,
    document BLOB NOT NULL,
    revision INTEGER NOT NULL,
    mac BLOB NOT NULL
);
"""

_BANK = ""
"""The row of what is true for all contracts; no contract has this number."""


class ServiceStore:
    """Contracts on disk at `path` (made if missing). It stands beside the host's store.

    Each row is sealed with `keys` and bound to its number: without the keys the file shows neither
    password hashes, nor the key of the bank's certificates, nor who the customers are.

    Raises:
        BadInput: the file at `path` is something else, or `keys` are not its keys.
        StoreAltered: it was altered or damaged; also from every method that reads.
        InUse: other processes kept it locked for too long.
    """

    def __init__(self, path: Path, keys: KeyRing, anchor: Anchor | None = None) -> None:
        self._guarded = open_guarded(path, SCHEMA, keys, create=True, anchor=anchor)

    def contract(self, number: str) -> Contract | None:
        """Return a contract, None where there is none of that number."""
        document = None if number == _BANK else self._document(number)
        return None if document is None else Contract.of_document(document)

    def bank(self) -> Bank:
        """Return what is true for all contracts; raises as `contract`."""
        document = self._document(_BANK)
        return Bank() if document is None else Bank.of_document(document)

    def save(self, contract: Contract, bank: Bank | None = None) -> None:
        """Keep a contract, and what is true for all, together or not at all."""
        documents: dict[str, Contract | Bank] = {contract.number: contract}
        if bank is not None:
            documents[_BANK] = bank
        entry = AuditEntry(contract.used_at, "contract", "saved", user=contract.number)
        self._write(documents, entry)

    def head(self) -> Head:
        """Return where the log ends."""
        return self._guarded.log.head()

    def faults(self, kept: Head | None = None) -> list[str]:
        """Return everything that was altered, deleted, put back or damaged; see `GuardedStore`."""
        return self._guarded.faults(kept)

    def save_bank(self, bank: Bank) -> None:
        """Keep what is true for all contracts."""
        self._write({_BANK: bank}, AuditEntry(0, "bank", "saved"))

    def close(self) -> None:
        """Close the file."""
        self._guarded.close()

    def _write(self, documents: Mapping[str, Contract | Bank], entry: AuditEntry) -> None:
        with self._guarded.writing():
            changes = [
                Change(CONTRACT, self._guarded.get(CONTRACT, number), self._row(number, document))
                for number, document in documents.items()
            ]
            self._guarded.write([entry], changes)
        # Hashes of secrets that were replaced or taken back are to be gone.
        self._guarded.forget_old_pages()

    def _row(self, number: str, document: Contract | Bank) -> dict[str, Any]:
        text = json.dumps(document, default=_fields_of).encode()
        return {"number": number, "document": _sealed(self._guarded, text, number)}

    def _document(self, number: str) -> dict[str, Any] | None:
        row = self._guarded.get(CONTRACT, number)
        if row is None:
            return None
        text = self._guarded.unseal(row["document"], CONTRACT.name, "document", number)
        found: dict[str, Any] = json.loads(text)
        return found


def _fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of a value that JSON does not know: all are dataclasses with slots."""
    return {name: getattr(value, name) for name in value.__slots__}


def _sealed(store: GuardedStore, document: bytes, number: str) -> bytes:
    return store.seal(document, CONTRACT.name, "document", number)


def _version_of(connection: sqlite3.Connection) -> int:
    columns = {row[1] for row in connection.execute("PRAGMA table_info(contract)")}
    return 1 if columns == {"number", "document"} else 0


def _from_version_1(path: Path, connection: sqlite3.Connection, keys: KeyRing) -> None:
    """Give each document a MAC and an entry in the log, and today's associated data."""
    rows = connection.execute("SELECT number, document FROM contract").fetchall()
    connection.execute("DROP TABLE contract")
    sqlite.run_script(connection, _TABLES)
    guarded.create(SqliteDatabase(path, connection), keys, KIND)
    store = GuardedStore(SqliteDatabase(path, connection), keys, KIND, (CONTRACT,))
    for number, sealed in rows:
        name = f"contract {number}" if number else "what is true for all contracts"
        try:
            document = keys.open_version_1(sealed, name)
        except BadInput as error:
            raise version_1.refused(path, str(error)) from None
        row = {"number": number, "document": _sealed(store, document, number)}
        store.insert_many(CONTRACT, [row], [AuditEntry(0, "", "", user=number)])
    store.write([AuditEntry(0, "migrate", "done", actor="system", detail="version 2")])
    store.seal_schema()


SCHEMA = Schema(
    application=0x4B465356,  # "KFSV"
    what="a store of contracts",
    kind=KIND,
    version=2,
    tables=(CONTRACT,),
    sql=_TABLES,
    steps={1: _from_version_1},
    version_of=_version_of,
)
