"""SRP-6a, both ends: a key from a short password that a listener cannot search (WIRE §9.3).

RFC 5054 §2.5 and §2.6 with its 3072-bit group, SHA-256 in place of SHA-1; the proofs are those of
RFC 2945 §3. The arithmetic is srptools'. Random numbers come from the caller, for the model has
no dice that secrets may be made of.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

from srptools import (  # type: ignore[import-untyped]
    SRPClientSession,
    SRPContext,
    SRPException,
    SRPServerSession,
)
from srptools.constants import PRIME_3072, PRIME_3072_GEN  # type: ignore[import-untyped]

PUBLIC_BYTES = 384
SALT_BYTES = 16
PRIVATE_BYTES = 32
"""RFC 5054 §2.5.3: at least 256 random bits."""
PROOF_BYTES = 32

MODULUS = int(PRIME_3072, 16)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The result at either end: a 32-byte key, and each end's proof that it has the key."""

    key: bytes = field(repr=False)
    client_proof: bytes = field(repr=False)
    server_proof: bytes = field(repr=False)

    def proves_client(self, proof: bytes) -> bool:
        """Return whether `proof` is the client's: whether it knew the password."""
        return hmac.compare_digest(self.client_proof, proof)

    def proves_server(self, proof: bytes) -> bool:
        """Return whether `proof` is the server's: whether it knew the verifier."""
        return hmac.compare_digest(self.server_proof, proof)


class Client:
    """The end that knows the password. `private` is PRIVATE_BYTES random bytes, used only once."""

    def __init__(self, identity: str, password: str, private: bytes) -> None:
        self._session = SRPClientSession(
            _context(identity, password), private=int.from_bytes(private, "big") or 1
        )
        self.public = bytes(self._session.public_bin)

    def agree(self, salt: bytes, server_public: bytes) -> Agreement | None:
        """Return the agreement; None for a public number no honest server sends."""
        return _agreed(self._session, server_public, salt)


class Server:
    """The end that knows the verifier only. `private` as for `Client`."""

    def __init__(self, identity: str, salt: bytes, verifier: bytes, private: bytes) -> None:
        self._salt = salt
        self._session = SRPServerSession(
            _context(identity, None),
            password_verifier=verifier,
            private=int.from_bytes(private, "big") or 1,
        )
        self.public = bytes(self._session.public_bin)

    def agree(self, client_public: bytes) -> Agreement | None:
        """Return the agreement; None for a public number no honest client sends."""
        return _agreed(self._session, client_public, self._salt)


def verifier_of(identity: str, password: str, salt: bytes) -> bytes:
    """Return what a server keeps of a password: v of RFC 5054 §2.4, PUBLIC_BYTES bytes."""
    context = _context(identity, password)
    verifier = context.get_common_password_verifier(context.get_common_password_hash(salt))
    return bytes(context.pad(verifier))


def _context(identity: str, password: str | None) -> SRPContext:
    return SRPContext(
        identity, password, prime=PRIME_3072, generator=PRIME_3072_GEN, hash_func=hashlib.sha256
    )


def _agreed(
    session: SRPClientSession | SRPServerSession, peer: bytes, salt: bytes
) -> Agreement | None:
    if not 1 < int.from_bytes(peer, "big") < MODULUS - 1:
        return None
    try:
        session.process(peer, salt)
    except SRPException:
        return None
    return Agreement(session.key_bin, session.key_proof_bin, session.key_proof_hash_bin)
