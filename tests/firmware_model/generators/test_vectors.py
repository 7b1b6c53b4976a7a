"""The published values, the ends of every range, and the values that only a wrong seed gives."""

import json
from pathlib import Path
from typing import Any

import pytest

from firmware_model.generators import Hash, OtpKey, hotp, time_step, totp

ROOT = Path(__file__).parents[3] / "vectors" / "otp"
FILES = sorted(path.name for path in ROOT.glob("*.json"))


def rows(name: str) -> list[dict[str, Any]]:
    content = json.loads((ROOT / name).read_text("utf-8"))
    assert content["origin"]
    found: list[dict[str, Any]] = content["rows"]
    assert found
    return found


def test_all_vector_files_are_there() -> None:
    assert FILES == [
        "boundaries.json",
        "rfc4226.json",
        "rfc6238.json",
        "rfc6238_wrong_seed.json",
        "totp_60s.json",
    ]


@pytest.mark.parametrize("name", FILES)
def test_codes_are_those_of_the_vectors(name: str) -> None:
    for row in rows(name):
        key = OtpKey(bytes.fromhex(row["seed"]), Hash[row["algorithm"]])
        assert key.code(row["moving_factor"], row["digits"]) == row["code"], row


@pytest.mark.parametrize("name", ["rfc6238.json", "rfc6238_wrong_seed.json", "totp_60s.json"])
def test_times_lead_to_the_steps_and_codes_of_the_vectors(name: str) -> None:
    for row in rows(name):
        step = row["step_seconds"]
        assert time_step(row["unix_seconds"], step) == row["moving_factor"]
        code = totp(
            bytes.fromhex(row["seed"]),
            row["unix_seconds"],
            row["digits"],
            Hash[row["algorithm"]],
            step,
        )
        assert code == row["code"]


def test_the_short_seed_never_gives_the_published_sha_2_codes() -> None:
    right = {(row["algorithm"], row["unix_seconds"]): row["code"] for row in rows("rfc6238.json")}
    for row in rows("rfc6238_wrong_seed.json"):
        assert len(bytes.fromhex(row["seed"])) == 20
        assert right[row["algorithm"], row["unix_seconds"]] != row["code"]


def test_the_worked_example_of_rfc_4226() -> None:
    # RFC 4226 §5.4: the truncated number is 0x50ef7f19 = 1357872921.
    numbers = {hotp(b"12345678901234567890", counter, 10) for counter in range(10)}
    assert "1284755224" in numbers
    assert "0082162583" in numbers
