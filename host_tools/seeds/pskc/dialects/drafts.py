"""The drafts of RFC 6030 (2006 to 2010), as Feitian, ActivIdentity and others still write them.

Their names for elements and attributes (`Device`, `SecretContainer`, `Usage`, `KeyId`,
`KeyAlgorithm`, values under a `Name`) are read beside the standard's, in `values` and `header`.
Here is what has no counterpart in the standard: `KeyProperties`, which say once for many keys what
they have in common (draft-hoyer-keyprov-pskc-algorithm-profiles), and `Suite` among the Data.
"""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from host_tools.seeds.entry import Unusable
from host_tools.seeds.privacy import quoted
from host_tools.seeds.pskc.values import PskcDevice, PskcKey, attribute, key_of

_TEXTS = (
    "algorithm", "issuer", "user", "suite", "hash_attribute", "encoding", "length",
    "start", "expiry", "policy_start", "policy_expiry", "usages",
)  # fmt: skip

KeyProperties = Mapping[str, PskcKey]
"""What keys may refer to, by name."""


def properties_of(element: Element) -> tuple[str, PskcKey]:
    """Return name and content of a KeyProperties element; raises Unusable as `keys_of` does."""
    return attribute(element, "id"), key_of(element, PskcDevice())


def fill_from(properties: KeyProperties, key: PskcKey) -> None:
    """Give `key` what it does not say itself and the properties that it refers to do.

    Raises Unusable where the container has no properties of that name.
    """
    shared = properties.get(key.properties)
    if shared is None:
        raise Unusable(
            f"it refers to KeyProperties {quoted(key.properties, 20)}, which the file does not have"
        )
    for name in _TEXTS:
        if not getattr(key, name):
            setattr(key, name, getattr(shared, name))
    key.check_digit = key.check_digit or shared.check_digit
    key.unknown_policy = key.unknown_policy or shared.unknown_policy
    key.values = shared.values | key.values
    key.unknown_data += shared.unknown_data
