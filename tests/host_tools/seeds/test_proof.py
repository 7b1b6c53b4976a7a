"""The search for the reading that makes a fob's code: every deviation is found and named."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKind, hotp, totp
from host_tools.seeds import BadSeedFile, Reading, SeedRecord
from host_tools.seeds.proof import T0_SAFENET, ProofResult, prove, seed_spellings
from host_tools.seeds.search import find_record

SEED = bytes.fromhex("a5f5ff152f408a5f2b04c92f96332e928512ed8a")
TOTP = SeedRecord(
    serial_number="ZZT600000001", credential_id="ZZT600000001", seed=SEED, kind=OtpKind.TOTP,
    step_seconds=60,
)  # fmt: skip
HOTP = replace(TOTP, kind=OtpKind.HOTP, counter=100)
NOON = 1_869_739_200


def changes_of(proof: ProofResult) -> tuple[str, ...]:
    assert proof.proven is not None
    return proof.proven.reading.changes


def test_the_files_own_reading_is_proven_by_one_code() -> None:
    proof = prove(TOTP, [totp(SEED, NOON - 60, step_seconds=60)], NOON)
    assert changes_of(proof) == ()
    assert proof.proven is not None
    assert proof.proven.described() == "clock 60 s slow (1 steps)"
    proof = prove(HOTP, [hotp(SEED, 103)], NOON)
    assert proof.proven is not None
    assert proof.proven.described() == "counter 103, 3 ahead of the file's"


@pytest.mark.parametrize(
    ("made", "named"),
    [
        (replace(TOTP, step_seconds=30), "time step 30 s instead of 60 s"),
        (replace(TOTP, algorithm=Hash.SHA256), "hash SHA-256 instead of SHA-1"),
        (replace(TOTP, digits=8), "8 digits instead of 6"),
        (replace(TOTP, t0_seconds=T0_SAFENET), "time counted from 946684800 s after 1970 (T0)"),
        (replace(TOTP, kind=OtpKind.HOTP, counter=3), "HOTP instead of TOTP"),
        (replace(TOTP, seed=SEED.hex().encode()), "hexadecimal text is the key itself"),
        (replace(TOTP, seed=SEED.hex().upper().encode()), "hexadecimal text in capitals is"),
        (replace(TOTP, seed=base64.b32encode(SEED)), "base32 text is the key itself"),
    ],
)
def test_what_the_fob_does_otherwise_is_named(made: SeedRecord, named: str) -> None:
    codes = []
    for at in range(2):
        if made.kind is OtpKind.HOTP:
            codes.append(hotp(made.seed, made.counter + at, made.digits, made.algorithm))
        else:
            when = NOON + at * made.step_seconds
            codes.append(
                totp(
                    made.seed, when, made.digits, made.algorithm, made.step_seconds, made.t0_seconds
                )
            )
    (change,) = changes_of(prove(TOTP, codes, NOON))
    assert named in change


@pytest.mark.parametrize(
    "read_as",
    [
        SEED.hex().encode(),
        base64.b32encode(SEED),
        base64.b64encode(SEED),
        base64.b64decode(base64.b32encode(SEED)),
    ],
)
def test_a_seed_that_was_decoded_wrong_is_found(read_as: bytes) -> None:
    wrong = replace(HOTP, seed=read_as)
    proof = prove(wrong, [hotp(SEED, 100), hotp(SEED, 101)], NOON)
    assert len(changes_of(proof)) == 1
    assert changes_of(proof)[0].startswith("the seed")


def test_nothing_fits_another_seed() -> None:
    other = bytes(reversed(SEED))
    proof = prove(TOTP, [totp(other, NOON), totp(other, NOON + 30)], NOON)
    assert (proof.found, proof.proven) == ((), None)
    assert proof.tried > 1_000


def test_several_readings_prove_nothing() -> None:
    first = prove(HOTP, [hotp(SEED, 900)], NOON).found[0]
    proof = ProofResult((first, replace(first, factor=901)), 2, 0.5)
    assert proof.proven is None


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=16, max_size=40), st.integers(0, 900), st.sampled_from(Hash))
def test_any_counter_within_reach_is_found_by_two_codes(
    seed: bytes, ahead: int, algorithm: Hash
) -> None:
    record = replace(HOTP, seed=seed, algorithm=algorithm)
    codes = [hotp(seed, 100 + ahead + at, 6, algorithm) for at in range(2)]
    proof = prove(record, codes, NOON)
    assert proof.proven is not None
    assert (proof.proven.offset, proof.proven.reading.changes) == (ahead, ())


@pytest.mark.parametrize(
    "codes", [[], ["12345a"], ["123"], ["123456", "1234567"], ["１２３４５６"]]
)
def test_codes_of_another_form_are_refused(codes: list[str]) -> None:
    with pytest.raises(ValueError, match="a code has"):
        prove(TOTP, codes, NOON)


def test_spellings_are_few_and_all_different() -> None:
    found = [seed for seed, _ in seed_spellings(SEED)]
    assert len(found) == len(set(found)) <= 12
    assert found[0] == SEED


def test_no_reading_shows_the_seed_in_its_repr() -> None:
    proof = prove(HOTP, [hotp(SEED, 100)], NOON)
    assert "a5f5" not in repr(proof).lower()
    assert repr(SEED)[2:-1] not in repr(proof)


def test_a_key_is_found_also_where_its_seed_is_spelled_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    base32 = base64.b32encode(SEED).decode()
    path.write_text(f"A1,{base32},totp,6,60\nA2,{SEED.hex()},totp,6,60\n")
    entry = find_record(Reading(path), None, lambda record: record.serial_number == "A1")
    assert entry is not None
    assert entry.record is not None
    assert entry.record.seed == SEED
    assert "its seed was read as base32, where hex is expected" in entry.doubts
    path.write_text("A1,abc,totp,6,60\nA2," + SEED.hex() + ",totp,6,60\n")
    with pytest.raises(BadSeedFile, match="line 1, A1"):
        find_record(Reading(path), None, lambda record: record.serial_number == "A1")
    path.write_text(f"A2,{SEED.hex()},totp,6,60\n" * 2)
    with pytest.raises(BadInput, match="several keys of that name"):
        find_record(Reading(path), None, lambda record: True)


def test_a_search_says_how_often_chance_finds_a_wrong_reading() -> None:
    record = SeedRecord(
        serial_number="1", credential_id="1", seed=bytes(range(60, 80)), kind=OtpKind.HOTP
    )
    one = prove(record, [hotp(record.seed, 3)], 1_800_000_000)
    two = prove(record, [hotp(record.seed, 3), hotp(record.seed, 4)], 1_800_000_000)
    assert one.chance == pytest.approx(one.tried / 10**6, rel=0.01)
    assert two.chance == pytest.approx(two.tried * 3 / 10**12, rel=0.01)
