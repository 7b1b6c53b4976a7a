"""The ledger's tables beside its log: jobs, batches, operators, and what was turned away."""

from host_tools.vault.tables import GuardedTable

APPLICATION = 0x4B465354  # "KFST"
VERSION = 3
"""Of the schema, kept in SQLite's user_version."""

JOB = GuardedTable(
    "job",
    ("serial_number",),
    (
        "credential_id",
        "seed_print",
        "expiry_date",
        "source",
        "state",
        "chip_id",
        "place",
        "model",
        "firmware",
        "key_set",
        "test_keys",
        "factor",
        "cause",
        "message",
        "at",
        "batch",
        "delivery",
        "handed_to",
        "hands",
    ),
    nocase=True,
)
BATCH = GuardedTable(
    "batch",
    ("name",),
    (
        "customer",
        "delivery_file",
        "delivery_digest",
        "expected",
        "models",
        "state",
        "shortfall",
        "at",
    ),
    nocase=True,
)
OPERATOR = GuardedTable("operator", ("name",), ("verifier", "at"), nocase=True)
CUSTODY = GuardedTable("custody", ("act",), ("operators",))
DESK = GuardedTable("desk", ("id",), ())
TURNED_AWAY = GuardedTable("turned_away", ("subject",), ("cause", "message", "at"), nocase=True)
GUARDED = (JOB, BATCH, OPERATOR, CUSTODY, DESK, TURNED_AWAY)

NEW_JOB = {
    "chip_id": None,
    "place": "",
    "model": "",
    "firmware": "",
    "key_set": "",
    "test_keys": 0,
    "factor": None,
    "cause": "",
    "message": "",
    "batch": "",
    "delivery": None,
    "handed_to": None,
    "hands": 0,
}
"""What a job has that is only planned."""

_END = "    revision INTEGER NOT NULL,\n    mac BLOB NOT NULL\n"

TABLES = f"""
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
    hands INTEGER NOT NULL DEFAULT 0,
{_END}) WITHOUT ROWID;
CREATE TABLE turned_away (
    subject TEXT PRIMARY KEY COLLATE NOCASE,
    cause TEXT NOT NULL,
    message TEXT NOT NULL,
    at INTEGER NOT NULL,
{_END}) WITHOUT ROWID;
CREATE TABLE batch (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    customer TEXT NOT NULL,
    delivery_file TEXT NOT NULL,
    delivery_digest BLOB NOT NULL,
    expected INTEGER NOT NULL,
    models TEXT NOT NULL,
    state TEXT NOT NULL,
    shortfall TEXT NOT NULL,
    at INTEGER NOT NULL,
{_END}) WITHOUT ROWID;
CREATE TABLE operator (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    verifier TEXT NOT NULL,
    at INTEGER NOT NULL,
{_END}) WITHOUT ROWID;
CREATE TABLE custody (
    act TEXT PRIMARY KEY,
    operators INTEGER NOT NULL,
{_END}) WITHOUT ROWID;
CREATE TABLE desk (
    id BLOB PRIMARY KEY,
{_END}) WITHOUT ROWID;
"""
"""`seed_print` is a keyed one-way print of the seed: the same seed is known again, under any
serial number. UNIQUE chip_id: a fob has one job at most, a job one fob. `delivery` is what the
server is to import, sealed under the ledger's key from the receipt on (STATION §4); before it no
seed is in here. `handed_to` is the desk that has the seed now, `hands` counts transfers.
`verifier` is scrypt's; no operator's secret is in here. `custody`: how many operators an act
needs. `desk`: by what other ledgers know this one, one row."""
