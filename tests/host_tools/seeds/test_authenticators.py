"""What authenticator programs export: URIs, bulk transfers, QR pictures, JSON."""

import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.generators import Hash, OtpKind, totp
from host_tools.seeds import (
    BadSeedFile,
    LockedSeedFile,
    Reading,
    Remark,
    Secret,
    SeedEntry,
    SeedRecord,
    entries,
    read,
    write,
)
from host_tools.seeds.formats.migration import Batches, transfer_entries

SEED = bytes.fromhex("01f2f10988b4b9d5a8bc742413838d87d7fcde2f")
BASE32 = base64.b32encode(SEED).decode()
NOON = 1_869_739_200
"""2029-04-01 12:00:00 UTC; expected codes are oathtool's."""


def uri(label: str = "x:user", **parameters: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return f"otpauth://totp/{label}?secret={BASE32}&{query}"


def read_text(path: Path, text: str) -> tuple[list[SeedRecord], list[str]]:
    path.write_text(text, "utf-8")
    notices: list[Remark] = []
    records = list(read(path, notice=notices.append))
    return records, [notice.text for notice in notices]


def fault_of(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    with pytest.raises(BadSeedFile) as raised:
        list(read(path))
    return str(raised.value)


@pytest.mark.parametrize(
    ("label", "issuer", "names"),
    [
        ("Acme:alice", "Acme", ("Acme", "alice", "Acme:alice")),
        ("Acme%3Aalice", "Acme", ("Acme", "alice", "Acme:alice")),
        ("Acme:%20alice", "", ("Acme", "alice", "Acme:alice")),
        ("alice", "Acme", ("Acme", "alice", "Acme:alice")),
        ("alice", "", ("", "alice", "alice")),
        ("Acme%20Ltd:alice", "Acme", ("Acme", "Acme Ltd:alice", "Acme:Acme Ltd:alice")),
        ("acme:alice", "Acme", ("Acme", "acme:alice", "Acme:acme:alice")),
        ("x:J%C3%BCrgen", "", ("x", "Jürgen", "x:Jürgen")),
        ("%E6%9D%B1%E4%BA%AC", "%E9%8A%80%E8%A1%8C", ("銀行", "東京", "銀行:東京")),
    ],
)
def test_issuer_and_account_name_a_key(
    label: str, issuer: str, names: tuple[str, str, str], tmp_path: Path
) -> None:
    text = uri(label, **({"issuer": issuer} if issuer else {}))
    (record,), doubts = read_text(tmp_path / "f", text)
    assert (record.issuer, record.serial_number, record.credential_id) == names
    assert doubts == []
    assert totp(record.seed, NOON, step_seconds=30, digits=6) == "778723"


def test_the_same_account_at_two_issuers_is_two_keys(tmp_path: Path) -> None:
    text = "\n".join(uri(f"{issuer}:kim", issuer=issuer) for issuer in ("Acme", "Bank"))
    records, _ = read_text(tmp_path / "f", text)
    assert len({record.credential_id for record in records}) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (uri(encoder="base20"), "encoded by 'base20'"),
        (uri().replace("totp", "tutp"), "of type 'tutp'"),
        (uri("a#b"), "a # cuts it off"),
        (uri(t0="60", epoch="90"), "t0 and epoch differ"),
        (uri(t0="x"), "t0 is no whole number: 'x'"),
        (uri(secret="A"), "gives the parameter 'secret' twice"),
        (
            uri("a%E2%80%AEb"),
            "its account name has the control or direction character U+202E",
        ),
        (uri("a%1Bb"), "character U+001B at position 2"),
    ],
)
def test_uris_whose_codes_or_names_would_be_wrong_are_refused(
    text: str, words: str, tmp_path: Path
) -> None:
    assert words in fault_of(tmp_path / "f", text)


