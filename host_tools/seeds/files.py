"""Read and write seed files of every format: the entry points of this package."""

import dataclasses
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from firmware_model.errors import BadInput
from host_tools.seeds.columns import Column
from host_tools.seeds.encoding import decoded_head
from host_tools.seeds.entry import (
    BadSeedFile,
    Detected,
    Found,
    Reading,
    Remark,
    Secret,
    SeedEntry,
)
from host_tools.seeds.key_file import key_file_of, read_key_file
from host_tools.seeds.privacy import SEED_BYTES_USUAL, looks_like_seed
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.refused import reason_to_refuse, reason_to_refuse_bytes
from host_tools.seeds.registry import FORMATS, Format
from host_tools.seeds.tables.near_miss import near_miss
from host_tools.vault.private_file import private_file

FILE_BYTES_MAX = 2 << 30
"""Ten million keys; the limit ends an endless pipe."""

HEAD_BYTES = 8192

Progress = Callable[[int], None]
Wanted = Callable[[str], bool]
Notice = Callable[[Remark], None]


def read(
    path: Path | str,
    secret: Secret | None = None,
    format: str | None = None,  # noqa: A002 - what everybody calls it
    *,
    accept_unauthenticated: bool = False,
    columns: tuple[Column, ...] | None = None,
    encoding: str | None = None,
    wanted: Wanted | None = None,
    notice: Notice | None = None,
    progress: Progress | None = None,
) -> Iterator[SeedRecord]:
    """Yield the seeds of a file one after another, in memory that does not grow with it.

    A fault in any key makes the file unusable, and shows when that key is reached: use nothing
    before the end is reached, so consume inside one transaction or into a list.

    Args:
        path: the file.
        secret: opens an encrypted file; without a key in it, one in `NAME.key` beside is taken.
        format: a name of `FORMATS`; overrides detection.
        accept_unauthenticated: take encrypted seeds that nothing protects against change.
        columns: what a table's columns mean, from the first on.
        encoding: a table's code page, as Python names it.
        wanted: tells by serial number or Credential ID which keys are wanted; a fault in another
            one does not matter, nor what it is a key for.
        notice: called with each key that is left out because it is no one-time password of OATH,
            and with all that is suspicious about the file or a key that is read.
        progress: called with the number of bytes read.

    Raises:
        BadSeedFile: the file or one of its keys cannot be taken; it says which key and why.
        LockedSeedFile: it is encrypted and there was nothing to open it.
        OSError: it cannot be read.
    """
    reading = Reading(
        Path(path),
        secret or Secret(),
        accept_unauthenticated=accept_unauthenticated,
        columns=columns,
        encoding=encoding,
    )
    count = foreign = 0
    last = Remark("")
    for found in entries(reading, format, progress):
        if isinstance(found, Remark):
            if found.left_out:
                if wanted is not None and found.name and not wanted(found.name):
                    continue
                foreign, last = foreign + 1, found
            if notice is not None and (found.left_out or found.doubtful):
                notice(found)
        if not isinstance(found, SeedEntry):
            continue
        count += 1
        if wanted is not None and not _is_wanted(found, wanted):
            continue
        if found.record is None:
            raise BadSeedFile(path, found.fault, found.where)
        if not found.record.seed:
            raise BadSeedFile(path, "its seed is empty", found.where)
        if notice is not None:
            for doubt in found.doubts:
                notice(Remark(doubt, found.where, doubtful=True))
        yield found.record
    if not count and foreign:
        reason = f"it holds no seed of HOTP or TOTP; {last.text}"
        raise BadSeedFile(
            path, reason if foreign == 1 else f"{reason}, and {foreign - 1:,} more", last.where
        )
    if not count:
        raise BadSeedFile(path, "it holds no seed")


def entries(
    reading: Reading,
    format: str | None = None,  # noqa: A002
    progress: Progress | None = None,
) -> Iterator[Found]:
    """Yield all that a file holds as values: its format, keys, faulty keys, remarks; see `read`."""
    reading = _with_key_beside(reading)
    with ExitStack() as stack:
        raw = stack.enter_context(reading.path.open("rb", buffering=0))
        watched = _Watched(raw, reading.path, progress)
        file = stack.enter_context(io.BufferedReader(watched, HEAD_BYTES * 8))
        head = file.peek(HEAD_BYTES)[:HEAD_BYTES]
        chosen = named(format) if format else detect(head, reading.path, reading.encoding)
        if chosen.read is None:
            raise BadInput(f"{chosen.title}: keyfob writes this format and does not read it")
        yield Detected(chosen.name)
        for found in chosen.read(file, reading):
            if isinstance(found, SeedEntry) and found.record is not None:
                yield _without_swapped(found, found.record, reading)
            else:
                yield found


