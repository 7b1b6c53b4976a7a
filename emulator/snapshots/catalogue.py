"""The snapshots of a rack by name: in memory, and in a folder where one was given."""

from pathlib import Path

from emulator.snapshots.saved import SNAPSHOTS_MAX, SavedRack, require_name
from emulator.snapshots.snapshot_file import ENDING, read_snapshot, write_snapshot
from firmware_model.errors import BadInput


class SnapshotCatalogue:
    """Snapshots by name; those of `folder` outlive the run and are read when they are needed."""

    def __init__(self, folder: Path | None = None) -> None:
        """Use `folder`, or memory only.

        Raises:
            BadInput: `folder` is none, and cannot be made.
        """
        self._folder = folder
        self._kept: dict[str, SavedRack] = {}
        if folder is not None:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise BadInput(f"cannot use snapshots' folder {folder}: {error.strerror}") from None

    def names(self) -> list[str]:
        """Return all names in order."""
        files = [] if self._folder is None else self._folder.glob(f"*{ENDING}")
        return sorted({*self._kept, *(file.name.removesuffix(ENDING) for file in files)})

    def put(self, name: str, saved: SavedRack) -> None:
        """Keep `saved` under `name`, instead of what had that name.

        Raises:
            BadInput: the name is invalid, there are too many, or the file cannot be written.
        """
        require_name(name)
        if name not in self._kept and len(self._kept) >= SNAPSHOTS_MAX:
            raise BadInput(f"{SNAPSHOTS_MAX} snapshots are kept: delete one first")
        if self._folder is not None:
            write_snapshot(self._folder / f"{name}{ENDING}", saved)
        self._kept[name] = saved

    def get(self, name: str) -> SavedRack:
        """Return the snapshot of that name.

        Raises:
            BadInput: there is none, or its file cannot be read.
        """
        require_name(name)
        if name in self._kept:
            return self._kept[name]
        if self._folder is not None and (path := self._folder / f"{name}{ENDING}").exists():
            return read_snapshot(path)
        raise BadInput(f"unknown snapshot {name}: SNAPshot:CATalog? lists them")

    def delete(self, name: str) -> None:
        """Forget the snapshot of that name, and delete its file.

        Raises:
            BadInput: there is none.
        """
        if name not in self.names():
            raise BadInput(f"unknown snapshot {name}: SNAPshot:CATalog? lists them")
        self._kept.pop(name, None)
        if self._folder is not None:
            (self._folder / f"{name}{ENDING}").unlink(missing_ok=True)
