"""What is kept of a password: a scrypt hash (RFC 7914) that names its salt and its cost."""

import hashlib
import hmac
import os

COST = 17
"""log2 of scrypt's N: with r = 8 and p = 1 each guess takes 128 MiB (OWASP Password Storage)."""

COST_OF_PUBLISHED = 1
"""The cost for passwords that everybody may read, such as those of a scenario."""

_BLOCK, _LANES = 8, 1
_SALT_BYTES = 16
_COST_OF_OLD = 10
"""Of older hashes, which name no cost."""


def hashed(secret: str, cost: int = COST) -> str:
    """Return what is kept of `secret`: `COST$SALT$HASH`, in decimal and hex.

    `cost` is log2 of scrypt's N, 1 to 20; lower than `COST` is for published
    passwords only.
    """
    salt = os.urandom(_SALT_BYTES)
    return f"{cost}${salt.hex()}${_scrypt(secret, salt, cost).hex()}"


def is_kept(kept: str, secret: str) -> bool:
    """Whether `kept` was made of `secret`; nothing was made of where there is none."""
    cost, salt, digest = _parts(kept)
    return hmac.compare_digest(digest, _scrypt(secret, salt, cost))


def has_cost(kept: str, cost: int) -> bool:
    """Whether `kept` was made with that cost."""
    return _parts(kept)[0] == cost


def _parts(kept: str) -> tuple[int, bytes, bytes]:
    if "$" in kept:
        cost, salt, digest = kept.split("$")
        return int(cost), bytes.fromhex(salt), bytes.fromhex(digest)
    old = bytes.fromhex(kept)
    return _COST_OF_OLD, old[:_SALT_BYTES], old[_SALT_BYTES:]


def _scrypt(secret: str, salt: bytes, cost: int) -> bytes:
    size = 128 * _BLOCK * ((1 << cost) + _LANES + 2)  # OpenSSL counts the blocks beside N too
    return hashlib.scrypt(
        secret.encode(), salt=salt, n=1 << cost, r=_BLOCK, p=_LANES, maxmem=2 * size
    )
