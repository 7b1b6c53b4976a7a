"""Labels as SVG: serial number, Credential ID as a barcode, expiry as the model prints it."""

from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from firmware_model.identity import Day
from host_tools.provisioning.station.code128 import bars
from host_tools.vault.private_file import private_file

WIDTH_MM, HEIGHT_MM = 40, 14
QUIET_MODULES = 10
"""On either side, as ISO/IEC 15417 §4.4 wants it."""

_BAR_TOP, _BAR_BOTTOM = 4.6, 10.4


def label(
    serial_number: str, credential_id: str, expiry: date | None, *, test_keys: bool = False
) -> str:
    """Return one label, 40 by 14 mm, as SVG text.

    Args:
        serial_number: printed as text.
        credential_id: as a Code 128 symbol, and in text below; 1 to 64 printable characters.
        expiry: the last day of use, printed MM/DD/YY; None leaves it out.
        test_keys: print TEST on it.
    """
    symbol = bars(credential_id)
    modules = symbol[-1][0] + symbol[-1][1] + 2 * QUIET_MODULES
    unit = WIDTH_MM / modules
    strokes = "".join(
        f"M{(QUIET_MODULES + start) * unit:.3f} {_BAR_TOP}h{width * unit:.3f}V{_BAR_BOTTOM}"
        f"h{-width * unit:.3f}z"
        for start, width in symbol
    )
    corner = "" if expiry is None else Day(expiry.year, expiry.month, expiry.day).back_print
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_MM}mm" height="{HEIGHT_MM}mm"'
        f' viewBox="0 0 {WIDTH_MM} {HEIGHT_MM}" font-family="monospace" font-size="2.6">\n'
        f'<rect width="{WIDTH_MM}" height="{HEIGHT_MM}" fill="#fff"/>\n'
        f'<text x="2" y="3.6">{escape(serial_number)}</text>\n'
        + (f'<text x="38" y="3.6" text-anchor="end">{corner}</text>\n' if corner else "")
        + f'<path d="{strokes}"/>\n'
        f'<text x="20" y="13.2" text-anchor="middle">{escape(credential_id)}</text>\n'
        + ('<text x="38" y="13.2" text-anchor="end">TEST</text>\n' if test_keys else "")
        + "</svg>\n"
    )


def write_label(folder: Path, name: str, svg: str) -> Path:
    """Write a label into `folder` as NAME.svg, in place of one that is there; return where.

    Signs in `name` that a file name should not have become an underscore.

    Raises:
        OSError: it cannot be written.
    """
    plain = "".join(sign if sign.isalnum() or sign in "-." else "_" for sign in name)
    path = folder / f"{plain.lstrip('.') or '_'}.svg"
    with private_file(path, replace=True) as file:
        file.write(svg.encode())
    return path
