"""The index of `vectors/seeds/`, and how its writers add a file to it."""

import base64
from pathlib import Path
from typing import Any

from tests.host_tools.seeds.pskc_by_hand import RFC_KEY, RFC_SEED

ROOT = Path(__file__).parents[3] / "vectors" / "seeds"
HAND = "tests/host_tools/seeds/pskc_by_hand.py"
KEY = {"key": RFC_KEY.hex()}
PASSPHRASE = {"passphrase": "qwerty"}
SEED32 = b"12345678901234567890123456789012"
HEX, HEX32 = RFC_SEED.hex(), SEED32.hex()
BASE32 = base64.b32encode(RFC_SEED).decode()

CASES: list[dict[str, Any]] = []


def valid(
    file: str,
    text: str | bytes,
    origin: str,
    records: list[dict[str, Any]],
    secret: dict[str, str] | None = None,
    **more: Any,
) -> None:
    _add(file, text, origin, secret, {"result": "valid", "records": records} | more)


def found(
    file: str,
    origin: str,
    records: list[dict[str, Any]],
    secret: dict[str, str] | None = None,
    **more: Any,
) -> None:
    """Add a file that another program wrote, as it stands."""
    valid(file, (ROOT / file).read_bytes(), origin, records, secret, **more)


def invalid(
    file: str,
    text: str | bytes,
    origin: str,
    reason: str,
    secret: dict[str, str] | None = None,
    **more: Any,
) -> None:
    _add(file, text, origin, secret, {"result": "invalid", "reason": reason} | more)


def _add(
    file: str, text: str | bytes, origin: str, secret: dict[str, str] | None, more: dict[str, Any]
) -> None:
    path = ROOT / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    case = {"file": file, "format": more.pop("format", file.split("/")[0]), "origin": origin}
    CASES.append(case | ({"secret": secret} if secret else {}) | more)
