"""Access tokens: who may ask for what over HTTP (docs/HTTP.md §2), hashed in a TOML file."""

import hmac
import os
import secrets
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from hashlib import sha256
from pathlib import Path

from firmware_model.bounded_text import text_of
from firmware_model.errors import BadInput
from host_tools.vault.private_file import private_file
from host_tools.verification.states import Actor, Role

PREFIX = "keyfob_"
_SECRET_BYTES = 32
_NAME_MAX = 64


@unique
class AccessRole(StrEnum):
    """What a holder of an access token may do."""

    VERIFY = "verify"
    READ = "read"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """One access token: its name, the SHA-256 of its secret, its roles; whom it acts as."""

    name: str
    digest: bytes
    roles: frozenset[AccessRole]
    acts_as: Actor

    def line(self) -> str:
        """Return it as a table of the file."""
        roles = ", ".join(f'"{role}"' for role in sorted(self.roles))
        actor = self.acts_as.role + (f":{self.acts_as.name}" if self.acts_as.name else "")
        rows = (f'sha256 = "{self.digest.hex()}"', f"roles = [{roles}]", f'acts_as = "{actor}"')
        return "\n".join((f"[{self.name}]", *rows, ""))


class AccessTokens:
    """The access tokens of one file."""

    def __init__(self, tokens: Iterable[AccessToken]) -> None:
        self.tokens = tuple(tokens)

    def holder_of(self, secret: str) -> AccessToken | None:
        """Return whose secret it is, None where it is nobody's; as long for all of them."""
        digest, found = sha256(secret.encode("utf-8", "replace")).digest(), None
        for token in self.tokens:
            if hmac.compare_digest(token.digest, digest):
                found = token
        return found


def new_token(name: str, roles: Iterable[AccessRole], acts_as: Actor) -> tuple[AccessToken, str]:
    """Return a new access token, and its secret, which is kept nowhere.

    Raises:
        BadInput: the name has other than letters, digits and dashes, or there is no role.
    """
    kept = frozenset(roles)
    if not (name.replace("-", "").isalnum() and name.isascii() and len(name) <= _NAME_MAX):
        raise BadInput(f"a name has letters, digits and dashes, at most {_NAME_MAX}: {name!r}")
    if not kept:
        raise BadInput(f"{name}: a role is needed: {', '.join(AccessRole)}")
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    return AccessToken(name, sha256(secret.encode()).digest(), kept, acts_as), secret


def read_access(path: Path) -> AccessTokens:
    """Read a file of access tokens.

    Raises:
        BadInput: it is missing or damaged, or others may read or write it.
    """
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise BadInput(f"{path}: other users can read this file; run chmod 600 {path}")
            text = text_of(file, str(path), "a file of access tokens")
    except FileNotFoundError:
        raise BadInput(
            f"{path}: no access tokens; `keyfob host access add NAME --role verify` makes one"
        ) from None
    except OSError as error:
        raise BadInput(f"{path}: cannot read: {os.strerror(error.errno or 0)}") from None
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path}: not TOML: {error}") from None
    return AccessTokens(_token(path, name, table) for name, table in tables.items())


def write_access(path: Path, tokens: AccessTokens) -> None:
    """Write a file of access tokens with mode 0600, whole or not at all; raises BadInput."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with private_file(path, replace=True) as file:
        file.write("\n".join(token.line() for token in tokens.tokens).encode("ascii"))


def actor_from(text: str) -> Actor:
    """Return who `ROLE` or `ROLE:NAME` is; raises BadInput."""
    role, _, name = text.partition(":")
    try:
        return Actor(Role(role.replace("-", "_")), name)
    except ValueError:
        raise BadInput(f"{role!r} is no role: expected one of {', '.join(Role)}") from None


def _token(path: Path, name: str, table: object) -> AccessToken:
    if not isinstance(table, Mapping) or set(table) - {"sha256", "roles", "acts_as"}:
        raise BadInput(f"{path}: [{name}]: expected sha256, roles and acts_as")
    try:
        digest = bytes.fromhex(table["sha256"])
        roles = frozenset(map(AccessRole, table["roles"]))
    except (KeyError, TypeError, ValueError):
        digest, roles = b"", frozenset()
    if len(digest) != 32 or not roles:
        raise BadInput(
            f"{path}: [{name}]: expected sha256 of 64 hex digits, and roles from"
            f" {', '.join(AccessRole)}"
        )
    return AccessToken(name, digest, roles, actor_from(str(table.get("acts_as", "bank"))))