@pytest.mark.parametrize(
    ("text", "doubt", "code"),
    [
        (uri("Steam:user", issuer="Steam"), "its issuer is Steam", "778723"),
        (uri(t0="3600"), "T0 = 3600 s", "802678"),
        (uri(epoch="3600"), "T0 = 3600 s", "802678"),
        (uri(step="60"), "its parameter 'step' is unknown", "778723"),
        (uri(hash="sha256"), "its parameter 'hash' is unknown", "778723"),
        (uri().replace("totp", "hotp"), "it does not say its counter; 0 taken", "778723"),
        (uri("AT&T:user", issuer="AT&T"), "no =: an & in a name", "778723"),
    ],
)
def test_uris_whose_codes_may_be_wrong_are_doubted(
    text: str, doubt: str, code: str, tmp_path: Path
) -> None:
    (record,), doubts = read_text(tmp_path / "f", text)
    assert [doubt in found for found in doubts] == [True]
    made = totp(record.seed, NOON, step_seconds=30, digits=6, t0_seconds=record.t0_seconds)
    assert made == code


def test_parameters_without_effect_are_not_doubted(tmp_path: Path) -> None:
    _, doubts = read_text(tmp_path / "f", uri(image="https%3A%2F%2Fx%2Fa.png", color="red"))
    assert doubts == []


# --- Google Authenticator's transfers, made here from the wire format of protobuf ---


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def account(name: str = "kim", issuer: str = "Acme", **more: int) -> bytes:
    numbers = {"algorithm": 1, "digits": 1, "type": 2, "counter": 0} | more
    body = field(1, SEED) + field(2, name.encode()) + field(3, issuer.encode())
    for number, key in ((4, "algorithm"), (5, "digits"), (6, "type"), (7, "counter")):
        body += field(number, numbers[key]) if numbers[key] else b""
    return field(1, body)


def transfer(*accounts: bytes, size: int = 1, index: int = 0, identifier: int = 7) -> str:
    message = b"".join(accounts) + field(2, 1) + field(3, size)
    message += (field(4, index) if index else b"") + field(5, identifier)
    data = quote(base64.b64encode(message).decode(), safe="")
    return f"otpauth-migration://offline?data={data}"


def test_a_transfer_is_read(tmp_path: Path) -> None:
    text = transfer(
        account(),
        account("Bank:lee", "Bank", algorithm=3, digits=2, type=1, counter=2**40),
    )
    (first, second), doubts = read_text(tmp_path / "f", text)
    assert doubts == []
    assert (first.serial_number, first.issuer, first.seed, first.kind) == (
        "kim", "Acme", SEED, OtpKind.TOTP,
    )  # fmt: skip
    assert (second.serial_number, second.algorithm, second.digits, second.counter) == (
        "lee", Hash.SHA512, 8, 2**40,
    )  # fmt: skip


def test_a_transfer_without_digits_is_doubted(tmp_path: Path) -> None:
    (record,), doubts = read_text(tmp_path / "f", transfer(account(digits=0)))
    assert (record.digits, doubts) == (6, ["it does not say how many digits; 6 taken"])
    assert "its counter is negative" in fault_of(
        tmp_path / "f", transfer(account(type=1, counter=2**64 - 1))
    )


def test_the_missing_parts_of_a_transfer_are_named(tmp_path: Path) -> None:
    parts = [transfer(account(f"u{at}"), size=3, index=at) for at in range(3)]
    records, doubts = read_text(tmp_path / "f", "\n".join(parts))
    assert (len(records), doubts) == (3, [])
    records, doubts = read_text(tmp_path / "f", "\n".join(parts[::2]))
    assert len(records) == 2
    assert doubts[0].startswith("the transfer has 3 parts, and part 2 is missing")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (transfer(account(algorithm=4)), "its hash is none of SHA1"),
        (transfer(account(type=0)), "neither HOTP nor TOTP"),
        (transfer(account(digits=3)), "neither 6 nor 8"),
        (transfer(account())[:-20], "cut"),
        (transfer(), "holds no account"),
        ("otpauth-migration://offline?x=1", "missing or no base64"),
    ],
)
def test_a_spoilt_transfer_is_refused(text: str, words: str, tmp_path: Path) -> None:
    assert words in fault_of(tmp_path / "f", text)


@given(st.binary(max_size=200))
def test_any_transfer_data_gives_entries(data: bytes) -> None:
    text = f"otpauth-migration://offline?data={quote(base64.b64encode(data).decode(), safe='')}"
    list(transfer_entries(text, "line 1", Batches()))


