"""Every file of vectors/seeds is read to its stated records, or refused with its stated reason."""

import json
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pskc import PSKC

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds import BadSeedFile, Reading, Secret, SeedRecord, detect, entries, read

ROOT = Path(__file__).parents[3] / "vectors" / "seeds"
CASES: list[dict[str, Any]] = json.loads((ROOT / "index.json").read_text("utf-8"))
VALID = [case for case in CASES if case["result"] == "valid"]
INVALID = [case for case in CASES if case["result"] == "invalid"]


def named(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=case["file"]) for case in cases]


def secret_of(case: dict[str, Any]) -> Secret:
    given = case.get("secret", {})
    key = given.get("key")
    return Secret(None if key is None else bytes.fromhex(key), given.get("passphrase"))


def record_of(stated: dict[str, Any]) -> SeedRecord:
    values = dict(stated)
    values["seed"] = bytes.fromhex(values["seed"])
    values["kind"] = OtpKind[values["kind"]]
    if "algorithm" in values:
        values["algorithm"] = Hash[values["algorithm"]]
    for name in ("start_date", "expiry_date"):
        if name in values:
            values[name] = date.fromisoformat(values[name])
    return SeedRecord(**values)


def test_every_file_is_in_the_index_with_an_origin() -> None:
    files = {str(path.relative_to(ROOT)) for path in ROOT.glob("*/*")}
    assert files == {case["file"] for case in CASES}
    assert all(case["origin"] for case in CASES)


@pytest.mark.parametrize("case", named(VALID))
def test_valid_files_are_read_to_their_records(case: dict[str, Any]) -> None:
    path = ROOT / case["file"]
    accept = case.get("accept_unauthenticated", False)
    found = list(read(path, secret_of(case), accept_unauthenticated=accept))
    assert found == [record_of(stated) for stated in case["records"]]


@pytest.mark.parametrize("case", named(VALID))
def test_valid_files_are_known_by_their_content(case: dict[str, Any], tmp_path: Path) -> None:
    nameless = tmp_path / "seeds"
    head = (ROOT / case["file"]).read_bytes()[:8192]
    assert detect(head, nameless).name == case["format"]


@pytest.mark.parametrize("case", named(INVALID))
def test_invalid_files_are_refused_with_the_reason(case: dict[str, Any]) -> None:
    path = ROOT / case["file"]
    with pytest.raises(BadSeedFile) as raised:
        list(read(path, secret_of(case), format=case["format"]))
    assert case["reason"] in str(raised.value)
    assert str(path) in str(raised.value)
    assert raised.value.exit_status == 2


@pytest.mark.parametrize(
    "case", named([case for case in VALID if case["format"] == "pskc" and case.get("agrees", True)])
)
def test_slices_agree_with_python_pskc_on_the_whole_file(case: dict[str, Any]) -> None:
    path, secret = ROOT / case["file"], secret_of(case)
    whole = PSKC(path)
    if secret.passphrase is not None:
        whole.encryption.derive_key(secret.passphrase)
    elif secret.key is not None:
        whole.encryption.key = secret.key
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = [
            (key.serial, key.id, key.secret, key.counter or 0, key.response_length)
            for key in whole.keys
            if not str(key.algorithm).endswith(":pin")
        ]
    ours = [
        (record.serial_number, record.credential_id, record.seed, record.counter, record.digits)
        for record in read(path, secret)
    ]
    assert ours == theirs


@pytest.mark.parametrize("case", named(CASES))
def test_no_message_and_no_repr_shows_a_seed(case: dict[str, Any]) -> None:
    texts = []
    reading = Reading(
        ROOT / case["file"], secret_of(case), accept_unauthenticated=True, locked_too=True
    )
    try:
        texts += [repr(found) for found in entries(reading, case["format"])]
    except BadSeedFile as error:
        texts.append(str(error))
    for text in texts:
        for seed in ("12345678901234567890", "3132333435363738", "GEZDGNBV", "MTIzNDU2"):
            assert seed not in text
