"""The pytest plugin: fixtures `fob`, `rack` and `bench`, and a report of each failed test's fobs.

It is loaded into every pytest run of an environment that has keyfob, so it imports keyfob's other
packages only when a test asks for a fob.
"""

import os
import re
import shlex
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from keyfob.rooms import ROOMS, Shadowed, refuse_shadows
from keyfob.testing.renamed import hint_for

if TYPE_CHECKING:
    from host_tools.client.bench import BenchClient
    from keyfob.testing.fob import Fob
    from keyfob.testing.rack import Rack
    from keyfob.testing.snapshot import Snapshot

MARKER = (
    "keyfob(model, count, preset, firmware, time, start, dice): the rack of this test, in the words"
    " of `keyfob run`'s options; a single positional argument is the model"
)
CHOICES = {
    "model": "model of the fixtures' fobs (fob-h6)",
    "count": "how many fobs (1)",
    "preset": "in which state they begin (personalised)",
    "firmware": "an ELF or Intel HEX image, or a library, that their boards run instead of ours",
    "time": "how true time runs: frozen, real or a rate (frozen)",
    "start": "when true time starts (now)",
    "dice": "any text: repeats the fobs' chance (by default the test's own node ID)",
}
_ROOT = Path(__file__).parents[2]
_OURS = tuple(f"{_ROOT / name}{os.sep}" for name in ("keyfob", *ROOMS))
RECORDING = "recording.kfrec"
BUNDLES = "keyfob-bundles"
"""The folder of failed tests' bundles in pytest's cache, and how each of them ends."""
NAME_MAX = 150

_RACK: pytest.StashKey["Rack"] = pytest.StashKey()
_AGAIN: pytest.StashKey[str] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options; pytest calls this."""
    group = parser.getgroup("keyfob", "virtual one-time-password fobs")
    for name, words in CHOICES.items():
        group.addoption(f"--keyfob-{name}", metavar=name.upper(), help=words)
    group.addoption(
        "--keyfob-bundles",
        metavar="FOLDER",
        help="where a failed test's recording goes, for keyfob replay (pytest's cache folder)",
    )
    group.addoption("--keyfob-port", metavar="URL", help="use the fob at this port instead")
    group.addoption("--keyfob-address", metavar="N", type=int, default=1, help="its HDLC address")
    group.addoption("--keyfob-bench", metavar="URL", help="and the bench it is on")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker; pytest calls this."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def rack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator["Rack"]:
    """The fobs of this test, by channel from 1: a rack of its own unless --keyfob-port is given."""
    if hidden := _shadow():
        pytest.fail(hidden, pytrace=False)
    from keyfob.testing.rack import Rack

    options = request.config.option
    if options.keyfob_port is not None:
        found = Rack.connect(
            options.keyfob_port, options.keyfob_bench, address=options.keyfob_address
        )
    else:
        chosen = _choices(request)
        request.node.stash[_AGAIN] = _line_that_repeats(request, chosen)
        found = Rack.start(tmp_path, record=tmp_path / RECORDING, **chosen)
    with found:
        request.node.stash[_RACK] = found
        yield found
    (tmp_path / RECORDING).unlink(missing_ok=True)


@pytest.fixture(scope="module")
def shared_rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Callable[..., Rack]"]:
    """Start racks for the tests of one module: `shared_rack(model="fob-t60", count=2)`.

    It takes what the marker takes; take a snapshot of what you have prepared, and `branch` from it.
    """
    if hidden := _shadow():
        pytest.fail(hidden, pytrace=False)
    from keyfob.testing.rack import Rack

    with ExitStack() as racks:

        def start(**chosen: Any) -> Rack:
            folder = tmp_path_factory.mktemp("rack")
            racks.callback((folder / RECORDING).unlink, missing_ok=True)
            return racks.enter_context(Rack.start(folder, record=folder / RECORDING, **chosen))

        yield start


@pytest.fixture
def branch(request: pytest.FixtureRequest) -> "Callable[[Snapshot], Rack]":
    """A function that restores a snapshot for this test and returns its rack."""

    def restore(prepared: "Snapshot") -> "Rack":
        request.node.stash[_RACK] = prepared.rack
        return prepared.restore()

    return restore


@pytest.fixture
def fob(rack: "Rack") -> "Fob":
    """The first fob of the rack."""
    return rack[1]


@pytest.fixture
def bench(rack: "Rack") -> "BenchClient":
    """The bench of the rack; the test is skipped where there is none."""
    if rack.client is None:
        pytest.skip("needs a bench: --keyfob-bench URL")
    return rack.client


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the fobs, and the line that repeats the run, to a failed test; pytest calls this."""
    if call.excinfo is not None and not item.config.option.fulltrace:
        _show_only_the_test(call.excinfo)
    report = yield
    if not report.failed:
        return report
    found, again = item.stash.get(_RACK, None), item.stash.get(_AGAIN, None)
    if found is not None and call.when == "call":
        report.sections.append(("keyfob", found.report()))
    if found is not None and call.when != "teardown":  # then it is gone
        bundle = _bundle(item, found, report, again or "")
        again = "\n".join(line for line in (again, bundle) if line)
    if again:
        report.sections.append(("keyfob: to repeat this run", again))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:  # noqa: ARG001 - pytest's
    """Skip instead of failing where a step needs a bench and there is none; pytest calls this."""
    try:
        return (yield)
    except Exception as error:
        if type(error).__name__ == "NoBenchError":
            pytest.skip(str(error))
        raise