def write(
    path: Path | str,
    records: Iterable[SeedRecord],
    secret: Secret | None = None,
    format: str = "pskc",  # noqa: A002
    *,
    plain: bool = False,
    replace: bool = False,
) -> int:
    """Write `records` to a new file, mode 0600, and return how many there were.

    Without a `secret`, or in a format that cannot encrypt, `plain` must say that seeds in clear
    are wanted. Nothing appears at `path` unless all went well.

    Raises:
        BadInput: `path` is taken and `replace` not set; seeds would stand in clear unasked; a
            record does not fit the format; there is none; or `path` cannot be written.
    """
    chosen = named(format)
    if chosen.write is None:
        raise BadInput(f"{chosen.title}: keyfob reads this format and does not write it")
    secret = (secret or Secret()) if chosen.encrypts and not plain else Secret()
    if not secret and not plain:
        raise BadInput(f"{path}: the seeds would stand there in clear; --plain says that you know")
    with private_file(Path(path), replace=replace) as file:
        return chosen.write(file, records, secret)


def detect(head: bytes, path: Path | str, encoding: str | None = None) -> Format:
    """Return the format of a file that begins with `head`; raises BadSeedFile for none we know.

    `encoding` is the code page of text that is no UTF-8, as Python names it.
    """
    if not head.strip(b"\0\t\r\n "):
        raise BadSeedFile(path, "it is empty")
    for entry in FORMATS.values():
        if entry.magic and head.startswith(entry.magic):
            return entry
    if reason := reason_to_refuse_bytes(head):
        raise BadSeedFile(path, reason)
    text = decoded_head(head, encoding)
    if reason := reason_to_refuse(text, Path(path).name):
        raise BadSeedFile(path, reason)
    for entry in FORMATS.values():
        if entry.sniff(text):
            return entry
    raise BadSeedFile(
        path, f"unrecognised format; supported: {', '.join(readable())}{near_miss(text)}"
    )


def readable() -> list[str]:
    """Return the names of the formats that can be read, in the order of detection."""
    return [entry.name for entry in FORMATS.values() if entry.read is not None]


def named(format: str) -> Format:  # noqa: A002
    """Return the format called `format`; raises BadInput for one that is not in the table."""
    try:
        return FORMATS[format]
    except KeyError:
        raise BadInput(
            f"unknown seed-file format {format!r}; known: {', '.join(FORMATS)}"
        ) from None


def _with_key_beside(reading: Reading) -> Reading:
    beside = key_file_of(reading.path)
    if reading.secret.key is not None or not beside.is_file():
        return reading
    secret = Secret(read_key_file(beside), reading.secret.passphrase)
    return dataclasses.replace(reading, secret=secret)


def _is_wanted(entry: SeedEntry, wanted: Wanted) -> bool:
    """Tell whether a key is wanted; one whose name could not be read is."""
    names = [entry.name]
    if entry.record is not None:
        names = [entry.record.serial_number, entry.record.credential_id]
    return any(wanted(name) for name in names if name) or not any(names)


def _without_swapped(entry: SeedEntry, record: SeedRecord, reading: Reading) -> SeedEntry:
    """Return `entry`, or a fault where another field than the seed looks like the seed.

    So swapped columns import nothing wrong. Columns that somebody named are taken as named.
    """
    if not record.seed or reading.columns is not None:
        return entry
    short = len(record.seed) < SEED_BYTES_USUAL
    for what, text in (
        ("serial number", record.serial_number),
        ("key identifier", record.credential_id),
        ("issuer", record.issuer),
        ("user", record.user),
        ("manufacturer", record.manufacturer),
        ("model", record.model),
    ):
        if len(text) >= SEED_BYTES_USUAL and looks_like_seed(text):
            longer = what == "serial number" and len(text) >= 2 * len(record.seed)
            if short or longer:
                fault = f"its {what} looks like a seed: fields may be swapped"
                return SeedEntry(entry.where.partition(",")[0], fault=fault)
    return entry


class _Watched(io.RawIOBase):
    """A file that reports how far it was read, and refuses to be larger than the limit."""

    def __init__(self, raw: IO[bytes], path: Path, progress: Progress | None) -> None:
        self._raw = raw
        self._path = path
        self._progress = progress
        self._total = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self._total += len(data)
        if self._total > FILE_BYTES_MAX:
            raise BadSeedFile(self._path, f"it is larger than {FILE_BYTES_MAX >> 30} GiB")
        if self._progress is not None:
            self._progress(len(data))
        return len(data)
