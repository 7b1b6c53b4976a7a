"""Reader entries for pcscd: one small file for each fob in a card reader (docs/PCSC.md)."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from emulator.app import CardReader
from emulator.ports.address import split_scheme
from emulator.ports.tcp import split_host_port
from firmware_model.errors import BadInput, InUse

READERS_MAX = 16
"""How many readers pcscd opens."""

VPCD_SLOTS = 2
"""How many readers one entry of Debian's vpcd makes."""

OURS = "# written by keyfob run; it goes when the run ends\n"
PORTS = "ports"
"""The folder beside the entries with the terminals of the fobs."""

LIBRARY_FOLDERS = (
    "/usr/lib/pcsc/drivers/serial",
    "/usr/lib64/pcsc/drivers/serial",
    "/usr/local/lib/pcsc/drivers/serial",
)
CCID_LIBRARY, VPCD_LIBRARY = "libccidtwin.so", "libifdvpcd.so"
PACKAGES = {CCID_LIBRARY: "libccid", VPCD_LIBRARY: "vsmartcard-vpcd"}
VPCD_PORT = 35963

_NAME = re.compile(r'^\s*FRIENDLYNAME\s+"([^"]*)"', re.MULTILINE)


def reader_port(folder: str) -> str:
    """Return the address of the fobs' ports where none is given: serial readers in `folder`.

    Raises:
        BadInput: a path that pcscd cannot read.
    """
    path = Path(folder).absolute()
    if path.exists() and not path.is_dir():
        raise BadInput(f"{path} is a file: expected a folder for the reader entries")
    if re.search(r"[\s:\"]", str(path)):
        raise BadInput(f"{path}: pcscd reads no path with spaces, colons or quotation marks in it")
    return f"pty:{path}/{PORTS}/fob{{n}},link=ccid"


@contextmanager
def ports_in(folder: str) -> Iterator[None]:
    """Have a folder for the fobs' terminals; take it away again where nothing is left in it.

    Raises:
        BadInput: it cannot be made.
    """
    ports = Path(folder).absolute() / PORTS
    try:
        ports.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{ports}: cannot make the folder: {error.strerror}") from None
    try:
        yield
    finally:
        for empty in (ports, ports.parent):
            if empty.is_dir() and not any(empty.iterdir()):
                empty.rmdir()


@dataclass(frozen=True, slots=True)
class ReaderEntry:
    """One file for pcscd."""

    path: Path
    reader: CardReader
    library: str

    def text(self, channel: int) -> str:
        """Return what stands in it; `channel` is its number among the entries."""
        scheme, rest = split_scheme(self.reader.port)
        if scheme == "vpcd":
            channel = split_host_port(rest, self.reader.port)[1]
            device = f"/dev/null:0x{channel:X}"
        else:
            device = f"{Path(rest).absolute()}:GemPCTwin"
        return (
            f'{OURS}FRIENDLYNAME "{self.reader.name}"\nDEVICENAME {device}\n'
            f"LIBPATH {self.library}\nCHANNELID {channel}\n"
        )


class ReaderFolder:
    """The entries of one run in `folder`; `write` makes them, `remove` takes them away.

    Raises:
        BadInput: a fob is not in a reader, there are too many, or the folder cannot be used.
        InUse: somebody else's entry in that folder has such a name already.
    """

    def __init__(self, folder: str, readers: Iterable[CardReader], fobs: int) -> None:
        self.folder = Path(folder).absolute()
        found = tuple(readers)
        if len(found) != fobs:
            raise BadInput(
                "--pcsc needs every fob in a card reader: leave --port out, or end it in"
                " ,link=ccid, or give vpcd:HOST:PORT"
            )
        schemes = [split_scheme(reader.port)[0] for reader in found]
        for scheme in {*schemes} - {"pty", "serial", "vpcd"}:
            raise BadInput(f"pcscd opens no {scheme}: port: give pty:PATH,link=ccid or vpcd:")
        slots = sum(VPCD_SLOTS if scheme == "vpcd" else 1 for scheme in schemes)
        if slots > READERS_MAX:
            raise BadInput(
                f"{len(found)} fobs make {slots} readers and pcscd opens at most {READERS_MAX}:"
                f" give a smaller --count (vpcd: takes {VPCD_SLOTS} readers for each)"
            )
        self.warnings: list[str] = []
        self.entries = [
            ReaderEntry(self.folder / f"keyfob-{reader.serial_number}", reader, library)
            for reader, library in zip(found, self._libraries(schemes), strict=True)
        ]
        self._refuse_taken_names()

    @property
    def command(self) -> str:
        """The line that starts pcscd with these readers."""
        return f"pcscd --foreground --config {self.folder}"

    def write(self) -> None:
        """Write the files."""
        try:
            for number, entry in enumerate(self.entries):
                entry.path.write_text(entry.text(number), "utf-8")
        except OSError as error:
            self.remove()
            raise BadInput(f"{self.folder}: cannot write entries: {error.strerror}") from None

    def remove(self) -> None:
        """Remove the files."""
        for entry in self.entries:
            entry.path.unlink(missing_ok=True)

    def _libraries(self, schemes: list[str]) -> list[str]:
        names = [VPCD_LIBRARY if scheme == "vpcd" else CCID_LIBRARY for scheme in schemes]
        found = {name: _library(name) for name in dict.fromkeys(names)}
        for name, path in found.items():
            if path is None:
                self.warnings.append(
                    f"{name} is not installed here: the package {PACKAGES[name]} has it on Debian"
                )
        return [found[name] or f"{LIBRARY_FOLDERS[0]}/{name}" for name in names]

    def _refuse_taken_names(self) -> None:
        names = {entry.reader.name for entry in self.entries}
        own = {entry.path for entry in self.entries}
        for path in sorted(self.folder.glob("*")):
            if not path.is_file():
                continue
            text = path.read_text("utf-8", "replace")
            is_own = path in own and text.startswith(OURS)
            taken = names & {*_NAME.findall(text)}
            if taken and not is_own:
                raise InUse(
                    f"the reader name {taken.pop()!r} is taken by {path}: choose another folder,"
                    " or remove that file"
                )


def _library(name: str) -> str | None:
    found = (Path(folder) / name for folder in LIBRARY_FOLDERS)
    return next((str(path) for path in found if path.exists()), None)
