"""The sealed key file: what goes in comes out, and nothing else opens or changes it."""

import json
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from host_tools.ceremony import key_file, sealed
from host_tools.ceremony.key_file import KeyFile, KeyRole, describe, key_set, parse
from host_tools.client.keys import TEST_KEYS

QUICK = 1 << 8
"""scrypt's N where a test is not about it."""

MASTER = bytes(range(0xA0, 0xB0))
KEYS = (
    KeyFile({})
    .with_set(KeyRole.TRANSPORT, key_set("factory 2029", 0, MASTER, diversified=True))
    .with_set(KeyRole.DEVICE, key_set("bank", 3, bytes(range(32)), diversified=False))
)


def test_a_sealed_file_gives_back_its_keys_and_only_you_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "desk.keys"
    key_file.write_key_file(path, KEYS, "three words long", replace=False)
    assert json.loads(path.read_text())["n"] == 1 << 17, "RFC 7914's N: strong unless asked for"
    assert path.stat().st_mode & 0o777 == 0o600
    assert MASTER.hex() not in path.read_text()
    read = key_file.read_key_file(path, "three words long")
    assert read.sets == KEYS.sets
    with pytest.raises(BadInput, match="exists already"):
        key_file.write_key_file(path, KEYS, "x", replace=False)


@pytest.fixture(scope="module")
def text() -> str:
    return sealed.seal(b"secret", "right", QUICK)


def test_another_passphrase_and_any_change_are_refused(text: str) -> None:
    assert sealed.unseal(text, "right", "here") == b"secret"
    with pytest.raises(BadInput, match="the passphrase is another"):
        sealed.unseal(text, "wrong", "here")
    for name, value in (("salt", "00" * 16), ("nonce", "00" * 12), ("cipher", "none"), ("n", 4)):
        changed = json.dumps(json.loads(text) | {name: value})
        with pytest.raises(BadInput):
            sealed.unseal(changed, "right", "here")


@pytest.mark.parametrize(
    "change",
    [
        {"n": 1 << 30},
        {"n": 0},
        {"n": 3},
        {"n": "131072"},
        {"r": 9},
        {"kind": "other"},
        {"salt": 5},
        {"sealed": "zz"},
    ],
)
def test_a_file_that_asks_too_much_or_is_none_is_refused_at_once(
    text: str, change: dict[str, object]
) -> None:
    changed = json.dumps(json.loads(text) | change)
    with pytest.raises(BadInput, match="no sealed key file"):
        sealed.unseal(changed, "right", "here")


@pytest.mark.parametrize("found", ["", "[]", "{}", "null", "{", "7", '{"sealed": "00"}'])
def test_what_is_no_sealed_file_is_refused(found: str) -> None:
    with pytest.raises(BadInput, match="no sealed key file"):
        sealed.unseal(found, "right", "here")


HEX = "00112233445566778899aabbccddeeff"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "TOML"),
        ("", "tables"),
        ("[other]", "tables"),
        (f'[device]\nname = "a"\nversion = 0\nmaster = "{HEX}"', "version 0 is not 1 to 127"),
        (f'[device]\nname = "a"\nversion = 128\nmaster = "{HEX}"', "version 128"),
        (f'[transport]\nname = "a"\nversion = 200\nkey = "{HEX}"', "version 200"),
        (f'[device]\nname = "a"\nversion = 1\nmaster = "{HEX}"\nkey = "{HEX}"', "master or key"),
        (f'[device]\nname = "a"\nmaster = "{HEX}"', "master or key"),
        ('[device]\nname = "a"\nversion = 1\nmaster = "0011"', "no AES key"),
        (f'[device]\nname = ""\nversion = 1\nmaster = "{HEX}"', "name"),
        (
            '[transport]\nname = "a"\nversion = 1\nkey = "404142434445464748494A4B4C4D4E4F"',
            "public",
        ),
    ],
)
def test_a_bad_table_is_named_and_its_keys_are_not_repeated(text: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text, "here")
    assert words in str(caught.value)
    assert HEX not in str(caught.value)


def test_both_sets_need_versions_that_tell_them_apart() -> None:
    with pytest.raises(BadInput, match="both sets have version 3"):
        KEYS.with_set(KeyRole.TRANSPORT, key_set("x", 3, MASTER, diversified=True))


def test_a_key_set_is_called_by_name_version_and_check_value() -> None:
    assert describe(KEYS.sets[KeyRole.TRANSPORT]).startswith("factory 2029 version 0 check value ")
    assert describe(TEST_KEYS) == "PUBLIC TEST KEYS"
    assert MASTER.hex() not in repr(KEYS)


@pytest.mark.parametrize("kind", ["master", "key"])
def test_a_device_key_that_the_factory_knows_is_refused(kind: str) -> None:
    text = f'[transport]\nname = "a"\nversion = 0\nmaster = "{"17" * 16}"\n'
    text += f'[device]\nname = "b"\nversion = 1\n{kind} = "{"17" * 16}"\n'
    with pytest.raises(
        BadInput, match=r"desk: \[device\] holds the key of \[transport\]"
    ) as caught:
        parse(text, "desk")
    assert "1717" not in str(caught.value)
