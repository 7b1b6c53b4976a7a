"""Open a seed file, whatever it is, and write one: the door of this package."""

import dataclasses
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from firmware_model.errors import BadInput
from host_tools.seeds.entry import BadSeedFile, Detected, Found, Reading, Secret, SeedEntry
from host_tools.seeds.key_file import key_file_of, read_key_file
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.refused import reason_to_refuse
from host_tools.seeds.registry import FORMATS, Format
from host_tools.vault.private_file import private_file

FILE_BYTES_MAX = 2 << 30
"""Ten million keys; nothing real is larger, and an endless pipe has to end somewhere."""

HEAD_BYTES = 8192

Progress = Callable[[int], None]


def read(
    path: Path | str,
    secret: Secret | None = None,
    format: str | None = None,  # noqa: A002 - what everybody calls it
    *,
    accept_unauthenticated: bool = False,
    progress: Progress | None = None,
) -> Iterator[SeedRecord]:
    """Yield the seeds of a file one after another, in memory that does not grow with it.

    A fault in any key condemns the file, and shows when that key is reached: use nothing before
    the end is reached, so consume inside one transaction or into a list. `secret` opens an
    encrypted file; without a key in it, one in the file beside (`NAME.key`) is taken.
    `format` is a name of `FORMATS` and overrides detection; `progress` is told the bytes read.

    Raises:
        BadSeedFile: the file or one of its keys cannot be taken; it says which key and why.
        LockedSeedFile: it is encrypted and there was nothing to open it.
        OSError: it cannot be read.
    """
    reading = Reading(Path(path), secret or Secret(), accept_unauthenticated=accept_unauthenticated)
    empty = True
    for found in entries(reading, format, progress):
        if not isinstance(found, SeedEntry):
            continue
        if found.record is None:
            raise BadSeedFile(path, found.fault, found.where)
        if not found.record.seed:
            raise BadSeedFile(path, "its seed is empty", found.where)
        empty = False
        yield found.record
    if empty:
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
        chosen = detect(head, reading.path) if format is None else named(format)
        if chosen.read is None:
            raise BadInput(f"{chosen.title}: keyfob writes this format and does not read it")
        yield Detected(chosen.name)
        yield from chosen.read(file, reading)


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


def detect(head: bytes, path: Path | str) -> Format:
    """Return the format of a file that begins with `head`; raises BadSeedFile for none we know."""
    if not head.strip(b"\0\t\r\n "):
        raise BadSeedFile(path, "it is empty")
    text = _decoded(head)
    if reason := reason_to_refuse(text, Path(path).name):
        raise BadSeedFile(path, reason)
    for entry in FORMATS.values():
        if entry.sniff(text):
            return entry
    raise BadSeedFile(path, f"its format is none of {', '.join(readable())}")


def readable() -> list[str]:
    """Return the names of the formats that can be read, in the order of detection."""
    return [entry.name for entry in FORMATS.values() if entry.read is not None]


def named(format: str) -> Format:  # noqa: A002
    """Return the format called `format`; raises BadInput for one that is not in the table."""
    try:
        return FORMATS[format]
    except KeyError:
        raise BadInput(f"no seed-file format {format!r}: there are {', '.join(FORMATS)}") from None


def _with_key_beside(reading: Reading) -> Reading:
    beside = key_file_of(reading.path)
    if reading.secret.key is not None or not beside.is_file():
        return reading
    secret = Secret(read_key_file(beside), reading.secret.passphrase)
    return dataclasses.replace(reading, secret=secret)


def _decoded(head: bytes) -> str:
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return head.decode(encoding, "replace")


class _Watched(io.RawIOBase):
    """A file that tells how far it was read, and ends in an error where it does not end."""

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
