"""Tables of seeds in whatever shape: delimiters, quoting, headers, encodings, columns."""

import base64
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKind, hotp, totp
from host_tools.seeds import BadSeedFile, Reading, Remark, SeedRecord, entries, read, write
from host_tools.seeds.columns import Column, named_column, parse_columns
from host_tools.seeds.encoding import check_encoding, legacy_encoding
from host_tools.seeds.entry import TableColumns

SEED = bytes.fromhex("01f2f10988b4bcdd5d5e74241381ed87d5f5e62f")
HEX, B32, B64 = SEED.hex(), base64.b32encode(SEED).decode(), base64.b64encode(SEED).decode()
NOON = 1_869_739_200
"""2029-04-01 12:00:00 UTC; oathtool makes 050707 of SEED then (60 s), 385423 of counter 0."""


def read_bytes(path: Path, data: bytes, **options: object) -> tuple[list[SeedRecord], list[str]]:
    path.write_bytes(data)
    notices: list[Remark] = []
    records = list(read(path, notice=notices.append, **options))  # type: ignore[arg-type]
    return records, [notice.text for notice in notices]


def columns_of(path: Path, text: str) -> tuple[str, ...]:
    path.write_text(text)
    return next(
        found.columns for found in entries(Reading(path)) if isinstance(found, TableColumns)
    )


