"""Key files: the forms that are taken, and that no message repeats a key."""

from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from firmware_model.wire.scp03_keys import diversify
from host_tools.client.keys import TEST_KEYS, FobKeys, read_keys

ENC, MAC, DEK = "00" * 16, "11" * 16, "22" * 16
CHIP_ID = bytes.fromhex("01020304050607080910")


def written(tmp_path: Path, text: str, mode: int = 0o600) -> str:
    path = tmp_path / "fob.keys"
    path.touch(mode=mode)
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("text", "version", "expected"),
    [
        (f"{ENC} {MAC}\n{DEK}\n", 0, (ENC, MAC, DEK)),
        (f"{ENC}\n", 0, (ENC, ENC, ENC)),
        (f'enc = "{ENC}"\nmac = "{MAC}"\ndek = "{DEK}"', 0, (ENC, MAC, DEK)),
        (f'version = 5\nkey = "{MAC}"', 5, (MAC, MAC, MAC)),
        (f'version = 255\nkey = "{MAC * 2}"', 255, (MAC * 2,) * 3),
    ],
)
def test_a_key_set_is_read_from_toml_and_from_hex(
    tmp_path: Path, text: str, version: int, expected: tuple[str, str, str]
) -> None:
    keys = read_keys(written(tmp_path, text)).for_chip(CHIP_ID)
    assert keys.version == version
    assert keys.keys == tuple(bytes.fromhex(key) for key in expected)


def test_a_master_key_is_diversified_by_the_chip_id(tmp_path: Path) -> None:
    keys = read_keys(written(tmp_path, f'master = "{MAC}"\nversion = 1'))
    assert keys.for_chip(CHIP_ID) == diversify(bytes.fromhex(MAC), CHIP_ID, 1)
    assert keys.for_chip(CHIP_ID) != keys.for_chip(bytes(10))


def test_the_public_test_keys_are_known_as_such_wherever_they_come_from(tmp_path: Path) -> None:
    assert TEST_KEYS.are_public
    assert read_keys(written(tmp_path, "404142434445464748494A4B4C4D4E4F")).are_public
    assert not FobKeys("", 0, (bytes(16),) * 3).are_public
    assert not FobKeys("", 0, master=bytes(range(0x40, 0x50))).are_public


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_may_read_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path, ENC)
    Path(path).chmod(mode)
    with pytest.raises(BadInput, match=f"mode 0{mode:o}.*chmod 600 {path}$"):
        read_keys(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SECRETSECRET",
        f"{ENC[:-2]}",
        f"{ENC} {MAC}",
        f"{ENC} {MAC} {DEK * 2}",
        "enc = SECRET",
        'enc = "SECRET"',
        'key = "SECRET"',
        'master = "SECRET"',
        f'"SECRET" = "{ENC}"',
        f'key = "{ENC}"\nversion = 128',
        f'key = "{ENC}"\nversion = "SECRET"',
        f'key = "{ENC}"\nmaster = "{ENC}"',
        "key = 5",
        "key = \u00e9",
    ],
)
def test_what_is_no_key_set_is_refused_without_repeating_it(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        read_keys(path)
    message = str(caught.value)
    assert path in message
    assert "SECRET" not in message
    assert ENC not in message


def test_keys_do_not_show_in_a_repr() -> None:
    keys = FobKeys("x", 0, (b"\xaa" * 16,) * 3, b"\xaa" * 16)
    assert "xaa" not in repr(keys)
