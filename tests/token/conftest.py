"""The fobs that are checked. With `--keyfob-port URL` it is the one there, and no other.

`--keyfob-erase NAME` releases the safety catch for a blank fob with that chip ID; KEYFOB_KEYS
names the file with its keys. The other options are those of keyfob's pytest plugin.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from host_tools.check import Subject, release_catch
from host_tools.client.keys import TEST_KEYS, read_keys
from host_tools.client.ports import open_port
from tests.keyfob.cli.running import running
from tests.token import in_process

Stand = Callable[[ExitStack, Path], Subject]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--keyfob-erase",
        metavar="NAME",
        help="let the suite change this blank fob for good: its chip ID, or serial number",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "fob" in metafunc.fixturenames:
        stands = ["given"] if _url(metafunc.config) else list(STANDS)
        metafunc.parametrize("fob", stands, indirect=True, scope="module")


@pytest.fixture(scope="module")
def fob(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Subject]:
    """A fob to check: on its own door, or the one that the user named."""
    with ExitStack() as stack:
        if request.param == "given":
            yield _given(request.config, stack)
        else:
            yield STANDS[request.param](stack, tmp_path_factory.mktemp("fob"))


@pytest.fixture(scope="module")
def may_erase(request: pytest.FixtureRequest, fob: Subject) -> bool:
    """Whether the fob may be changed for good: ours may, a user's only by its name."""
    if not _url(request.config):
        return True
    name = request.config.getoption("keyfob_erase", default=None)
    if name is None:
        return False
    release_catch(fob, name)
    return True


def _url(config: pytest.Config) -> str | None:
    url = config.getoption("keyfob_port", default=None)
    assert url is None or isinstance(url, str)
    return url


def _given(config: pytest.Config, stack: ExitStack) -> Subject:
    url = _url(config)
    assert url is not None, "asked for only where there is one"
    path = os.environ.get("KEYFOB_KEYS")
    keys = TEST_KEYS if path is None else read_keys(path)
    address = config.getoption("keyfob_address", default=1)
    return Subject(stack.enter_context(open_port(url)), address, keys)


def _running(door: str) -> Stand:
    def stand(stack: ExitStack, folder: Path) -> Subject:
        where = door.format(folder=folder)
        announced = stack.enter_context(running("--model", "fob-h6", "--port", where))
        return Subject(stack.enter_context(open_port(announced["port"])))

    return stand


STANDS: dict[str, Stand] = {
    "in process": lambda _stack, _folder: Subject(in_process.port()),
    "in process, byte by byte": lambda _stack, _folder: Subject(
        in_process.port("fob-t60", in_process.byte_by_byte)
    ),
    "pty": _running("pty:{folder}/fob0"),
    "tcp": _running("tcp:127.0.0.1:0"),
}
