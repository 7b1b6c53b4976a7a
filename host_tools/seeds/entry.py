"""What a reader finds in a seed file, as values: entries, remarks, faults."""

from dataclasses import dataclass, field
from pathlib import Path

from firmware_model.errors import BadInput
from host_tools.seeds.columns import Column
from host_tools.seeds.record import SeedRecord


@dataclass(frozen=True, slots=True)
class Secret:
    """What opens a seed file: a pre-shared key, a passphrase, or neither."""

    key: bytes | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return bool(self.key or self.passphrase)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read.

    `accept_unauthenticated` takes encrypted values that carry no MAC, or one that cannot be
    checked; `locked_too` gives entries without their seed where no secret was given. `columns`
    says what the columns of a table mean, from the first on, against header and content.
    `encoding` is the code page of a table that is no UTF-8, as Python names it. `any_encoding`
    takes each seed of a table as what it looks like, whatever the table should have.
    """

    path: Path
    secret: Secret = field(default_factory=Secret)
    accept_unauthenticated: bool = False
    locked_too: bool = False
    columns: tuple[Column, ...] | None = None
    encoding: str | None = None
    any_encoding: bool = False


@dataclass(frozen=True, slots=True)
class SeedEntry:
    """One key of a file: its record, or the fault for which there is none.

    `where` names it to a person (a serial number, a line), without a text that could be a seed.
    `doubts` says what is readable but suspicious. The record's seed is empty where
    `Reading.locked_too` let a locked one through. `name` is the serial number of a faulty key
    where it could be read, so that it can be selected or left out.
    """

    where: str
    record: SeedRecord | None = None
    fault: str = ""
    doubts: tuple[str, ...] = ()
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about the file, or about a part of it that is no OTP key.

    `doubtful` marks what a careful person would look into, `left_out` a key that is no one-time
    password of OATH and gives no record; `name` is its serial number, where it has one, so that it
    can be selected or left out.
    """

    text: str
    where: str = ""
    doubtful: bool = False
    left_out: bool = False
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Detected:
    """The format the file is read as, by its name in `FORMATS`; the first thing found."""

    format: str


@dataclass(frozen=True, slots=True)
class TableColumns:
    """What the columns of a table were taken for, each in words and without a seed."""

    columns: tuple[str, ...]


Found = Detected | SeedEntry | Remark | TableColumns


class Unusable(Exception):  # noqa: N818 - it becomes a SeedEntry's fault
    """One key of a file cannot be taken; the message is one plain clause."""


class ForeignKey(Exception):  # noqa: N818 - it is no fault
    """This key is no one-time password of OATH; the message says what it is."""


class BadSeedFile(BadInput):
    """A seed file, or one key of it, cannot be taken; nothing of the file may be used.

    `where` names the key or line, "" for the file as a whole; `reason` is one plain clause.
    """

    def __init__(self, path: Path | str, reason: str, where: str = "") -> None:
        super().__init__(f"{path}: {where}: {reason}" if where else f"{path}: {reason}")
        self.where = where
        self.reason = reason


class LockedSeedFile(BadSeedFile):
    """A seed file is encrypted and nothing was given to open it.

    `wants_passphrase` tells a passphrase from a pre-shared key.
    """

    def __init__(self, path: Path | str, reason: str, *, wants_passphrase: bool) -> None:
        super().__init__(path, reason)
        self.wants_passphrase = wants_passphrase
