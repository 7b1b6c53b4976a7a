"""Rows and log edited behind the host's back in PostgreSQL: found at use, and by verifying."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from firmware_model.errors import BadInput
from host_tools.vault.guarded_rows import GuardedRows
from host_tools.vault.postgres_address import PostgresAddress
from host_tools.vault.postgres_opening import open_in_postgres
from host_tools.vault.tables import GuardedTable
from host_tools.verification.host import Host
from host_tools.verification.states import TokenEvent
from host_tools.verification.store import SCHEMA
from host_tools.verification.submissions import Submission
from tests.host_tools.vault.stores import _touch
from tests.host_tools.verification.hosts import KEYS, NOON, PRESSED, SPARE, record
from tests.strangers.postgres_server import PostgresServer

TABLES = [*(table.name for table in SCHEMA.tables), "audit", "identity"]
VALUES = {"bigint": ("-7", "9223372036854775807"), "text": ("'edited'",), "bytea": ("'\\x00ff'",)}
LOG = {
    "entry edited": "UPDATE audit SET detail = 'x' WHERE number = {second}",
    "entry deleted": "DELETE FROM audit WHERE number = {second}",
    "entry moved": "UPDATE audit SET number = number + 100000 WHERE number = {second}",
    "revision edited": "UPDATE audit SET revision = revision + 1 WHERE revision = 1",
    "emptied": "DELETE FROM audit",
    "trigger added": "CREATE TRIGGER more BEFORE UPDATE ON token FOR EACH ROW"
    " EXECUTE FUNCTION refuse_change()",
    "index dropped": "DROP INDEX audit_by_row",
    "column added": "ALTER TABLE token ADD COLUMN more TEXT",
}


class AttackedStore:
    """A store with each of its tables twice more: as it was once, and as it is."""

    def __init__(self, place: PostgresAddress) -> None:
        self.place = place
        with Host.create(place, KEYS, NOON, "[enrolment]\ncodes = 0\n") as host:
            host.import_tokens([record(PRESSED, credential_id="ZZID1"), record(SPARE)], NOON)
            host.enroll(PRESSED, "alice", [], NOON)
            host.enroll(SPARE, "bob", [], NOON)
            for event in (TokenEvent.SUSPEND, TokenEvent.RESUME):
                host.submit(
                    Submission(f"web:{event}", "asked"),
                    lambda event=event: {"state": str(host.move(event, PRESSED, NOON))},  # type: ignore[misc]
                    NOON,
                )
        self.raw = psycopg.connect(place.url, autocommit=True)
        self.do("CREATE SCHEMA once; CREATE SCHEMA today")
        self.keep("once")
        with open_in_postgres(place, SCHEMA, KEYS, create=False) as store:
            for table in SCHEMA.tables:
                _touch(store, table.name)
        self.keep("today")

    def do(self, sql: str) -> Any:
        return self.raw.execute(sql.encode())

    def keep(self, where: str) -> None:
        for name in TABLES:
            self.do(f"CREATE TABLE {where}.{name} AS TABLE keyfob_host.{name}")

    def undo(self) -> None:
        self.do("SET search_path = keyfob_host; ALTER TABLE audit DISABLE TRIGGER ALL")
        for name in reversed(TABLES):
            self.do(f"DELETE FROM {name}")
        for name in TABLES:
            self.do(f"INSERT INTO {name} SELECT * FROM today.{name}")
        self.do("ALTER TABLE audit ENABLE TRIGGER ALL")

    def attack(self, sql: str) -> bool:
        """Do it as somebody who owns the database; whether it changed anything."""
        self.do("SET search_path = keyfob_host; ALTER TABLE audit DISABLE TRIGGER ALL")
        try:
            changed: bool = self.do(sql).rowcount != 0
        except psycopg.errors.IntegrityError:
            return False  # the table takes no such value
        finally:
            self.do("ALTER TABLE audit ENABLE TRIGGER ALL")
        return changed

    def is_found(self, table: GuardedTable | None) -> tuple[bool, bool]:
        """Whether reading the table finds it, each row by its key too; whether verifying does."""
        used = table is None
        if table is not None:
            rows = self.do(f"SELECT {', '.join(_names(table.key))} FROM today.{table.name}")
            try:
                with open_in_postgres(self.place, SCHEMA, KEYS, create=False) as store:
                    store.select(table)
                    for key in rows.fetchall():
                        store.get(table, *key)
            except BadInput as error:
                used = len(str(error)) < 500
        return used, bool(Host.inspect(self.place, KEYS)[0])


def _names(names: tuple[str, ...]) -> list[str]:
    return [f'"{name}"' for name in names]


@pytest.fixture(scope="module")
def store(postgres: PostgresServer) -> Iterator[AttackedStore]:
    store = AttackedStore(postgres.new_database())
    yield store
    store.raw.close()


def attacks(store: AttackedStore, table: GuardedTable) -> Iterator[tuple[str, str]]:
    """What is tried on each column of the last row, and on rows."""
    name = table.name
    last = f"row_key = (SELECT max(row_key) FROM today.{name})"
    first = f"(SELECT min(row_key) FROM today.{name})"
    columns = store.do(
        "SELECT column_name, data_type FROM information_schema.columns"
        f" WHERE table_schema = 'keyfob_host' AND table_name = '{name}'"
    ).fetchall()
    for column, kind in columns:
        for value in (*VALUES[kind], "NULL"):
            edit = f'UPDATE {name} SET "{column}" = {value} WHERE {last}'
            yield f"{name}.{column} = {value}", f'{edit} AND "{column}" IS DISTINCT FROM {value}'
        other = f'(SELECT "{column}" FROM {name} WHERE row_key = {first})'
        yield (
            f"{name}.{column} of another row",
            f'UPDATE {name} SET "{column}" = {other} WHERE {last}'
            f' AND "{column}" IS DISTINCT FROM {other}',
        )
    rest = ", ".join(_names((*table.columns, "revision", "mac")))
    older = f"(SELECT {rest} FROM once.{name} WHERE row_key = kept.row_key)"
    yield f"{name} rows put back", f"UPDATE {name} AS kept SET ({rest}) = {older}"
    yield f"{name} row deleted", f"DELETE FROM {name} WHERE {last}"
    yield f"{name} emptied", f"DELETE FROM {name}"


@pytest.mark.parametrize("table", SCHEMA.tables, ids=lambda table: table.name)
def test_every_edit_of_every_column_is_found(store: AttackedStore, table: GuardedTable) -> None:
    missed, tried = [], 0
    for name, sql in list(attacks(store, table)):
        if store.attack(sql):
            tried += 1
            found = store.is_found(table)
            if found != (True, True):
                missed.append((name, found))
        store.undo()
    assert missed == []
    assert tried > 5


@pytest.mark.parametrize("name", LOG)
def test_an_altered_log_or_schema_is_found_by_verifying(store: AttackedStore, name: str) -> None:
    numbers = store.do("SELECT number FROM today.audit ORDER BY number LIMIT 2").fetchall()
    changed = store.attack(LOG[name].format(second=numbers[1][0]))
    found = store.is_found(None)
    store.do("DROP TRIGGER IF EXISTS more ON token; ALTER TABLE token DROP COLUMN IF EXISTS more")
    store.do("CREATE INDEX IF NOT EXISTS audit_by_row ON audit (row_table, row_key, number)")
    store.undo()
    assert changed
    assert found == (True, True)


def test_an_untouched_store_is_whole(store: AttackedStore) -> None:
    assert Host.inspect(store.place, KEYS)[0] == []


def test_a_row_whose_key_column_is_another_rows_would_be_noticed_missing(
    store: AttackedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The suite notices a mechanism that compares no MAC."""
    monkeypatch.setattr(GuardedRows, "is_mac", lambda *_: True)
    table = SCHEMA.tables[0]
    assert store.attack("UPDATE token SET digits = 9 WHERE id = 1")
    assert store.is_found(table) != (True, True)
    store.undo()
