"""A store's secret keys: secrets sealed by AES-256-GCM, MACs of rows and of the log (HOST §5)."""

import hmac
import json
import os
import stat
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from firmware_model.bounded_text import text_of
from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKey
from host_tools.client.text_file import read_text
from host_tools.vault.private_file import private_file

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION_MAX = 255

SealedPlace = tuple[str, str, str, str]
"""Where a sealed secret belongs: store, table, column and row. It opens nowhere else."""


class KeyRing:
    """The master keys of a store by version; the highest version seals, all of them open.

    Each use has its own key, derived by HKDF (RFC 5869 §2.3). A sealed secret is version (1 byte),
    nonce (12 random bytes), ciphertext and tag; the associated data are its place and the version.
    A MAC is version (1 byte) and HMAC-SHA-256 (32 bytes).
    """

    def __init__(self, masters: Mapping[int, bytes]) -> None:
        assert masters
        assert all(len(key) == KEY_BYTES for key in masters.values())
        self.newest = max(masters)
        self._seals = {version: AESGCM(_derived(key, b"seeds")) for version, key in masters.items()}
        self._audit = {version: _derived(key, b"audit") for version, key in masters.items()}
        self._rows = {version: _mac_key(key, b"rows") for version, key in masters.items()}
        self._log = {version: _mac_key(key, b"log") for version, key in masters.items()}

    def __repr__(self) -> str:
        return f"KeyRing(versions={sorted(self._seals)})"

    @classmethod
    def generate(cls) -> tuple["KeyRing", str]:
        """Return a ring of one new key, and the text its file holds."""
        key = os.urandom(KEY_BYTES)
        return cls({1: key}), f"1 {key.hex()}\n"

    @classmethod
    def parse(cls, text: str, origin: str) -> "KeyRing":
        """Read lines of `VERSION HEX` (64 hex digits), or one line of hex as version 1.

        Raises:
            BadInput: naming `origin` and the line; the line is not repeated.
        """
        masters: dict[int, bytes] = {}
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            version_text, key_text = ("1", *words) if len(words) == 1 else ([*words, ""])[:2]
            try:
                version, key = int(version_text), bytes.fromhex(key_text)
            except ValueError:
                version, key = 0, b""
            if len(words) > 2 or len(key) != KEY_BYTES or not 1 <= version <= _VERSION_MAX:
                raise BadInput(
                    f"{origin}: line {number}: a version (1 to {_VERSION_MAX}) and"
                    f" {2 * KEY_BYTES} hex digits expected"
                )
            if version in masters:
                raise BadInput(f"{origin}: line {number}: version {version} occurs twice")
            masters[version] = key
        if not masters:
            raise BadInput(f"{origin}: holds no key")
        return cls(masters)

    def seal(self, secret: bytes, place: SealedPlace) -> bytes:
        """Return `secret` encrypted with the newest key for this place."""
        nonce = os.urandom(_NONCE_BYTES)
        associated = _associated(place, self.newest)
        return (
            bytes([self.newest])
            + nonce
            + self._seals[self.newest].encrypt(nonce, secret, associated)
        )

    def open(self, sealed: bytes, place: SealedPlace) -> bytes:
        """Return the secret that `seal` made into `sealed` for this place.

        Raises:
            BadInput: another key sealed it, or it was moved, altered or damaged.
        """
        return self._opened(sealed, place[-1], lambda version: _associated(place, version))

    def open_version_1(self, sealed: bytes, name: str) -> bytes:
        """Open what stores of version 1 sealed: bound to a name and the word `seed` only.

        Raises:
            BadInput: as `open`.
        """

        def associated(version: int) -> bytes:
            return b"\0".join((name.encode(), b"seed", bytes([version])))

        return self._opened(sealed, name, associated)

    def row_mac(self, message: bytes) -> bytes:
        """Return the MAC of a row by the newest key: version (1 byte), HMAC-SHA-256 (32)."""
        return _mac(self._rows, self.newest, message)

    def is_row_mac(self, mac: object, message: bytes) -> bool:
        """Whether `mac`, of whatever type, is the MAC of a row by any key of the ring."""
        return _is_mac(self._rows, mac, message)

    def log_mac(self, message: bytes) -> bytes:
        """Return the MAC of a log entry by the newest key, as `row_mac`."""
        return _mac(self._log, self.newest, message)

    def is_log_mac(self, mac: object, message: bytes) -> bool:
        """Whether `mac`, of whatever type, is the MAC of a log entry by any key of the ring."""
        return _is_mac(self._log, mac, message)

    def has_version_of(self, mac: bytes) -> bool:
        """Whether the ring has the key that made `mac`."""
        return bool(mac) and mac[0] in self._rows

    def audit_key(self, version: int) -> bytes | None:
        """Return the MAC key of version 1's log, of key `version`; None if the ring lacks it."""
        return self._audit.get(version)

    def _opened(self, sealed: object, name: str, associated: Callable[[int], bytes]) -> bytes:
        if not isinstance(sealed, bytes):
            raise BadInput(f"{name}: its sealed secret was altered or damaged")
        seal = self._seals.get(sealed[0]) if sealed else None
        if seal is None:
            raise BadInput(f"{name}: no key of the version its secret was sealed with")
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return seal.decrypt(nonce, ciphertext, associated(sealed[0]))
        except (InvalidTag, ValueError):
            raise BadInput(
                f"{name}: its sealed secret was altered or damaged, or sealed with another key"
            ) from None


