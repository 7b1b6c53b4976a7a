"""Seed files: every format to the same records and back.

`read(path, secret)` yields `SeedRecord`s, `write(path, records, secret)` makes a file, and
`entries(reading)` gives what stands in a file as values, faults and remarks included.
"""

from host_tools.seeds.entry import (
    BadSeedFile,
    Detected,
    LockedSeedFile,
    Reading,
    Remark,
    Secret,
    SeedEntry,
)
from host_tools.seeds.files import detect, entries, read, write
from host_tools.seeds.record import SeedRecord
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
