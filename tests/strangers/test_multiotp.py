"""multiOTP's own import: what is written it reads, and what it reads is read alike."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from firmware_model.generators import OtpKind
from host_tools.seeds import Reading, SeedEntry, SeedRecord, entries, write
from tests.host_tools.seeds.vector_files import ROOT
from tests.strangers.environments import programs_of, source_of
from tests.strangers.test_linotp import HOTP, TOTP

SCRIPT = Path(__file__).with_name("multiotp_import.php")
MODULES = ("bcmath", "mbstring", "xml")


@pytest.fixture(scope="module")
def source() -> Path:
    return source_of("multiotp", "https://github.com/multiOTP/multiotp")


@pytest.fixture(scope="module")
def php(source: Path) -> Path:
    del source
    packages = " ".join(["php-cli", *(f"php-{name}" for name in MODULES)])
    (program,) = programs_of(packages, "php")
    has = subprocess.run([program, "-m"], check=True, capture_output=True, text=True).stdout
    if missing := [name for name in MODULES if name not in has.split()]:
        pytest.skip(f"php lacks {', '.join(missing)}: apt-get install {packages}")
    return program


def theirs(php: Path, source: Path, store: Path, file: Path) -> Any:
    done = subprocess.run(
        [php, SCRIPT, source, store, file], check=True, capture_output=True, text=True
    )
    answer = json.loads(done.stdout)
    assert answer["done"]
    tokens = answer["tokens"]
    return {name.lower(): _told(one) for name, one in dict(tokens).items() if one["type"] != "motp"}


def _told(token: dict[str, Any]) -> tuple[Any, ...]:
    timed = token["type"].lower() == "totp"
    moving = token["step"] if timed else token["counter"]
    return token["seed"].lower(), timed, token["digits"], moving


def ours(file: Path) -> dict[str, tuple[Any, ...]]:
    found = [entry.record for entry in entries(Reading(file)) if isinstance(entry, SeedEntry)]
    return {one.serial_number.lower(): _said(one) for one in found if one is not None}


def _said(record: SeedRecord) -> tuple[Any, ...]:
    timed = record.kind is OtpKind.TOTP
    moving = record.step_seconds if timed else record.counter
    return record.seed.hex(), timed, record.digits, moving


def test_it_reads_the_pskc_that_is_written(php: Path, source: Path, tmp_path: Path) -> None:
    # In clear only: of encrypted seeds 5.9.8 cuts bytes off, for it counts them as UTF-8 letters.
    path = tmp_path / "seeds.pskc"
    write(path, [HOTP, TOTP], plain=True)
    read = theirs(php, source, tmp_path, path)
    assert read == {record.serial_number.lower(): _said(record) for record in (HOTP, TOTP)}


def test_its_table_is_read_alike(php: Path, source: Path, tmp_path: Path) -> None:
    for file in (source / "test-tokens.csv", ROOT / "multiotp-csv/tokens.csv"):
        store = tmp_path / file.stem
        store.mkdir()
        assert theirs(php, source, store, file) == ours(file)


def test_press_counted_keys_of_safeword_are_read_alike(
    php: Path, source: Path, tmp_path: Path
) -> None:
    file = ROOT / "safeword-dat/tokens.dat"
    read = theirs(php, source, tmp_path, file)
    assert read["00040001"] == ours(file)["00040001"]
