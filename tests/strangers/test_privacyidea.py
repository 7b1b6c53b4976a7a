"""privacyIDEA's own library: what it exports is read, and what is written for it, it imports."""

import json
import subprocess
from pathlib import Path

import pytest

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds import Secret, SeedRecord, read, write
from tests.strangers.environments import python_with

SCRIPT = Path(__file__).with_name("privacyidea_export.py")
SECRET = Secret(key=bytes(range(16)))


@pytest.fixture(scope="module")
def python() -> Path:
    return python_with("privacyidea", "privacyIDEA==3.14")


def test_a_fresh_export_reads_as_the_one_that_was_kept(python: Path, tmp_path: Path) -> None:
    # It leaves a log in its working directory.
    subprocess.run(
        [python, SCRIPT, "export", tmp_path], cwd=tmp_path, check=True, capture_output=True
    )
    kept = SCRIPT.parents[2] / "vectors" / "seeds" / "pskc" / "privacyidea-3.14.xml"
    assert list(read(tmp_path / "export.xml", SECRET)) == list(read(kept, SECRET))


@pytest.mark.parametrize("plain", [False, True])
def test_its_import_takes_what_is_written_for_it(
    python: Path, tmp_path: Path, *, plain: bool
) -> None:
    hotp = SeedRecord(
        serial_number="ZZH600000001", credential_id="ZZH600000001", seed=bytes(range(20)),
        kind=OtpKind.HOTP, counter=7, manufacturer="oath.ZZ",
    )  # fmt: skip
    totp = SeedRecord(
        serial_number="ZZT600000001", credential_id="ZZT600000001", seed=bytes(range(32)),
        kind=OtpKind.TOTP, step_seconds=60, digits=8, algorithm=Hash.SHA256, drift_steps=-2,
    )  # fmt: skip
    path = tmp_path / "for-it.xml"
    write(path, [hotp, totp], Secret() if plain else SECRET, "pskc-privacyidea", plain=plain)
    said = subprocess.run(
        [python, SCRIPT, "import", path, bytes(range(16)).hex()],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(said.stdout) == {
        "tokens": {
            "ZZH600000001": {
                "type": "hotp", "otplen": "6", "hashlib": "sha1", "counter": "7",
                "otpkey": hotp.seed.hex(), "description": "oath.ZZ",
            },
            "ZZT600000001": {
                "type": "totp", "otplen": "8", "hashlib": "sha256", "timeStep": "60",
                "timeShift": "-120", "otpkey": totp.seed.hex(),
            },
        },
        "refused": [],
    }  # fmt: skip
