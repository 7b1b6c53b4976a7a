"""Static keys: check values, diversification, wrapping under the DEK, PUT KEY's data."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.wire.apdu import StatusWord
from firmware_model.wire.scp03_keys import (
    TEST_KEYS,
    KeySet,
    decode_key_data,
    diversify,
    encode_key_data,
    key_check_value,
    pad,
    unpad,
    unwrap_under_dek,
    wrap_under_dek,
)
from tests.firmware_model.wire.vectors import load, octets

VECTORS = load("keys.json")
DEK = octets(VECTORS["put_key"]["dek"])
NEW = KeySet(0x31, *[octets(VECTORS["put_key"]["key"])] * 3)


@pytest.mark.parametrize("vector", VECTORS["check_values"])
def test_check_values_are_globalplatforms(vector: dict[str, str]) -> None:
    assert key_check_value(octets(vector["key"])) == octets(vector["check"])


@pytest.mark.parametrize("vector", load("diversification.json")["keys"])
def test_diversified_keys_are_those_of_openssls_kbkdf(vector: dict[str, str]) -> None:
    found = diversify(octets(vector["master"]), octets(vector["chip_id"]), 1)
    assert [key.hex() for key in found.keys] == [vector[name] for name in ("enc", "mac", "dek")]


@pytest.mark.parametrize("vector", VECTORS["wrapped"])
def test_secrets_are_wrapped_as_key_components(vector: dict[str, str]) -> None:
    dek, secret, wrapped = (octets(vector[name]) for name in ("dek", "secret", "wrapped"))
    assert wrap_under_dek(dek, secret) == wrapped
    assert unwrap_under_dek(dek, wrapped) == secret


@given(st.binary(min_size=1, max_size=255))
def test_any_secret_comes_back(secret: bytes) -> None:
    assert unwrap_under_dek(DEK, wrap_under_dek(DEK, secret)) == secret


@pytest.mark.parametrize(
    "wrapped",
    [
        b"",
        b"\x10",
        b"\x00" + bytes(16),
        b"\x11" + bytes(16),
        b"\x10" + bytes(32),
        b"\x0f" + bytes(15),
    ],
)
def test_a_wrapped_secret_whose_length_cannot_be_is_refused(wrapped: bytes) -> None:
    assert unwrap_under_dek(DEK, wrapped) is None


@pytest.mark.parametrize(
    ("form", "length_bytes"), [("block", True), ("block_without_length", False)]
)
def test_put_key_data_in_both_forms(form: str, length_bytes: bool) -> None:
    raw = octets(VECTORS["put_key"]["version"] + VECTORS["put_key"][form] * 3)
    assert encode_key_data(NEW, DEK, length_bytes=length_bytes) == raw
    assert decode_key_data(raw, DEK) == NEW


@pytest.mark.parametrize("key_bytes", [16, 24, 32])
def test_put_key_data_of_every_length_comes_back(key_bytes: int) -> None:
    keys = KeySet(1, *(bytes((value,)) * key_bytes for value in (1, 2, 3)))
    assert decode_key_data(encode_key_data(keys, DEK), DEK) == keys


def test_truncated_or_longer_put_key_data_is_6a80() -> None:
    raw = encode_key_data(NEW, DEK)
    for length in range(len(raw)):
        assert decode_key_data(raw[:length], DEK) is StatusWord.WRONG_DATA
    assert decode_key_data(raw + b"\0", DEK) is StatusWord.WRONG_DATA


def spoilt(raw: bytes, at: int, value: int) -> bytes:
    return raw[:at] + bytes((value,)) + raw[at + 1 :]


@pytest.mark.parametrize(
    ("at", "value", "status"),
    [
        (0, 0x00, StatusWord.WRONG_DATA),  # version 0
        (0, 0x80, StatusWord.WRONG_DATA),  # version above 7F
        (1, 0x80, StatusWord.WRONG_DATA),  # a DES key
        (2, 0x12, StatusWord.WRONG_DATA),
        (3, 0x18, StatusWord.WRONG_DATA),  # 24 bytes in one block
        (20, 0x00, StatusWord.WRONG_DATA),  # no check value
        (4, 0x00, StatusWord.SECURITY_STATUS_NOT_SATISFIED),  # another key
        (21, 0x00, StatusWord.SECURITY_STATUS_NOT_SATISFIED),  # another check value
    ],
)
def test_put_key_data_that_does_not_fit_is_refused(at: int, value: int, status: int) -> None:
    assert decode_key_data(spoilt(encode_key_data(NEW, DEK), at, value), DEK) == status


def test_keys_of_different_lengths_are_no_set() -> None:
    with pytest.raises(ValueError, match="one length"):
        KeySet(1, bytes(16), bytes(16), bytes(24))
    with pytest.raises(ValueError, match="one length"):
        KeySet(1, *[bytes(17)] * 3)
    short, long = encode_key_data(NEW, DEK), encode_key_data(KeySet(1, *[bytes(32)] * 3), DEK)
    assert decode_key_data(short[:24] + long[24 + 16 :], DEK) is StatusWord.WRONG_DATA


def test_the_public_test_keys_are_what_a_factory_fob_tells() -> None:
    assert TEST_KEYS.check_values == octets("FF 50 4A 77 50 4A 77 50 4A 77")


def test_no_key_shows_in_a_repr() -> None:
    assert repr(TEST_KEYS) == "KeySet(version=255)"


@given(st.binary(max_size=64))
def test_padding_always_comes_off_again(data: bytes) -> None:
    assert len(pad(data)) % 16 == 0
    assert unpad(pad(data)) == data


@pytest.mark.parametrize("data", [b"", bytes(16), b"\x80" + bytes(16), b"\x01" * 16])
def test_what_is_no_padding_is_refused(data: bytes) -> None:
    assert unpad(data) is None


@given(st.binary(max_size=130))
def test_any_put_key_data_is_read_or_refused(data: bytes) -> None:
    found: Any = decode_key_data(data, DEK)
    assert isinstance(found, KeySet | StatusWord)
