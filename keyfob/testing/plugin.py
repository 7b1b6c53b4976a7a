"""The pytest plugin: fixtures `fob`, `rack` and `bench`, and a report that shows the fob's face.

It is loaded into every pytest run of an environment that has keyfob, so it imports the rooms
only when a test asks for a fob.
"""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from host_tools.client.bench import BenchClient
    from keyfob.testing.rack import Fob, Rack

MARKER = (
    "keyfob(model, count, preset, time, start, dice): what the rack of this test is, as the"
    " options of `keyfob run` say it"
)
CHOICES = {
    "model": "which model the fixtures run (fob-h6)",
    "count": "how many fobs (1)",
    "preset": "in which state they begin (personalised)",
    "time": "how true time runs: frozen, real or a rate (frozen)",
    "start": "when true time starts (now)",
    "dice": "any text; the same text gives the same fobs",
}
_RACK: pytest.StashKey["Rack"] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options; pytest calls this."""
    group = parser.getgroup("keyfob", "virtual one-time-password fobs")
    for name, words in CHOICES.items():
        group.addoption(f"--keyfob-{name}", metavar=name.upper(), help=words)
    group.addoption("--keyfob-port", metavar="URL", help="use the fob at this port instead")
    group.addoption("--keyfob-address", metavar="N", type=int, default=1, help="its HDLC address")
    group.addoption("--keyfob-bench", metavar="URL", help="and the bench it lies on")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker; pytest calls this."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def rack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator["Rack"]:
    """The fobs of this test, by channel from 1: a rack of its own unless --keyfob-port is given."""
    from keyfob.testing.rack import Rack

    options = request.config.option
    if options.keyfob_port is not None:
        found = Rack.there(
            options.keyfob_port, options.keyfob_bench, address=options.keyfob_address
        )
    else:
        found = Rack.start(tmp_path, **_choices(request))
    with found:
        request.node.stash[_RACK] = found
        yield found


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
    """Add what the bench sees to the report of a failed test; pytest calls this."""
    report = yield
    found = item.stash.get(_RACK, None)
    if found is None or call.when != "call" or call.excinfo is None:
        return report
    if report.failed:
        report.sections.append(("keyfob", found.report()))
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


def _choices(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return what the test's markers ask for, on top of what the command line does."""
    options = request.config.option
    given = {name: getattr(options, f"keyfob_{name}") for name in CHOICES}
    chosen = {name: value for name, value in given.items() if value is not None}
    for marker in reversed(list(request.node.iter_markers("keyfob"))):
        for name, value in marker.kwargs.items():
            if name not in CHOICES:
                raise pytest.UsageError(
                    f"@pytest.mark.keyfob({name}=…): expected one of {', '.join(CHOICES)}"
                )
            chosen[name] = value
    if "count" in chosen:
        chosen["count"] = int(chosen["count"])
    return chosen
