"""What all tables of seeds share: rows, numbers, hex and base32, and the harm of spreadsheets."""

import base64
import binascii
import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from firmware_model.generators import Hash
from host_tools.seeds.entry import BadSeedFile, Reading, SeedEntry, Unusable
from host_tools.seeds.record import SeedRecord

LINE_CHARACTERS_MAX = 8192

_SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")
_SPREADSHEET = "a spreadsheet has turned it into a number"
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
_BASE32_DIGITS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def rows(file: BinaryIO, reading: Reading, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield each row's line number and its fields, stripped; empty rows and `#` lines are left out.

    The text is UTF-8, or UTF-16 with a byte order mark, as spreadsheets write it.

    Raises:
        BadSeedFile: it is not text, or a line is longer than 8192 characters.
    """
    for number, line in lines(file, reading):
        if line.startswith("#"):
            continue
        fields = [field.strip() for field in next(csv.reader([line], delimiter=delimiter))]
        if any(fields):
            yield number, fields


def lines(file: BinaryIO, reading: Reading) -> Iterator[tuple[int, str]]:
    """Yield line numbers, from 1, and lines without their ends; empty ones are left out."""
    start = file.peek(2)[:2] if isinstance(file, io.BufferedReader) else file.read(2)
    if not isinstance(file, io.BufferedReader):
        file.seek(0)
    encoding = "utf-16" if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    text = io.TextIOWrapper(file, encoding)
    number = 0
    try:
        while line := text.readline(LINE_CHARACTERS_MAX + 1):
            number += 1
            if len(line) > LINE_CHARACTERS_MAX:
                reason = f"it is longer than {LINE_CHARACTERS_MAX} characters"
                raise BadSeedFile(reading.path, reason, f"line {number}")
            if line := line.strip():
                yield number, line
    except UnicodeError:
        reason = "it is not UTF-8 text"
        raise BadSeedFile(reading.path, reason, f"after line {number}") from None
    finally:
        text.detach()


def entry_of(number: int, serial_number: str, make: Callable[[list[str]], SeedRecord]) -> SeedEntry:
    """Call `make` with a list for doubts; return the row's entry, faulty where it raised."""
    where = f"line {number}"
    if serial_number.isprintable() and serial_number:
        where += f", {serial_number[:64]}"
    doubts: list[str] = []
    try:
        return SeedEntry(where, make(doubts), doubts=tuple(doubts))
    except (Unusable, ValueError) as error:
        return SeedEntry(where, fault=str(error), doubts=tuple(doubts))


def identifier(text: str, what: str = "serial number") -> str:
    """Return `text`; raises Unusable where it is empty or was made a number by a spreadsheet."""
    if not text:
        raise Unusable(f"its {what} is empty")
    if _SCIENTIFIC.fullmatch(text):
        raise Unusable(f"its {what} is lost: {_SPREADSHEET}")
    return text


def whole_number(text: str, what: str) -> int:
    """Return the decimal number in `text`; raises Unusable naming `what` where it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise Unusable(f"its {what} is no whole number")
    return int(text)


def hex_seed(text: str, doubts: list[str]) -> bytes:
    """Return the seed that `text` gives in hex; spaces between digits are allowed.

    Raises Unusable, with what has probably happened to it; never with the text.
    """
    plain = text.replace(" ", "").replace("-", "")
    if not plain:
        raise Unusable("its seed is empty")
    if not _HEX_DIGITS.issuperset(plain):
        if _SCIENTIFIC.fullmatch(text):
            raise Unusable(f"its seed is lost: {_SPREADSHEET}")
        if _BASE32_DIGITS.issuperset(plain.upper().rstrip("=")):
            raise Unusable("its seed looks like base32, where hexadecimal is expected")
        raise Unusable("its seed is not hexadecimal")
    if len(plain) % 2:
        raise Unusable(
            "its seed has an odd number of hex digits: a spreadsheet may have eaten a leading zero"
        )
    if _BASE32_DIGITS.issuperset(plain.upper()):
        doubts.append("its seed was read as hexadecimal, but would also be base32")
    return bytes.fromhex(plain)


def base32_seed(text: str, doubts: list[str]) -> bytes:
    """Return the seed that `text` gives in base32 (RFC 4648 §6); case, spaces, `=` do not matter.

    Raises Unusable, with what has probably happened to it; never with the text.
    """
    plain = text.replace(" ", "").replace("-", "").upper().rstrip("=")
    if not plain:
        raise Unusable("its seed is empty")
    if not _BASE32_DIGITS.issuperset(plain):
        if _SCIENTIFIC.fullmatch(text):
            raise Unusable(f"its seed is lost: {_SPREADSHEET}")
        if _HEX_DIGITS.issuperset(plain):
            raise Unusable("its seed looks like hexadecimal, where base32 is expected")
        raise Unusable("its seed is not base32")
    if _HEX_DIGITS.issuperset(plain) and len(plain) % 2 == 0:
        doubts.append("its seed was read as base32, but would also be hexadecimal")
    try:
        return base64.b32decode(plain + "=" * (-len(plain) % 8))
    except binascii.Error:
        raise Unusable("its seed is cut off: base32 is never of that length") from None


def base32_text(seed: bytes) -> str:
    """Return `seed` in base32 without padding, as authenticator programs and Entra take it."""
    return base64.b32encode(seed).decode().rstrip("=")


def hash_by_length(seed: bytes, doubts: list[str]) -> Hash:
    """Return the hash whose output is as long as `seed`, as servers guess it; else SHA-1."""
    guess = {hash_.output_bytes: hash_ for hash_ in Hash}.get(len(seed), Hash.SHA1)
    if guess is not Hash.SHA1:
        doubts.append(f"it does not name its hash; {guess.name} taken from the seed's length")
    return guess
