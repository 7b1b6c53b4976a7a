"""otpauth:// URIs, one a line, as authenticator programs take them (Key Uri Format).

Google Authenticator's bulk transfers (`otpauth-migration://`) may stand among them.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKind
from host_tools.seeds.entry import ForeignKey, Found, Reading, Remark, Secret, SeedEntry, Unusable
from host_tools.seeds.formats.account import STEAM, account_record, split_label
from host_tools.seeds.formats.migration import Batches, is_transfer, transfer_entries
from host_tools.seeds.privacy import displayed, quoted
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.seed_text import base32_seed, base32_text
from host_tools.seeds.tables.cells import is_kind, kind_of, whole_number
from host_tools.seeds.text_lines import TextLines

SCHEME = "otpauth"

_MEANT = frozenset({"secret", "issuer", "algorithm", "digits", "counter", "period", "t0", "epoch"})
_FOREIGN_SCHEMES = {"motp": "an mOTP key", "steam": STEAM}
"""URIs of the same kind for keys that are no one-time passwords of OATH."""

_WITHOUT_EFFECT = frozenset({"image", "icon", "color", "logo", "lock", "tag", "tags", "group"})
"""No code depends on these."""


def sniff(head: str) -> bool:
    """Tell whether the first line that is no comment is such a URI, or a bulk transfer."""
    lines = (line.strip().lower() for line in head.lstrip("\ufeff").splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return first.startswith((SCHEME + "://", "otpauth-migration:", "motp://", "steam://"))


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield a record for each URI; see `TextLines` for what it raises."""
    text = TextLines(file, reading)
    yield from read_uris(text)
    if text.remark:
        yield Remark(text.remark)


def read_uris(lines: Iterable[tuple[int, str]], place: str = "line") -> Iterator[Found]:
    """Yield what the URIs of numbered places hold, then which parts of a transfer are missing."""
    batches = Batches()
    for number, line in lines:
        if line.startswith("#"):
            continue
        where = f"{place} {number}"
        if is_transfer(line):
            yield from transfer_entries(line, where, batches)
            continue
        doubts: list[str] = []
        try:
            record = record_of(line, doubts)
        except ForeignKey as error:
            name = _account_in(line)
            shown = displayed(name)
            place = f"{where}, {shown}" if shown else where
            yield Remark(f"left out: {error}", place, left_out=True, name=name)
        except (Unusable, ValueError) as error:
            yield SeedEntry(where, fault=str(error), doubts=tuple(doubts))
        else:
            shown = displayed(record.credential_id)
            yield SeedEntry(f"{where}, {shown}" if shown else where, record, doubts=tuple(doubts))
    yield from batches.missing()


def write(file: BinaryIO, records: Iterable[SeedRecord], secret: Secret) -> int:
    """Write one URI a line, in clear; return how many there were."""
    del secret
    count = 0
    for record in records:
        file.write(uri_of(record).encode() + b"\n")
        count += 1
    return count


def record_of(uri: str, doubts: list[str]) -> SeedRecord:
    """Return what `uri` says; append to `doubts` what was guessed.

    Raises:
        ForeignKey: its codes are no decimal digits of OATH.
        Unusable, ValueError: it cannot be taken, with the reason.
    """
    try:
        parts = urlsplit(uri)
        host = parts.netloc.casefold()
    except ValueError:
        raise Unusable("it is no URI") from None
    if foreign := _FOREIGN_SCHEMES.get(parts.scheme.lower()):
        raise ForeignKey(foreign)
    if parts.scheme.lower() != SCHEME:
        raise Unusable(f"it is no {SCHEME}:// URI")
    if parts.fragment:
        raise Unusable("a # cuts it off: write %23 for a # in a name")
    given = _parameters(parts.query, doubts)
    if host not in ("hotp", "totp"):
        if is_kind(host):
            kind_of(host)  # raises ForeignKey
        raise Unusable(f"its codes are of type {quoted(host, 20)}, neither HOTP nor TOTP")
    kind = OtpKind[host.upper()]
    if given.get("encoder", "").casefold() == "steam":
        raise ForeignKey(STEAM)
    if "encoder" in given:
        raise Unusable(
            f"its codes are encoded by {quoted(given['encoder'], 20)}, not decimal digits"
        )
    if kind is OtpKind.HOTP and "counter" not in given:
        doubts.append("it does not say its counter; 0 taken")
    issuer, account = split_label(unquote(parts.path.lstrip("/")), given.get("issuer"))
    timed = kind is OtpKind.TOTP
    return account_record(
        issuer=issuer,
        account=account,
        seed=base32_seed(given.get("secret", ""), doubts),
        kind=kind,
        algorithm=given.get("algorithm", "SHA1"),
        digits=whole_number(given.get("digits", "6"), "number of digits"),
        counter=0 if timed else whole_number(given.get("counter", "0"), "counter"),
        step_seconds=whole_number(given.get("period", "30"), "period") if timed else 30,
        t0_seconds=_t0(given) if timed else 0,
        doubts=doubts,
    )


def _account_in(uri: str) -> str:
    """Return the label of a URI, as far as it can be told, "" for none.

    A Steam URI's authority is its seed, an mOTP URI's is the label.
    """
    scheme, _, rest = uri.partition("://")
    path = rest.partition("?")[0]
    if scheme.lower() == SCHEME:
        path = path.partition("/")[2]
    return "" if scheme.lower() == "steam" else unquote(path).strip()


def uri_of(record: SeedRecord) -> str:
    """Return `record` as a URI: the seed stands in it.

    Raises:
        BadInput: its steps count from a T0 that the URI cannot express.
    """
    if record.kind is OtpKind.TOTP and record.t0_seconds:
        raise BadInput(
            f"key {record.serial_number}: an otpauth URI has no place for T0 ="
            f" {record.t0_seconds} s, and its codes would be wrong without"
        )
    label = quote(record.serial_number, safe="")
    parameters = {"secret": base32_text(record.seed)}
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


def _parameters(query: str, doubts: list[str]) -> dict[str, str]:
    """Return the parameters; doubt those that are not known, and pieces that are none."""
    given: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        key = name.lower()
        if key in given:
            raise Unusable(f"it gives the parameter {quoted(key, 20)} twice")
        given[key] = value
    pieces = [piece for piece in query.split("&") if piece]
    if any("=" not in piece for piece in pieces):
        doubts.append("a piece of its query has no =: an & in a name is probably not escaped (%26)")
    bare = {piece.lower() for piece in pieces if "=" not in piece}
    for name in sorted(set(given) - _MEANT - _WITHOUT_EFFECT - {"encoder"} - bare):
        doubts.append(f"its parameter {quoted(name, 20)} is unknown and was not heeded")
    return given


def _t0(given: dict[str, str]) -> int:
    values = {given[name] for name in ("t0", "epoch") if name in given}
    if len(values) > 1:
        raise Unusable("its t0 and epoch differ")
    return whole_number(values.pop(), "t0") if values else 0