def fault_of(path: Path, data: str | bytes, **options: object) -> str:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    with pytest.raises(BadSeedFile) as raised:
        list(read(path, **options))  # type: ignore[arg-type]
    assert HEX[:8] not in str(raised.value)
    return str(raised.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    "text",
    [
        f"F2,{HEX},totp,6,60\n",
        f'"F2","{HEX}","totp","6","60"\r\n',
        f'F2, "{HEX}", totp, 6, 60\n',
        f"F2;{HEX};totp;6;60\n",
        f"F2\t{HEX}\ttotp\t6\t60\r\n",
        f"F2|{HEX}|TOTP|6|60",
        f"F2,0x{HEX},totp,6,60\n",
        f"F2,{HEX.upper()},time-based,6,60\n",
        f"sep=;\nF2;{HEX};totp;6;60\n",
        f'="F2",="{HEX}",totp,6,60\n',
        f"serial,seed,type,otplen,timestep\nF2,{HEX},totp,6,60\n",
        f"Exported on Monday\n\nSerial Number;Seed;Type;Digits;Period\nF2;{HEX};TOTP;6;60\n",
        f"シリアル番号,シード,種別,桁数,時間間隔\nF2,{HEX},TOTP,6,60\n",
        f"Token Serial,Algorithm,OTP Key,Time Step\nF2,TOTP,{HEX},60\n",
        f"timestep,base32 secret,serial\n60,{B32},F2\n",
        f"# tokens\nserial,secret,step\nF2,{B64},60\n",
        f"F2,Maker,TOTP,{HEX},6,60\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_table_of_any_shape_gives_the_same_key(text: str, encoding: str, tmp_path: Path) -> None:
    ((record,), _) = read_bytes(tmp_path / "t.csv", text.encode(encoding))
    assert (record.serial_number, record.kind, record.algorithm) == ("F2", OtpKind.TOTP, Hash.SHA1)
    assert (
        totp(record.seed, NOON, step_seconds=record.step_seconds, digits=record.digits) == "050707"
    )


def test_lines_may_end_in_carriage_returns_alone(tmp_path: Path) -> None:
    records, _ = read_bytes(tmp_path / "t.csv", f"A1,{HEX}\rA2,{HEX}\r".encode())
    assert [record.serial_number for record in records] == ["A1", "A2"]
    assert hotp(records[0].seed, 0, digits=6) == "385423"


def test_columns_are_shown_without_secrets(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    assert columns_of(path, f"A1,{HEX},totp\nA2,{HEX}{HEX[:24]},totp\n") == (
        "column 1: serial", "column 2: seed, hex, 20 to 32 bytes", "column 3: type",
    )  # fmt: skip
    assert columns_of(path, f"owner,serial,secret\nkim,A1,{B32}\n") == (
        "column 1: not read", "column 2: serial", "column 3: seed, base32, 20 bytes",
    )  # fmt: skip


def test_columns_are_found_by_content_with_a_doubt(tmp_path: Path) -> None:
    rows = "".join(f"{B64},x{at}@example.net,T-{at},6,totp,30,Acme\n" for at in range(3))
    records, doubts = read_bytes(tmp_path / "t.csv", rows.encode())
    assert [record.serial_number for record in records] == ["T-0", "T-1", "T-2"]
    assert {(record.seed, record.kind, record.step_seconds) for record in records} == {
        (SEED, OtpKind.TOTP, 30)
    }
    assert "columns were found by content" in doubts[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{HEX},{HEX},A1\n", "several columns look like a seed (column 1: seed, column 2: seed"),
        (f"A1,B1,{HEX}\nA2,B2,{HEX}\n", "it is not clear which column names the token"),
        ("A1,6,totp\n", "no column looks like a seed (column 1: name, column 2: digits"),
        (f"serial;model;type\nA1;{HEX};x\n", "the header names no seed column: 'serial', 'model'"),
        (f"seed;type;step\n{HEX};totp;60\n", "the header names no serial number column: 'seed'"),
        (f"serial,seed,seed\nA1,{HEX},{HEX}\n", "the header names seed twice"),
    ],
)
def test_columns_that_are_not_clear_are_asked_for(text: str, words: str, tmp_path: Path) -> None:
    fault = fault_of(tmp_path / "t.csv", text)
    assert words in fault
    assert "--columns" in fault


def test_a_serial_number_may_be_a_word_of_headers(tmp_path: Path) -> None:
    ((record,), _) = read_bytes(tmp_path / "t.csv", f"key,{HEX},hotp\n".encode())
    assert record.serial_number == "key"


def test_a_hash_may_stand_among_the_types(tmp_path: Path) -> None:
    text = f"serial,seed,type,step\nA1,{HEX},HmacSHA256,60\n".encode()
    ((record,), doubts) = read_bytes(tmp_path / "t.csv", text)
    assert (record.algorithm, record.kind) == (Hash.SHA256, OtpKind.TOTP)
    assert doubts == ["it does not name its type; TOTP taken"]


def test_a_drift_has_its_sign(tmp_path: Path) -> None:
    rows = f"serial,seed,type,drift\nA1,{HEX},totp,-2\nA2,{HEX},totp,+3\nA3,{HEX},totp,4\n"
    records, _ = read_bytes(tmp_path / "t.csv", rows.encode())
    assert [record.drift_steps for record in records] == [-2, 3, 4]


def test_columns_can_be_named(tmp_path: Path) -> None:
    text = f"A1,B1,{HEX}\nA2,B2,{HEX}\n".encode()
    columns = parse_columns("-,serial,hex")
    records, _ = read_bytes(tmp_path / "t.csv", text, format="table", columns=columns)
    assert [record.serial_number for record in records] == ["B1", "B2"]
    headed = f"serial,seed\nA1,{B32}\n".encode()
    columns = parse_columns("serial,base32")
    ((record,), _) = read_bytes(tmp_path / "t.csv", headed, format="table", columns=columns)
    assert record.seed == SEED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("serial,sede", "unknown column 'sede'; known: serial, id, seed"),
        ("serial,type", "exactly one of seed, hex, base32, base64"),
        ("serial,seed,hex", "exactly one of seed"),
        ("serial,serial,seed", "each column once"),
        ("-,seed", "serial is missing"),
    ],
)
def test_named_columns_are_checked(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse_columns(text)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (f"A1,{HEX},totp,6,60,sha1,x", "line 3: 7 columns instead of 2 to 6"),
        (f'A1,"{HEX},totp', "line 3: a quotation mark is not closed on this line"),
        (f"A1,{HEX[:-1]},totp", "line 3, A1: its seed has an odd number of hex digits"),
        (f"A1,{B32},totp", "line 3, A1: its seed looks like base32, where hexadecimal"),
        (f"A1,{B64},totp", "line 3, A1: its seed looks like base64, where hexadecimal"),
        ("A1,1.2E+39,totp", "line 3, A1: its seed is lost: a spreadsheet"),
        (f"1.00013E+12,{HEX}", "serial number is lost"),
        (f"A1,{HEX},hotpp", "its type 'hotpp' is neither HOTP nor TOTP"),
        (f"A1,{HEX},totp,six", "its number of digits is no whole number: 'six'"),
        (f"A1,{HEX},totp,6,60.5", "its counter or time step is no whole number: '60.5'"),
        (f"A1,{HEX},totp,6,60,md5", "its hash 'md5' is none of"),
        (f",{HEX}", "line 3: its serial number is empty"),
    ],
)
def test_faults_name_their_line_and_field(rows: str, words: str, tmp_path: Path) -> None:
    assert words in fault_of(tmp_path / "t.csv", f"A0,{HEX},totp,6,60\n\n{rows}\n")


