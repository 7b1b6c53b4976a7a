"""Seed files: every format to the same records and back.

`read(path, secret)` yields `SeedRecord`s, `write(path, records, secret)` makes a file, and
`entries(reading)` gives what stands in a file as values, faults and remarks included.
"""

from typing import TYPE_CHECKING

from host_tools.seeds.entry import (
    BadSeedFile,
    Detected,
    LockedSeedFile,
    Reading,
    Remark,
    Secret,
    SeedEntry,
)
from host_tools.seeds.record import SeedRecord

if TYPE_CHECKING:
    from host_tools.seeds.files import detect, entries, read, write
    from host_tools.seeds.registry import FORMATS

__all__ = [
    "FORMATS",
    "BadSeedFile",
    "Detected",
    "LockedSeedFile",
    "Reading",
    "Remark",
    "Secret",
    "SeedEntry",
    "SeedRecord",
    "detect",
    "entries",
    "read",
    "write",
]

_FORMAT_MODULES = {
    "FORMATS": "registry",
    "detect": "files",
    "entries": "files",
    "read": "files",
    "write": "files",
}
"""What knows all formats; imported when first used: who has records needs none of them."""


def __getattr__(name: str) -> object:
    """Import what reads and writes files when it is first used."""
    if name not in _FORMAT_MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_FORMAT_MODULES[name]}"), name)
    globals()[name] = value
    return value