def test_qr_codes_in_a_picture_are_read(tmp_path: Path) -> None:
    pytest.importorskip("zxingcpp")
    image = pytest.importorskip("PIL.Image")
    segno = pytest.importorskip("segno")
    whole = image.new("L", (1300, 700), 255)
    for at, text in enumerate((transfer(account("a"), size=2), uri(), "https://example.net")):
        out = io.BytesIO()
        segno.make(text, error="m").save(out, kind="png", scale=6, border=4)
        whole.paste(image.open(out).convert("L"), (420 * at, 20))
    for suffix in ("png", "jpg"):
        path = tmp_path / f"photo.{suffix}"
        whole.save(path)
        notices: list[Remark] = []
        records = list(read(path, notice=notices.append))
        assert {record.serial_number for record in records} == {"a", "user"}
        assert "part 2 is missing" in notices[0].text
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(BadSeedFile, match="damaged or cut off"):
        list(read(path))
    image.new("L", (100, 100), 255).save(tmp_path / "blank.png")
    with pytest.raises(BadSeedFile, match="no QR code was found"):
        list(read(tmp_path / "blank.png"))


# --- JSON exports, in the forms that their projects document ---

AEGIS: dict[str, Any] = {
    "version": 1,
    "header": {"slots": None, "params": None},
    "db": {
        "version": 2,
        "entries": [
            {"type": "totp", "uuid": "1", "name": "kim", "issuer": "Acme", "note": "",
             "info": {"secret": BASE32, "algo": "SHA1", "digits": 6, "period": 30}},
            {"type": "hotp", "uuid": "2", "name": "lee", "issuer": "",
             "info": {"secret": BASE32, "algo": "SHA256", "digits": 8, "counter": 9}},
            {"type": "steam", "uuid": "3", "name": "pat", "issuer": "Steam",
             "info": {"secret": BASE32, "algo": "SHA1", "digits": 5, "period": 30}},
            {"type": "motp", "uuid": "4", "name": "jo", "issuer": "",
             "info": {"secret": "00", "algo": "MD5", "digits": 6, "period": 10, "pin": "1"}},
        ],
    },
}  # fmt: skip
TWOFAS: dict[str, Any] = {
    "services": [
        {"name": "Acme", "secret": BASE32, "updatedAt": 0,
         "otp": {"label": "Acme:kim", "account": "kim", "issuer": "Acme", "digits": 6,
                 "period": 30, "algorithm": "SHA1", "counter": 0, "tokenType": "TOTP"}},
        {"name": "lee", "secret": BASE32, "otp": {"tokenType": "HOTP", "counter": 9, "digits": 8,
                                                  "algorithm": "SHA256"}},
    ],
    "groups": [], "schemaVersion": 4,
}  # fmt: skip
SIGNED = [octet - 256 if octet > 127 else octet for octet in SEED]
FREEOTP: dict[str, Any] = {
    "tokenOrder": ["Acme:kim", "lee"],
    "tokens": [
        {"algo": "SHA1", "counter": 0, "digits": 6, "issuerExt": "Acme", "label": "kim",
         "period": 30, "secret": SIGNED, "type": "TOTP"},
        {"algo": "SHA256", "counter": 9, "digits": 8, "issuerExt": "", "label": "lee",
         "period": 30, "secret": SIGNED, "type": "HOTP"},
    ],
}  # fmt: skip
ANDOTP: list[dict[str, Any]] = [
    {"secret": BASE32, "issuer": "Acme", "label": "kim", "digits": 6, "type": "TOTP",
     "algorithm": "SHA1", "period": 30, "tags": []},
    {"secret": BASE32, "issuer": "", "label": "lee", "digits": 8, "type": "HOTP",
     "algorithm": "SHA256", "counter": 9},
]  # fmt: skip
KIM = SeedRecord(
    serial_number="kim", credential_id="Acme:kim", seed=SEED, kind=OtpKind.TOTP, issuer="Acme"
)
LEE = SeedRecord(
    serial_number="lee", credential_id="lee", seed=SEED, kind=OtpKind.HOTP, digits=8,
    algorithm=Hash.SHA256, counter=9,
)  # fmt: skip


