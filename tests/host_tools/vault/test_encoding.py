"""What MACs cover is JSON to the byte, whatever a store may hold."""

import json

from hypothesis import given
from hypothesis import strategies as st

from host_tools.vault.encoding import encode, key_text
from host_tools.verification.throttle import Scope

VALUES = st.none() | st.integers() | st.text() | st.binary() | st.floats(allow_nan=False)


@given(st.lists(VALUES))
def test_values_are_encoded_as_json_does_it(values: list[object]) -> None:
    tagged = [{"hex": one.hex()} if isinstance(one, bytes) else one for one in values]
    assert encode(values) == json.dumps(tagged, separators=(",", ":")).encode()


@given(st.lists(VALUES), st.lists(VALUES))
def test_no_two_lists_look_alike(one: list[object], other: list[object]) -> None:
    assert (encode(one) == encode(other)) == (repr(one) == repr(other))


def test_keys_are_text_and_fold_ascii_alone() -> None:
    assert key_text([Scope.GENERATOR, "ZZ1", 7]) == '["generator","ZZ1",7]'
    assert key_text(["ZZÄ\n"], nocase=True) == '["zz\\u00c4\\n"]'
    assert encode([True, b"\x00"]) == b'[true,{"hex":"00"}]'
