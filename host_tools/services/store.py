"""The service's store: one JSON document for each contract, in SQLite, mode 0600."""

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

from host_tools.services.contract import Bank, Contract

_BANK = ""
"""The row of what is true for all contracts; no contract has this number."""


class Store:
    """Contracts on disk at `path` (made if missing). It stands beside the host's store."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._database = sqlite3.connect(path)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS contract (number TEXT PRIMARY KEY, document TEXT NOT NULL)"
        )

    def contract(self, number: str) -> Contract | None:
        """Return a contract, None where there is none of that number."""
        document = self._document(number)
        return None if document is None or number == _BANK else Contract.of_document(document)

    def bank(self) -> Bank:
        """Return what is true for all contracts."""
        document = self._document(_BANK)
        return Bank() if document is None else Bank(**document)

    def save(self, contract: Contract, bank: Bank | None = None) -> None:
        """Keep a contract, and what is true for all, together or not at all."""
        from dataclasses import asdict

        rows = [(contract.number, contract.as_document())]
        rows += [(_BANK, asdict(bank))] if bank is not None else []
        with self._database:
            self._database.executemany(
                "INSERT OR REPLACE INTO contract VALUES (?, ?)",
                [(number, json.dumps(document)) for number, document in rows],
            )

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _document(self, number: str) -> dict[str, Any] | None:
        row = self._database.execute(
            "SELECT document FROM contract WHERE number = ?", (number,)
        ).fetchone()
        return None if row is None else json.loads(row[0])
