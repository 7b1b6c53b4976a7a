"""What is written comes back identical, is valid by other people's tools, and stays private."""

import ctypes
import ctypes.util
import io
import re
import shutil
import stat
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pskc import PSKC

from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKey, OtpKind
from host_tools.seeds import LockedSeedFile, Reading, Secret, SeedEntry, SeedRecord, read, write
from host_tools.seeds.formats import pskc, pskc_writer
from host_tools.seeds.formats.otpauth import uri_of
from host_tools.seeds.key_file import key_file_of, new_key_beside, read_key_file
from host_tools.seeds.registry import FORMATS, lost_fields

HOTP = SeedRecord(
    serial_number="ZZH600000001",
    credential_id="ZZH600000001",
    seed=b"12345678901234567890",
    kind=OtpKind.HOTP,
    counter=7,
    manufacturer="oath.ZZ",
    model="fob-h6",
    expiry_date=date(2031, 12, 31),
)
TOTP = replace(HOTP, serial_number="ZZT600000001", credential_id="ZZT600000001", kind=OtpKind.TOTP,
               counter=0, step_seconds=60)  # fmt: skip
AES128, AES192, AES256 = (Secret(key=bytes(range(length))) for length in (16, 24, 32))

identifiers = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
texts = st.text(
    st.characters(categories=("L", "N", "P", "S"), exclude_characters="\ufffe\uffff"), max_size=20
)
days = st.none() | st.dates(date(1970, 1, 1), date(2999, 12, 31))


@st.composite
def records(draw: st.DrawFn) -> SeedRecord:
    kind = draw(st.sampled_from(OtpKind))
    timed = kind is OtpKind.TOTP
    start, expiry = draw(days), draw(days)
    if start and expiry and start > expiry:
        start, expiry = expiry, start
    return SeedRecord(
        serial_number=draw(identifiers),
        credential_id=draw(identifiers),
        seed=draw(st.binary(min_size=1, max_size=128)),
        kind=kind,
        algorithm=draw(st.sampled_from(Hash)),
        digits=draw(st.integers(4, 10)),
        counter=0 if timed else draw(st.integers(0, 2**63 - 1)),
        step_seconds=draw(st.integers(1, 86_400)) if timed else 30,
        time_steps=draw(st.integers(0, 2**31 - 1)) if timed else 0,
        drift_steps=draw(st.integers(-(2**31), 2**31 - 1)) if timed else 0,
        manufacturer=draw(texts),
        model=draw(texts),
        issuer=draw(texts),
        user=draw(texts),
        start_date=start,
        expiry_date=expiry,
    )


@settings(max_examples=40)
@given(
    st.lists(records(), min_size=1, max_size=4),
    st.sampled_from([Secret(), AES128, AES192, AES256, Secret(passphrase="pass word")]),
)
def test_pskc_comes_back_identical(written: list[SeedRecord], secret: Secret) -> None:
    file = io.BytesIO()
    assert pskc_writer.write(file, written, secret, rounds=1_000) == len(written)
    file.seek(0)
    found = pskc.read(file, Reading(Path("file"), secret))
    assert [entry.record for entry in found if isinstance(entry, SeedEntry)] == written


@pytest.mark.parametrize("secret", [AES128, AES192, AES256, Secret(passphrase="qwerty")])
def test_python_pskc_opens_what_was_written(secret: Secret, tmp_path: Path) -> None:
    path = tmp_path / "seeds.pskcxml"
    write(path, [HOTP, TOTP], secret)
    container = PSKC(path)
    if secret.key is not None:
        container.encryption.key = secret.key
    else:
        container.encryption.derive_key("qwerty")
    assert [(key.serial, key.secret) for key in container.keys] == [
        (HOTP.serial_number, HOTP.seed),
        (TOTP.serial_number, TOTP.seed),
    ]
    assert HOTP.seed not in path.read_bytes()


