"""The vector files of this room, read once."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "vectors" / "wire"


def load(name: str) -> Any:
    """Return the vectors of one file; every file says where it comes from."""
    vectors = json.loads((FOLDER / name).read_text("utf-8"))
    assert vectors["origin"]
    return vectors


def octets(text: str) -> bytes:
    """Return spaced hexadecimal digits as bytes."""
    return bytes.fromhex(text)
