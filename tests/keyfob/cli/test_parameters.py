"""Words of a command line: files that are to be written are refused before anything is done."""

import os
from pathlib import Path

import click
import pytest

from keyfob.cli.parameters import NewFile


def test_a_file_may_be_made_or_replaced(tmp_path: Path) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    old.touch()
    assert [NewFile().convert(str(path), None, None) for path in (new, old)] == [new, old]
    assert not new.exists()


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(click.BadParameter, match=f"missing folder {tmp_path / 'absent'}"):
        NewFile().convert(str(tmp_path / "absent" / "report"), None, None)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(click.BadParameter, match="is a directory"):
        NewFile().convert(str(tmp_path), None, None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_lets_nobody_write_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(click.BadParameter, match=f"no permission to write to .* {tmp_path}"):
        NewFile().convert(str(tmp_path / "report"), None, None)
