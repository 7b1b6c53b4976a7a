"""The files that benchmarks of seed files make."""

import re
from pathlib import Path

import pytest

from benchmarks.seeds import new_records, repeat_packages
from host_tools.seeds import read, write


@pytest.mark.parametrize("prefix", ["pskc", "p", ""])
def test_a_file_of_more_keys_repeats_its_packages(prefix: str, tmp_path: Path) -> None:
    path, records = tmp_path / "seeds.pskcxml", new_records(3)
    write(path, records, plain=True)
    text = path.read_text("utf-8").replace("xmlns:pskc=", f"xmlns:{prefix}=".replace(":=", "="))
    path.write_text(re.sub("(</?)pskc:", rf"\1{prefix}:" if prefix else r"\1", text), "utf-8")
    repeat_packages(path, 400)
    assert [(each.serial_number, each.seed) for each in read(path)] == [
        (each.serial_number, each.seed) for each in records
    ] * 400


def test_a_file_without_packages_is_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "seeds.pskcxml"
    path.write_text("<KeyContainer/>", "utf-8")
    with pytest.raises(ValueError, match="no PSKC key package"):
        repeat_packages(path, 2)
    assert path.read_text("utf-8") == "<KeyContainer/>"
