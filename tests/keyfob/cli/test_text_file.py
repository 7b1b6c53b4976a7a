"""Text files that people write: what is longer than anybody writes, or no text, is named."""

from pathlib import Path

import pytest

from firmware_model.bounded_text import BYTES_MAX
from firmware_model.errors import BadInput
from keyfob.__main__ import status_of
from keyfob.cli.text_file import read_text


def test_lines_of_every_system_are_lines(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes("°C\r\n".encode() + b"b\n")
    assert read_text(tmp_path / "text", "text") == "°C\nb\n"


def test_the_longest_file_is_read_and_a_longer_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_text("a" * BYTES_MAX)
    assert len(read_text(path, "TOML")) == BYTES_MAX
    path.write_text("a" * (BYTES_MAX + 1))
    with pytest.raises(BadInput, match=rf"^{path}: not TOML: it is longer than 1,048,576 bytes$"):
        read_text(path, "TOML")


def test_what_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="bytes: not TOML: it is not UTF-8 text"):
        read_text(tmp_path / "bytes", "TOML")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero on this system")
@pytest.mark.parametrize(
    "words",
    [
        "models /dev/zero",
        "life --model fob-h6 --temperature /dev/zero",
        "seeds generate --model fob-h6 --out never --psk-file /dev/zero",
        "host init --policy /dev/zero --store never --key-file never",
    ],
)
def test_an_endless_file_ends_in_one_line(
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert status_of(words.split()) == 2
    err = capsys.readouterr().err.splitlines()
    assert err[-1].startswith("keyfob: /dev/zero: not ")
    assert not list(tmp_path.iterdir())
