"""Transfers of Google Authenticator as the protobuf library writes them, in text and pictures."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import segno

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds import BadSeedFile, Remark, SeedRecord, read
from tests.strangers.environments import python_with

SCRIPT = Path(__file__).with_name("migration_make.py")
SEEDS = [bytes(range(start, start + 20)) for start in (7, 40, 90, 150)]

Part = dict[str, Any]


def account(seed: bytes, name: str, **more: Any) -> Part:
    usual = {"hash": "HASH_SHA1", "digits": "DIGITS_SIX", "kind": "KIND_TOTP"}
    return {"secret": seed.hex(), "name": name} | usual | more


PARTS: list[Part] = [
    {
        "accounts": [
            account(SEEDS[0], "Acme:kim", issuer="Acme"),
            account(SEEDS[1], "田中", issuer="銀行", hash="HASH_SHA256", digits="DIGITS_EIGHT"),
        ],
        "version": 1, "parts": 2, "part": 0, "identifier": -1_234_567,
    },
    {
        "accounts": [
            account(SEEDS[2], "lee", kind="KIND_HOTP", counter=str(2**63 - 1)),
            account(SEEDS[3], "pat", hash="HASH_SHA512", note="of a later version"),
        ],
        "version": 2, "parts": 2, "part": 1, "identifier": -1_234_567,
    },
]  # fmt: skip
EXPECTED = [
    SeedRecord(
        serial_number="kim", credential_id="Acme:kim", issuer="Acme", seed=SEEDS[0],
        kind=OtpKind.TOTP,
    ),
    SeedRecord(
        serial_number="田中", credential_id="銀行:田中", issuer="銀行", seed=SEEDS[1],
        kind=OtpKind.TOTP, algorithm=Hash.SHA256, digits=8,
    ),
    SeedRecord(
        serial_number="lee", credential_id="lee", seed=SEEDS[2], kind=OtpKind.HOTP,
        counter=2**63 - 1,
    ),
    SeedRecord(
        serial_number="pat", credential_id="pat", seed=SEEDS[3], kind=OtpKind.TOTP,
        algorithm=Hash.SHA512,
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def python() -> Path:
    return python_with("protobuf", "grpcio-tools==1.76.0")


def made(python: Path, folder: Path, parts: list[Part]) -> list[str]:
    done = subprocess.run(
        [python, SCRIPT, folder],
        check=True, capture_output=True, text=True, input=json.dumps(parts),
    )  # fmt: skip
    return done.stdout.splitlines()


def test_parts_are_read_whatever_their_order(python: Path, tmp_path: Path) -> None:
    uris = made(python, tmp_path, PARTS)
    path = tmp_path / "transfer.txt"
    for order, expected in ((uris, EXPECTED), (uris[::-1], EXPECTED[2:] + EXPECTED[:2])):
        path.write_text("\n".join(order), "utf-8")
        notices: list[Remark] = []
        assert list(read(path, notice=notices.append)) == expected
        assert notices == []


def test_a_missing_part_is_named(python: Path, tmp_path: Path) -> None:
    path = tmp_path / "transfer.txt"
    path.write_text(made(python, tmp_path, PARTS)[1], "utf-8")
    notices: list[Remark] = []
    assert len(list(read(path, notice=notices.append))) == 2
    assert "has 2 parts, and part 1 is missing" in notices[0].text


def test_a_picture_of_a_transfer_is_read(python: Path, tmp_path: Path) -> None:
    path = tmp_path / "transfer.png"
    segno.make(made(python, tmp_path, PARTS)[0], error="l").save(str(path), scale=5)
    assert list(read(path)) == EXPECTED[:2]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hash": "HASH_MD5"}, "its hash is none of"),
        ({"kind": "KIND_UNSPECIFIED"}, "neither HOTP nor TOTP"),
        ({"secret": ""}, "its seed is empty"),
        ({"kind": "KIND_HOTP", "counter": "-1"}, "its counter is negative"),
    ],
)
def test_accounts_that_make_no_codes_are_refused(
    python: Path, tmp_path: Path, changes: Part, words: str
) -> None:
    path = tmp_path / "transfer.txt"
    path.write_text(made(python, tmp_path, [{"accounts": [account(SEEDS[0], "x") | changes]}])[0])
    with pytest.raises(BadSeedFile, match=words):
        list(read(path))
