"""The host's tables beside its log (HOST §5): columns, keys and SQL."""

from host_tools.vault.tables import GuardedTable

KIND = "host"
"""The store's name in MACs and associated data."""

TOKEN = GuardedTable(
    "token",
    ("serial_number",),
    (
        "id",
        "credential_id",
        "kind",
        "algorithm",
        "digits",
        "step_seconds",
        "t0_seconds",
        "seed",
        "next_factor",
        "drift_steps",
        "state",
        "used_at",
        "start_date",
        "expiry_date",
        "successor",
        "manufacturer",
        "model",
        "issuer",
    ),
    nocase=True,
    found_by=frozenset({"id", "credential_id"}),
)
ENROLMENT = GuardedTable(
    "enrolment",
    ("token_id", "user"),
    ("since", "ended", "waived_until"),
    found_by=frozenset({"since", "ended"}),
)
TALLY = GuardedTable(
    "tally", ("scope", "subject"), ("failures", "failed_at", "locked_at"), nocase=True
)
SETTING = GuardedTable("setting", ("name",), ("value",))
SUBMISSION = GuardedTable("submission", ("name",), ("digest", "answer", "at"))
GUARDED_3 = (TOKEN, ENROLMENT, TALLY, SETTING)
"""The tables of version 3."""
GUARDED = (*GUARDED_3, SUBMISSION)

TABLES_3 = """
CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    serial_number TEXT COLLATE NOCASE NOT NULL UNIQUE,
    credential_id TEXT COLLATE NOCASE UNIQUE,
    kind INTEGER NOT NULL,
    algorithm INTEGER NOT NULL,
    digits INTEGER NOT NULL,
    step_seconds INTEGER NOT NULL,
    t0_seconds INTEGER NOT NULL,
    seed BLOB NOT NULL,
    next_factor BLOB,
    drift_steps INTEGER NOT NULL,
    state TEXT NOT NULL,
    used_at INTEGER,
    start_date TEXT,
    expiry_date TEXT,
    successor TEXT COLLATE NOCASE,
    manufacturer TEXT NOT NULL,
    model TEXT NOT NULL,
    issuer TEXT NOT NULL,
    revision INTEGER NOT NULL,
    mac BLOB NOT NULL
);
CREATE TABLE enrolment (
    token_id INTEGER NOT NULL REFERENCES token (id),
    user TEXT NOT NULL,
    since INTEGER,
    ended INTEGER,
    waived_until TEXT,
    revision INTEGER NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (token_id, user)
) WITHOUT ROWID;
CREATE INDEX enrolment_by_user ON enrolment (user);
CREATE TABLE tally (
    scope TEXT NOT NULL,
    subject TEXT COLLATE NOCASE NOT NULL,
    failures INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    locked_at INTEGER,
    revision INTEGER NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (scope, subject)
) WITHOUT ROWID;
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    revision INTEGER NOT NULL,
    mac BLOB NOT NULL
) WITHOUT ROWID;
"""
"""`next_factor` is big-endian in 8 bytes, absent where the last one is used (`kept_factor`);
`credential_id` is absent where it is the serial number; `seed` is sealed; `used_at` is of the
last code accepted; `successor` is the token it was exchanged for. `since` is absent where a token
is assigned and not enrolled yet; `waived_until` is the last day the service works without a code.
"""

SUBMISSION_TABLE = """
CREATE TABLE submission (
    name TEXT NOT NULL PRIMARY KEY,
    digest BLOB NOT NULL,
    answer TEXT NOT NULL,
    at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    mac BLOB NOT NULL
) WITHOUT ROWID;
"""
"""What was asked under an idempotency key, so that a second submission is none: `name` is who asked
and the key, `digest` a MAC of the request, `answer` JSON, "" as long as it is not known."""

TABLES = TABLES_3 + SUBMISSION_TABLE
