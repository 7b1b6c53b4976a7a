"""Google Authenticator's bulk transfer: `otpauth-migration://offline?data=`, base64 of a protobuf.

A transfer of many accounts comes in parts, one URI (a QR code) each. The app's maker has published
no definition; the fields are those of Aegis's (`google_auth.proto`), and a test has the protobuf
library write them: accounts (1) of secret, name, issuer, algorithm, digits, type, counter (1 to 7),
then version, number of parts, index and identifier of the transfer (2 to 5).
"""

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from firmware_model.generators import OtpKind
from host_tools.seeds.entry import Found, Remark, SeedEntry, Unusable
from host_tools.seeds.formats.account import account_record, split_label
from host_tools.seeds.privacy import displayed
from host_tools.seeds.record import SeedRecord

SCHEME = "otpauth-migration"
ACCOUNTS_MAX = 1_000
COUNTER_MAX = 2**63 - 1
"""The message has it as int64, whose negative numbers look like larger ones."""

_ALGORITHMS = {0: "SHA1", 1: "SHA1", 2: "SHA256", 3: "SHA512"}
_DIGITS = {0: 6, 1: 6, 2: 8}
_KINDS = {1: OtpKind.HOTP, 2: OtpKind.TOTP}

Fields = list[tuple[int, int | bytes]]


class Batches:
    """Which parts of which transfers were seen."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, int], set[int]] = {}

    def add(self, identifier: int, size: int, index: int) -> None:
        """Remember part `index` (from 0) of `size` of a transfer."""
        self._seen.setdefault((identifier, size), set()).add(index)

    def missing(self) -> Iterator[Found]:
        """Yield a doubtful remark for each transfer that is not whole."""
        for (_, size), seen in self._seen.items():
            parts = [
                str(index + 1) for index in range(min(size, ACCOUNTS_MAX)) if index not in seen
            ]
            if parts:
                yield Remark(
                    f"the transfer has {size} parts, and part {', '.join(parts)} is missing:"
                    " put every QR code's text into one file, a line each",
                    doubtful=True,
                )


def is_transfer(line: str) -> bool:
    """Tell whether `line` is such a URI."""
    return line.lower().startswith(SCHEME + ":")


def transfer_entries(uri: str, where: str, batches: Batches) -> Iterator[Found]:
    """Yield the accounts of one part, and add the part to `batches`."""
    try:
        fields = _fields(_data(uri))
    except Unusable as error:
        yield SeedEntry(where, fault=str(error))
        return
    numbers = {number: value for number, value in fields if isinstance(value, int)}
    batches.add(numbers.get(5, 0), numbers.get(3, 1), numbers.get(4, 0))
    accounts = [value for number, value in fields if number == 1 and isinstance(value, bytes)]
    if not accounts:
        yield SeedEntry(where, fault="its transfer holds no account")
    for index, account in enumerate(accounts, 1):
        place = f"{where}, account {index}" if len(accounts) > 1 else where
        doubts: list[str] = []
        try:
            record = _record(account, doubts)
        except (Unusable, ValueError) as error:
            yield SeedEntry(place, fault=str(error), doubts=tuple(doubts))
            continue
        if shown := displayed(record.credential_id):
            place += f", {shown}"
        yield SeedEntry(place, record, doubts=tuple(doubts))


def _record(account: bytes, doubts: list[str]) -> SeedRecord:
    fields = dict(_fields(account))
    numbers = {number: value for number, value in fields.items() if isinstance(value, int)}
    texts = {number: value for number, value in fields.items() if isinstance(value, bytes)}
    kind = _KINDS.get(numbers.get(6, 0))
    if kind is None:
        raise Unusable("its type is neither HOTP nor TOTP")
    algorithm = _ALGORITHMS.get(numbers.get(4, 0))
    if algorithm is None:
        raise Unusable("its hash is none of SHA1, SHA256, SHA512")
    digits = _DIGITS.get(numbers.get(5, 0))
    if digits is None:
        raise Unusable("its number of digits is neither 6 nor 8")
    if not numbers.get(5):
        doubts.append("it does not say how many digits; 6 taken")
    seed = texts.get(1, b"")
    if not seed:
        raise Unusable("its seed is empty")
    counter = numbers.get(7, 0) if kind is OtpKind.HOTP else 0
    if counter > COUNTER_MAX:
        raise Unusable("its counter is negative")
    issuer, name = split_label(_text(texts.get(2, b"")), _text(texts.get(3, b"")))
    return account_record(
        issuer=issuer,
        account=name,
        seed=seed,
        kind=kind,
        algorithm=algorithm,
        digits=digits,
        counter=counter,
        doubts=doubts,
    )


def _data(uri: str) -> bytes:
    try:
        # A + that was not escaped arrives as a space.
        text = parse_qs(urlsplit(uri).query)["data"][0].replace(" ", "+")
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (KeyError, ValueError, binascii.Error):
        raise Unusable("its transfer data is missing or no base64: the URI is cut") from None


def _fields(message: bytes) -> Fields:
    """Return the fields of a protobuf message: varints and bytes, what is of other types left out.

    Raises Unusable where it is cut off or no such message.
    """
    fields: Fields = []
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == 0:
            value, position = _varint(message, position)
            fields.append((number, value))
        elif wire_type in (1, 2, 5):
            length = {1: 8, 5: 4}.get(wire_type)
            if length is None:
                length, position = _varint(message, position)
            if position + length > len(message):
                raise Unusable("its transfer data is cut off")
            if wire_type == 2:
                fields.append((number, message[position : position + length]))
            position += length
        else:
            raise Unusable("its transfer data is not of Google Authenticator's form")
        if len(fields) > ACCOUNTS_MAX:
            raise Unusable(f"its transfer has more than {ACCOUNTS_MAX:,} fields")
    return fields


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(message) and shift < 64:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value & (1 << 64) - 1, position
    raise Unusable("its transfer data is cut off")


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Unusable("its name is not UTF-8 text") from None
