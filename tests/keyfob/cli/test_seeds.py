"""`keyfob seeds` as it is typed: what it says, what it leaves behind, how it ends."""

import base64
import io
import json
import os
import stat
from pathlib import Path

import pytest

from host_tools.seeds import Secret, read
from keyfob.__main__ import status_of

SEED_HEX = "a5f5ff152f408a5f2b04c92f96332e928512ed8a"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("KEYFOB_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def generate(*more: str) -> int:
    return status_of(["seeds", "generate", "--model", "fob-h6", "--out", "s.pskcxml", *more])


def test_the_first_seed_file_opens_without_a_word_about_keys(tmp_path: Path) -> None:
    assert generate("--count", "1") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.pskcxml", "s.pskcxml.key"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())
    (record,) = read("s.pskcxml")
    assert record.serial_number == "ZZH600000001"
    assert record.seed not in Path("s.pskcxml").read_bytes()


def test_no_seed_is_ever_shown(capsys: pytest.CaptureFixture[str]) -> None:
    generate("--count", "2")
    status_of(["seeds", "inspect", "s.pskcxml"])
    status_of(["seeds", "inspect", "s.pskcxml", "--json"])
    status_of(["seeds", "convert", "s.pskcxml", "--to", "oath-csv", "--out", "s.csv", "--plain"])
    said = "".join(capsys.readouterr())
    for record in read("s.csv"):
        assert record.seed.hex() not in said.lower()
    assert Path("s.pskcxml.key").read_text().strip() not in said


def test_a_file_is_not_replaced_unless_forced(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate() == 0
    before = list(read("s.pskcxml"))
    assert generate() == 2
    assert "s.pskcxml: the file exists already" in capsys.readouterr().err
    assert list(read("s.pskcxml")) == before
    assert generate("--force") == 0
    assert list(read("s.pskcxml")) != before


def test_a_replaced_files_key_does_not_stay_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    generate()
    monkeypatch.setenv("KEYFOB_PSK", "00" * 16)
    assert generate("--force") == 0
    assert not Path("s.pskcxml.key").exists()
    assert len(list(read("s.pskcxml", Secret(key=bytes(16))))) == 1


def test_plain_says_so_and_leaves_no_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate("--plain") == 0
    assert "in clear" in capsys.readouterr().err
    assert not Path("s.pskcxml.key").exists()
    assert "EncryptedValue" not in Path("s.pskcxml").read_text()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--serials", "ZZH600000001+5", "--count", "3"], "names 5 serial numbers, but 3"),
        (["--serials", "ABC"], "ends in digits"),
        (["--expiry", "31.12.2031"], "YYYY-MM-DD or MM/DD/YY"),
        (["--count", "100000001"], "a range names 1 to 10,000,000"),
        (["--plain", "--ask-passphrase"], "--plain leaves the seeds in clear: give it, or"),
        (["--out", "no/such/folder"], "no/such/folder.key cannot be written: No such file or"),
    ],
)
def test_bad_wishes_are_answered_in_a_line_and_leave_nothing(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert generate(*arguments) == 2
    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_empty_passphrase_never_leaves_seeds_in_clear(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KEYFOB_PASSPHRASE", "")
    assert generate() == 2
    assert list(tmp_path.iterdir()) == []


def test_a_passphrase_can_be_typed_by_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("blue horse\nblue horse\n"))
    assert generate("--ask-passphrase") == 0
    assert len(list(read("s.pskcxml", Secret(passphrase="blue horse")))) == 1


def test_a_serial_range_and_the_date_of_the_back_are_taken() -> None:
    assert generate("--serials", "ZZH600000010-ZZH600000012", "--expiry", "12/31/31") == 0
    records = list(read("s.pskcxml"))
    assert [record.serial_number for record in records] == [
        "ZZH600000010",
        "ZZH600000011",
        "ZZH600000012",
    ]
    assert {str(record.expiry_date) for record in records} == {"2031-12-31"}


def test_inspect_speaks_json_and_ends_in_1_when_suspicious(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("s.csv").write_text(f"A1,{SEED_HEX},totp,6,60\nA2,{SEED_HEX},totp,6,60\n")
    assert status_of(["seeds", "inspect", "s.csv", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["format"] == "oath-csv"
    assert report["count"] == 2
    assert report["suspicions"] == [
        {"text": "the same seed as another key's", "count": 1, "examples": ["line 2, A2"]}
    ]


def test_inspect_of_a_sound_file_ends_in_0() -> None:
    generate()
    assert status_of(["seeds", "inspect", "s.pskcxml"]) == 0


def test_convert_says_what_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    generate("--expiry", "2031-12-31")
    arguments = ["seeds", "convert", "s.pskcxml", "--to", "otpauth", "--out", "uris", "--plain"]
    assert status_of(arguments) == 0
    assert "otpauth has no place for expiry_date (1 seed)" in capsys.readouterr().err


@pytest.mark.parametrize("encoded", ["base64.b32encode", "base64.b64encode", "bytes.hex"])
def test_convert_doubts_a_seed_that_was_encoded_twice(
    encoded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = bytes.fromhex(SEED_HEX)
    encoders = {"base64.b32encode": base64.b32encode, "base64.b64encode": base64.b64encode}
    text = encoders[encoded](seed) if encoded in encoders else seed.hex().encode()
    Path("s.csv").write_text(f"A1,{text.hex()},totp,6,60\n")
    assert status_of(["seeds", "convert", "s.csv", "--out", "s.pskcxml"]) == 1
    said = capsys.readouterr()
    assert "base64 text: it was probably not decoded (1: A1)" in said.err
    assert not any(text.decode()[at : at + 8] in said.err + said.out for at in range(len(text) - 7))


def test_convert_encrypts_under_a_new_key_unless_told() -> None:
    Path("s.csv").write_text(f"A1,{SEED_HEX},totp,6,60\n")
    assert status_of(["seeds", "convert", "s.csv", "--out", "s.pskcxml"]) == 0
    assert [record.seed.hex() for record in read("s.pskcxml")] == [SEED_HEX]
    assert Path("s.pskcxml.key").exists()
    key = Path("my.key")
    key.write_text("ab" * 32)
    arguments = ["seeds", "convert", "s.csv", "--out", "t.pskcxml", "--out-psk-file", "my.key"]
    assert status_of(arguments) == 0
    assert [record.seed.hex() for record in read("t.pskcxml", Secret(key=b"\xab" * 32))] == [
        SEED_HEX
    ]


def test_a_delivery_is_split_by_serial_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    generate("--count", "5")
    split = ["seeds", "convert", "s.pskcxml", "--out", "part.pskcxml", "--serials"]
    assert status_of([*split, "ZZH600000002-ZZH600000003"]) == 0
    assert list(read("part.pskcxml")) == list(read("s.pskcxml"))[1:3]
    assert "warning" not in capsys.readouterr().err
    assert status_of([*split, "ZZH600000004+9", "--force"]) == 1
    assert "ZZH600000004+9 names 9, s.pskcxml has 2" in capsys.readouterr().err
    assert status_of([*split, "ZZX1+3", "--force"]) == 2
    assert "s.pskcxml has none of ZZX1+3" in capsys.readouterr().err
    assert len(list(read("part.pskcxml"))) == 2


def test_convert_to_clear_wants_to_hear_plain(capsys: pytest.CaptureFixture[str]) -> None:
    generate()
    assert status_of(["seeds", "convert", "s.pskcxml", "--to", "oath-csv", "--out", "s.csv"]) == 2
    assert "--plain" in capsys.readouterr().err
    assert not Path("s.csv").exists()


def test_one_bad_key_and_nothing_is_converted(capsys: pytest.CaptureFixture[str]) -> None:
    Path("s.csv").write_text(f"A1,{SEED_HEX},totp,6,60\nA2,{SEED_HEX[1:]},totp,6,60\n")
    assert status_of(["seeds", "convert", "s.csv", "--out", "s.pskcxml"]) == 2
    assert "s.csv: line 2, A2: its seed has an odd number" in capsys.readouterr().err
    assert sorted(path.name for path in Path().iterdir()) == ["s.csv"]


def test_a_wrong_passphrase_is_answered_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEYFOB_PASSPHRASE", "right")
    generate()
    monkeypatch.setenv("KEYFOB_PASSPHRASE", "wrong")
    capsys.readouterr()
    assert status_of(["seeds", "convert", "s.pskcxml", "--out", "t.pskcxml"]) == 2
    assert "another key or passphrase is needed" in capsys.readouterr().err


def test_keys_that_are_left_out_end_with_1_unless_they_are_excluded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("t.csv").write_text(f"A1,{SEED_HEX},hotp\nB2,{SEED_HEX[::-1]},ocra\n")
    convert = ["seeds", "convert", "t.csv", "--plain", "--out", "o.xml", "--force"]
    assert status_of(convert) == 1
    assert "left out: an OCRA key (RFC 6287) (1: line 2, B2)" in capsys.readouterr().err
    assert status_of([*convert, "--leave-out", "B2"]) == 0
    assert status_of([*convert, "--serials", "A1"]) == 0
    assert "left out" not in capsys.readouterr().err
    assert status_of(["seeds", "inspect", "t.csv"]) == 1
