"""Where a store in PostgreSQL is: a URL without a password (HOST §11)."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from firmware_model.errors import BadInput

SCHEMES = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """The URL of a database; the password comes from PGPASSFILE or PGPASSWORD, as libpq has it."""

    url: str

    def __str__(self) -> str:
        return self.url


StorePlace = Path | PostgresAddress
"""Where a store is: a file, or a database of a server."""


def is_postgres(text: str) -> bool:
    """Whether `text` is meant to be the URL of a database."""
    return text.partition("://")[0].lower() in SCHEMES and "://" in text


def parse_address(text: str) -> PostgresAddress:
    """Return the address that `text` is the URL of.

    Raises:
        BadInput: a password is in it, where others can read it, or it names no database. The
            message never repeats a URL with a password.
    """
    try:
        parts = urlsplit(text)
        has_password = parts.password is not None or "password" in parse_qs(parts.query)
    except ValueError:
        raise BadInput("invalid address: expected postgresql://USER@HOST:PORT/DATABASE") from None
    if has_password:
        raise BadInput(
            "the address of a database must not have a password in it: keep it in the file"
            " that PGPASSFILE names (~/.pgpass), or in PGPASSWORD"
        )
    if not parts.path.strip("/"):
        raise BadInput(f"{text}: no database named; expected postgresql://USER@HOST:PORT/DATABASE")
    return PostgresAddress(text)


def place_of(text: str) -> StorePlace:
    """Return the place of a store that `text` names; raises BadInput as `parse_address`."""
    return parse_address(text) if is_postgres(text) else Path(text)
