"""Reads a recording: what the run started from, then its inputs one by one, each line checked."""

import binascii
import json
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar
from zlib import crc32

from emulator.firmware.files import stored_firmware
from emulator.firmware.programs import RackPrograms
from emulator.fob_kind import FobKind
from emulator.recordings.recorder import CHECK, FORMAT, VERSION, digest_of, own_version
from emulator.recordings.spelling import read_input
from emulator.settings import FOBS_MAX
from firmware_model.catalogue import Model, parse
from firmware_model.errors import BadInput
from firmware_model.inputs import Input
from firmware_model.units import SimTime
from firmware_model.wire.fob_link import LinePlace, LinkKind

LINE_BYTES_MAX = 64 << 20
"""Longer than any line: the longest holds a firmware file."""

PIECE_BYTES = 1 << 20
Read = TypeVar("Read")

UNREADABLE = (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile)
"""What a file, or a damaged member of a bundle, raises when it is read."""

_ENDING = len(CHECK) + len('01234567"}\n')


class CutShort(BadInput):
    """The recording ends without its end: the run was killed, or the file was cut."""


@dataclass(frozen=True, slots=True)
class RecordedFob:
    """A fob at the start of a recording: its channel, serial number, kind and durable images."""

    number: int
    serial_number: str
    kind: FobKind
    images: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecordedInput:
    """One input of fob `number` at `at`, and its effects as the recording spells them.

    `restored` are the images of a snapshot, where that was put in the fob's place; `given` is None
    then. `line` is where it stands in the file.
    """

    line: int
    number: int
    at: SimTime
    given: Input | None
    effects: tuple[tuple[str, ...], ...] = field(repr=False)
    restored: Mapping[str, bytes] | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """What a recording says of its run: versions, start in true time, dice by their use.

    `notes` says what is not as it was then, such as a part of a model.
    """

    keyfob: str
    python: str
    instant: SimTime
    dice: Mapping[str, str]
    fobs: tuple[RecordedFob, ...]
    notes: tuple[str, ...]


