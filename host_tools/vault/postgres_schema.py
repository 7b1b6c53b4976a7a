"""SQLite's tables in PostgreSQL's words; the log's table; what the schema's MAC covers."""

import re

LOG = """
CREATE SEQUENCE audit_number;
CREATE TABLE audit (
    number BIGINT PRIMARY KEY,
    writer BIGINT NOT NULL,
    previous BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    at BIGINT NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    serial_number TEXT COLLATE "C" NOT NULL,
    "user" TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    row_table TEXT COLLATE "C" NOT NULL,
    row_key TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    mac BYTEA NOT NULL
);
CREATE INDEX audit_by_row ON audit (row_table, row_key, number);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE identity ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
"""
"""As `log.TABLE`; `audit_number` gives each entry its number, `row_count` is 0 (HOST §11)."""

COLUMNS = """
SELECT concat_ws(' ', c.relname, a.attnum, a.attname, a.atttypid::regtype, a.attnotnull, l.collname)
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
    LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0
    AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY indexname"
TRIGGERS = """
SELECT concat_ws(' ', c.relname, t.tgname, t.tgenabled, t.tgtype, p.proname, p.prosrc)
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid
WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal
ORDER BY c.relname, t.tgname
"""
VERSION = "SELECT version::text FROM identity"
DESCRIPTION = (COLUMNS, INDEXES, TRIGGERS, VERSION)
"""What the MAC of the schema covers, one query after the other."""

ROW_KEY = 'row_key TEXT COLLATE "C" PRIMARY KEY'

_STATEMENT = re.compile(r"CREATE TABLE (\w+) \((.*?)\n\)(?: WITHOUT ROWID)?;", re.DOTALL)
_INDEX = re.compile(r"CREATE INDEX (\w+) ON (\w+) \((.*?)\);")
_WORDS = (
    (r"\bINTEGER PRIMARY KEY\b", "BIGINT NOT NULL UNIQUE"),  # what others may refer to
    (r"\bPRIMARY KEY\b", "NOT NULL"),
    (r" COLLATE NOCASE\b", ""),
    (r"\bNOT NULL NOT NULL\b", "NOT NULL"),
    (r"\bINTEGER\b", "BIGINT"),
    (r"\bBLOB\b", "BYTEA"),
    (r"\bTEXT\b", 'TEXT COLLATE "C"'),
    (r"^user\b", '"user"'),
)
"""Each row is found by `row_key`, so the key's own columns are no primary key."""


def postgres_tables(script: str) -> str:
    """Return SQLite's CREATE statements as PostgreSQL takes them.

    Text is compared byte by byte, as SQLite does. Where it is unique whatever the case of its ASCII
    letters, an index on `lower` of it says so: in the collation "C" it changes ASCII letters only.
    """
    made = []
    for table, body in _STATEMENT.findall(script):
        columns = [line.strip() for line in body.split(",\n")]
        kept = [line for line in columns if not line.startswith("PRIMARY KEY")]
        unique = [line.split()[0] for line in kept if "NOCASE" in line and line.endswith(" UNIQUE")]
        lines = [_translated(line, unique) for line in kept]
        if "mac BLOB NOT NULL" in kept:
            lines.append(ROW_KEY)
        columns_sql = ",\n    ".join(lines)
        made.append(f"CREATE TABLE {table} (\n    {columns_sql}\n);")
        made += [
            f"CREATE UNIQUE INDEX {table}_{name} ON {table} (lower({name}));" for name in unique
        ]
    for index, table, columns in _INDEX.findall(script):
        quoted = ", ".join('"user"' if name == "user" else name for name in columns.split(", "))
        made.append(f"CREATE INDEX {index} ON {table} ({quoted});")
    return "\n".join(made)


def _translated(line: str, unique: list[str]) -> str:
    if line.split()[0] in unique:
        line = line.removesuffix(" UNIQUE")
    for pattern, words in _WORDS:
        line = re.sub(pattern, words, line)
    return line
