"""The desk on which the verbs are tried: a fob on a PTY, and its bench."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host_tools.provisioning.station.rig import transport_file
from tests.keyfob.cli.running import Desk, running

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
    keys = ("--keys", transport_file(tmp_path)) if transport else ()
    port = f"pty:{tmp_path / 'fob0'}" if door == "pty" else "tcp:127.0.0.1:0"
    time = ("--time", "frozen", "--start", START)
    with running("--model", model, "--port", port, *time, *keys) as announced:
        monkeypatch.setenv("KEYFOB_PORT", announced["port"])
        monkeypatch.setenv("KEYFOB_BENCH", announced["bench"])
        monkeypatch.setenv("KEYFOB_CLOCK", "bench")
        yield Desk(tmp_path, capsys, announced["port"])
