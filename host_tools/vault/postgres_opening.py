"""Making, opening and migrating a store in PostgreSQL (HOST §11)."""

from collections.abc import Sequence

from firmware_model.errors import BadInput
from host_tools.vault.anchor import Anchor
from host_tools.vault.audit import AuditEntry
from host_tools.vault.guarded import GuardedStore
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.migration import Schema, fill, refuse_later
from host_tools.vault.postgres import PostgresDatabase
from host_tools.vault.postgres_address import PostgresAddress
from host_tools.vault.tables import Change


def open_in_postgres(
    address: PostgresAddress,
    schema: Schema,
    keys: KeyRing,
    *,
    create: bool,
    anchor: Anchor | None = None,
    check: bool = True,
) -> GuardedStore:
    """Open the store at `address`; as `migration.open_guarded`, which calls it."""
    database = PostgresDatabase(address, schema.kind)
    try:
        if create and not database.version():
            with database.writing():
                if not database.version():  # else somebody was quicker
                    _make(database, schema, keys)
        version = database.version()
        if not version:
            raise BadInput(f"{address}: no such store; `init` makes {schema.what} there")
        refuse_later(str(address), schema, version)
        if version < schema.version:
            _migrate(database, schema, keys, version)
        store = GuardedStore(database, keys, schema.kind, schema.tables, anchor)
        if check:
            store.check_end()
    except BaseException:
        database.close()
        raise
    return store


def has_store(address: PostgresAddress, kind: str) -> bool:
    """Whether there is a store of this kind; raises PortUnavailable."""
    database = PostgresDatabase(address, kind)
    try:
        return database.version() != 0
    finally:
        database.close()


def create_in_postgres(
    address: PostgresAddress,
    schema: Schema,
    keys: KeyRing,
    entries: Sequence[AuditEntry],
    changes: Sequence[Change],
) -> None:
    """Make a store with its first rows: whole, or nothing.

    Raises:
        BadInput: there is one already.
    """
    database = PostgresDatabase(address, schema.kind)
    try:
        with database.writing():
            if database.version():
                raise BadInput(f"{address}: there is {schema.what} already")
            _make(database, schema, keys).write(entries, changes)
    finally:
        database.close()


def _make(database: PostgresDatabase, schema: Schema, keys: KeyRing) -> GuardedStore:
    store = fill(database, schema, keys)
    _seal(database, store, schema.version)
    return store


def _migrate(database: PostgresDatabase, schema: Schema, keys: KeyRing, version: int) -> None:
    """Bring a store to today's version, in one transaction, while nobody else has it open."""
    with database.alone(), database.writing():
        for number in range(version, schema.version):
            step = schema.postgres_steps.get(number)
            if step is None:
                raise BadInput(f"{database.name}: no step leads on from version {number}")
            step(database, keys)
        store = GuardedStore(database, keys, schema.kind, schema.tables)
        _seal(database, store, schema.version)


def _seal(database: PostgresDatabase, store: GuardedStore, version: int) -> None:
    database.set_version(version)
    store.seal_schema()