class Recording:
    """A recording that is read from `file`; a context manager that closes it.

    `run` is what it starts with; iterate over `inputs`, once.
    """

    def __init__(self, file: BinaryIO, name: str, *, is_cut: bool = False) -> None:
        """Read what the run starts with.

        `name` is what errors call the file; `is_cut` says that its run was killed, so that it
        may end anywhere.

        Raises:
            BadInput: it is no recording, of a later version, or damaged.
        """
        self._file = file
        self._name = name
        self._line = 0
        self._is_cut = is_cut
        self._check = 0
        self._programs = RackPrograms()
        first = self._content(self._next_line())
        if first.get("format") != FORMAT:
            raise self._is_none()
        version = first.get("version")
        reader = _READERS.get(version) if isinstance(version, int) else None
        if reader is None:
            raise BadInput(
                f"{name}: unsupported recording version {version}: this keyfob reads up to"
                f" {VERSION}; replay it with the keyfob that made it"
            )
        self.run = self._guarded(lambda: reader(self, first))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file, and end what its fobs run."""
        self._programs.close()
        self._file.close()

    @property
    def inputs(self) -> Iterator[RecordedInput]:
        """Every input in its order.

        Raises:
            CutShort: the file ends without its end; all inputs before were given.
            BadInput: it is damaged.
        """
        found, last = 0, SimTime(0)
        numbers = {fob.number for fob in self.run.fobs}
        while True:
            try:
                content = self._content(self._next_line())
            except CutShort:
                if self._is_cut:
                    return
                raise
            if "end" in content:
                if content["end"] != found or self._more():
                    raise self._is_damaged("its end is not where it should be")
                return
            one = self._guarded(partial(self._input, content))
            if one.number not in numbers or one.at < last:
                raise self._is_damaged("an input that no run could have had")
            found, last = found + 1, one.at
            yield one

    def copy(self, out: BinaryIO) -> None:
        """Write the whole file to `out`, as it is.

        Raises:
            BadInput: it cannot be read to its end.
        """
        try:
            self._file.seek(0)
            while piece := self._file.read(PIECE_BYTES):
                out.write(piece)
        except UNREADABLE:
            raise BadInput(
                f"{self._name} is damaged: it cannot be read; take another copy"
            ) from None

    def read_run_1(self, first: Mapping[str, Any]) -> RecordedRun:
        """Return the head of format 1, whose first line is `first`."""
        models, firmware, fobs = (first[key] for key in ("models", "firmware", "fobs"))
        if not all(isinstance(n, int) and 0 <= n <= FOBS_MAX for n in (models, firmware, fobs)):
            raise ValueError("counts")
        kinds: list[tuple[Model, str]] = []
        notes = [f"{self._name} ends where its run was killed"] if self._is_cut else []
        if first["keyfob"] != own_version():
            notes.append(f"recorded by keyfob {first['keyfob']}, replayed by {own_version()}")
        for _ in range(models):
            line = self._content(self._next_line())
            model = parse(line["toml"], f"{self._name}, model {line['model']}")
            kinds.append((model, line["toml"]))
            if digest_of(model) != line["digest"]:
                notes.append(f"model {model.name} has other parts than when this was recorded")
        programs = []
        for _ in range(firmware):
            line = self._content(self._next_line())
            programs.append(stored_firmware(_images(line["firmware"])))
        found = []
        for _ in range(fobs):
            line = self._content(self._next_line())
            model, toml = kinds[line["model"]]
            program = None if line["firmware"] is None else programs[line["firmware"]]
            # Recordings from before there were other links do not name it.
            link = LinkKind(line.get("link", LinkKind.HDLC))
            place = LinePlace(line["address"], line["alone"], link)
            kind = FobKind(model, toml, place, self._programs, program)
            found.append(
                RecordedFob(line["fob"], line["serial_number"], kind, _images(line["images"]))
            )
        dice = first["dice"]
        if not isinstance(dice, dict):
            raise TypeError("dice")
        instant = SimTime(int(first["instant_ns"]))
        return RecordedRun(
            str(first["keyfob"]), str(first["python"]), instant, dice, tuple(found), tuple(notes)
        )

    def _input(self, content: dict[str, Any]) -> RecordedInput:
        at, number = content["at"], content["fob"]
        if type(at) is not int or type(number) is not int:
            raise TypeError("time and channel")
        if "restored" in content:
            images = _images(content["restored"])
            return RecordedInput(self._line, number, SimTime(at), None, (), images)
        effects = content["out"]
        if not isinstance(effects, list):
            raise TypeError("effects")
        given = read_input(content["in"])
        return RecordedInput(
            self._line, number, SimTime(at), given, tuple(tuple(effect) for effect in effects)
        )

    def _more(self) -> bool:
        try:
            return bool(self._file.read(1))
        except UNREADABLE:
            return True

    def _next_line(self) -> bytes:
        self._line += 1
        try:
            line = self._file.readline(LINE_BYTES_MAX)
        except UNREADABLE:
            raise self._is_damaged("it cannot be read") from None
        if not line.endswith(b"\n"):
            if self._line == 1:
                raise self._is_none()
            if len(line) == LINE_BYTES_MAX:
                raise self._is_damaged("the line is too long")
            raise CutShort(
                f"{self._name} ends in line {self._line} without its end: the run was killed, or"
                " the file was cut short; what stands before was read"
            )
        return line

    def _content(self, line: bytes) -> dict[str, Any]:
        """Return the content of a line whose check value is right."""
        data, ending = line[:-_ENDING], line[-_ENDING:]
        check = crc32(data, self._check)
        if ending != b'%b%08x"}\n' % (CHECK.encode(), check):
            if self._line == 1:
                raise self._is_none()
            raise self._is_damaged("its check value is wrong")
        self._check = check
        try:
            content = json.loads(data + b"}")
        except (ValueError, RecursionError):
            raise self._is_damaged("it is no JSON") from None
        if not isinstance(content, dict):
            raise self._is_damaged("it is no object")
        return content

    def _guarded(self, read: Callable[[], Read]) -> Read:
        """Return what `read` reads; what it cannot read is the file's fault, not ours."""
        try:
            return read()
        except BadInput:
            raise
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, binascii.Error):
            raise self._is_damaged("it has not the values that it should have") from None

    def _is_none(self) -> BadInput:
        return BadInput(
            f"{self._name} is no keyfob recording: expected a file that `keyfob run --record` wrote"
        )

    def _is_damaged(self, why: str) -> BadInput:
        return BadInput(f"{self._name} is damaged in line {self._line}: {why}; take another copy")


def _images(spelled: object) -> dict[str, bytes]:
    if not isinstance(spelled, dict):
        raise TypeError("images")
    return {str(key): b64decode(image, validate=True) for key, image in spelled.items()}


_READERS: dict[int, Callable[[Recording, Mapping[str, Any]], RecordedRun]] = {
    1: Recording.read_run_1
}
"""A reader for each format there ever was."""