def _show_only_the_test(raised: pytest.ExceptionInfo[BaseException]) -> None:
    """End the traceback at the test's own line where the error's message says all."""
    if not isinstance(getattr(raised.value, "exit_status", None), int):
        return
    last, frame = raised.tb, raised.tb.tb_next
    while frame is not None:
        if not frame.tb_frame.f_code.co_filename.startswith(_OURS):
            last = frame
        frame = frame.tb_next
    last.tb_next = None


def _bundle(item: pytest.Item, rack: "Rack", report: pytest.TestReport, again: str) -> str:
    """Write the bundle of a failed test; return the line that replays it, or why there is none."""
    from firmware_model.errors import KeyfobError

    folder = _bundles_folder(item.config)
    if folder is None or not rack.is_recording:
        return ""
    crash = getattr(report.longrepr, "reprcrash", None)
    problem = str(getattr(crash, "message", "")).partition("\n")[0]
    path = folder / f"{re.sub(r'[^A-Za-z0-9.=-]+', '_', item.nodeid)[-NAME_MAX:]}.kfbundle"
    try:
        rack.write_bundle(path, what=item.nodeid, problem=problem, again=again)
    except KeyfobError as error:
        return f"no bundle: {error}"
    return f"keyfob replay {shlex.quote(str(path))}"


def _bundles_folder(config: pytest.Config) -> Path | None:
    """Return where bundles go, None where pytest has no cache and no folder was named."""
    given = config.option.keyfob_bundles
    if given is not None:
        Path(given).mkdir(parents=True, exist_ok=True)
        return Path(given)
    cache: pytest.Cache | None = getattr(config, "cache", None)
    return None if cache is None else cache.mkdir(BUNDLES)


def _shadow() -> str:
    """Return which of keyfob's packages another one hides, and what to do; "" if none is."""
    try:
        refuse_shadows()
    except Shadowed as error:
        return str(error)
    return ""


def _choices(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return what the rack is: the markers' words on top of the command line's and the defaults."""
    options = request.config.option
    given = {name: getattr(options, f"keyfob_{name}") for name in CHOICES}
    chosen = {name: value for name, value in given.items() if value is not None}
    for marker in reversed(list(request.node.iter_markers("keyfob"))):
        chosen |= _named(marker)
    if "count" in chosen:
        try:
            chosen["count"] = int(chosen["count"])
        except (TypeError, ValueError):
            raise pytest.UsageError(
                f"keyfob: invalid count {chosen['count']!r}: expected 1 to 10,000"
            ) from None
    chosen.setdefault("dice", request.node.nodeid)
    chosen.setdefault("start", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    chosen |= {name: _text(chosen[name]) for name in ("start", "dice")}
    return chosen


def _named(marker: pytest.Mark) -> dict[str, Any]:
    """Return a marker's arguments by name; the positional one is the model."""
    if len(marker.args) > 1 or (marker.args and "model" in marker.kwargs):
        raise pytest.UsageError(
            f"@pytest.mark.keyfob{marker.args}: expected one positional argument, the model;"
            f" write the others by name: {', '.join(CHOICES)}"
        )
    for name in marker.kwargs:
        if name not in CHOICES:
            raise pytest.UsageError(
                f"@pytest.mark.keyfob({name}=…): unknown, expected one of {', '.join(CHOICES)}"
                f"{hint_for(name)}"
            )
    return dict(marker.kwargs) | ({"model": marker.args[0]} if marker.args else {})


def _text(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _line_that_repeats(request: pytest.FixtureRequest, chosen: dict[str, Any]) -> str:
    """Return the command line that gives this test the same fobs at the same instant."""
    words = [
        request.node.nodeid,
        *(f"--keyfob-{name}={chosen[name]}" for name in CHOICES if chosen.get(name) is not None),
    ]
    return "pytest " + " ".join(shlex.quote(word) for word in words)
