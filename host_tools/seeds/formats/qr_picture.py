"""Pictures with QR codes of otpauth URIs or of an authenticator's transfer: read only."""

import io
from collections.abc import Iterator
from typing import BinaryIO

from firmware_model.errors import BadInput
from host_tools.seeds.entry import BadSeedFile, Found, Reading, Remark
from host_tools.seeds.formats import otpauth

MAGIC = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
"""How PNG, JPEG, GIF and TIFF begin."""

PIXELS_MAX = 100_000_000
PICTURE_BYTES_MAX = 64 << 20


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield what the QR codes (ISO/IEC 18004) of a picture hold.

    Raises:
        BadInput: the packages that read pictures are not installed.
        BadSeedFile: it is no picture, has more than 100 million pixels, or shows no such code.
    """
    try:
        import zxingcpp
        from PIL import Image, UnidentifiedImageError
    except ModuleNotFoundError:
        raise BadInput(
            "QR codes in pictures need zxing-cpp and pillow: pip install 'keyfob[qr]'"
        ) from None
    data = file.read(PICTURE_BYTES_MAX + 1)  # a pipe cannot be searched, and pictures must be
    if len(data) > PICTURE_BYTES_MAX:
        raise BadSeedFile(reading.path, f"it is larger than {PICTURE_BYTES_MAX >> 20} MiB")
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > PIXELS_MAX:
                raise BadSeedFile(reading.path, f"it has more than {PIXELS_MAX:,} pixels")
            grey = picture.convert("L")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise BadSeedFile(reading.path, "the picture is damaged or cut off") from None
    texts = [code.text for code in zxingcpp.read_barcodes(grey)]
    ours = [(number, text) for number, text in enumerate(texts, 1) if otpauth.sniff(text)]
    if not ours:
        what = "no QR code was found in it" if not texts else "its QR codes hold no otpauth URI"
        raise BadSeedFile(reading.path, f"{what}; take a sharper picture of the whole code")
    if len(ours) < len(texts):
        yield Remark(f"{len(texts) - len(ours)} other codes in the picture, not read")
    yield from otpauth.read_uris(ours, place="QR code")