@pytest.mark.parametrize("content", [AEGIS, TWOFAS, FREEOTP, ANDOTP], ids=str)
def test_json_exports_are_read(content: Any, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    for indent in (None, 4):
        path.write_text(json.dumps(content, indent=indent))
        assert list(read(path)) == [KIM, LEE]


def test_the_period_of_an_account_is_its_step(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps([ANDOTP[0] | {"period": 60}]))
    assert [record.step_seconds for record in read(path)] == [60]


def test_foreign_accounts_of_an_export_are_left_out_by_name(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(AEGIS))
    left = [found for found in entries(Reading(path)) if isinstance(found, Remark)]
    assert [(found.where, found.left_out) for found in left[1:]] == [
        ("account 3, pat", True),
        ("account 4, jo", True),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"tokens": [\n{"secret"', "line 2: no JSON"),
        ('{"tokens": [{}]}', "account 1: its 'type' is missing or no text"),
        (
            '{"tokens": [{"type": "totp", "secret": ["a"]}]}',
            "account 1: its 'secret' is no list of numbers",
        ),
        ('{"tokens": 5, "tokenOrder": []}', "its 'tokens' is missing or no list"),
        ('{"services": 5, "schemaVersion": 4}', "its 'services' is missing or no list"),
    ],
)
def test_spoilt_json_is_named(text: str, words: str, tmp_path: Path) -> None:
    assert words in fault_of(tmp_path / "f", text)


def aegis_sealed(passphrase: str) -> dict[str, Any]:
    """Encrypt as Aegis' vault format says, with other parts of the library than the reader."""
    master, salt = bytes(range(32)), bytes(16)
    key = hashlib.scrypt(passphrase.encode(), salt=salt, n=2**10, r=8, p=1, dklen=32)
    slot, nonce = AESGCM(key).encrypt(bytes(12), master, None), bytes(range(12))
    data = AESGCM(master).encrypt(nonce, json.dumps(AEGIS["db"]).encode(), None)
    return {
        "version": 1,
        "header": {
            "slots": [
                {"type": 2, "uuid": "b", "key": "", "key_params": {}},
                {"type": 1, "uuid": "a", "key": slot[:-16].hex(), "n": 2**10, "r": 8, "p": 1,
                 "key_params": {"nonce": bytes(12).hex(), "tag": slot[-16:].hex()},
                 "salt": salt.hex()},
            ],
            "params": {"nonce": nonce.hex(), "tag": data[-16:].hex()},
        },
        "db": base64.b64encode(data[:-16]).decode(),
    }  # fmt: skip


def twofas_sealed(passphrase: str) -> dict[str, Any]:
    salt, nonce = bytes(32), bytes(12)
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, 10_000, 32)
    data = AESGCM(key).encrypt(nonce, json.dumps(TWOFAS["services"]).encode(), None)
    sealed = ":".join(base64.b64encode(part).decode() for part in (data, salt, nonce))
    return {"services": [], "servicesEncrypted": sealed, "schemaVersion": 4}


@pytest.mark.parametrize("make", [aegis_sealed, twofas_sealed])
def test_encrypted_exports_open_with_their_passphrase(make: Any, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(make("pass word")))
    assert list(read(path, Secret(passphrase="pass word"))) == [KIM, LEE]
    with pytest.raises(BadSeedFile, match="the passphrase is another one"):
        list(read(path, Secret(passphrase="password")))
    with pytest.raises(LockedSeedFile) as raised:
        list(read(path))
    assert raised.value.wants_passphrase


def test_uris_that_are_written_come_back(tmp_path: Path) -> None:
    path = tmp_path / "uris.txt"
    records = [KIM, LEE, SeedRecord(
        serial_number="田中", credential_id="銀行&Co: 1:田中", seed=SEED, kind=OtpKind.TOTP,
        issuer="銀行&Co: 1", step_seconds=60,
    )]  # fmt: skip
    write(path, records, format="otpauth", plain=True)
    assert list(read(path)) == records
    assert all(not found.doubts for found in entries(Reading(path)) if isinstance(found, SeedEntry))
