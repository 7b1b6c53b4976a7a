"""The command: its table, its help, its errors and exit statuses."""

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import click
import pytest

from keyfob.__main__ import cli, status_of
from keyfob.cli.table import GROUPS, VERBS
from keyfob.cli.tree import VERB_MODULES
from tests.keyfob.cli import failing as failing_verb

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, f"{VERB_MODULES}.failing", failing_verb)
    monkeypatch.setitem(VERBS, "fail", ("failing:fail", "Fail."))


def keyfob(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "keyfob", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | settings,
        timeout=60,
    )


def test_help_lists_every_verb_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["--help"]) == 0
    lines = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line[:2] == "  "]
    for verb in VERBS:
        assert lines.count(verb.split()[0]) == 1, verb


def imported_by(*words: str) -> list[str]:
    """What a command imports besides click and what click imports."""
    script = (
        "import click, sys; before = set(sys.modules); from keyfob.__main__ import status_of;"
        f"status_of({list(words)}); print(*sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    return done.stderr.split()


def test_help_imports_next_to_nothing_but_click() -> None:
    found = imported_by("--help")
    rooms = ("host_tools", "emulator", "firmware_model", "serial", "rich", "shutil")
    assert [name for name in found if name.split(".")[0] in rooms] == []
    assert [name for name in found if name.startswith("keyfob.cli.verbs")] == []
    assert len(found) <= 14, found


def test_a_verb_of_the_host_imports_no_seed_format_and_no_line() -> None:
    found = imported_by("host", "verify", "--help")
    assert "host_tools.verification.host" in found
    unused = ("host_tools.seeds.formats", "host_tools.client.bench", "firmware_model.wire")
    assert [name for name in found if name.startswith(unused)] == []


def test_a_verb_of_seed_files_imports_no_device() -> None:
    found = imported_by("seeds", "inspect", "--help")
    assert "host_tools.seeds.registry" in found
    assert [name for name in found if name.startswith(("firmware_model.device", "serial"))] == []
    assert "emulator.settings" not in found


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_of_the_table_is_a_command_with_help(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of([*verb.split(), "--help"]) == 0
    assert f"Usage: keyfob {verb}" in capsys.readouterr().out


def test_every_group_has_verbs_and_every_verb_in_a_group_has_its_group() -> None:
    groups = {verb.rpartition(" ")[0] for verb in VERBS if " " in verb}
    assert groups == set(GROUPS)


@pytest.mark.parametrize(
    ("how", "status", "line"),
    [
        ("Denied", 1, "Denied happened"),
        ("BadInput", 2, "BadInput happened"),
        ("PortUnavailable", 3, "PortUnavailable happened"),
        ("NoAnswer", 3, "NoAnswer happened"),
        ("BadAnswer", 3, "BadAnswer happened"),
        ("refused", 4, "fob 1: 6985 (conditions not satisfied)"),
        ("InUse", 5, "InUse happened"),
        ("interrupt", 130, "interrupted"),
        ("interrupt-in-a-class-body", 130, "interrupted"),
        ("missing-file", 2, "/nowhere/at/all: No such file or directory"),
    ],
)
@pytest.mark.usefixtures("failing")
def test_each_fault_is_one_line_and_its_exit_status(
    how: str, status: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["fail", how]) == status
    assert capsys.readouterr().err.lstrip("\n") == f"keyfob: {line}\n"


@pytest.mark.usefixtures("failing")
def test_a_command_may_answer_no(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["fail", "no"]) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("failing")
def test_a_fault_of_our_own_is_one_line_without_its_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KEYFOB_DEBUG", raising=False)
    assert status_of(["fail", "our-own"]) == 70
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "RuntimeError" in err
    assert "KEYFOB_DEBUG=1" in err
    assert "3132" not in err


@pytest.mark.usefixtures("failing")
def test_debug_shows_where_a_fault_happened(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYFOB_DEBUG", "1")
    assert status_of(["fail", "our-own"]) == 70
    assert "failing.py" in capsys.readouterr().err


@pytest.mark.usefixtures("failing")
def test_control_characters_of_a_message_do_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert status_of(["fail", "control"]) == 2
    assert capsys.readouterr().err == "keyfob: a name with �[31m and in it\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["provisoin"], "unknown command 'provisoin', did you mean 'provision'?"),
        (["seeds", "genrate"], "unknown command 'seeds genrate', did you mean 'generate'?"),
        (["enrol"], "unknown command 'enrol', did you mean 'host enroll'?"),
        (["init"], "unknown command 'init', did you mean 'host init' or 'soft init'?"),
        (["qqqq"], "unknown command 'qqqq' (see keyfob --help)"),
        (["--prot"], "No such option"),
        (["info"], "Missing option '--port'"),
    ],
)
def test_bad_usage_names_the_word_and_where_help_is(
    words: list[str],
    expected: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("KEYFOB_PORT", raising=False)
    assert status_of(words) == 2
    err = capsys.readouterr().err
    assert expected in err
    assert err.count("\n") == 1


def test_a_reader_that_leaves_is_no_error() -> None:
    script = (
        "import sys; from keyfob.cli.table import VERBS; from keyfob.__main__ import main;"
        "from tests.keyfob.cli import failing; sys.modules['keyfob.cli.verbs.failing'] = failing;"
        "VERBS['fail'] = ('failing:fail', ''); main(['fail', 'endless'])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(timeout=60) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_under_the_output_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "keyfob", "models"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            timeout=60,
        )
    assert done.returncode == 2
    assert done.stderr == (
        "keyfob: disk full: cannot write the output; free some space and try again\n"
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_closed_stream_is_no_fault(closed: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$0" -m keyfob models {closed}', sys.executable],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_package_that_shadows_a_room_is_named(tmp_path: Path) -> None:
    (tmp_path / "host_tools").mkdir()
    (tmp_path / "host_tools" / "__init__.py").touch()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "keyfob", "models"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert str(tmp_path / "host_tools") in done.stderr
    assert "hides keyfob's own" in done.stderr


def test_completion_knows_the_verbs_of_the_table() -> None:
    done = keyfob(_KEYFOB_COMPLETE="bash_complete", COMP_WORDS="keyfob seeds g", COMP_CWORD="2")
    assert done.stdout.split() == ["plain,generate"]


def test_completion_knows_the_options_of_a_verb() -> None:
    done = keyfob(_KEYFOB_COMPLETE="bash_complete", COMP_WORDS="keyfob press --lo", COMP_CWORD="2")
    assert done.stdout.split() == ["plain,--long"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("run --model fob-t", ["plain,fob-t30", "plain,fob-t60"]),
        ("run --model ./my", ["file,./my"]),
        ("run --preset low", ["plain,low-battery"]),
        ("scenario run ro", ["plain,rokin"]),
        ("info --port ./f", ["file,./f"]),
    ],
)
def test_completion_offers_what_an_option_takes(words: str, offered: list[str]) -> None:
    place = str(len(words.split()))
    done = keyfob(_KEYFOB_COMPLETE="bash_complete", COMP_WORDS=f"keyfob {words}", COMP_CWORD=place)
    assert done.stdout.split() == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_is_one_that_its_shell_takes(shell: str) -> None:
    script = keyfob(_KEYFOB_COMPLETE=f"{shell}_source").stdout
    assert "_KEYFOB_COMPLETE" in script
    if which(shell) is None:
        pytest.skip(f"{shell} is not on this machine; its script was made")
    done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_bash_completes_a_verb_with_the_script_of_the_readme(tmp_path: Path) -> None:
    link = tmp_path / "keyfob"
    link.write_text(f'#!/bin/sh\nexec {sys.executable} -m keyfob "$@"\n')
    link.chmod(0o755)
    line = re.search(r"`(eval .*bash_source.*)`", (ROOT / "README.md").read_text())
    assert line is not None
    asked = f"{line[1]}\nCOMP_WORDS=(keyfob seeds g); COMP_CWORD=2\n"
    asked += '_keyfob_completion keyfob; echo "${COMPREPLY[@]}"'
    done = subprocess.run(
        ["bash", "-c", asked],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        timeout=60,
    )
    assert done.stdout == "generate\n", done.stderr


@pytest.mark.parametrize("words", [[], ["seeds"]])
def test_no_verb_at_all_shows_the_help(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(words) == 2
    shown = capsys.readouterr()
    assert status_of([*words, "--help"]) == 0
    assert shown.err == capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["--version"]) == 0
    assert re.fullmatch(r"keyfob \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_a_tree_that_was_never_installed_tells_its_version(tmp_path: Path) -> None:
    (tmp_path / "click").symlink_to(Path(click.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-S", "-m", "keyfob", "--version"],  # -S: no site-packages
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
        timeout=60,
    )
    assert re.fullmatch(r"keyfob \d+\.\d+\.\d+\n", done.stdout), done.stderr


@pytest.mark.parametrize("columns", [40, 80])
@pytest.mark.parametrize("verb", ["", *GROUPS, *VERBS])
def test_every_help_fits_a_narrow_terminal_and_a_usual_one(
    verb: str, columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert status_of([*verb.split(), "--help"]) == 0
    help_ = capsys.readouterr().out
    # What is one word to whoever types it, as a list of choices, is not torn apart.
    whole = re.compile(r"^ +(-\S+, )?--\S+ \S+( \S+)?$|^ +\S+$")
    assert [
        line for line in help_.splitlines() if len(line) > columns and not whole.match(line)
    ] == []


def test_every_option_says_what_it_does_in_a_sentence() -> None:
    with click.Context(cli) as context:
        for verb in VERBS:
            group = cli.get_command(context, verb.split()[0])
            assert group is not None
            command = group
            if " " in verb:
                assert isinstance(group, click.Group)
                found = group.get_command(context, verb.split()[1])
                assert found is not None
                command = found
            for option in command.params:
                if isinstance(option, click.Option):
                    words = (option.help or "").partition(" [env")[0]
                    assert words.rstrip().endswith("."), f"{verb} {option.opts}: {words!r}"


def test_a_verb_without_its_group_is_no_verb() -> None:
    with click.Context(cli) as context:
        assert cli.get_command(context, "generate") is None


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_prints_json_when_asked(verb: str) -> None:
    command: click.Command = cli
    with click.Context(cli) as context:
        for word in verb.split():
            assert isinstance(command, click.Group)
            found = command.get_command(context, word)
            assert found is not None
            command = found
    options = {option for parameter in command.params for option in parameter.opts}
    assert "--json" in options
