"""LinOTP's own import: what is written it reads, and what it reads is read alike."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds import Reading, Secret, SeedEntry, SeedRecord, entries, write
from tests.host_tools.seeds.vector_files import ROOT
from tests.strangers.environments import python_with, source_of

SCRIPT = Path(__file__).with_name("linotp_import.py")
KEY = bytes(range(16))
HOTP = SeedRecord(
    serial_number="ZZH600000001", credential_id="ZZH600000001", seed=bytes(range(20)),
    kind=OtpKind.HOTP, digits=8,
)  # fmt: skip
TOTP = SeedRecord(
    serial_number="ZZT600000001", credential_id="ZZT600000001", seed=bytes(range(32)),
    kind=OtpKind.TOTP, step_seconds=60, algorithm=Hash.SHA256,
)  # fmt: skip
SAMPLES = {
    "oath_tokens_sha256.csv": "oath",
    "pskc_tokens.xml": "pskc",
    "safework_tokens.dat": "dat",
}


@pytest.fixture(scope="module")
def source() -> Path:
    return source_of("LinOTP", "https://github.com/LinOTP/LinOTP")


@pytest.fixture(scope="module")
def python(source: Path) -> Path:
    del source
    return python_with("linotp", "pycryptodomex==3.23.0", "httplib2==0.31.0")


def theirs(python: Path, source: Path, kind: str, file: Path, *more: str) -> dict[str, Any]:
    done = subprocess.run(
        [python, SCRIPT, source, kind, file, *more], check=True, capture_output=True, text=True
    )
    tokens: dict[str, Any] = json.loads(done.stdout)
    return {serial: _told(token) for serial, token in tokens.items()}


def _told(token: dict[str, Any]) -> tuple[Any, ...]:
    timed = token["type"].lower() == "totp"
    seed = token.get("hmac_key") or token["otpkey"]
    step = int(token.get("timeStep") or 30) if timed else 0
    hash_ = (token.get("hashlib") or "sha1").lower()
    return seed.lower(), timed, token.get("otplen", 6), step, hash_


def ours(file: Path) -> dict[str, tuple[Any, ...]]:
    found = [entry.record for entry in entries(Reading(file)) if isinstance(entry, SeedEntry)]
    return {record.serial_number: _said(record) for record in found if record is not None}


def _said(record: SeedRecord) -> tuple[Any, ...]:
    timed = record.kind is OtpKind.TOTP
    step = record.step_seconds if timed else 0
    return record.seed.hex(), timed, record.digits, step, record.algorithm.name.lower()


def test_it_reads_the_oath_csv_that_is_written(python: Path, source: Path, tmp_path: Path) -> None:
    path = tmp_path / "seeds.csv"
    write(path, [HOTP, TOTP], format="oath-csv", plain=True)
    assert theirs(python, source, "oath", path) == ours(path)


@pytest.mark.parametrize(
    ("secret", "more"),
    [
        (Secret(), ()),
        (Secret(key=KEY), ("--psk", KEY.hex())),
        (Secret(passphrase="blue horse"), ("--passphrase", "blue horse")),
    ],
    ids=["plain", "pre-shared key", "passphrase"],
)
def test_it_reads_the_pskc_that_is_written(
    python: Path, source: Path, tmp_path: Path, secret: Secret, more: tuple[str, ...]
) -> None:
    path = tmp_path / "seeds.xml"
    write(path, [HOTP, TOTP], secret, plain=not secret)
    read = theirs(python, source, "pskc", path, *more)
    assert read == {record.serial_number: _said(record) for record in (HOTP, TOTP)}


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_its_samples_are_read_alike(python: Path, source: Path, sample: str) -> None:
    file = source / "linotp/tests/functional/fixtures" / sample
    assert theirs(python, source, SAMPLES[sample], file) == ours(file)


@pytest.mark.parametrize(
    ("vector", "kind"),
    [("safeword-dat/tokens.dat", "dat"), ("safenet-xml/tokens.xml", "safenet")],
)
def test_vectors_are_read_alike(python: Path, source: Path, vector: str, kind: str) -> None:
    # It passes over SafeNet's elements in lower case, of which a vector has some.
    read = theirs(python, source, kind, ROOT / vector)
    assert read
    assert read.items() <= ours(ROOT / vector).items()
