"""Whatever stands in whichever column, no message, report or repr shows a piece of a seed."""

import base64
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from host_tools.seeds import BadSeedFile, Reading, Remark, entries, privacy, read
from host_tools.seeds.inspection import inspect
from host_tools.seeds.privacy import could_be_seed, displayed, looks_like_seed, quoted
from keyfob.cli.seed_choice import Notices
from keyfob.cli.seed_report import as_object, as_rows
from tests.host_tools.seeds.pskc_by_hand import PROFILE

PIECE = 8
"""So many characters of a seed in a row are one too many."""

SERIAL, MAKER, USER = "ZZT600000001", "Maker", "kim@example.net"

ENCODERS: dict[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "HEX": lambda seed: seed.hex().upper(),
    "0x": lambda seed: "0x" + seed.hex(),
    "grouped": lambda seed: " ".join(seed.hex()[at : at + 4] for at in range(0, 40, 4)),
    "base32": lambda seed: base64.b32encode(seed).decode(),
    "lower": lambda seed: base64.b32encode(seed).decode().lower(),
    "base64": lambda seed: base64.b64encode(seed).decode(),
}


def uri(fields: list[str]) -> str:
    issuer, account, secret, digits = fields
    return f"otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&digits={digits}\n"


def pskc(fields: list[str]) -> str:
    serial, key_id, maker, issuer, secret, step = fields
    return (
        '<?xml version="1.0"?><KeyContainer Version="1.0"'
        ' xmlns="urn:ietf:params:xml:ns:keyprov:pskc"><KeyPackage><DeviceInfo>'
        f"<Manufacturer>{maker}</Manufacturer><SerialNo>{serial}</SerialNo></DeviceInfo>"
        f'<Key Id="{key_id}" Algorithm="{PROFILE}totp"><Issuer>{issuer}</Issuer>'
        '<AlgorithmParameters><ResponseFormat Length="6" Encoding="DECIMAL"/></AlgorithmParameters>'
        f"<Data><Secret><PlainValue>{secret}</PlainValue></Secret>"
        f"<TimeInterval><PlainValue>{step}</PlainValue></TimeInterval></Data></Key>"
        "</KeyPackage></KeyContainer>"
    )


def safenet(fields: list[str]) -> str:
    serial, product, seed, factor = fields
    return (
        f'<Tokens><Token serial="{serial}"><ProductName>{product}</ProductName><Applications>'
        f"<Application><Seed>{seed}</Seed><MovingFactor>{factor}</MovingFactor></Application>"
        "</Applications></Token></Tokens>"
    )


def row(delimiter: str = ",", before: str = "") -> Callable[[list[str]], str]:
    return lambda fields: before + delimiter.join(fields) + "\n"


ENTRA = "upn,serial number,secret key,time interval,manufacturer,model\n"
LAYOUTS: dict[str, tuple[Callable[[list[str]], str], list[str]]] = {
    "oath-csv": (row(), [SERIAL, "SEED", "totp", "6", "60"]),
    "oath-csv quoted": (row('","'), [SERIAL, "SEED", "hotp", "6", "7"]),
    "oath-csv 2": (row(before="# version: 2\n"), [USER, "r", "m", SERIAL, "SEED", "totp", "6"]),
    "multiotp": (row(";"), [SERIAL, MAKER, "TOTP", "SEED", "6", "60"]),
    "entra": (row(before=ENTRA), [USER, SERIAL, "SEED", "60", MAKER, "c202"]),
    "table": (row("\t", "serial\tseed\ttype\tmodel\n"), [SERIAL, "SEED", "totp", "c202"]),
    "content": (row(), [USER, MAKER, SERIAL, "SEED", "totp"]),
    "yubico": (row(), ["508326", "", "0", "SEED", "", "2026-02-01T09:00:00", ""]),
    "yubico traditional": (
        row(),
        ["OATH-HOTP", "01.02.26 09:00", "1", "cccccccccccd", "", "SEED", "", "", "0", "0", "0",
         "6", "0", "0", "0", "0", "0", "0"],
    ),
    "otpauth": (uri, ["Acme", "kim", "SEED", "6"]),
    "pskc": (pskc, [SERIAL, "K1", MAKER, "Acme", "SEED", "60"]),
    "safenet": (safenet, [SERIAL, "eToken PASS", "SEED", "1"]),
}  # fmt: skip


def texts_of(path: Path, **reading: Any) -> Iterator[str]:
    """Yield all that any verb may print of a file: values, reports, warnings, errors."""
    try:
        for found in entries(Reading(path, **reading)):
            yield repr(found)
            yield str(found)
        report = inspect(Reading(path, **reading), date(2026, 6, 1))
        yield repr(as_rows(path, report))
        yield repr(as_object(path, report))
    except BadSeedFile as error:
        yield f"{error} {error!r} {error.__cause__!r} {error.where} {error.reason}"
    notices = Notices()
    try:
        for record in read(path, notice=notices.add):
            yield f"{record.serial_number} {record.credential_id} {record!r}"
    except BadSeedFile as error:
        yield str(error)
    yield repr(notices.lines())


