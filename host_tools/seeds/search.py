"""Find one key of a seed file, also where its row is faulty because of the seed's spelling."""

from collections.abc import Callable
from dataclasses import replace

from firmware_model.errors import BadInput
from host_tools.seeds.entry import BadSeedFile, Reading, SeedEntry
from host_tools.seeds.files import entries
from host_tools.seeds.record import SeedRecord


def find_record(
    reading: Reading,
    format: str | None,  # noqa: A002 - what everybody calls it
    wanted: Callable[[SeedRecord], bool],
) -> SeedEntry | None:
    """Return the key for whose record `wanted` is true, None where the file has none.

    Faults of other keys do not matter. Where a table's row has its seed in another encoding than
    the table should have, it is read as what it looks like, with a doubt that says so.

    Raises:
        BadInput: several keys are wanted.
        BadSeedFile: the file cannot be read, or holds faulty keys and none that is wanted.
        LockedSeedFile: it is encrypted, and nothing was given to open it.
    """
    found, fault = _search(reading, format, wanted)
    if found is None and fault is not None:
        found, _ = _search(replace(reading, any_encoding=True), format, wanted)
    if found is None and fault is not None:
        raise BadSeedFile(reading.path, fault.fault, fault.where)
    return found


def _search(
    reading: Reading,
    format: str | None,  # noqa: A002
    wanted: Callable[[SeedRecord], bool],
) -> tuple[SeedEntry | None, SeedEntry | None]:
    """Return the wanted key, and the first faulty one."""
    found: SeedEntry | None = None
    fault: SeedEntry | None = None
    for entry in entries(reading, format):
        if not isinstance(entry, SeedEntry):
            continue
        if entry.record is None:
            fault = fault or entry
        elif wanted(entry.record):
            if found is not None:
                raise BadInput(
                    f"{reading.path} has several keys of that name: {entry.where} is another;"
                    " name its Credential ID"
                )
            found = entry
    return found, fault
