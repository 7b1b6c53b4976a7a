"""Electronic certificates: issued, renewed, void, deleted (X.509 through `cryptography`)."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from host_tools.services.answers import No, Reason
from host_tools.services.case import Case
from host_tools.services.contract import Bank, Member
from host_tools.verification.decision import Verdict

VALID, DELETED, VOID = "valid", "deleted", "void"


def issue(case: Case, member: Member) -> str:
    """Issue a certificate for a person's computer, valid from now on, and return it in PEM.

    The one before it stays valid to its end, unless it is deleted.
    """
    key = _authority(case.bank)
    start = datetime.fromtimestamp(case.now, UTC)
    serial = x509.random_serial_number()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(member.name))
        .issuer_name(_name(case.rules.title))
        # The customer's own key stays with the customer; a simulated one is made for it here.
        .public_key(Ed25519PrivateKey.generate().public_key())
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=case.rules["certificate.valid_days"]))
        .sign(key, None)
    )
    case.bank.certificates[str(serial)] = f"{VALID} {case.contract.number}/{member.name}"
    member.certificate = certificate.public_bytes(Encoding.PEM).decode()
    return member.certificate


def renew(case: Case, member: Member) -> str:
    """Issue the next certificate before the end of this one; refuses too early and too late."""
    end = _read(member.certificate).not_valid_after_utc
    left = end - datetime.fromtimestamp(case.now, UTC)
    if left <= timedelta(0):
        raise No(Verdict.EXPIRED, f"the certificate ended on {end:%Y-%m-%d}: it cannot be renewed")
    if left > timedelta(days=case.rules["certificate.renewal_days"]):
        raise No(Reason.TOO_EARLY, f"the certificate can be renewed shortly before {end:%Y-%m-%d}")
    return issue(case, member)


def end(case: Case, member: Member, word: str) -> None:
    """Make a person's certificates void, or deleted, for good."""
    owner = f"{case.contract.number}/{member.name}"
    for serial, state in case.bank.certificates.items():
        if state == f"{VALID} {owner}":
            case.bank.certificates[serial] = f"{word} {owner}"


def check(case: Case, member: Member, presented: str) -> None:
    """Refuse a certificate that is not this bank's, not this person's, void, or out of time."""
    certificate = _read(presented)
    try:
        _authority(case.bank).public_key().verify(
            certificate.signature, certificate.tbs_certificate_bytes
        )
    except InvalidSignature:
        raise No(Reason.MISMATCH, "the certificate is not of this bank") from None
    state = case.bank.certificates.get(str(certificate.serial_number), "")
    if state.partition(" ")[2] != f"{case.contract.number}/{member.name}":
        raise No(Reason.MISMATCH, "the certificate is not this person's")
    if not state.startswith(VALID):
        raise No(Verdict.NOT_ACTIVE, f"the certificate is {state.partition(' ')[0]}")
    if datetime.fromtimestamp(case.now, UTC) >= certificate.not_valid_after_utc:
        raise No(Verdict.EXPIRED, "the certificate has ended")


def _read(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise No(Reason.INCOMPLETE, "there is no certificate") from None


def _authority(bank: Bank) -> Ed25519PrivateKey:
    if not bank.authority:
        key = Ed25519PrivateKey.generate()
        bank.authority = key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode()
    return _loaded(bank.authority)


@cache
def _loaded(pem: str) -> Ed25519PrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