@pytest.mark.skipif(shutil.which("pskctool") is None, reason="pskctool (oath-toolkit) is not here")
@pytest.mark.parametrize(
    "secret", [Secret(), AES128, AES256, Secret(passphrase="qwerty")], ids=["-", "16", "32", "pw"]
)
def test_the_schema_of_rfc_6030_accepts_what_was_written(secret: Secret, tmp_path: Path) -> None:
    path = tmp_path / "seeds.pskcxml"
    full = replace(TOTP, drift_steps=-2, issuer="Bank & Söhne", user="CN=Alice", digits=8)
    write(path, [HOTP, full], secret, plain=not secret)
    done = subprocess.run(
        ["pskctool", "--validate", str(path)], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "OK", done.stderr


@pytest.mark.parametrize("name", ["oath-csv", "otpauth", "entra-csv"])
def test_tables_come_back_as_far_as_they_have_a_place(name: str, tmp_path: Path) -> None:
    path = tmp_path / "seeds"
    sha512 = replace(TOTP, algorithm=Hash.SHA512, seed=bytes(range(64)), digits=8)
    written = [TOTP] if name == "entra-csv" else [HOTP, TOTP, sha512]
    write(path, written, format=name, plain=True)
    for before, after in zip(written, read(path), strict=True):
        lost = lost_fields(before, FORMATS[name])
        blank = {field: None if field.endswith("_date") else "" for field in lost}
        assert after == replace(before, **blank)  # type: ignore[arg-type]
        assert "expiry_date" in lost


def test_oath_csv_names_a_hash_that_servers_would_guess_wrong(tmp_path: Path) -> None:
    path = tmp_path / "seeds.csv"
    sha1_of_32 = replace(HOTP, seed=bytes(range(32)))
    write(path, [HOTP, sha1_of_32], format="oath-csv", plain=True)
    assert path.read_text().splitlines() == [
        "ZZH600000001,3132333435363738393031323334353637383930,hotp,6,7",
        "ZZH600000001,000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f,hotp,6,7,sha1",
    ]


def liboath() -> ctypes.CDLL | None:
    name = ctypes.util.find_library("oath")
    return None if name is None else ctypes.CDLL(name)


@pytest.mark.skipif(liboath() is None, reason="liboath (oath-toolkit) is not here")
def test_pam_oath_accepts_codes_from_the_users_file(tmp_path: Path) -> None:
    library = liboath()
    assert library is not None
    path = tmp_path / "users.oath"
    write(path, [replace(HOTP, user="alice"), TOTP], format="pam-oath", plain=True)

    def authenticated(user: str, code: str) -> bool:
        last = ctypes.c_long(0)
        return bool(
            library.oath_authenticate_usersfile(
                str(path).encode(), user.encode(), code.encode(), 1, None, ctypes.byref(last)
            )
            == 0
        )

    key = OtpKey(HOTP.seed)
    assert not authenticated("alice", key.code(HOTP.counter - 1))
    assert authenticated("alice", key.code(HOTP.counter + 1))
    assert not authenticated("alice", key.code(HOTP.counter + 1))


def test_qr_codes_hold_the_uris(tmp_path: Path) -> None:
    pytest.importorskip("segno", reason="segno is not installed")
    zxing = pytest.importorskip("zxingcpp", reason="zxing-cpp, a QR reader, is not installed")
    path = tmp_path / "page.html"
    write(path, [HOTP, TOTP], format="qr-page", plain=True)
    pictures = re.findall(r'<svg[^>]*>.*?<path[^>]* d="([^"]*)".*?</svg>', path.read_text())
    texts = [zxing.read_barcodes(_pixels(picture))[0].text for picture in pictures]
    assert texts == [uri_of(HOTP), uri_of(TOTP)]


def _pixels(path: str) -> memoryview:
    """Draw an SVG path of horizontal strokes (M, m, h) as grey bytes, four pixels a module."""
    size, scale = 80, 4
    image = bytearray(b"\xff" * (size * scale) ** 2)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-0-9. ]+)", path):
        values = [float(number) for number in re.findall(r"-?[0-9.]+", numbers)]
        if command == "h":
            for row in range(int(y) * scale, int(y) * scale + scale):
                start = row * size * scale + int(x) * scale
                image[start : start + int(values[0]) * scale] = bytes(int(values[0]) * scale)
            x += values[0]
        else:
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    return memoryview(image).cast("B", (size * scale, size * scale))


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("entra-csv", HOTP),
        ("entra-csv", replace(TOTP, step_seconds=45)),
        ("pam-oath", replace(HOTP, algorithm=Hash.SHA256)),
        ("pam-oath", replace(HOTP, user="two words")),
        ("otpauth", replace(TOTP, t0_seconds=946_684_800)),
        ("oath-csv", replace(TOTP, t0_seconds=946_684_800)),
        ("pskc", replace(TOTP, t0_seconds=946_684_800)),
    ],
)
def test_what_a_format_cannot_express_is_refused_by_name(
    name: str, record: SeedRecord, tmp_path: Path
) -> None:
    path = tmp_path / "out"
    with pytest.raises(BadInput, match=f"key {record.serial_number}: "):
        write(path, [HOTP if name == "pam-oath" else record, record], format=name, plain=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [f.name for f in FORMATS.values() if f.write])
def test_seeds_stand_in_clear_only_when_asked_for(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--plain"):
        write(tmp_path / "out", [TOTP], format=name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "seeds.pskcxml"
    write(path, [HOTP], AES128)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(BadInput, match="exists already"):
        write(path, [TOTP], AES128)
    assert path.read_bytes() == before
    write(path, [TOTP], AES128, replace=True)
    assert list(read(path, AES128)) == [TOTP]
    assert list(tmp_path.iterdir()) == [path]


def test_a_dangling_link_is_not_written_through(tmp_path: Path) -> None:
    path = tmp_path / "link"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match="exists already"):
        write(path, [HOTP], AES128)
    assert not (tmp_path / "elsewhere").exists()


def test_no_records_make_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no seed to write"):
        write(tmp_path / "out", [], AES128)
    assert list(tmp_path.iterdir()) == []


def test_the_key_beside_a_file_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "seeds.pskcxml"
    with new_key_beside(path) as key:
        write(path, [HOTP], Secret(key=key))
    assert stat.S_IMODE(key_file_of(path).stat().st_mode) == 0o600
    assert read_key_file(key_file_of(path)) == key
    assert list(read(path)) == [HOTP]


def test_a_spoilt_key_file_is_named_and_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "seeds.pskcxml.key"
    path.write_text("0011 secret")
    with pytest.raises(BadInput, match="holds no key") as raised:
        read_key_file(path)
    assert "secret" not in str(raised.value)


def test_a_pre_shared_key_of_a_wrong_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="16, 24 or 32 bytes, not 20"):
        write(tmp_path / "out", [HOTP], Secret(key=bytes(20)))


def test_a_stale_key_beside_hides_no_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "seeds.pskcxml"
    with path.open("wb") as file:
        pskc_writer.write(file, [HOTP], Secret(passphrase="qwerty"), rounds=1_000)
    with new_key_beside(path):
        pass
    with pytest.raises(LockedSeedFile) as raised:
        list(read(path))
    assert raised.value.wants_passphrase
    assert list(read(path, Secret(passphrase="qwerty"))) == [HOTP]


def test_a_passphrase_given_in_vain_hides_no_key_beside(tmp_path: Path) -> None:
    path = tmp_path / "seeds.pskcxml"
    with new_key_beside(path) as key:
        write(path, [HOTP], Secret(key=key))
    assert list(read(path, Secret(passphrase="of another file"))) == [HOTP]
