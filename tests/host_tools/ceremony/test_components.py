"""Keys from components: what is taken, what is refused, and that no message repeats one."""

import pytest

from firmware_model.errors import BadInput
from host_tools.ceremony.check_values import Method, check_value
from host_tools.ceremony.components import combine, parse_component

ONE = bytes.fromhex("000102030405060708090A0B0C0D0E0F")
TWO = bytes.fromhex("F0E0D0C0B0A090807060504030201000")


def test_the_key_is_the_xor_of_all_components() -> None:
    assert combine([ONE, TWO]).hex(" ") == "f0 e1 d2 c3 b4 a5 96 87 78 69 5a 4b 3c 2d 1e 0f"
    third = bytes([0xFF]) * 16
    assert combine([ONE, TWO, third]) == bytes(byte ^ 0xFF for byte in combine([ONE, TWO]))
    assert combine([TWO, third, ONE]) == combine([ONE, TWO, third])


@pytest.mark.parametrize(
    ("components", "words"),
    [
        ([ONE], "1 components: 2 to 5"),
        ([bytes([n]) * 16 for n in range(1, 7)], "6 components: 2 to 5"),
        ([ONE, ONE], "cancel out"),
        ([ONE, TWO, bytes(a ^ b for a, b in zip(ONE, TWO, strict=True))], "all zeros"),
        ([ONE, TWO * 2], "differ in length"),
    ],
)
def test_what_is_no_set_of_components_is_refused(components: list[bytes], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        combine(components)


@pytest.mark.parametrize("text", ["", "00", "0" * 32, "zz" * 16, "ab" * 17, "ab" * 33])
def test_what_is_no_component_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_component(text, "component 2")
    assert "component 2" in str(caught.value)
    assert len(text) < 5 or text not in str(caught.value)


def test_a_component_may_be_typed_in_groups() -> None:
    assert parse_component(" 00010203 04050607 08090a0b 0C0D0E0F\n", "here") == ONE


@pytest.mark.parametrize(
    ("method", "key", "expected"),
    [
        # The key of RFC 4493 §4; by OpenSSL: enc -aes-128-ecb -nopad, and mac CMAC.
        (Method.GLOBALPLATFORM, "2b7e151628aed2a6abf7158809cf4f3c", "2c f6 a4"),
        (Method.ZEROS, "2b7e151628aed2a6abf7158809cf4f3c", "7d f7 6b"),
        (Method.CMAC, "2b7e151628aed2a6abf7158809cf4f3c", "7a d3 86"),
    ],
)
def test_check_values_are_those_of_their_method(method: Method, key: str, expected: str) -> None:
    assert check_value(bytes.fromhex(key), method).hex(" ") == expected
