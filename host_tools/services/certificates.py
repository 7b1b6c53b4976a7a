"""Electronic certificates: issued, renewed, void, deleted (X.509 through `cryptography`)."""

import os
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from host_tools.services.answers import Refusal, RefusalReason
from host_tools.services.case import RequestCase
from host_tools.services.contract import Bank, Member
from host_tools.verification.decision import Verdict

VALID, DELETED, VOID = "valid", "deleted", "void"

_CHALLENGE_BYTES = 32


def issue(case: RequestCase, member: Member, request: str) -> str:
    """Issue a certificate for the key of a signing request (PEM), valid from now on, in PEM.

    The one before it stays valid to its end, unless it is deleted. Refuses a request that is not
    signed with its own key.
    """
    public_key = _requested(request)
    key = _authority(case.bank)
    start = datetime.fromtimestamp(case.now, UTC)
    serial = x509.random_serial_number()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(member.name))
        .issuer_name(_name(case.rules.title))
        .public_key(public_key)
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=case.rules["certificate.valid_days"]))
        .sign(key, None)
    )
    case.bank.certificates[str(serial)] = f"{VALID} {case.contract.number}/{member.name}"
    member.certificate = certificate.public_bytes(Encoding.PEM).decode()
    return member.certificate


def renew(case: RequestCase, member: Member, request: str) -> str:
    """Issue the next certificate before the end of this one; refuses too early and too late."""
    end = _read(member.certificate).not_valid_after_utc
    left = end - datetime.fromtimestamp(case.now, UTC)
    if left <= timedelta(0):
        raise Refusal(Verdict.EXPIRED, f"the certificate ended on {end:%Y-%m-%d}")
    if left > timedelta(days=case.rules["certificate.renewal_days"]):
        raise Refusal(
            RefusalReason.TOO_EARLY, f"the certificate can be renewed shortly before {end:%Y-%m-%d}"
        )
    return issue(case, member, request)


def end(case: RequestCase, member: Member, word: str) -> None:
    """Make a person's certificates void, or deleted, for good."""
    owner = f"{case.contract.number}/{member.name}"
    for serial, state in case.bank.certificates.items():
        if state == f"{VALID} {owner}":
            case.bank.certificates[serial] = f"{word} {owner}"


def challenge(member: Member) -> str:
    """Return what the person's key is to sign next, once."""
    member.challenge = os.urandom(_CHALLENGE_BYTES).hex()
    return member.challenge


def check(case: RequestCase, member: Member, presented: str, proof: str) -> None:
    """Refuse a certificate that is not this bank's, not this person's, void, or out of time.

    `proof` is the certificate's key's signature over the last challenge, in hex: a copy of the
    certificate alone is refused.
    """
    certificate = _read(presented)
    asked, member.challenge = member.challenge, ""
    if not asked:
        raise Refusal(RefusalReason.MISMATCH, "the service has asked for no signature")
    try:
        _authority(case.bank).public_key().verify(
            certificate.signature, certificate.tbs_certificate_bytes
        )
    except InvalidSignature:
        raise Refusal(RefusalReason.MISMATCH, "the certificate is not of this bank") from None
    state = case.bank.certificates.get(str(certificate.serial_number), "")
    if state.partition(" ")[2] != f"{case.contract.number}/{member.name}":
        raise Refusal(RefusalReason.MISMATCH, "the certificate is not this person's")
    if not state.startswith(VALID):
        raise Refusal(Verdict.NOT_ACTIVE, f"the certificate is {state.partition(' ')[0]}")
    if datetime.fromtimestamp(case.now, UTC) >= certificate.not_valid_after_utc:
        raise Refusal(Verdict.EXPIRED, "the certificate has ended")
    public_key = certificate.public_key()
    assert isinstance(public_key, Ed25519PublicKey), "issued here"
    try:
        public_key.verify(bytes.fromhex(proof), asked.encode())
    except (InvalidSignature, ValueError):
        raise Refusal(RefusalReason.MISMATCH, "the certificate's key is not there") from None


def _requested(pem: str) -> Ed25519PublicKey:
    try:
        request = x509.load_pem_x509_csr(pem.encode())
    except ValueError:
        raise Refusal(RefusalReason.INCOMPLETE, "there is no signing request") from None
    public_key = request.public_key()
    if not isinstance(public_key, Ed25519PublicKey) or not request.is_signature_valid:
        raise Refusal(RefusalReason.UNFIT, "the request is not signed by its own Ed25519 key")
    return public_key


def _read(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise Refusal(RefusalReason.INCOMPLETE, "there is no certificate") from None


def _authority(bank: Bank) -> Ed25519PrivateKey:
    if not bank.authority:
        new = Ed25519PrivateKey.generate()
        text = new.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        bank.authority = text.decode()  # the store seals it
    key = load_pem_private_key(bank.authority.encode(), None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
