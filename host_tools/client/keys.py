"""SCP03 key sets as people keep them: in a file, as TOML or as hex, or the public test keys."""

import os
import stat
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from firmware_model.bounded_text import text_of
from firmware_model.errors import BadInput
from firmware_model.toml import parse_toml
from firmware_model.wire import scp03_keys
from firmware_model.wire.scp03_keys import DEFAULT_VERSION, KeySet, diversify

NAMES = ("enc", "mac", "dek")
EXPECTED = (
    "enc, mac and dek, or key (for all three), or master (diversified by chip ID),"
    " each of 32, 48 or 64 hex digits"
)


@dataclass(frozen=True, slots=True)
class FobKeys:
    """What opens the secure channel of a fob.

    `source` names it to a person. `version` is the key set's (1..127, 255; 0 for whichever the
    fob has). `keys` are ENC, MAC and DEK; or `master` is diversified by the fob's chip ID.

    Example:
        >>> keyfob.FobKeys("ours", 1, master=bytes(16))
        FobKeys(source='ours', version=1)
    """

    source: str
    version: int
    keys: tuple[bytes, bytes, bytes] | None = field(default=None, repr=False)
    master: bytes | None = field(default=None, repr=False)

    def for_chip(self, chip_id: bytes) -> KeySet:
        """Return the key set of the fob with this 10-byte chip ID (WIRE §7)."""
        if self.keys is not None:
            return KeySet(self.version, *self.keys)
        assert self.master is not None, "neither keys nor a master key"
        return _diversified(self.master, chip_id, self.version)

    @property
    def are_public(self) -> bool:
        """Whether anybody knows these keys: then they protect nothing."""
        return self.keys == scp03_keys.TEST_KEYS.keys


@lru_cache(maxsize=2)
def _diversified(master: bytes, chip_id: bytes, version: int) -> KeySet:
    """Diversify once for the set that is put into a fob, and the channel under it that follows."""
    return diversify(master, chip_id, version)


TEST_KEYS = FobKeys("the public test keys", scp03_keys.TEST_KEYS.version, scp03_keys.TEST_KEYS.keys)
"""What every fob leaves the factory with."""


def read_keys(path: str) -> FobKeys:
    """Read the key set in the file `path`.

    TOML: `enc`, `mac` and `dek`, or `key` for all three, or `master`, and optionally `version`.
    Hex: one key for all three, or three keys parted by white space.

    Raises:
        BadInput: others may read the file, or it holds no key set; no message repeats a key.
        OSError: it cannot be read.

    Example:
        >>> path = folder / "fob.keys"
        >>> path.touch(mode=0o600)
        >>> path.write_text("404142434445464748494A4B4C4D4E4F")
        32
        >>> keyfob.read_keys(str(path)).version
        0
    """
    with open(path, "rb") as file:  # noqa: PTH123 - the mode checked is that of the file read
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise BadInput(
                f"{path} can be read by other users (mode {mode:04o}); run chmod 600 {path}"
            )
        text = text_of(file, path, "keys in TOML or hex")
    if "=" not in text:
        return _fixed(path, DEFAULT_VERSION, [_key(path, "a key", word) for word in text.split()])
    return _from_table(path, parse_toml(text, path, secret=True))


def _from_table(path: str, table: dict[str, Any]) -> FobKeys:
    given = set(table) - {"version"}
    version = table.get("version", DEFAULT_VERSION)
    if type(version) is not int or not (0 <= version <= 127 or version == 255):
        raise BadInput(f"{path}: invalid version: expected 0 to 127, or 255")
    if given == {"master"}:
        return FobKeys(path, version, master=_key(path, "master", table["master"]))
    if given == {"key"}:
        return _fixed(path, version, [_key(path, "key", table["key"])])
    if given == set(NAMES):
        return _fixed(path, version, [_key(path, name, table[name]) for name in NAMES])
    # Names only: a value may be a key that stands on the wrong side of the equals sign.
    raise BadInput(f"{path} holds no key set: {EXPECTED} were expected")


def _fixed(path: str, version: int, keys: list[bytes]) -> FobKeys:
    if len(keys) == 1:
        keys *= 3
    if len(keys) != len(NAMES) or len({len(key) for key in keys}) != 1:
        raise BadInput(f"{path} holds no key set: one key, or three of one length, were expected")
    return FobKeys(path, version, (keys[0], keys[1], keys[2]))


def _key(path: str, name: str, value: object) -> bytes:
    try:
        key = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        key = b""
    if len(key) not in (16, 24, 32):
        raise BadInput(f"{path}: {name} is no AES key: 32, 48 or 64 hex digits were expected")
    return key
