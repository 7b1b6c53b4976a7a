"""`keyfob run --record`, `keyfob replay`, `keyfob bundle`, as a user meets them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.recordings.replay import Moment
from host_tools.client.bench import BenchClient
from keyfob.cli import replay_steps
from keyfob.cli.replay_steps import step
from tests.emulator.recordings.made import press, recorded, replayed
from tests.emulator.recordings.test_recordings import sealed
from tests.keyfob.cli.running import Desk, running

pytestmark = pytest.mark.usefixtures("_clean")


@pytest.fixture
def verb(tmp_path: Path, capsys: pytest.CaptureFixture[str], _clean: None) -> Desk:
    return Desk(tmp_path, capsys, "")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return recorded(tmp_path / "x.kfrec", press, preset="in-use")


def test_a_recorded_run_is_replayed_bundled_and_handed_on(verb: Desk, tmp_path: Path) -> None:
    path, bundle = tmp_path / "run.kfrec", tmp_path / "run.kfbundle"
    port = f"pty:{tmp_path / 'fob0'}"
    given = ("--model", "fob-h6", "--preset", "in-use", "--time", "frozen", "--port", port)
    with running(*given, "--record", str(path)) as started, BenchClient(started["bench"]) as bench:
        bench.press()
        verb.do("info", "--port", started["port"])
    said = verb.do("replay", path)
    assert said.endswith("inputs of 1 fob: every effect is the same\n")
    assert verb.do("bundle", path, "--out", bundle, "--share").endswith(
        "published test seeds only\n"
    )
    assert verb.do("replay", bundle) == said
    found = verb.json("replay", bundle)
    assert (found["fobs"], found["difference"]) == (1, None)
    assert "exists: name another file" in verb.refused("run", *given, "--record", path, status=2)


def test_a_difference_is_shown_with_both_glasses(verb: Desk, recording: Path) -> None:
    lines = recording.read_bytes().replace(b'["show","287082",', b'["show","287083",').splitlines()
    recording.write_bytes(sealed(lines))
    found = json.loads(verb.do("replay", recording, "--json", status=1))["difference"]
    assert (found["recorded_glass"], found["replayed_glass"]) == ("287083", "287082")
    told = verb.do("replay", recording, status=1)
    assert "glass, recorded: 287083" in told
    assert "glass, replayed: 287082" in told


@pytest.mark.parametrize("columns", [40, 80])
def test_piped_every_moment_is_printed_within_the_columns(
    columns: int, verb: Desk, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = verb.do("replay", "--step", recording).splitlines()
    assert max(map(len, lines)) <= columns
    assert lines[0].startswith("1  2027-01-15 08:00:00.000  fob 1")
    assert any("the contact closes" in line for line in lines)
    assert any("* pressed" in line for line in lines)
    assert sum("━━" in line or "|_" in line for line in lines) >= 4
    assert verb.do("replay", "--step", "--fob", "2", recording) == ""


def test_keys_go_forwards_and_back(
    recording: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    moments = replayed(recording)
    keys = iter(["n", " ", "b", "G", "n", "g", "b", "x", "q"])
    monkeypatch.setattr("click.getchar", lambda: next(keys))
    monkeypatch.setattr(replay_steps, "KEPT", 2)
    starts: list[int] = []

    def replay() -> Iterator[Moment]:
        starts.append(1)
        return iter(moments)

    step(replay)
    shown = [
        int(screen.split()[0]) for screen in capsys.readouterr().out.split(replay_steps.KEYS)[:-1]
    ]
    last = len(moments)
    assert shown == [1, 2, 3, 2, last, last, 1, 1, 1]
    assert len(starts) == 2  # the first was forgotten, and is replayed again


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("replay", "none.kfrec"), "cannot read none.kfrec: No such file"),
        (("replay", __file__), "is no keyfob recording"),
        (("replay", "/"), "is a directory"),
        (("bundle", __file__, "--out", "{}/y"), "is no keyfob recording"),
        (("bundle", "{}/x.kfrec", "--out", "{}/no/y"), "missing folder"),
        (("replay", "{}/x.kfrec", "--fob", "1"), "--fob needs --step"),
    ],
)
def test_bad_input_is_status_2(
    words: tuple[str, ...], said: str, verb: Desk, recording: Path, tmp_path: Path
) -> None:
    assert said in verb.refused(*(word.format(tmp_path) for word in words), status=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == [recording.name]


def test_a_cut_recording_is_played_as_far_as_it_goes(verb: Desk, recording: Path) -> None:
    recording.write_bytes(recording.read_bytes()[:-30])
    said = verb.refused("replay", recording, status=2)
    assert said.endswith(
        "the run was killed, or the file was cut short; what stands before was read"
    )


def test_a_secret_seed_is_not_shared(verb: Desk, tmp_path: Path) -> None:
    path = tmp_path / "x.kfrec"
    port = f"pty:{tmp_path / 'fob0'}"
    with running("--model", "fob-h6", "--port", port, "--record", str(path)) as started:
        verb.do("provision", verb.seeds(), "--port", started["port"])
    out = tmp_path / "x.kfbundle"
    said = verb.refused("bundle", path, "--out", out, "--share", status=1)
    assert "holds a seed that is no published test seed" in said
    assert not out.exists()
    assert json.loads(verb.do("bundle", path, "--out", out, "--json"))["shareable"] is False
