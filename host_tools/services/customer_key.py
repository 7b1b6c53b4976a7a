"""The key pair on a customer's computer: asks for a certificate, and proves that it is there."""

from dataclasses import dataclass, field
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class CustomerKey:
    """An Ed25519 key that never leaves its computer; a certificate without it is worth nothing."""

    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Return a new key."""
        return cls(Ed25519PrivateKey.generate())

    def request(self, name: str) -> str:
        """Return a certificate signing request (RFC 2986) for the person `name`, in PEM."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        request = x509.CertificateSigningRequestBuilder().subject_name(subject)
        return request.sign(self._key, None).public_bytes(Encoding.PEM).decode()

    def prove(self, challenge: str) -> str:
        """Return the signature over what the bank asked, in hex."""
        return self._key.sign(challenge.encode()).hex()
