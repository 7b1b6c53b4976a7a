"""Records with a mistake in them: literal bytes, and what has none."""

import base64

import pytest

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKind
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.record_mistakes import RecordMistake, mistaken_record


def record(
    kind: OtpKind = OtpKind.TOTP, step: int = 60, seed: bytes = b"\x00\xff\x10"
) -> SeedRecord:
    number = "ZZT600000001"
    return SeedRecord(
        serial_number=number, credential_id=number, seed=seed, kind=kind, step_seconds=step
    )


@pytest.mark.parametrize(
    ("mistake", "seed"),
    [
        (RecordMistake.HEX, b"00FF10"),
        (RecordMistake.BASE32, b"AD7RA==="),
        (RecordMistake.BASE64, base64.b64encode(b"\x00\xff\x10")),
    ],
)
def test_the_text_is_taken_for_the_seed(mistake: RecordMistake, seed: bytes) -> None:
    assert mistaken_record(record(), mistake).seed == seed


def test_the_two_steps_are_mixed_up() -> None:
    assert mistaken_record(record(step=60), RecordMistake.STEP).step_seconds == 30
    assert mistaken_record(record(step=30), RecordMistake.STEP).step_seconds == 60
    with pytest.raises(BadInput, match="counts presses: it has no time step"):
        mistaken_record(record(OtpKind.HOTP), RecordMistake.STEP)


def test_unknown_words_and_long_seeds_are_refused() -> None:
    with pytest.raises(BadInput, match="unknown encoding 'step': expected one of hex, base32"):
        RecordMistake.named("step")
    with pytest.raises(BadInput, match="seed has 200 bytes"):
        mistaken_record(record(seed=bytes(100)), RecordMistake.HEX)
