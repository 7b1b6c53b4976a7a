"""The targets notice: each kind of fob or host that breaks the invariant is found out."""

from collections.abc import Callable
from typing import Any

import pytest

from firmware_model.firmware.applications.transaction import Applications
from firmware_model.wire import objects, primary, secondary
from firmware_model.wire.hdlc import encode_fields
from tests.fuzz import device_target, host_target

ONE_COMMAND = bytes.fromhex("01 02 05 00CADF2000")
NOISE = bytes.fromhex("00 00 03 000000")


def twice(*fields: Any) -> bytes:
    return encode_fields(*fields) * 2


def spoilt(*fields: Any) -> bytes:
    return encode_fields(*fields)[:-2] + b"\x00\x7e"


def says(answer: bytes) -> Callable[..., bytes]:
    return lambda *_: answer


def raises(*_: object) -> bytes:
    raise KeyError("a fault of our own")


@pytest.mark.parametrize(
    ("where", "name", "fault", "words"),
    [
        (secondary, "encode_fields", twice, "without being spoken to"),
        (secondary, "encode_fields", spoilt, "no good frame"),
        (Applications, "transact", says(device_target.SEED + b"\x90\x00"), "a seed was sent"),
        (Applications, "transact", says(b"\x6f\x00"), "its application does not answer"),
        (Applications, "transact", raises, "a fault of our own"),
    ],
)
def test_a_fob_that_breaks_the_invariant_is_found_out(
    where: Any,
    name: str,
    fault: Callable[..., bytes],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device_target.one_input(ONE_COMMAND)
    monkeypatch.setattr(where, name, fault)
    with pytest.raises((AssertionError, KeyError), match=words):
        device_target.one_input(ONE_COMMAND)


@pytest.mark.parametrize(
    ("where", "name", "fault", "data"),
    [
        (objects.Slots, "decode", raises, NOISE),
        (objects.ErrorLog, "encode", says(b"\0"), bytes.fromhex("00 02 0000000000000005")),
        (primary, "encode_fields", spoilt, bytes.fromhex("01 40 00 03 00 03")),
        (primary, "encode_fields", spoilt, bytes.fromhex("02 00")),
    ],
)
def test_a_host_that_breaks_the_invariant_is_found_out(
    where: Any,
    name: str,
    fault: Callable[..., bytes],
    data: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host_target.one_input(data)
    monkeypatch.setattr(where, name, fault)
    if fault is raises:
        monkeypatch.setattr(host_target, "_DECODERS", [where.decode])
    with pytest.raises((AssertionError, KeyError, ValueError)):
        host_target.one_input(data)
