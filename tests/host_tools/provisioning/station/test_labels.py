"""Labels: a barcode that a reader we did not write can read, and the text beside it."""

import random
import re
from datetime import date
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from host_tools.provisioning.station.code128 import START_B, START_C, STOP, bars, encode
from host_tools.provisioning.station.labels import label, write_label

MODULE_PIXELS = 3


def test_letters_and_pairs_of_digits_are_encoded_with_their_check_character() -> None:
    # ISO/IEC 15417 §4.3.7: the weights are 1, 1, 2, 3, ...
    assert encode("ZZ") == [START_B, 58, 58, (104 + 58 + 2 * 58) % 103, STOP]
    assert encode("1234") == [START_C, 12, 34, (105 + 12 + 2 * 34) % 103, STOP]


def test_every_symbol_character_is_eleven_modules_and_the_stop_thirteen() -> None:
    (start, width) = bars("ZZ")[-1]
    assert start + width == 4 * 11 + 13


@pytest.mark.parametrize("text", ["", "a" * 65, "ä", "tab\t"])
def test_what_no_label_can_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 64 printable"):
        encode(text)


def test_a_barcode_reader_reads_every_sign() -> None:
    dice = random.Random(15417)
    signs = [chr(number) for number in range(32, 127)] + list("0123456789") * 9
    texts = ["ZZH600000001", "ZZID00012345", "12345", "A1234567B", "".join(map(chr, range(32, 96)))]
    texts += ["".join(dice.choices(signs, k=dice.randint(1, 30))) for _ in range(200)]
    for text in texts:
        # A reader trims blanks nowhere else.
        assert scanned(bars(text)) == text


def scanned(found: list[tuple[int, int]]) -> str:
    zxing = pytest.importorskip("zxingcpp", reason="zxing-cpp, a barcode reader, is not installed")
    width = (found[-1][0] + found[-1][1] + 20) * MODULE_PIXELS
    row = bytearray(b"\xff" * width)
    for start, modules in found:
        left = (10 + start) * MODULE_PIXELS
        row[left : left + modules * MODULE_PIXELS] = bytes(modules * MODULE_PIXELS)
    image = memoryview(bytes(row) * 60).cast("B", (60, width))
    (symbol,) = zxing.read_barcodes(image)
    assert symbol.format == zxing.BarcodeFormat.Code128
    return str(symbol.text)


def test_the_label_says_serial_number_credential_id_and_expiry_as_on_a_back() -> None:
    svg = label("ZZH600000001", "ZZID00000001", date(2031, 12, 31), test_keys=True)
    texts = [element.text for element in fromstring(svg).iter() if element.tag.endswith("text")]
    assert texts == ["ZZH600000001", "12/31/31", "ZZID00000001", "TEST"]


def test_the_drawn_bars_are_those_of_the_credential_id() -> None:
    svg = label("ZZH600000001", "ZZID00000001", None)
    drawn = [tuple(map(float, bar)) for bar in re.findall(r"M([\d.]+) [\d.]+h([\d.]+)", svg)]
    unit = drawn[0][0] / 10
    assert [(round(x / unit) - 10, round(width / unit)) for x, width in drawn] == bars(
        "ZZID00000001"
    )
    assert "TEST" not in svg


def test_names_cannot_leave_the_folder_or_the_markup(tmp_path: Path) -> None:
    path = write_label(tmp_path, "../<a>&", label("<a>&", "x<y", None))
    assert path.parent == tmp_path
    assert list(tmp_path.iterdir()) == [path]
    assert fromstring(path.read_text()) is not None
    write_label(tmp_path, "../<a>&", "again")
    assert path.read_text() == "again"
