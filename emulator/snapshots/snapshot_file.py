"""Snapshots as files: JSON with a version and a digest, mode 0600, because they hold seeds.

Format 1: {"format": "keyfob snapshot", "version": 1, "sha256": of the canonical JSON of "content",
"content": {"instant_ns", "fobs": [{"channel", "serial_number", "model", "powered", "images":
{key: base64}}]}}. A newer version of keyfob reads every older format.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from emulator.snapshots.saved import SavedFob, SavedRack
from firmware_model.errors import BadInput
from firmware_model.units import SimTime

ENDING = ".kfsnap"
FORMAT = "keyfob snapshot"
VERSION = 1
FILE_BYTES_MAX = 1 << 30


def write_snapshot(path: Path, saved: SavedRack) -> None:
    """Write `saved` to `path` with mode 0600, whole or not at all.

    Raises:
        BadInput: the disk is full, or the file cannot be written; an old one stays as it was.
    """
    content = _content(saved)
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "sha256": _digest(content),
        "content": content,
    }
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(file, "w", encoding="ascii") as stream:
                json.dump(whole, stream)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        raise BadInput(f"cannot write snapshot {path}: {error.strerror}") from None


def read_snapshot(path: Path) -> SavedRack:
    """Return the snapshot in `path`.

    Raises:
        BadInput: it cannot be read, is none, is damaged, or of a later format.
    """
    try:
        with path.open("rb") as file:
            text = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise BadInput(f"cannot read snapshot {path}: {error.strerror}") from None
    try:
        whole = json.loads(text) if len(text) <= FILE_BYTES_MAX else None
    except (ValueError, RecursionError):
        whole = None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise BadInput(f"{path} is no keyfob snapshot")
    version = whole.get("version")
    if not isinstance(version, int):
        raise BadInput(f"{path} is no keyfob snapshot")
    reader = _READERS.get(version)
    if reader is None:
        raise BadInput(
            f"{path}: unsupported snapshot version {version}: this keyfob reads up to {VERSION}"
        )
    try:
        return reader(whole)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        raise BadInput(f"{path} is damaged: its digest does not fit; save it again") from None


def _read_1(whole: dict[str, Any]) -> SavedRack:
    content = whole["content"]
    if _digest(content) != whole["sha256"]:
        raise ValueError
    fobs = tuple(
        SavedFob(
            fob["channel"],
            fob["serial_number"],
            fob["model"],
            fob["powered"],
            {key: base64.b64decode(image) for key, image in fob["images"].items()},
        )
        for fob in content["fobs"]
    )
    return SavedRack(SimTime(content["instant_ns"]), fobs)


_READERS: dict[int, Callable[[dict[str, Any]], SavedRack]] = {1: _read_1}
"""A reader for each format there ever was."""


def _content(saved: SavedRack) -> dict[str, Any]:
    return {
        "instant_ns": int(saved.instant),
        "fobs": [
            {
                "channel": fob.number,
                "serial_number": fob.serial_number,
                "model": fob.source,
                "powered": fob.powered,
                "images": {key: base64.b64encode(fob.images[key]).decode() for key in fob.images},
            }
            for fob in saved.fobs
        ],
    }


def _digest(content: Any) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
