"""otpauth:// URIs, one a line, as authenticator programs take them (Key Uri Format)."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import BinaryIO
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKind
from host_tools.seeds import tabular
from host_tools.seeds.entry import Found, Reading, Secret, Unusable
from host_tools.seeds.record import SeedRecord

SCHEME = "otpauth"


def sniff(head: str) -> bool:
    """Tell whether the first line is such a URI."""
    return head.lstrip().lower().startswith(SCHEME + "://")


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield a record for each URI; the account name becomes the serial number."""
    for number, line in tabular.lines(file, reading):
        if not line.startswith("#"):
            yield tabular.entry_of(number, "", partial(record_of, line))


def write(file: BinaryIO, records: Iterable[SeedRecord], secret: Secret) -> int:
    """Write one URI a line, in clear; return how many there were."""
    del secret
    count = 0
    for record in records:
        file.write(uri_of(record).encode() + b"\n")
        count += 1
    return count


def record_of(uri: str, doubts: list[str]) -> SeedRecord:
    """Return what `uri` says; append to `doubts` what was guessed. Raises Unusable, ValueError."""
    try:
        parts = urlsplit(uri)
        query = {name.lower(): values for name, values in parse_qs(parts.query).items()}
    except ValueError:
        raise Unusable("it is no URI") from None
    if parts.scheme.lower() != SCHEME:
        raise Unusable(f"it is no {SCHEME}:// URI")
    if any(len(values) > 1 for values in query.values()):
        raise Unusable("it gives a parameter twice")
    given = {name: values[0] for name, values in query.items()}
    try:
        kind = OtpKind[parts.netloc.upper()]
    except KeyError:
        raise Unusable(f"its type {parts.netloc[:20]!r} is neither hotp nor totp") from None
    label_issuer, colon, account = unquote(parts.path.lstrip("/")).partition(":")
    if not colon:
        label_issuer, account = "", label_issuer
    serial = tabular.identifier(account.strip(), "account name")
    if kind is OtpKind.HOTP and "counter" not in given:
        doubts.append("it does not say its counter; 0 taken")
    return SeedRecord(
        serial_number=serial,
        credential_id=serial,
        seed=tabular.base32_seed(given.get("secret", ""), doubts),
        kind=kind,
        algorithm=_hash(given.get("algorithm", "SHA1")),
        digits=tabular.whole_number(given.get("digits", "6"), "number of digits"),
        counter=tabular.whole_number(given.get("counter", "0"), "counter")
        if kind is OtpKind.HOTP
        else 0,
        step_seconds=tabular.whole_number(given.get("period", "30"), "period")
        if kind is OtpKind.TOTP
        else 30,
        issuer=given.get("issuer", label_issuer.strip()),
    )


def uri_of(record: SeedRecord) -> str:
    """Return `record` as a URI: the seed stands in it.

    Raises:
        BadInput: its steps count from a T0 that the URI has no word for.
    """
    if record.kind is OtpKind.TOTP and record.t0_seconds:
        raise BadInput(f"key {record.serial_number}: a URI cannot say that steps start at a T0")
    label = quote(record.serial_number, safe="")
    parameters = {"secret": tabular.base32_text(record.seed)}
    if record.issuer:
        label = f"{quote(record.issuer, safe='')}:{label}"
        parameters["issuer"] = record.issuer
    parameters |= {"algorithm": record.algorithm.name, "digits": str(record.digits)}
    parameters |= (
        {"counter": str(record.counter)}
        if record.kind is OtpKind.HOTP
        else {"period": str(record.step_seconds)}
    )
    # Some programs show a plus sign where a space was meant, so spaces are %20.
    query = urlencode(parameters, quote_via=quote)
    return f"{SCHEME}://{record.kind.name.lower()}/{label}?{query}"


def _hash(text: str) -> Hash:
    try:
        return Hash[text.upper().replace("-", "").removeprefix("HMAC")]
    except KeyError:
        raise Unusable(f"its algorithm {text[:20]!r} is none of SHA1, SHA256, SHA512") from None
