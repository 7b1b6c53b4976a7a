"""The table of seed-file formats: how each is known, read and written."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from host_tools.seeds.entry import Found, Reading, Secret
from host_tools.seeds.formats import pskc, pskc_writer
from host_tools.seeds.record import SeedRecord

Reader = Callable[[BinaryIO, Reading], Iterator[Found]]
Writer = Callable[[BinaryIO, Iterable[SeedRecord], Secret], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format.

    `sniff` tells from the first characters of a file whether it is of this format; formats are
    asked in the table's order. `read` and `write` are None where keyfob cannot; `encrypts` tells
    whether `write` heeds a secret, without which every seed stands in clear.
    """

    name: str
    title: str
    sniff: Callable[[str], bool]
    read: Reader | None = None
    write: Writer | None = None
    encrypts: bool = False


FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format(
            name="pskc",
            title="PSKC, RFC 6030, and its drafts",
            sniff=pskc.sniff,
            read=pskc.read,
            write=pskc_writer.write,
            encrypts=True,
        ),
    )
}
