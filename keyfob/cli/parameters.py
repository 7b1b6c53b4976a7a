"""What click lacks for the words of a command line: completion from a table, files to be made."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from firmware_model.errors import BadInput
from host_tools.vault.postgres_address import is_postgres, parse_address

EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
EXISTING_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
ANY_FILE = click.Path(dir_okay=False, path_type=Path)
"""A file that may be there or not; the verb says which it wants."""


class StoreAddress(click.Path):
    """A store: a file that may be there or not, or a database (`postgresql://...`)."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Return a `Path` or a `PostgresAddress`; one with a password in it is refused."""
        if isinstance(value, str) and is_postgres(value):
            return parse_address(value)
        return super().convert(value, param, ctx)


Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def offering(names: Callable[[], Iterable[str]]) -> Completer:
    """Return what completes a word to one of `names`, or to a file where none of them fits."""

    def complete(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
        fitting = [CompletionItem(name) for name in names() if name.startswith(begun)]
        return fitting or [CompletionItem(begun, type="file")]

    return complete


@contextmanager
def naming(option: str) -> Iterator[None]:
    """Turn a ValueError of the body into bad input that names the option it came from."""
    try:
        yield
    except ValueError as error:
        raise BadInput(f"{option}: {error}") from None


def model_names() -> list[str]:
    """Return the names of the models that ship."""
    from firmware_model import catalogue  # here, because only completion needs it

    return catalogue.names()


class NewFile(click.Path):
    """A file to be written, as a `Path`; where that cannot be, nothing is begun."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        """Return the path; refuse it where its folder is missing or lets nobody write."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        folder = path.absolute().parent
        if not folder.is_dir():
            self.fail(f"{path}: missing folder {folder}: make it first", param, ctx)
        if not path.exists() and not os.access(folder, os.W_OK):
            self.fail(f"{path}: no permission to write to the folder {folder}", param, ctx)
        return path
