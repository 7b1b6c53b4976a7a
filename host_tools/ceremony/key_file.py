"""The station's key sets: under which fobs come from the factory, and under which they leave.

Their text is TOML with a table for each role; it is kept sealed, or given by the environment.
"""

from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import Any

from firmware_model.errors import BadInput
from firmware_model.toml import parse_toml
from firmware_model.wire.scp03_keys import FACTORY_VERSION, TEST_KEYS
from host_tools.ceremony.check_values import Method, check_value
from host_tools.ceremony.sealed import COST, is_sealed, seal, unseal
from host_tools.client.keys import FobKeys
from host_tools.client.text_file import read_text
from host_tools.vault.private_file import private_file

NAME_CHARACTERS_MAX = 40
_KEYS = ("name", "version", "master", "key")


@unique
class KeyRole(StrEnum):
    """What a key set is for."""

    TRANSPORT = "transport"
    """What the factory left in the fobs; version 0 for whichever they have."""
    DEVICE = "device"
    """What the fobs have when they leave the station; version 1 to 127."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The key sets by role; each is a master key to diversify, or one key for all fobs."""

    sets: dict[KeyRole, FobKeys]

    def with_set(self, role: KeyRole, keys: FobKeys) -> "KeyFile":
        """Return the same with `keys` for `role`.

        Raises:
            BadInput: a set's version is not of its role, or both would have the same.
        """
        return _checked({**self.sets, role: keys}, "the key file")

    def encode(self) -> str:
        """Return the text that `parse` reads; it holds the keys in clear."""
        lines = []
        for role, keys in self.sets.items():
            kind, key = _only(keys)
            lines += [f"[{role}]", f'name = "{keys.source}"', f"version = {keys.version}"]
            lines += [f'{kind} = "{key.hex()}"']
        return "\n".join(lines) + "\n"


def parse(text: str, origin: str) -> KeyFile:
    """Read what `KeyFile.encode` writes.

    Raises:
        BadInput: naming `origin` and the table; no message repeats a key.
    """
    tables = parse_toml(text, origin, secret=True)
    if not tables or not set(tables) <= set(KeyRole):
        raise BadInput(f"{origin}: tables [transport] and [device] were expected")
    return _checked(
        {role: _set(tables[role], f"{origin}: [{role}]") for role in KeyRole if role in tables},
        origin,
    )


def read_key_file(path: Path, passphrase: str) -> KeyFile:
    """Open the sealed key file at `path`.

    Raises:
        BadInput: it is no such file, or the passphrase is another.
        OSError: it cannot be read.
    """
    text = read_text(path, "a sealed key file")
    if not is_sealed(text):
        raise BadInput(f"{path} is not sealed: keyfob keys combine makes such a file")
    return parse(unseal(text, passphrase, str(path)).decode(), str(path))


def write_key_file(
    path: Path, keys: KeyFile, passphrase: str, *, replace: bool, cost: int = COST
) -> None:
    """Write `keys` sealed to `path`, mode 0600, whole or not at all; `cost` is scrypt's N.

    Raises:
        BadInput: something is there and `replace` is not set.
        OSError: it cannot be written.
    """
    with private_file(path, replace=replace) as file:
        file.write(seal(keys.encode().encode(), passphrase, cost).encode())


def describe(keys: FobKeys, method: Method = Method.GLOBALPLATFORM) -> str:
    """Return a key set's name, version and check value, as receipts and people have it."""
    if keys.are_public:
        return "PUBLIC TEST KEYS"
    _, key = _only(keys)
    return f"{keys.source} version {keys.version} check value {check_value(key, method).hex()}"


def key_set(name: str, version: int, key: bytes, *, diversified: bool) -> FobKeys:
    """Return a set made of one AES key, diversified by chip ID or the same in every fob.

    Raises:
        BadInput: the name has other than 1 to 40 printable ASCII characters, or a quote.
    """
    usable = name.isascii() and name.isprintable() and not set(name) & {'"', "\\"}
    if not usable or not 1 <= len(name) <= NAME_CHARACTERS_MAX:
        raise BadInput(f"a key set's name has 1 to {NAME_CHARACTERS_MAX} letters, digits and signs")
    if diversified:
        return FobKeys(name, version, master=key)
    return FobKeys(name, version, keys=(key, key, key))


def _set(table: object, where: str) -> FobKeys:
    if not isinstance(table, dict) or not set(table) <= set(_KEYS):
        raise BadInput(f"{where}: name, version, and master or key were expected")
    values: dict[str, Any] = table
    name, version = values.get("name", ""), values.get("version")
    kinds = [kind for kind in ("master", "key") if kind in values]
    if not isinstance(name, str) or type(version) is not int or len(kinds) != 1:
        raise BadInput(f"{where}: name, version, and master or key were expected")
    try:
        key = bytes.fromhex(values[kinds[0]])
    except (TypeError, ValueError):
        key = b""
    if len(key) not in (16, 24, 32):
        raise BadInput(f"{where}: {kinds[0]} is no AES key: 32, 48 or 64 hex digits were expected")
    return key_set(name, version, key, diversified=kinds[0] == "master")


def _checked(sets: dict[KeyRole, FobKeys], origin: str) -> KeyFile:
    for role, keys in sets.items():
        if role is KeyRole.DEVICE and not 1 <= keys.version <= 127:
            raise BadInput(f"{origin}: [device] version {keys.version} is not 1 to 127")
        if not (0 <= keys.version <= 127 or keys.version == FACTORY_VERSION):
            raise BadInput(f"{origin}: [{role}] version {keys.version} is not 0 to 127 or 255")
        if TEST_KEYS.enc in (keys.keys or (keys.master,)):
            raise BadInput(f"{origin}: [{role}] holds the public test key: it protects nothing")
    if len({_only(keys)[1] for keys in sets.values()}) < len(sets):
        raise BadInput(
            f"{origin}: [device] holds the key of [transport], which the factory knows: combine"
            " another one"
        )
    versions = [keys.version for keys in sets.values()]
    if len(versions) == len(KeyRole) and versions[0] == versions[1]:
        raise BadInput(
            f"{origin}: both sets have version {versions[0]}; give each a version of its own"
        )
    return KeyFile(sets)


def _only(keys: FobKeys) -> tuple[str, bytes]:
    if keys.master is not None:
        return "master", keys.master
    assert keys.keys is not None
    return "key", keys.keys[0]
