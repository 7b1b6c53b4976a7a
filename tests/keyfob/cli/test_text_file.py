"""Text files that people write: what is longer than anybody writes, or no text, is named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_model.bounded_text import BYTES_MAX
from firmware_model.errors import BadInput
from host_tools.ceremony import key_file as ceremony_key_file
from host_tools.client.keys import read_keys
from host_tools.client.text_file import read_text
from host_tools.scenario import features
from host_tools.seeds import key_file as seed_key_file
from host_tools.services import rulebook
from host_tools.vault import key_ring
from host_tools.vault.anchor import FileAnchor
from keyfob.__main__ import status_of


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


@pytest.mark.parametrize(
    "read",
    [
        rulebook.load,
        features.read,
        key_ring.read_key_file,
        seed_key_file.read_key_file,
        lambda path: read_keys(str(path)),
        lambda path: ceremony_key_file.read_key_file(path, "x"),
        lambda path: FileAnchor(path).read(),
    ],
    ids=["rulebook", "feature", "key ring", "key of seeds", "keys of a fob", "key file", "anchor"],
)
def test_every_file_that_people_write_is_read_up_to_a_bound(
    tmp_path: Path, read: Callable[[Path], object]
) -> None:
    path = tmp_path / "file"
    path.touch(mode=0o600)
    with path.open("r+b") as file:
        file.truncate(1 << 40)  # a hole: read whole, it would fill the memory
    with pytest.raises(BadInput, match=r"file: not .*: it is longer than 1,048,576 bytes"):
        read(path)
