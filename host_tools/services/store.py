"""The service's store: one sealed JSON document for each contract, in SQLite, mode 0600."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from host_tools.services.contract import Bank, Contract
from host_tools.vault import sqlite
from host_tools.vault.key_ring import KeyRing

_APPLICATION = 0x4B465356  # "KFSV"
_WHAT = "a store of contracts"
_SCHEMA = "CREATE TABLE IF NOT EXISTS contract (number TEXT PRIMARY KEY, document BLOB NOT NULL)"

_BANK = ""
"""The row of what is true for all contracts; no contract has this number."""


class ServiceStore:
    """Contracts on disk at `path` (made if missing). It stands beside the host's store.

    Each row is sealed with `keys` and bound to its number: without the keys the file shows neither
    password hashes, nor the key of the bank's certificates, nor who the customers are.

    Raises:
        BadInput: the file at `path` is something else.
        InUse: other processes kept it locked for too long.
    """

    def __init__(self, path: Path, keys: KeyRing) -> None:
        self._path = path
        self._keys = keys
        self._database = sqlite.connect(path, _APPLICATION, _WHAT, create=True)
        with self._transaction():
            self._database.execute(_SCHEMA)

    def contract(self, number: str) -> Contract | None:
        """Return a contract, None where there is none of that number.

        Raises:
            BadInput: another key sealed it, or it was moved or altered.
        """
        document = None if number == _BANK else self._document(number)
        return None if document is None else Contract.of_document(document)

    def bank(self) -> Bank:
        """Return what is true for all contracts; raises as `contract`."""
        document = self._document(_BANK)
        return Bank() if document is None else Bank(**document)

    def save(self, contract: Contract, bank: Bank | None = None) -> None:
        """Keep a contract, and what is true for all, together or not at all."""
        rows = [(contract.number, self._sealed(contract.number, asdict(contract)))]
        rows += [(_BANK, self._sealed(_BANK, asdict(bank)))] if bank is not None else []
        with self._transaction():
            self._database.executemany("INSERT OR REPLACE INTO contract VALUES (?, ?)", rows)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _transaction(self) -> AbstractContextManager[None]:
        return sqlite.transaction(self._path, self._database)

    def _sealed(self, number: str, document: Mapping[str, Any]) -> bytes:
        return self._keys.seal(json.dumps(document).encode(), _bound(number))

    def _document(self, number: str) -> dict[str, Any] | None:
        row = self._database.execute(
            "SELECT document FROM contract WHERE number = ?", (number,)
        ).fetchone()
        return None if row is None else json.loads(self._keys.open(row[0], _bound(number)))


def _bound(number: str) -> str:
    return f"contract {number}" if number else "what is true for all contracts"
