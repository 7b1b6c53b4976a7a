"""Virtual fobs in processes of their own, as scenarios start them."""

import os
import signal
from pathlib import Path

import pytest

from firmware_model.errors import PortUnavailable
from host_tools.client.bench import BenchClient
from keyfob.fob_process import FobProcess
from keyfob.fob_server import ForkServerProcess, fob_server


def test_a_fob_process_is_killed_started_again_and_gone_at_the_end(tmp_path: Path) -> None:
    process = FobProcess("fob-h6", tmp_path)
    path = Path(process.port.removeprefix("pty:"))
    process.kill()
    assert path.is_symlink(), "a killed process cannot tidy up"
    process.start()
    process.stop()
    process.stop()
    assert not path.is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["errors", "store.db"]


def test_a_fob_process_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(PortUnavailable, match=r"keyfob run --model fob-q9: .*fob-q9"):
        FobProcess("fob-q9", tmp_path)


def test_a_kill_ends_that_fob_only(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    one, other = (FobProcess("fob-h6", folder, "same") for folder in folders)
    try:
        with BenchClient(other.bench) as bench:
            bench.advance(60)
            one.kill()
            moved = bench.now()
        one.start()
        with BenchClient(one.bench) as bench:
            assert bench.now() < moved, "each has a time of its own"
        assert other.last_message() == ""
    finally:
        one.stop()
        other.stop()


def test_a_process_runs_the_next_emulator_after_a_stop_and_none_after_a_kill(
    tmp_path: Path,
) -> None:
    folders = [tmp_path / name for name in ("first", "second", "third")]
    for folder in folders:
        folder.mkdir()
    first = FobProcess("fob-h6", folders[0], "first")
    worker = first.process_id
    with BenchClient(first.bench) as bench:
        bench.advance(3600)
        bench.do("TEMPerature -10")
        later = bench.now()
    first.stop()
    second = FobProcess("fob-h6", folders[1], "second")
    assert second.process_id == worker
    with BenchClient(second.bench) as bench:
        assert bench.now() < later
        assert bench.temperature() == 25
    second.kill()
    third = FobProcess("fob-h6", folders[2], "third")
    assert third.process_id != worker
    third.stop()
    assert {path.name for path in folders[0].iterdir()} == {"errors", "store.db"}


def test_an_emulator_gets_no_setting_of_the_program_that_starts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fob_server().close()
    monkeypatch.setenv("KEYFOB_PORT", "tcp:127.0.0.1:1")
    FobProcess("fob-h6", tmp_path).stop()


def fork_servers() -> set[int]:
    """The process numbers of this program's fork servers."""
    children = set()
    for task in Path("/proc/self/task").iterdir():
        children |= {int(number) for number in (task / "children").read_text().split()}
    command = b"keyfob.fob_server"
    return {one for one in children if command in Path(f"/proc/{one}/cmdline").read_bytes()}


def test_a_killed_fork_server_takes_no_emulator_with_it_and_is_replaced(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("before", "after")]
    for folder in folders:
        folder.mkdir()
    before = FobProcess("fob-h6", folders[0])
    (server,) = fork_servers()
    os.kill(server, signal.SIGKILL)
    after = FobProcess("fob-h6", folders[1])
    assert fork_servers() - {server}
    for process in (before, after):
        with BenchClient(process.bench) as bench:
            assert bench.now()
        process.stop()
        assert not Path(process.port.removeprefix("pty:")).is_symlink()


def test_a_fork_server_runs_a_verb_on_the_streams_it_is_given(tmp_path: Path) -> None:
    server = ForkServerProcess()
    with (tmp_path / "in").open("w+b") as empty, (tmp_path / "out").open("w+b") as out:
        streams = (empty.fileno(), out.fileno(), out.fileno())
        server.reap(server.fork(["seeds", "generate", "--help"], streams))
    server.close()
    assert (tmp_path / "out").read_text().startswith("Usage: keyfob seeds generate")
