"""Bundles: recordings of one failed test or scenario in a ZIP file, with what failed.

`bundle.json` says {"format": "keyfob bundle", "version": 1, "keyfob", "what", "problem", "again",
"recordings": [names], "cut": [those whose run was killed]}; each recording is a member of its own.
Mode 0600: recordings hold seeds.
"""

import json
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from emulator.recordings.reading import UNREADABLE, Recording
from firmware_model.errors import BadInput

FORMAT = "keyfob bundle"
VERSION = 1
CONTENTS = "bundle.json"
RECORDINGS_MAX = 1000
CONTENTS_BYTES_MAX = 1 << 20
END_BYTES_MAX = 100
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class FailureReport:
    """What failed: `what` a test or scenario, with which `problem`; the line that runs it `again`.

    All are "" for a recording that was made by hand.
    """

    what: str = ""
    problem: str = ""
    again: str = ""


def is_whole(recording: Path) -> bool:
    """Return whether a recording has its end, which it lacks where its run was killed.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        with recording.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - END_BYTES_MAX))
            return b'\n{"end":' in file.read()
    except OSError as error:
        raise BadInput(f"cannot read {recording}: {error.strerror}") from None


def write_bundle(path: Path, recordings: Sequence[Path], failure: FailureReport) -> None:
    """Write a bundle of `recordings` to `path`, mode 0600, whole or not at all.

    Raises:
        BadInput: a recording cannot be read, or the bundle cannot be written.
    """
    names = [f"{n}.kfrec" for n in range(1, len(recordings) + 1)]
    contents = {
        "format": FORMAT,
        "version": VERSION,
        "what": failure.what,
        "problem": failure.problem,
        "again": failure.again,
        "recordings": names,
        "cut": [name for name, path in zip(names, recordings, strict=True) if not is_whole(path)],
    }
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(file, "wb") as stream:
                with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as members:
                    members.writestr(CONTENTS, json.dumps(contents, indent=1))
                    for member, recording in zip(names, recordings, strict=True):
                        members.write(recording, member)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        name = error.filename or path
        raise BadInput(f"cannot write bundle {path}: {name}: {error.strerror}") from None


@contextmanager
def open_recordings(path: Path) -> Iterator[tuple[FailureReport, Iterator[Recording]]]:
    """Give what failed, and each recording of the bundle or recording in `path`.

    A recording is open until the next is asked for.

    Raises:
        BadInput: it is neither, is damaged, or of a later version.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_ZIP)) != _ZIP:
                file.seek(0)
                with Recording(file, str(path)) as recording:
                    yield FailureReport(), iter([recording])
                return
            members = _members(path)
            with members:
                contents = _contents(members, path)
                failure = FailureReport(
                    *(str(contents[key]) for key in ("what", "problem", "again"))
                )
                yield failure, _recordings(members, contents, path)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from None


def extract(path: Path, folder: Path) -> tuple[FailureReport, list[Path]]:
    """Copy the recordings of a bundle, or the recording, in `path` into `folder`, mode 0600.

    One whose run was killed is copied to its last whole line.

    Raises:
        BadInput: as `open_recordings`.
    """
    copies: list[Path] = []
    with open_recordings(path) as (failure, recordings):
        for recording in recordings:
            copy = folder / f"{len(list(folder.iterdir()))}.kfrec"
            copies.append(copy)
            with os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                recording.copy(out)
            if not is_whole(copy):  # the rest of a line could not be checked
                os.truncate(copy, copy.read_bytes().rfind(b"\n") + 1)
    return failure, copies


def _members(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except UNREADABLE:
        raise BadInput(f"{path} is damaged: it is no whole bundle; take another copy") from None


def _contents(members: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    try:
        with members.open(CONTENTS) as member:
            contents = json.loads(member.read(CONTENTS_BYTES_MAX))
    except (*UNREADABLE, KeyError):
        contents = None
    if not isinstance(contents, dict) or contents.get("format") != FORMAT:
        raise BadInput(f"{path} is no keyfob bundle, or is damaged")
    version = contents.get("version")
    if version != VERSION:
        raise BadInput(
            f"{path}: unsupported bundle version {version}: this keyfob reads up to {VERSION}"
        )
    recordings = contents.get("recordings")
    if (
        not isinstance(recordings, list)
        or len(recordings) > RECORDINGS_MAX
        or not {"what", "problem", "again"} <= set(contents)
        or not isinstance(contents.get("cut"), list)
    ):
        raise BadInput(f"{path} is damaged: its {CONTENTS} lacks values")
    return contents


def _recordings(
    members: zipfile.ZipFile, contents: Mapping[str, Any], path: Path
) -> Iterator[Recording]:
    for name in contents["recordings"]:
        try:
            member = members.open(str(name))
        except (*UNREADABLE, KeyError):
            raise BadInput(f"{path} is damaged: it has no recording {name}") from None
        is_cut = name in contents["cut"]
        with Recording(cast("BinaryIO", member), f"{path}/{name}", is_cut=is_cut) as recording:
            yield recording
