"""A store's secret keys: seeds sealed by AES-256-GCM, the audit chain's MAC (HOST §5)."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from firmware_model.errors import BadInput

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION_MAX = 255


class KeyRing:
    """The master keys of a store by version; the highest version seals, all of them open.

    Each use has its own key, derived by HKDF (RFC 5869 §2.3). A sealed secret is version (1 byte),
    nonce (12 random bytes), ciphertext and tag, bound to its owner, its column and the version.
    """

    def __init__(self, masters: Mapping[int, bytes]) -> None:
        assert masters
        assert all(len(key) == KEY_BYTES for key in masters.values())
        self.newest = max(masters)
        self._seals = {version: AESGCM(_derived(key, b"seeds")) for version, key in masters.items()}
        self._audit = {version: _derived(key, b"audit") for version, key in masters.items()}

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

    def seal(self, seed: bytes, serial_number: str) -> bytes:
        """Return `seed` encrypted for the column `seed` of the token `serial_number`."""
        nonce = os.urandom(_NONCE_BYTES)
        bound = _bound(serial_number, self.newest)
        return bytes([self.newest]) + nonce + self._seals[self.newest].encrypt(nonce, seed, bound)

    def open(self, sealed: bytes, serial_number: str) -> bytes:
        """Return the seed that `seal` made into `sealed` for this token.

        Raises:
            BadInput: another key sealed it, or it was moved or altered.
        """
        seal = self._seals.get(sealed[0]) if sealed else None
        if seal is None:
            raise BadInput(f"{serial_number}: no key of the version its secret was sealed with")
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return seal.decrypt(nonce, ciphertext, _bound(serial_number, sealed[0]))
        except (InvalidTag, ValueError):
            raise BadInput(
                f"{serial_number}: its sealed secret is damaged, or sealed with another key"
            ) from None

    def audit_key(self, version: int) -> bytes | None:
        """Return the audit chain's MAC key of `version`, None if the ring lacks it."""
        return self._audit.get(version)


def read_key_file(path: Path) -> KeyRing:
    """Read a key file.

    Raises:
        BadInput: it is missing or damaged, or others may read it.
    """
    try:
        with path.open(encoding="utf-8") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise BadInput(f"{path}: other users can read this key file; run chmod 600 {path}")
            text = file.read()
    except FileNotFoundError:
        raise BadInput(f"{path}: key file not found; it is made together with its store") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: is no key file: text expected") from None
    return KeyRing.parse(text, str(path))


def write_key_file(path: Path, text: str) -> None:
    """Write a new key file with mode 0600, durably.

    Raises:
        BadInput: the file exists already; it is left alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise BadInput(f"{path}: the key file exists already") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


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
            held = path.read_text(encoding="utf-8").rstrip("\n")
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


def _bound(serial_number: str, version: int) -> bytes:
    return b"\0".join((serial_number.encode(), b"seed", bytes([version])))
