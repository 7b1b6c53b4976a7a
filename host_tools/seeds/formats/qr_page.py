"""A page to print with a QR code of the otpauth URI for each seed: written only."""

from collections.abc import Iterable
from html import escape
from typing import BinaryIO

from firmware_model.errors import BadInput
from host_tools.seeds.entry import Secret
from host_tools.seeds.formats.otpauth import uri_of
from host_tools.seeds.record import SeedRecord

_HEAD = """<!doctype html>
<meta charset="utf-8">
<title>Seeds as QR codes: keep secret</title>
<style>figure { display: inline-block; margin: 1em; font-family: monospace; text-align: center; \
page-break-inside: avoid }</style>
"""


def write(file: BinaryIO, records: Iterable[SeedRecord], secret: Secret) -> int:
    """Write an HTML page with a QR code (ISO/IEC 18004) under each serial number's name.

    Raises:
        BadInput: the library that draws them is not installed.
    """
    del secret
    try:
        import segno
    except ModuleNotFoundError:
        raise BadInput("QR codes need the package segno: pip install 'keyfob[qr]'") from None
    file.write(_HEAD.encode())
    count = 0
    for record in records:
        picture = segno.make(uri_of(record), error="m", micro=False).svg_inline(scale=4)
        caption = escape(record.serial_number)
        file.write(f"<figure>{picture}<figcaption>{caption}</figcaption></figure>\n".encode())
        count += 1
    return count
