"""A key from components: each custodian holds one, XOR of all is the key, fewer say nothing."""

from collections.abc import Sequence

from firmware_model.errors import BadInput

COMPONENTS = range(2, 6)
"""How many custodians there may be: 2 to 5."""

KEY_BYTES = (16, 24, 32)


def parse_component(text: str, origin: str) -> bytes:
    """Return the component that `text` holds: 32, 48 or 64 hex digits, in groups or not.

    Raises:
        BadInput: it is none; names `origin`, and does not repeat the text.
    """
    try:
        component = bytes.fromhex("".join(text.split()))
    except ValueError:
        component = b""
    if len(component) not in KEY_BYTES:
        raise BadInput(f"{origin} holds no component: 32, 48 or 64 hex digits were expected")
    if not any(component):
        raise BadInput(f"{origin}: a component of zeros adds nothing to the key")
    return component


def combine(components: Sequence[bytes]) -> bytes:
    """Return the XOR of 2 to 5 components of one length.

    Raises:
        BadInput: too few or too many, of different lengths, one is there twice (it would take
            itself out), or the result is all zeros.
    """
    if len(components) not in COMPONENTS:
        raise BadInput(f"{len(components)} components: 2 to 5 were expected")
    if len({len(component) for component in components}) != 1:
        raise BadInput("the components differ in length: they are not of one key")
    if len(set(components)) != len(components):
        raise BadInput("two components are the same: they would cancel out")
    key = bytes(len(components[0]))
    for component in components:
        key = bytes(one ^ other for one, other in zip(key, component, strict=True))
    if not any(key):
        raise BadInput("the components cancel out: the key would be all zeros")
    return key