@pytest.mark.parametrize("row", ["A1,{},60", "A1,{},60,Acme,M,x", "60,A1,{},Acme"])
def test_rows_are_held_against_the_header(row: str, tmp_path: Path) -> None:
    header = "serial number,secret key,time interval,manufacturer,model\n"
    text = header + f"A0,{B32},60,Acme,M\n" + row.format(B32) + "\n"
    assert "line 3: " in fault_of(tmp_path / "t.csv", text)
    assert "columns instead of 5" in fault_of(tmp_path / "t.csv", text)


def test_columns_of_unknown_meaning_are_doubted(tmp_path: Path) -> None:
    text = f"serial,seed,step,wobble\nA1,{HEX},60,3\n".encode()
    _, doubts = read_bytes(tmp_path / "t.csv", text)
    assert doubts[0].startswith("the column 'wobble' is not read: its meaning is unknown")


def test_foreign_rows_are_left_out_by_name(tmp_path: Path) -> None:
    rows = [f"A{at},{HEX},{kind}" for at, kind in enumerate(("ocra", "motp", "yubikey", "tan"))]
    path = tmp_path / "t.csv"
    path.write_text("\n".join([*rows, f"A9,{HEX},hotp"]))
    notices: list[Remark] = []
    (record,) = read(path, notice=notices.append)
    assert record.serial_number == "A9"
    assert [notice.where for notice in notices if notice.left_out] == [
        f"line {at + 1}, A{at}" for at in range(4)
    ]


def test_a_yubico_row_of_unclear_mode_is_no_remark(tmp_path: Path) -> None:
    rows = "508326,,0,{},,2026-02-01T09:00:00,\n508327,,{},{},,2026-02-01T09:00:00,\n"
    path = tmp_path / "t.csv"
    for mode, words in (("x", "its column 3 is neither a moving"), ("17", "no multiple of 16")):
        assert f"line 2, 508327: {words}" in fault_of(path, rows.format(HEX, mode, HEX)).replace(
            "its moving factor is ", ""
        )
    for mode in ("", "83cebdfb7b93"):
        records, left = read_bytes(path, rows.format(HEX, mode, HEX).encode())
        assert len(records) == 1
        assert any(text.startswith("left out: ") for text in left)


def test_both_yubico_logs_may_stand_in_one_file(tmp_path: Path) -> None:
    text = (
        "# Traditional\nStatic Password: Scan Code,1.1.26 9:00,1,0512121c,,,,,0,0,0,0,0,0,0,0,0,0\n"
        f"OATH-HOTP,1.1.26 09:00,2,cccccccccccd,,{HEX},,,0,0,0,8,32,0,0,0,0,0\n"
        "Configuration Swap,1.1.26 09:00,1,,,,,,0,0,0,0,0,0,0,0,0,0\n"
        f"# Yubico\n508326,ubhe00508326,16,{HEX},,2026-02-01T09:00:00,\n"
    )
    records, notes = read_bytes(tmp_path / "t.csv", text.encode())
    assert [(one.serial_number, one.digits, one.counter) for one in records] == [
        ("UBOM00000002_2", 8, 32),
        ("508326", 6, 16),
    ]
    assert notes == [
        "left out: a static password",
        "left out: a change of a YubiKey's settings, which holds no key",
        "the format says neither slot nor digits; 6 digits taken",
    ]
    assert "may be a challenge-response key" in "".join(
        read_bytes(tmp_path / "t.csv", f"508326,,0,{HEX},,2026-02-01T09:00:00,".encode())[1]
    )


