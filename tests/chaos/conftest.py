"""A desk at which commands write: a folder with stores in use, and a line of blank fobs."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from keyfob.testing.rack import Rack
from tests.chaos.commands import WritingCommand, copy_folder, prepare

FOBS = 60
"""More than there are faults and failing calls: each try is given a fob of its own."""

Place = tuple[WritingCommand, dict[str, str]]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    prepare(folder)
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    copy_folder(template, tmp_path / "desk")
    return tmp_path / "desk"


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[WritingCommand], Place]]:
    """Give a command a fob on a line that works, where it wants one, and say where the line is."""
    folder = tmp_path_factory.mktemp("line")
    places = count(1)
    with Rack.start(folder, model="fob-h6", count=FOBS, preset=None) as rack:
        where = {"KEYFOB_PORT": f"{folder}/line", "KEYFOB_BENCH": rack.bench_address or ""}

        def place(command: WritingCommand) -> Place:
            return (command.at(next(places)), where) if command.fobs else (command, {})

        yield place
