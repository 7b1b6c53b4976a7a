"""How certain programs write PSKC otherwise than RFC 6030: a module each.

Those of `DIALECTS` are applied to each key; `drafts` and `fragment` serve the container.
"""

from collections.abc import Callable

from host_tools.seeds.pskc.dialects import privacyidea, yubico
from host_tools.seeds.pskc.values import PskcKey

Adapt = Callable[[PskcKey, list[str]], None]
"""Changes a key's texts to what RFC 6030 means; appends to the doubts what was guessed."""

DIALECTS: tuple[tuple[Callable[[PskcKey], bool], Adapt], ...] = (
    (privacyidea.matches, privacyidea.adapt),
    (yubico.matches, yubico.adapt),
)
"""For each dialect: does this key come from it, and what to change."""


def adapt(key: PskcKey, doubts: list[str]) -> None:
    """Apply every dialect that matches `key`; see `Adapt`.

    Raises ForeignKey or Unusable where the dialect says that the key is none of ours.
    """
    if key.hash_attribute and not key.suite:
        key.suite = key.hash_attribute
    for matches, change in DIALECTS:
        if matches(key):
            change(key, doubts)