def read_key_file(path: Path) -> KeyRing:
    """Read a key file.

    Raises:
        BadInput: it is missing or damaged, or others may read it.
    """
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise BadInput(f"{path}: other users can read this key file; run chmod 600 {path}")
            text = text_of(file, str(path), "a key file")
    except FileNotFoundError:
        raise BadInput(
            f"{path}: key file not found; it is made together with its store (init)"
        ) from None
    return KeyRing.parse(text, str(path))


def write_key_file(path: Path, text: str) -> None:
    """Write a new key file with mode 0600, durably.

    Raises:
        BadInput: the file exists already; it is left alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with private_file(path) as file:
        file.write(text.encode("ascii"))


def add_key(path: Path) -> KeyRing:
    """Add a new key as the highest version to a key file, durably, and return all its keys.

    Raises:
        BadInput: it is no key file, has no version left, or somebody else is adding a key.
    """
    part = path.with_name(f"{path.name}.new")
    try:
        # Taken before the file is read, so that no second one adds the same version.
        descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise BadInput(
            f"{part} is there: a key is being added, or that was interrupted; nothing is sealed"
            " with what it holds"
        ) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            version = read_key_file(path).newest + 1
            if version > _VERSION_MAX:
                raise BadInput(f"{path}: version {_VERSION_MAX} is the last one a store can have")
            held = read_text(path, "a key file").rstrip("\n")
            file.write(f"{held}\n{version} {os.urandom(KEY_BYTES).hex()}\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return read_key_file(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _derived(master: bytes, use: bytes) -> bytes:
    return HKDFExpand(SHA256(), KEY_BYTES, b"keyfob host " + use).derive(master)


def _mac_key(master: bytes, use: bytes) -> OtpKey:
    return OtpKey(_derived(master, use), Hash.SHA256)


@lru_cache(maxsize=4_096)
def _associated(place: SealedPlace, version: int) -> bytes:
    return json.dumps([*place, version]).encode()


def _mac(keys: Mapping[int, OtpKey], version: int, message: bytes) -> bytes:
    return bytes([version]) + keys[version].mac(message)


def _is_mac(keys: Mapping[int, OtpKey], mac: object, message: bytes) -> bool:
    if not isinstance(mac, bytes) or not mac or (key := keys.get(mac[0])) is None:
        return False
    return hmac.compare_digest(mac[1:], key.mac(message))
