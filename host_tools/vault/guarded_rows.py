"""One row at a time: its MAC made and compared, and what the log says of it (HOST §5)."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from firmware_model.errors import BadInput
from host_tools.vault.database import Database, Fetched, Statement
from host_tools.vault.encoding import encode
from host_tools.vault.kept_rows import KeptRows
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.log import AuditLog, RowChange, of_row
from host_tools.vault.sqlite import StoreAltered
from host_tools.vault.tables import Change, GuardedTable, Row, TableSql, compared, shown

_LOGGER = logging.getLogger("keyfob.host.vault")
_PLAIN = frozenset({int, str, bytes, type(None)})


class GuardedRows:
    """Makes and compares the MACs of the rows of one open store; `bound` names the store."""

    def __init__(
        self,
        database: Database,
        keys: KeyRing,
        kind: str,
        bound: str,
        tables: Sequence[GuardedTable],
        log: AuditLog,
        kept: KeptRows,
    ) -> None:
        self._database = database
        self._keys = keys
        self._kind = kind
        self._bound = bound
        self._log = log
        self._kept = kept
        self.sql = {table.name: TableSql(table, database) for table in tables}

    def applied(self, change: Change) -> tuple[Row, RowChange, Statement]:
        """Return a row as a change leaves it, what the log says of that, and the SQL that does it.

        The revision of a new row goes on from one that was deleted under its key.
        """
        table, read = change.table, change.read
        sql = self.sql[table.name]
        key = () if read is None else sql.key_values([read[name] for name in table.key])
        if change.values is None:
            assert read is not None, "only what was read can go"
            statement = Statement(sql.delete, (*key, read["revision"]), compares=True)
            return read, RowChange(table.name, table.key_of(read), -read["revision"] - 1), statement
        if read is None:
            new = {name: plain(change.values[name]) for name in table.names[:-1]}
            text = table.key_of(new)
            gone = self._kept.row(table.name, text)
            known = gone if isinstance(gone, int) else self.logged(table, text) or 0
            row: Row = {**new, "revision": 1 + abs(known)}
            mac = self._keys.row_mac(self.message(table, row.values()))
            statement = Statement(sql.insert, sql.row_values([*row.values()], mac))
        else:
            # Only what differs: a column that is named dirties the pages of its indexes too.
            now = [(name, plain(value)) for name, value in change.values.items()]
            changed = {name: value for name, value in now if value != read[name]}
            changed["revision"] = read["revision"] + 1
            row = {**read, **changed}
            text = table.key_of(row)
            mac = self._keys.row_mac(self.message(table, row.values()))
            bound = (*changed.values(), mac, *key, read["revision"])
            statement = Statement(sql.update(tuple(changed)), bound, compares=True)
        return row, RowChange(table.name, text, row["revision"]), statement

    def verified(self, table: GuardedTable, found: Fetched) -> Row:
        """Return the row that `TableSql.read` found; raises StoreAltered where it is not whole."""
        width = len(table.names)
        values, mac = found[:width], found[width]
        key = table.key_from(values[: len(table.key)])
        if not self.is_mac(table, values, mac):
            if isinstance(mac, bytes) and mac and not self._keys.has_version_of(mac):
                raise BadInput(
                    f"{self._database.name}: no key of the version of {table.name} {shown(key)}"
                )
            raise self.altered_row(table, key, "")
        logged = self.revision_in(found[width + 1 :], table, key)
        if logged != values[-1]:
            raise self.altered_row(table, key, compared(values[-1], logged or 0))
        return dict(zip(table.names, values, strict=True))

    def logged(self, table: GuardedTable, key: str) -> int | None:
        """Return the revision that the log gives to a row, negative: deleted, None: not known."""
        found = self._database.fetch(*of_row(table.name, key).parts)
        return self.revision_in(found[0], table, key) if found else None

    def revision_in(self, found: Fetched, table: GuardedTable, key: str) -> int | None:
        """Return the revision in what was found of the log; raises StoreAltered."""
        try:
            return self._log.revision_in(found, table.name, key)
        except ValueError as error:
            raise self.altered(str(error)) from None

    def is_mac(self, table: GuardedTable, values: Iterable[Any], mac: object) -> bool:
        """Whether `mac` is that of a row with these values."""
        return self._keys.is_row_mac(mac, self.message(table, values))

    def message(self, table: GuardedTable, values: Iterable[Any]) -> bytes:
        """Return what the MAC of a row covers."""
        return encode((self._bound, table.name, *values))

    def altered_row(self, table: GuardedTable, key: str, how: str) -> StoreAltered:
        """Return the error that says how a row was altered."""
        how = how or "its values are not those that were written"
        return self.altered(f"{table.name} {shown(key)}: {how}")

    def altered(self, what: str) -> StoreAltered:
        """Return the error that says what was altered, and log it."""
        _LOGGER.error("%s altered or damaged: %s", self._kind, what)
        return StoreAltered(self._database.name, what)


def all_plain(values: list[object]) -> list[object]:
    """Return `values` as a database gives them back; see `plain`."""
    return values if _PLAIN.issuperset(map(type, values)) else [plain(value) for value in values]


def plain(value: object) -> object:
    """Return `value` as a database gives it back: a number, text, bytes or None."""
    if type(value) in _PLAIN:
        return value
    return str(value) if isinstance(value, str) else int(value)  # type: ignore[call-overload]
