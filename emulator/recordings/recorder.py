"""Writes a recording while a rack runs: one line of JSON for each input, with its effects.

Each line ends with a check value that covers all lines before it, so damage, a lost line and a
missing end are found (BENCH §16.2). Lines are made and written ten times a second at most, because
each of them would cost more than the input itself.
"""

import asyncio
import errno
import hashlib
import json
import os
import platform
import shutil
from base64 import b64encode
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any
from zlib import crc32

from emulator.fob import EmulatedFob
from emulator.recordings.spelling import spell_effects, spell_input
from firmware_model.catalogue import Model, built_in_text
from firmware_model.effects import Effect
from firmware_model.errors import BadInput
from firmware_model.inputs import Input, Wake
from firmware_model.units import SimTime

FORMAT = "keyfob recording"
VERSION = 1
CHECK = ',"check":"'
"""What stands between a line and its check value: eight hex digits, a quote, a brace."""

WRITE_SECONDS = 0.1
"""Wall time after which what was noted is written; so much is lost where a process is killed."""

ENTRIES_MAX = 2000
"""What is noted at most before it is written."""

Entry = tuple[int, SimTime, Input, list[Effect]] | dict[str, Any]


class Recorder:
    """The recording of one run in a file of mode 0600, because it holds seeds.

    `note` and `note_restored` are called in the running loop; what they gather is written soon.
    `close` writes the rest, and the end.
    """

    def __init__(self, path: Path) -> None:
        """Make the file.

        Raises:
            BadInput: it exists, or cannot be made.
        """
        self.path = path
        self._check = 0
        self._entries: list[Entry] = []
        self._timer: asyncio.TimerHandle | None = None
        self._inputs = 0
        try:
            self._file = _create(path)
        except FileExistsError:
            raise BadInput(
                f"recording {path} exists: name another file, or remove this one"
            ) from None
        except OSError as error:
            raise _unwritable(path, error) from None

    def begin(self, fobs: list[EmulatedFob], instant: SimTime, dice: Mapping[str, bytes]) -> None:
        """Write what the run starts from: versions, dice, models, firmware, state of each fob.

        `instant` is true time; `dice` are those of the new fobs and of faults, by their use.
        """
        models = {fob.kind.text: fob.kind.model for fob in fobs}
        places = {text: place for place, text in enumerate(models)}
        firmware = dict.fromkeys(fob.kind.firmware for fob in fobs if fob.kind.firmware)
        programs = {source: place for place, source in enumerate(firmware)}
        self._add(
            {
                "format": FORMAT,
                "version": VERSION,
                "keyfob": own_version(),
                "python": platform.python_version(),
                "instant_ns": int(instant),
                "dice": {use: text.hex() for use, text in dice.items()},
                "models": len(models),
                "firmware": len(firmware),
                "fobs": len(fobs),
            }
        )
        for text, model in models.items():
            toml = text if "\n" in text else built_in_text(text)
            self._add({"model": model.name, "toml": toml, "digest": digest_of(model)})
        for source in programs:
            self._add({"firmware": _spelled(source.images())})
        for fob in fobs:
            self._add(
                {
                    "fob": fob.number,
                    "serial_number": fob.serial_number,
                    "model": places[fob.kind.text],
                    "firmware": programs[fob.kind.firmware] if fob.kind.firmware else None,
                    "address": fob.kind.place.address,
                    "alone": fob.kind.place.alone,
                    "link": fob.kind.place.link,
                    "images": _spelled(fob.device.images()),
                }
            )
        self.write()

    def note(self, number: int, now: SimTime, given: Input, effects: list[Effect]) -> None:
        """Note that fob `number` took an input at `now`, and what came of it."""
        if effects or type(given) is not Wake:  # time alone changes nothing that can be seen
            self._keep((number, now, given, effects))

    def note_restored(self, number: int, now: SimTime, images: Mapping[str, bytes]) -> None:
        """Note that fob `number` is another one from `now` on: a snapshot was restored."""
        self._keep({"at": now, "fob": number, "restored": _spelled(images)})

    def write(self) -> None:
        """Write what was noted.

        Raises:
            BadInput: the disk is full, or failed.
        """
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        entries, self._entries = self._entries, []
        check, lines = self._check, []
        for entry in entries:
            line = _spell_head(entry) if isinstance(entry, dict) else _spell_input(entry)
            check = crc32(line.encode(), check)
            lines.append(f'{line},"check":"{check:08x}"}}\n')
        self._check = check
        written = memoryview("".join(lines).encode())
        try:
            while written:
                written = written[os.write(self._file, written) :]
        except OSError as error:
            raise _unwritable(self.path, error) from None

    def copy(self, path: Path) -> None:
        """Copy what is recorded so far to `path`, mode 0600, as a whole recording.

        Raises:
            BadInput: a file cannot be written.
        """
        self.write()
        end = self._spelled_end()
        try:
            with self.path.open("rb") as file, os.fdopen(_create(path), "wb") as copy:
                shutil.copyfileobj(file, copy)
                copy.write(end)
        except OSError as error:
            raise _unwritable(path, error) from None

    def close(self) -> None:
        """Write the end, without which a recording counts as cut short, and close the file."""
        try:
            self.write()
            os.write(self._file, self._spelled_end())
        except OSError as error:
            raise _unwritable(self.path, error) from None
        finally:
            os.close(self._file)

    def _spelled_end(self) -> bytes:
        data = b'{"end":%d' % self._inputs
        return b'%b,"check":"%08x"}\n' % (data, crc32(data, self._check))

    def _keep(self, entry: Entry) -> None:
        self._inputs += 1
        self._entries.append(entry)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(WRITE_SECONDS, self.write)
        elif len(self._entries) >= ENTRIES_MAX:
            self.write()

    def _add(self, content: dict[str, Any]) -> None:
        self._entries.append(content)


def _unwritable(path: Path, error: OSError) -> BadInput:
    if error.errno == errno.ENOSPC:
        return BadInput(f"disk full: cannot write recording {path}; free some space and run again")
    return BadInput(f"cannot write recording {path}: {error.strerror}")


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def _spell_head(content: Mapping[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":"))[:-1]


def _spell_input(noted: tuple[int, SimTime, Input, list[Effect]]) -> str:
    number, now, given, effects = noted
    return f'{{"at":{now},"fob":{number},"in":{spell_input(given)},"out":{spell_effects(effects)}'


def digest_of(model: Model) -> str:
    """Return what tells a model, its parts included, from every other."""
    return hashlib.sha256(repr(model).encode()).hexdigest()


def _spelled(images: Mapping[str, bytes]) -> dict[str, str]:
    return {key: b64encode(image).decode() for key, image in images.items()}


def own_version() -> str:
    """Return the version of keyfob that runs, "0" where it is not installed."""
    try:
        return metadata.version("keyfob")
    except metadata.PackageNotFoundError:  # run from a source tree that is not installed
        return "0"
