"""Key files and sealed seeds: what opens what, and what does not."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from firmware_model.errors import BadInput
from host_tools.vault.key_ring import KEY_BYTES, KeyRing, SealedPlace, read_key_file, write_key_file

OLD, NEW = bytes(range(KEY_BYTES)), bytes(reversed(range(KEY_BYTES)))
SEED = b"12345678901234567890"
PLACE = ("host", "token", "seed", "ZZ1")


def test_the_newest_key_seals_and_the_older_ones_still_open() -> None:
    old, both = KeyRing({1: OLD}), KeyRing({1: OLD, 2: NEW})
    before, after = old.seal(SEED, PLACE), both.seal(SEED, PLACE)
    assert both.open(before, PLACE) == both.open(after, PLACE) == SEED
    with pytest.raises(BadInput, match="no key of the version"):
        old.open(after, PLACE)


def test_sealing_twice_gives_two_ciphertexts() -> None:
    ring = KeyRing({1: OLD})
    assert ring.seal(SEED, PLACE) != ring.seal(SEED, PLACE)


def test_a_sealed_secret_is_bound_to_its_place_its_version_and_every_bit() -> None:
    ring = KeyRing({1: OLD, 2: OLD})
    sealed = ring.seal(SEED, PLACE)
    others: list[SealedPlace] = [
        ("soft", "token", "seed", "ZZ1"),
        ("host", "issue", "seed", "ZZ1"),
        ("host", "token", "secrets", "ZZ1"),
        ("host", "token", "seed", "ZZ2"),
        ("host", "token", "seedZZ1", ""),
    ]
    moved = [*((place, sealed) for place in others), (PLACE, b"\x01" + sealed[1:])]
    cut = [(PLACE, sealed[:20]), (PLACE, b""), (PLACE, sealed[:-1] + b"\0\0")]
    flipped = [(PLACE, sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1 :]) for n in (5, 20)]
    for place, wrong in [*moved, *cut, *flipped]:
        with pytest.raises(BadInput):
            ring.open(wrong, place)


def test_what_version_1_sealed_opens_as_such_only() -> None:
    ring = KeyRing({1: OLD})
    associated = b"ZZ1\0seed\0\1"
    key = HKDFExpand(SHA256(), 32, b"keyfob host seeds").derive(OLD)
    sealed = b"\1" + bytes(12) + AESGCM(key).encrypt(bytes(12), SEED, associated)
    assert ring.open_version_1(sealed, "ZZ1") == SEED
    with pytest.raises(BadInput):
        ring.open_version_1(sealed, "ZZ2")
    with pytest.raises(BadInput):
        ring.open(sealed, PLACE)


def test_a_key_file_is_private_durable_and_never_replaced(tmp_path: Path) -> None:
    ring, text = KeyRing.generate()
    path = tmp_path / "keys" / "host.key"
    write_key_file(path, text)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key_file(path).open(ring.seal(SEED, PLACE), PLACE) == SEED
    with pytest.raises(BadInput, match="the file exists already"):
        write_key_file(path, text)


def test_a_key_file_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "host.key"
    write_key_file(path, KeyRing.generate()[1])
    path.chmod(0o640)
    with pytest.raises(BadInput, match="other users can read this key file"):
        read_key_file(path)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "holds no key"),
        ("# only a remark\n", "holds no key"),
        ("1 00ff\n", "line 1: a version"),
        (f"0 {OLD.hex()}", "line 1: a version"),
        (f"256 {OLD.hex()}", "line 1: a version"),
        (f"1 {OLD.hex()} x", "line 1: a version"),
        (f"1 {OLD.hex()}\n1 {NEW.hex()}", "line 2: version 1 occurs twice"),
        (f"1 {OLD.hex()}\nhello", "line 2: a version"),
    ],
)
def test_a_bad_key_file_is_named_without_its_content(text: str, line: str) -> None:
    with pytest.raises(BadInput) as caught:
        KeyRing.parse(text, "host.key")
    assert line in str(caught.value)
    assert OLD.hex() not in str(caught.value)


def test_a_bare_key_is_version_one() -> None:
    assert KeyRing.parse(OLD.hex(), "KEYFOB_HOST_KEY").newest == 1


def test_no_key_shows_in_a_repr() -> None:
    assert repr(KeyRing({1: OLD, 2: NEW})) == "KeyRing(versions=[1, 2])"
