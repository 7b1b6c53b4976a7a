"""The ledger's tables beside its log: jobs, batches, operators, and what was turned away."""

APPLICATION = 0x4B465354  # "KFST"
VERSION = 2
"""Of the schema, kept in SQLite's user_version."""

_TABLES_2 = """
CREATE TABLE batch (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    customer TEXT NOT NULL,
    delivery_file TEXT NOT NULL,
    delivery_digest BLOB NOT NULL,
    expected INTEGER NOT NULL,
    models TEXT NOT NULL,
    state TEXT NOT NULL,
    shortfall TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE operator (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    verifier TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE custody (act TEXT PRIMARY KEY, operators INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE desk (id BLOB NOT NULL);
INSERT INTO desk VALUES (randomblob(16));
"""
"""`verifier` is scrypt's; no operator's secret is in here. `custody`: how many operators an act
needs. `desk`: by what other ledgers know this one."""

TABLES = (
    """
CREATE TABLE job (
    serial_number TEXT PRIMARY KEY COLLATE NOCASE,
    credential_id TEXT NOT NULL COLLATE NOCASE UNIQUE,
    seed_print BLOB NOT NULL UNIQUE,
    expiry_date TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    chip_id BLOB UNIQUE,
    place TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT '',
    firmware TEXT NOT NULL DEFAULT '',
    key_set TEXT NOT NULL DEFAULT '',
    test_keys INTEGER NOT NULL DEFAULT 0,
    factor INTEGER,
    cause TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL,
    batch TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    delivery BLOB,
    handed_to BLOB,
    hands INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE turned_away (
    subject TEXT PRIMARY KEY COLLATE NOCASE,
    cause TEXT NOT NULL,
    message TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE key (print BLOB NOT NULL);
"""
    + _TABLES_2
)
"""`seed_print` is a keyed one-way print of the seed: the same seed is known again, under any
serial number. UNIQUE chip_id: a fob has one job at most, a job one fob. `delivery` is what the
server is to import, sealed under the ledger's key from the receipt on (STATION §4); before it no
seed is in here. `handed_to` is the desk that has the seed now, `hands` counts transfers."""

STEPS = {
    1: """
ALTER TABLE job RENAME COLUMN words TO message;
ALTER TABLE job ADD COLUMN batch TEXT NOT NULL DEFAULT '' COLLATE NOCASE;
ALTER TABLE job ADD COLUMN delivery BLOB;
ALTER TABLE job ADD COLUMN handed_to BLOB;
ALTER TABLE job ADD COLUMN hands INTEGER NOT NULL DEFAULT 0;
ALTER TABLE turned_away RENAME COLUMN words TO message;
"""
    + _TABLES_2,
}
"""What makes a ledger of one version one of the next."""

AT_HAND = """
CREATE TEMP TABLE at_hand (
    number INTEGER PRIMARY KEY,
    serial_number TEXT NOT NULL COLLATE NOCASE UNIQUE,
    model TEXT NOT NULL,
    open INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX temp.next_open ON at_hand (number) WHERE open;
"""
"""The records of this run's seed file, in order; `model` is empty where any will do."""
