"""Both targets without atheris: every finding there ever was, and whatever hypothesis thinks of."""

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import card_target, device_target, host_target

CORPUS = json.loads((Path(__file__).parents[2] / "vectors/wire/fuzz.json").read_text("utf-8"))
DEVICE = [pytest.param(bytes.fromhex(one["bytes"]), id=one["name"]) for one in CORPUS["device"]]
CARD = [pytest.param(bytes.fromhex(one["bytes"]), id=one["name"]) for one in CORPUS["card"]]
HOST = [pytest.param(bytes.fromhex(one["bytes"]), id=one["name"]) for one in CORPUS["host"]]


@pytest.mark.parametrize("data", DEVICE)
def test_the_fob_stands_what_was_found_before(data: bytes) -> None:
    device_target.one_input(data)


@pytest.mark.parametrize("data", HOST)
def test_the_host_stands_what_was_found_before(data: bytes) -> None:
    host_target.one_input(data)


@settings(max_examples=150)
@given(st.binary(max_size=200))
def test_the_fob_stands_anything(data: bytes) -> None:
    device_target.one_input(data)


@settings(max_examples=150)
@given(st.binary(max_size=300))
def test_the_fob_in_a_reader_stands_anything(data: bytes) -> None:
    card_target.one_input(data)


@pytest.mark.parametrize("data", CARD)
def test_the_fob_in_a_reader_stands_what_was_found_before(data: bytes) -> None:
    card_target.one_input(data)


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_the_host_stands_anything(data: bytes) -> None:
    host_target.one_input(data)


@pytest.mark.parametrize("seed", range(8))
def test_mutations_of_what_was_found_are_stood_as_well(seed: int) -> None:
    dice = Random(seed)
    targets = {"device": device_target, "host": host_target, "card": card_target}
    for target, found in ((targets[name], CORPUS[name]) for name in targets):
        for one in found:
            data = bytearray.fromhex(one["bytes"]) or bytearray(8)
            for _ in range(1 + dice.randrange(4)):
                data[dice.randrange(len(data))] = dice.randrange(256)
            target.one_input(bytes(data))