ENTRA = "upn,serial number,secret key,time interval,manufacturer,model\n"


@pytest.mark.parametrize(
    ("encoding", "user", "maker"),
    [
        ("cp932", "user@example.com", "東京"),
        ("cp932", "user@example.com", "ﾄｳｷｮｳ"),
        ("cp932", "ソ十表@example.com", "能登"),
        ("latin-1", "jürgen@example.com", "Société"),
        ("cp1252", "zoë@example.com", "Škoda–€"),
    ],
)
def test_legacy_encodings_are_recognised(
    encoding: str, user: str, maker: str, tmp_path: Path
) -> None:
    text = ENTRA + f"a@b.c,1234566,{B32},60,Acme,M\n{user},1234567,{B32},60,{maker},M\n"
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding))
    _, record = read(path)
    assert (record.user, record.manufacturer) == (user, maker)
    remarks = [found.text for found in entries(Reading(path)) if isinstance(found, Remark)]
    assert remarks[0].startswith("line 3 is not UTF-8; the text was read as ")


def test_an_encoding_that_is_not_recognised_can_be_named(tmp_path: Path) -> None:
    data = (ENTRA + f"a@b.c,1234567,{B32},60,日本語株式会社,M\n").encode("euc-jp")
    path = tmp_path / "t.csv"
    assert "line 2: not UTF-8 text" in fault_of(path, data)
    ((record,), _) = read_bytes(path, data, encoding="euc-jp")
    assert record.manufacturer == "日本語株式会社"
    assert "line 2: not cp932 text" in fault_of(path, ENTRA.encode() + b"\x81!\n", encoding="cp932")
    with pytest.raises(BadInput, match="unknown encoding 'klingon'"):
        check_encoding("klingon")


@pytest.mark.parametrize("word", ["Müller", "Jérôme", "Hélène", "naïve—ok", "O’Brien", "Créée"])
def test_western_words_are_not_taken_for_japanese(word: str) -> None:
    assert legacy_encoding(f"x,{word},y".encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("start", list("=+-@＝＋－＠"))
def test_formulas_are_doubted_and_never_written(start: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    text = ENTRA + f'kim@x.y,A1,{B32},60,"{start}HYPERLINK(1)",M\n'
    ((record,), doubts) = read_bytes(path, text.encode())
    assert doubts == ["its manufacturer begins as a formula of a spreadsheet does"]
    with pytest.raises(BadInput, match=r"line 2, column 5 \(manufacturer\): the text begins with"):
        write(tmp_path / "out.csv", [record], format="entra-csv", plain=True)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("name", ["a\u202eb", "a\u200eb", "a\x1b[2Jb", "a\x07b"])
def test_control_and_direction_characters_are_refused_by_name(name: str, tmp_path: Path) -> None:
    text = ENTRA + f"kim@x.y,A1,{B32},60,{name},M\n"
    assert "its manufacturer has the control or direction character U+" in fault_of(
        tmp_path / "t.csv", text
    )


def test_a_file_that_is_no_table_is_told(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "t", "Dear Sir or Madam,\n").startswith("unrecognised format; supp")
    assert "line 2: a zero byte" in fault_of(tmp_path / "t", f"A1,{HEX}\nA2,\0\n")


def test_every_column_has_one_name_and_no_header_two_meanings() -> None:
    assert all(parse_columns(f"{column},serial,seed") for column in Column if column not in (
        Column.SERIAL, Column.SEED, Column.HEX, Column.BASE32, Column.BASE64
    ))  # fmt: skip
    assert named_column(" Serial_Number ") is Column.SERIAL
    assert named_column("wobble") is None
