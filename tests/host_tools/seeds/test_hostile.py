"""Damaged and hostile files: whatever stands in them, nothing wrong comes out and nothing grows."""

import contextlib
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.errors import KeyfobError
from host_tools.seeds import FORMATS, BadSeedFile, Reading, Secret, detect, entries, read
from host_tools.seeds.entry import SeedEntry
from host_tools.seeds.formats import pskc
from host_tools.seeds.pskc.header import PBKDF2_ROUNDS_MAX
from host_tools.seeds.xml_items import DEPTH_MAX, ITEM_BYTES_MAX
from tests.host_tools.seeds.pskc_by_hand import (
    RFC_KEY,
    RFC_SEED,
    Box,
    HandKey,
    derived_box,
    document,
)

SECRET = Secret(key=RFC_KEY)
ENCRYPTED = document(HandKey(), HandKey(serial="987654322"), box=Box()).encode()
ROWS = b"FOB0001,%s,hotp,6,0\nFOB0002,%s,totp,6,60\n" % ((RFC_SEED.hex().encode(),) * 2)


def seeds_of(data: bytes) -> list[bytes]:
    found = pskc.read(io.BytesIO(data), Reading(Path("file"), SECRET))
    return [entry.record.seed for entry in found if isinstance(entry, SeedEntry) and entry.record]


def test_a_file_cut_anywhere_is_refused() -> None:
    whole = ENCRYPTED.rstrip()
    for length in range(1, len(whole)):
        with pytest.raises(BadSeedFile):
            list(pskc.read(io.BytesIO(whole[:length]), Reading(Path("file"), SECRET)))


@given(st.integers(0, len(ENCRYPTED) - 1), st.integers(1, 255))
def test_a_changed_byte_never_changes_a_seed(position: int, difference: int) -> None:
    changed = bytearray(ENCRYPTED)
    changed[position] ^= difference
    try:
        seeds = seeds_of(bytes(changed))
    except KeyfobError:
        return
    assert set(seeds) <= {RFC_SEED}


@given(st.binary(max_size=300), st.integers(0, len(ROWS)), st.integers(0, 40))
def test_damaged_tables_give_entries_or_one_named_error(
    junk: bytes, position: int, removed: int
) -> None:
    data = ROWS[:position] + junk + ROWS[position + removed :]
    path = Path("file")
    for name in (
        "oath-csv",
        "entra-csv",
        "multiotp-csv",
        "table",
        "authenticator-json",
        "yubico",
        "yubico-traditional",
        "otpauth",
    ):
        reader = FORMATS[name].read
        assert reader is not None
        with contextlib.suppress(BadSeedFile):
            list(reader(io.BytesIO(data), Reading(path)))


@given(st.binary(max_size=200))
def test_any_bytes_are_detected_or_refused(head: bytes) -> None:
    with contextlib.suppress(BadSeedFile):
        detect(head, "file")


@given(st.text(alphabet="<>/&;=\"' KeyContainerPackageSecretDataPlainValue0123", max_size=200))
def test_any_markup_in_a_container_is_survived(inside: str) -> None:
    data = f'<KeyContainer Version="1.0"><KeyPackage>{inside}</KeyPackage></KeyContainer>'.encode()
    for name in ("pskc", "safenet-xml", "vip-xml"):
        reader = FORMATS[name].read
        assert reader is not None
        with contextlib.suppress(BadSeedFile):
            list(reader(io.BytesIO(data), Reading(Path("file"), locked_too=True)))


def test_an_oversized_key_is_refused_before_it_is_held(tmp_path: Path) -> None:
    path = tmp_path / "big.pskcxml"
    path.write_text(document(HandKey(issuer=f"<Issuer>{'x' * 20 * ITEM_BYTES_MAX}</Issuer>")))
    tracemalloc.start()
    with pytest.raises(BadSeedFile, match="larger than 1 MiB"):
        list(read(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * ITEM_BYTES_MAX


def test_deep_nesting_is_refused() -> None:
    deep = "<a>" * (DEPTH_MAX + 1) + "</a>" * (DEPTH_MAX + 1)
    with pytest.raises(BadSeedFile, match="nest deeper"):
        seeds_of(document(HandKey(issuer=deep)).encode())


def test_a_long_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(ROWS + b"FOB0003," + b"00" * 100_000)
    with pytest.raises(BadSeedFile, match="line 3: it is longer than 8192"):
        list(read(path))


def test_as_many_rounds_as_allowed_are_done_and_one_more_is_refused() -> None:
    most = PBKDF2_ROUNDS_MAX
    secret = Secret(passphrase="qwerty")
    for rounds, refused in ((most, False), (most + 1, True)):
        data = document(HandKey(), box=derived_box(rounds=rounds, derive=not refused)).encode()
        found = pskc.read(io.BytesIO(data), Reading(Path("file"), secret))
        if refused:
            with pytest.raises(BadSeedFile, match="rounds of PBKDF2"):
                list(found)
        else:
            assert any(isinstance(entry, SeedEntry) and entry.record for entry in found)


def test_a_bad_key_at_the_end_condemns_the_file(tmp_path: Path) -> None:
    path = tmp_path / "seeds.pskcxml"
    path.write_text(document(*[HandKey()] * 50, HandKey(serial="LAST", digits=11)))
    with pytest.raises(BadSeedFile, match="key LAST: its codes have 11 digits"):
        list(read(path))


def test_a_missing_mac_is_taken_only_when_asked() -> None:
    data = document(HandKey(), box=Box(mac_algorithm=None)).encode()
    reading = Reading(Path("file"), SECRET, accept_unauthenticated=True)
    entry = next(
        found for found in pskc.read(io.BytesIO(data), reading) if isinstance(found, SeedEntry)
    )
    assert entry.record is not None
    assert entry.record.seed == RFC_SEED
    assert "no MAC that could be checked" in entry.doubts


def peak_of(path: Path) -> int:
    tracemalloc.start()
    count = sum(1 for _ in entries(Reading(path, SECRET)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count > 100
    return peak


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    list(pskc.read(io.BytesIO(ENCRYPTED), Reading(Path("file"), SECRET)))  # imports, once
    peaks = []
    for count in (200, 2_000):
        path = tmp_path / f"{count}.pskcxml"
        path.write_text(document(*[HandKey()] * count, box=Box()))
        peaks.append(peak_of(path))
    # What is kept of a key is its number, to find doubles; a tree of it would take 12 KiB.
    assert peaks[1] - peaks[0] < 1_800 * 256
