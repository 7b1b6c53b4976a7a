"""What an inspection says of suspicious files, of locked ones, and of sound ones."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds import Reading, Secret, SeedRecord, write
from host_tools.seeds.inspection import EXAMPLES, InspectionReport, inspect
from host_tools.seeds.suspicion import doubts_about_seed, doubts_about_step
from tests.host_tools.seeds.pskc_by_hand import PROFILE, RFC_KEY, Box, HandKey, document, totp_data

TODAY = date(2026, 6, 1)
RANDOM = bytes.fromhex("a5f5ff152f408a5f2b04c92f96332e928512ed8a")
SOUND = SeedRecord(
    serial_number="ZZT600000001",
    credential_id="ZZT600000001",
    seed=RANDOM,
    kind=OtpKind.TOTP,
    step_seconds=60,
    expiry_date=date(2031, 12, 31),
)


def report_of(path: Path, content: str, **reading: object) -> InspectionReport:
    path.write_text(content)
    return inspect(Reading(path, **reading), TODAY)  # type: ignore[arg-type]


def suspicions(tmp_path: Path, *rows: str) -> dict[str, tuple[int, list[str]]]:
    report = report_of(tmp_path / "f.csv", "\n".join(rows) + "\n")
    return {text: (found.count, found.examples) for text, found in report.suspicions.items()}


def test_a_sound_file_is_clean(tmp_path: Path) -> None:
    path = tmp_path / "seeds.pskcxml"
    write(path, [SOUND], Secret(key=RFC_KEY))
    report = inspect(Reading(path, Secret(key=RFC_KEY)), TODAY)
    assert report.clean
    assert (report.format, report.count, report.locked) == ("pskc", 1, 0)
    assert dict(report.kinds) == {"TOTP SHA-1, 6 digits, 60 s": 1}
    assert dict(report.seed_bytes) == {20: 1}
    assert (report.first_expiry, report.last_expiry) == (date(2031, 12, 31),) * 2


def test_a_locked_file_is_described_without_its_key(tmp_path: Path) -> None:
    key = HandKey(
        seed=RANDOM, algorithm=PROFILE + "totp", digits=6, data=totp_data(60), serial="ZZT600000001"
    )
    report = report_of(tmp_path / "f", document(key, box=Box()), locked_too=True)
    assert report.clean
    assert (report.count, report.locked) == (1, 1)
    assert "it is encrypted under the key named 'Pre-shared-key'" in report.facts
    assert dict(report.seed_bytes) == {}


def test_dates_are_judged_by_the_day_given(tmp_path: Path) -> None:
    path = tmp_path / "seeds.pskcxml"
    last = replace(SOUND, expiry_date=TODAY)
    first = replace(
        SOUND, serial_number="B", credential_id="B", seed=RANDOM[::-1], start_date=TODAY
    )
    write(path, [last, first], plain=True)
    assert inspect(Reading(path), TODAY).clean
    assert "expired" in inspect(Reading(path), date(2026, 6, 2)).suspicions
    assert "not valid yet" in inspect(Reading(path), date(2026, 5, 31)).suspicions


def test_repeated_keys_and_seeds_are_found(tmp_path: Path) -> None:
    row = f"{{}},{RANDOM.hex()},totp,6,60"
    found = suspicions(tmp_path, row.format("A1"), row.format("A1"), row.format("A2"))
    assert found["the same key is there twice"] == (1, ["line 2, A1"])
    assert found["the same seed as another key's"] == (2, ["line 2, A1", "line 3, A2"])


def test_only_the_first_examples_are_named(tmp_path: Path) -> None:
    rows = [f"A{number},{RANDOM.hex()},totp,6,45" for number in range(10)]
    count, examples = next(
        found for text, found in suspicions(tmp_path, *rows).items() if "45 s" in text
    )
    assert count == 10
    assert len(examples) == EXAMPLES


def test_leading_zeros_eaten_from_serial_numbers_show(tmp_path: Path) -> None:
    rows = [f"{1000 + number},{bytes([number] * 3).hex()}{RANDOM.hex()}" for number in range(30)]
    found = suspicions(tmp_path, *rows, f"99,{RANDOM.hex()}00aabb")
    text = (
        "its serial number is shorter than most others: a spreadsheet may have eaten leading zeros"
    )
    assert found[text] == (1, ["line 31, 99"])


def test_leading_zeros_eaten_from_seeds_show(tmp_path: Path) -> None:
    rows = [f"A{number},{number + 16:02x}{RANDOM.hex()}" for number in range(30)]
    found = suspicions(tmp_path, *rows, f"A99,{RANDOM.hex()}")
    text = "its seed is shorter than most others: a spreadsheet may have eaten leading zeros"
    assert found[text] == (1, ["line 31, A99"])


def test_a_step_that_few_of_a_model_have_shows(tmp_path: Path) -> None:
    path = tmp_path / "seeds.pskcxml"
    fleet = [
        replace(SOUND, serial_number=f"A{number}", seed=bytes([number]) + RANDOM, model=model)
        for number, model in enumerate(["t60"] * 20 + ["t30"] * 20)
    ]
    thirty = [replace(record, step_seconds=30) for record in fleet if record.model == "t30"]
    write(path, [*fleet[:19], replace(fleet[19], step_seconds=30), *thirty], plain=True)
    (found,) = inspect(Reading(path), TODAY).suspicions.values()
    assert found.text == "its time step is 30 s, and most others' of its model 60 s"
    assert (found.count, found.examples) == (1, ["key A19"])


def test_faulty_keys_are_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    report = report_of(tmp_path / "f.csv", f"A1,{RANDOM.hex()}\nA2,abc\nA3,{RANDOM.hex()[:-2]}\n")
    assert report.count == 2
    assert [found.examples for found in report.faults.values()] == [["line 2, A2"]]
    assert not report.clean


def test_a_file_of_nothing_but_a_header_is_faulty(tmp_path: Path) -> None:
    report = report_of(tmp_path / "f.csv", "serial number,secret key\n")
    assert "it holds no seed" in report.faults


def test_a_time_step_that_is_not_given_is_doubted(tmp_path: Path) -> None:
    found = suspicions(tmp_path, f"A1,{RANDOM.hex()},totp,6")
    assert any("does not say its time step" in text for text in found)


def test_hexadecimal_that_is_base32_too_is_doubted(tmp_path: Path) -> None:
    found = suspicions(tmp_path, "A1,ABCDEF2345ABCDEF2345ABCDEF2345ABCDEF2345,totp,6,60")
    assert "its seed was read as hexadecimal, but would also be base32" in found


def test_a_missing_mac_and_few_rounds_are_doubted(tmp_path: Path) -> None:
    bare = document(HandKey(seed=RANDOM), box=Box(mac_algorithm=None))
    report = report_of(
        tmp_path / "f", bare, secret=Secret(key=RFC_KEY), accept_unauthenticated=True
    )
    assert "no MAC that could be checked" in report.suspicions


@pytest.mark.parametrize(
    ("seed", "doubt"),
    [
        (b"12345678901234567890", "published test seed"),
        (bytes(20), "not random"),
        (bytes(range(20)), "not random"),
        (bytes.fromhex("deadbeef" * 5), "not random"),
        (RANDOM[:15], "shorter than 128 bits"),
        (RANDOM + RANDOM[:4], "24 bytes"),
        (RANDOM.hex().encode(), "probably not decoded"),
        (b"UX276FJPICFF6KYEZEXZMMZOSKCRF3MK", "probably not decoded"),
        (b"pfX/FS9Ail8rBMkvljMukoUS7Yo=", "probably not decoded"),
        (RANDOM + RANDOM[:12], "as long as SHA-2's"),
    ],
)
def test_a_suspicious_seed_is_doubted_and_not_shown(seed: bytes, doubt: str) -> None:
    doubts = doubts_about_seed(replace(SOUND, seed=seed))
    assert any(doubt in text for text in doubts)
    assert not any(seed.hex()[:8] in text or str(seed)[2:10] in text for text in doubts)


@pytest.mark.parametrize(
    "record",
    [
        SOUND,
        replace(SOUND, seed=RANDOM[:16]),
        replace(SOUND, seed=RANDOM + RANDOM[:12], algorithm=Hash.SHA256),
        replace(SOUND, seed=RANDOM * 3 + b"1234", algorithm=Hash.SHA512),
    ],
)
def test_a_sound_seed_is_not_doubted(record: SeedRecord) -> None:
    assert doubts_about_seed(record) == []


@pytest.mark.parametrize(
    ("changes", "doubted"),
    [
        ({"step_seconds": 30, "manufacturer": "Feitian Technology Co.,Ltd"}, True),
        ({"step_seconds": 30, "model": "C200"}, True),
        ({"step_seconds": 60, "manufacturer": "Feitian Technology Co.,Ltd"}, False),
        ({"step_seconds": 30, "manufacturer": "Token2"}, False),
        ({"step_seconds": 120}, True),
        ({"kind": OtpKind.HOTP, "step_seconds": 30, "model": "c200"}, False),
    ],
)
def test_steps_that_are_probably_wrong_are_doubted(
    changes: dict[str, object], *, doubted: bool
) -> None:
    assert bool(doubts_about_step(replace(SOUND, **changes))) is doubted  # type: ignore[arg-type]
