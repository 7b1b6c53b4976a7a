"""The host's tables beside its log, for SQLAlchemy; the hot path speaks SQL of its own to them."""

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

_NAME = Text(collation="NOCASE")

token = Table(
    "token",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("serial_number", _NAME, nullable=False, unique=True),
    Column("credential_id", _NAME, unique=True, comment="absent = the serial number"),
    Column("kind", Integer, nullable=False),
    Column("algorithm", Integer, nullable=False),
    Column("digits", Integer, nullable=False),
    Column("step_seconds", Integer, nullable=False),
    Column("t0_seconds", Integer, nullable=False),
    Column("seed", LargeBinary, nullable=False, comment="sealed, see vault.key_ring"),
    Column("next_factor", Integer, nullable=False),
    Column("drift_steps", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("used_at", Integer, comment="of the last code accepted"),
    Column("start_date", Date),
    Column("expiry_date", Date),
    Column("successor", _NAME, comment="the token it was exchanged for"),
    Column("manufacturer", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("revision", Integer, nullable=False, comment="what compare-and-set compares"),
)

enrolment = Table(
    "enrolment",
    metadata,
    Column("token_id", ForeignKey("token.id"), primary_key=True),
    Column("user", Text, primary_key=True),
    Column("since", Integer, comment="absent = assigned, not enrolled yet"),
    Column("ended", Integer),
    Column("waived_until", Date, comment="the last day the service works without a code"),
    sqlite_with_rowid=False,
)
Index("enrolment_by_user", enrolment.c.user)

tally = Table(
    "tally",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("subject", _NAME, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failed_at", Integer, nullable=False),
    Column("locked_at", Integer),
    Column("revision", Integer, nullable=False),
    sqlite_with_rowid=False,
)

setting = Table(
    "setting",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)
