"""Private files: nobody else may read them, from their first byte on; whole or not there."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from host_tools.vault.private_file import private_file


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def careless_umask() -> Iterator[None]:
    """Let each test run where everybody else might read what it makes."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_it_is_private_while_it_is_written_and_afterwards(tmp_path: Path) -> None:
    with private_file(tmp_path / "secret") as file:
        file.write(b"seed")
        (part,) = tmp_path.iterdir()
        assert mode_of(part) == 0o600
        assert part.name != "secret"
    assert (tmp_path / "secret").read_bytes() == b"seed"
    assert mode_of(tmp_path / "secret") == 0o600


def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    writing = private_file(tmp_path / "secret")
    writing.__enter__().write(b"half")
    assert not writing.__exit__(KeyError, KeyError(), None)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"old")
    with pytest.raises(BadInput, match="exists already"), private_file(tmp_path / "secret"):
        pytest.fail("there is nothing to write to")
    assert (tmp_path / "secret").read_bytes() == b"old"


def test_what_appears_meanwhile_stays(tmp_path: Path) -> None:
    writing = private_file(tmp_path / "secret")
    writing.__enter__().write(b"new")
    (tmp_path / "secret").write_bytes(b"somebody else's")
    with pytest.raises(BadInput, match="exists already"):
        writing.__exit__(None, None, None)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"somebody else's"]


def test_replacing_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"old")
    with private_file(tmp_path / "secret", replace=True) as file:
        file.write(b"new")
    assert (tmp_path / "secret").read_bytes() == b"new"
    assert mode_of(tmp_path / "secret") == 0o600


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(BadInput, match="cannot be written: No such file"),
        private_file(tmp_path / "absent" / "secret"),
    ):
        pytest.fail("there is nothing to write to")
