"""The ledger's tables beside its log: one job for each seed, and what was turned away."""

APPLICATION = 0x4B465354  # "KFST"
VERSION = 1
"""Of the schema, kept in SQLite's user_version."""

TABLES = """
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
    words TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE turned_away (
    subject TEXT PRIMARY KEY COLLATE NOCASE,
    cause TEXT NOT NULL,
    words TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE key (print BLOB NOT NULL);
"""
"""`seed_print` is a keyed one-way print of the seed: the same seed is known again, under any
serial number; no seed is in here. UNIQUE chip_id: a fob has one job at most, a job one fob."""

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
