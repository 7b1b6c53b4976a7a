"""The desk on which the verbs are tried: a fob on a PTY, and its bench.

The fob is in this process: a process of its own for each test costs a second. That `keyfob run`
serves the same is for test_run_verb.py.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.in_process import InProcess
from keyfob.testing.run_options import plans_of, settings_of
from tests.host_tools.provisioning.station.rig import transport_file
from tests.keyfob.cli.running import Desk

START = "2026-12-01T09:00:05Z"
"""When time stands still: never where a time step is about to end under the finger."""


@pytest.fixture
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("KEYFOB_"):
            monkeypatch.delenv(name)


@pytest.fixture
def desk(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    _clean: None,
    request: pytest.FixtureRequest,
) -> Iterator[Desk]:
    """A desk with the model and door of the test's parameter, `model door`; time stands still.

    With `transport` behind them its fob comes under the station's secret transport keys.
    """
    model, door, *transport = getattr(request, "param", "fob-h6 pty").split()
    settings = settings_of(
        plans_of(model),
        port=f"pty:{tmp_path / 'fob0'}" if door == "pty" else "tcp:127.0.0.1:0",
        bench="tcp:127.0.0.1:0",
        time="frozen",
        start=START,
        keys=transport_file(tmp_path) if transport else None,
    )
    emulator = InProcess(settings)
    try:
        started = emulator.started
        assert started.bench is not None
        port = started.ports[0]
        monkeypatch.setenv("KEYFOB_PORT", port)
        monkeypatch.setenv("KEYFOB_BENCH", started.bench)
        monkeypatch.setenv("KEYFOB_CLOCK", "bench")
        yield Desk(tmp_path, capsys, port)
    finally:
        emulator.stop()


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Put the log back: a verb in this process that is told -vv would slow all later tests."""
    logger = logging.getLogger("keyfob")
    before = (logger.handlers, logger.level, logger.propagate)
    yield
    logger.handlers, logger.propagate = before[0], before[2]
    logger.setLevel(before[1])