def leaks(path: Path, secret: str) -> list[str]:
    """Return the texts that show eight characters of `secret` in a row."""
    plain = secret.replace(" ", "")
    pieces = {plain[at : at + PIECE].lower() for at in range(len(plain) - PIECE + 1)}
    return [
        text
        for text in texts_of(path)
        if any(piece in text.replace(" ", "").lower() for piece in pieces)
    ]


def written(path: Path, name: str, secret: str, order: list[int], lost: int) -> None:
    make, fields = LAYOUTS[name]
    filled = [secret if field == "SEED" else field for field in fields]
    shuffled = [filled[index] for index in order]
    if lost and make.__name__ == "<lambda>":
        del shuffled[lost % len(shuffled)]
    path.write_text(make(shuffled))


@settings(
    max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.data())
def test_shuffled_columns_show_no_seed(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(LAYOUTS)))
    seed = data.draw(st.randoms(use_true_random=False)).randbytes(20)
    secret = ENCODERS[data.draw(st.sampled_from(sorted(ENCODERS)))](seed)
    order = data.draw(st.permutations(range(len(LAYOUTS[name][1]))))
    path = tmp_path / "seeds"
    written(path, name, secret, order, data.draw(st.sampled_from([0, 0, 1, 2, 3])))
    assert leaks(path, secret) == []


SEED = bytes.fromhex("a5f5ff152f408a5f2b04c92f96332e928512ed8a")


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_each_field_as_a_seed_is_shown_by_no_format(name: str, tmp_path: Path) -> None:
    path = tmp_path / "seeds"
    width = len(LAYOUTS[name][1])
    at = LAYOUTS[name][1].index("SEED")
    for encoder in ENCODERS.values():
        for index in range(width):
            order = list(range(width))
            order[index], order[at] = order[at], order[index]
            written(path, name, encoder(SEED), order, 0)
            assert leaks(path, encoder(SEED)) == []


@pytest.mark.parametrize("part", ["displayed", "quoted"])
def test_the_search_finds_a_reader_that_quotes(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "could_be_seed", lambda text: False)
    path = tmp_path / "seeds"
    found = []
    for name, (_, fields) in LAYOUTS.items():
        at = fields.index("SEED")
        for index in range(len(fields)):
            order = list(range(len(fields)))
            order[index], order[at] = order[at], order[index]
            written(path, name, SEED.hex(), order, 0)
            found += leaks(path, SEED.hex())
    marks = {"displayed": "line 1, " + SEED.hex(), "quoted": "its type 'a5f5ff15"}
    assert any(marks[part] in text for text in found)


def test_a_row_with_the_seed_first_is_not_taken_swapped(tmp_path: Path) -> None:
    path = tmp_path / "seeds.csv"
    good = f"2600124800001,{SEED.hex()},totp,6,60\n"
    path.write_text(good * 3 + f"{SEED[::-1].hex()},2600124800002,totp,6,60\n")
    with pytest.raises(BadSeedFile) as raised:
        list(read(path))
    assert str(raised.value) == (
        f"{path}: line 4: its serial number looks like a seed (column 1), and its seed does not:"
        " fields are shifted or swapped"
    )
    path.write_text(good * 3 + f"{SEED[::-1].hex()},260012480002,totp,6,60\n")
    with pytest.raises(BadSeedFile, match="line 4: its serial number looks like a seed"):
        list(read(path))


def test_a_table_with_the_seed_first_is_read_by_content(tmp_path: Path) -> None:
    path = tmp_path / "seeds.csv"
    path.write_text(f"{SEED.hex()},TS000001,totp\n{SEED[::-1].hex()},TS000002,totp\n")
    assert [(record.serial_number, record.seed) for record in read(path)] == [
        ("TS000001", SEED),
        ("TS000002", SEED[::-1]),
    ]
    doubts: list[Remark] = []
    list(read(path, notice=doubts.append))
    assert any("found by content" in doubt.text for doubt in doubts)


@pytest.mark.parametrize(
    ("text", "could"),
    [
        ("Feitian Technology Co.,Ltd", False),
        ("ZZT600000001", False),
        ("2600124800001", False),
        ("urn:ietf:params:xml:ns:keyprov:pskc:totp", False),
        ("2031-12-31T00:00:00Z", False),
        (SEED.hex(), True),
        (SEED.hex()[:16], True),
        ("GEZD GNBV GY3T QOJQ", True),
        ("a5f5-ff15-2f40-8a5f", True),
        ("pfX/FS9Ail8rBMkvljMukoUS7Yo=", True),
        (f"seed={SEED.hex()}", True),
    ],
)
def test_what_could_be_a_seed(text: str, could: bool) -> None:
    assert could_be_seed(text) is could
    assert (displayed(text) == "") is could
    assert (text in quoted(text, 80)) is not could


@example(SEED)
@given(st.binary(min_size=10, max_size=64))
def test_every_encoding_of_a_seed_could_be_one(seed: bytes) -> None:
    for text in (seed.hex(), base64.b32encode(seed).decode(), base64.b64encode(seed).decode()):
        assert could_be_seed(text)
    assert looks_like_seed(seed.hex())
