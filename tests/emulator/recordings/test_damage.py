"""Damage at any byte of a recording, and a cut anywhere, are found."""

from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from tests.emulator.recordings.made import press, recorded, replayed
from tests.shares import every


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("recording") / "x.kfrec"
    return recorded(path, press).read_bytes()


def read(content: bytes, folder: Path) -> int:
    path = folder / "damaged.kfrec"
    path.write_bytes(content)
    return len(replayed(path))


def test_damage_at_any_byte_is_found(whole: bytes, tmp_path: Path) -> None:
    assert read(whole, tmp_path) == 4
    for place in every(41, range(len(whole))):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(BadInput, match=r"damaged in line|no keyfob recording|ends in line"):
            read(bytes(damaged), tmp_path)


def test_a_cut_at_any_byte_is_found(whole: bytes, tmp_path: Path) -> None:
    for end in every(41, range(len(whole))):
        with pytest.raises(BadInput, match=r"ends in line|no keyfob recording"):
            read(whole[:end], tmp_path)
