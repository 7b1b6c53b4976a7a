"""A whole log read from its first entry, and what is the matter with it."""

from collections.abc import Sequence
from typing import Any

from host_tools.vault.audit import GENESIS, Head
from host_tools.vault.log import AuditLog, mac_alone
from host_tools.vault.sqlite import StoreAltered


def log_faults(
    log: AuditLog, kept: Head | None = None
) -> tuple[list[str], dict[tuple[str, str], int]]:
    """Return what is wrong with the log, and the newest revision of each row by table and key.

    An entry altered, inserted, moved or taken out breaks its chain, or a chain anchored in it.
    Only a `kept` head can show that the end was cut off or an older log put in its place.
    """
    reader = LogReader(log, kept)
    try:
        for row in log.all_rows():
            if fault := reader.fault(row):
                return [fault], reader.revisions
    except StoreAltered as error:
        return [f"row {reader.last + 1} cannot be read: {error.what}"], reader.revisions
    return reader.end_faults(), reader.revisions


class LogReader:
    """Reads a whole log in order, and says what is the matter with each entry."""

    def __init__(self, log: AuditLog, kept: Head | None) -> None:
        self._log = log
        self._kept = kept
        self._kept_seen = kept is None or kept.number == 0
        self._chains: dict[int, Head] = {}
        self._last_mac: object = b""
        self.last = 0
        self.revisions: dict[tuple[str, str], int] = {}

    def fault(self, row: Sequence[Any]) -> str | None:
        """Return what is wrong with the next entry, None where nothing is."""
        number, writer, previous, seen = row[:4]
        if number != self.last + 1 and not self._log.has_gaps:
            return f"row {self.last + 1} is missing: row {number} follows row {self.last}"
        mac = row[-1]
        if not isinstance(mac, bytes) or any(isinstance(cell, bytes) for cell in row[:-1]):
            return f"row {number} was altered: it has values that no store writes"
        if not self._log.keys.has_version_of(mac):
            version = mac[0] if mac else "none"
            return f"row {number} was made with key version {version}, which is not at hand"
        chain = self._chains.get(writer, Head(0, GENESIS))
        other = None
        if seen:
            other = self._last_mac if seen == self.last else self._log.mac_of(seen)
        whole = self._log.is_whole(row, chain.mac if previous else None, other)
        if previous != chain.number or not whole:
            return f"row {number} was altered, or the one before it"
        if self._kept is not None and number == self._kept.number:
            if mac_alone(mac) != self._kept.mac:
                return f"row {number} is not the one whose head was kept: another log"
            self._kept_seen = True
        self._chains[writer] = Head(number, mac)
        self._last_mac, self.last = mac, number
        table, key, revision = row[-4:-1]
        if revision:
            self.revisions[table, key] = revision
        return None

    def end_faults(self) -> list[str]:
        """Return what is wrong with the end, after the last entry."""
        if not self._kept_seen and self._kept is not None:
            kept = self._kept.number
            return [f"the log ends at row {self.last}, but a head of row {kept} was kept"]
        return []
