"""TOML as users write it: models, racks, policies, rulebooks and keys are all read here."""

import tomllib
from typing import Any

from firmware_model.errors import BadInput


def parse_toml(text: str, name: str, *, secret: bool = False) -> dict[str, Any]:
    """Return the table that a TOML document holds.

    Args:
        text: the document.
        name: what errors call it: its file.
        secret: whether the text holds secrets, so that an error tells only the place.

    Raises:
        BadInput: it is not TOML, or nested too deeply; the message names line and column.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        words = str(error)
        if secret:
            words = words[words.rfind("(") :] if words.endswith(")") else "it cannot be parsed"
        raise BadInput(f"{name}: not TOML: {words}") from None
    except RecursionError:
        raise BadInput(f"{name}: not TOML that can be read: nested too deeply") from None
