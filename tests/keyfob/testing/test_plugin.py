"""The pytest plugin as another project's suite meets it."""

import os
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.recordings.bundle import open_recordings
from emulator.recordings.replay import replay
from keyfob.testing.rack import Rack

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    # Where keyfob is installed its entry point already loads the plugin; loading it by name as
    # well is the same plugin.
    pytester.plugins = ["keyfob.testing.plugin"]
    pytester.makeini("[pytest]\n")  # whatever stands in the folders above, this is the root
    return pytester


def run(suite: pytest.Pytester, *options: str) -> pytest.RunResult:
    return suite.runpytest_subprocess(
        "-p", "keyfob.testing.plugin", "-p", "no:cacheprovider", *options
    )


def test_three_lines_are_a_test(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        def test_the_first_code(fob):
            fob.press()
            assert fob.text == "755224"
        """
    )
    run(suite).assert_outcomes(passed=1)


def test_a_marker_names_a_firmware_and_its_preset(suite: pytest.Pytester) -> None:
    model = ROOT / "examples/firmware/board-hotp.toml"
    image = ROOT / "vectors/firmware/token-hotp.elf"
    suite.makepyfile(
        f"""
        import pytest

        @pytest.mark.keyfob("{model}", firmware="{image}", preset="in-use")
        def test_the_second_code(fob):
            assert fob.code() == "287082"
        """
    )
    run(suite).assert_outcomes(passed=1)


def test_a_marker_says_what_hangs_there_and_options_say_it_for_all(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.keyfob("fob-t60", count=3)
        class TestThree:
            def test_class(self, rack, bench):
                assert len(rack) == 3
                assert bench.query("LAB:MOD? (@3)") == '"fob-t60"'

            @pytest.mark.keyfob(count=2, start="2029-04-01")
            def test_closest_wins(self, rack, bench):
                assert len(rack) == 2
                assert bench.query("LAB:MOD? (@2)") == '"fob-t60"'
                assert bench.query("TIME:DATE?") == '"2029-04-01T00:00:00Z"'

        def test_options(bench, fob):
            assert bench.query("LAB:MOD?") == '"hotp-card"'
            with fob.session() as session:
                assert session is not None
        """
    )
    run(suite, "--keyfob-model", "hotp-card").assert_outcomes(passed=3)


def test_a_failed_test_shows_the_face_and_the_last_frames(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        def test_wrong(fob):
            with fob.session():
                pass
            fob.press()
            assert fob.text == "000000"
        """
    )
    result = run(suite)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- keyfob -*",
            "true time *",
            "fob 1: *fob-h6*",
            "text '755224'",
            "last frames:",
            "*host → fob*SNRM*",
            "*host → fob*00 A4 04 00*",
            "*fob  → host*status 9000*",
        ]
    )


def test_the_traceback_of_an_error_that_says_all_is_the_tests_own(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        def test_wrong(rack):
            rack.time.forward_to("2020-01-01")
        """
    )
    result = run(suite)
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    assert "true time never goes back: 2020-01-01 has passed" in text
    assert "self._bench" not in text
    assert "self._bench" in run(suite, "--full-trace").stdout.str()


def test_suites_run_in_parallel(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_alone(fob, number):
            fob.press()
            assert fob.text == "755224"
        """
    )
    run(suite, "-n", "2").assert_outcomes(passed=8)


def test_a_fob_that_is_there_is_used_and_without_a_bench_presses_are_skipped(
    suite: pytest.Pytester, tmp_path: Path
) -> None:
    suite.makepyfile(
        """
        def test_port(fob):
            with fob.session() as session:
                pass

        def test_press(fob):
            fob.press()
            assert fob.text == "755224"

        def test_bench(bench):
            assert bench.now()
        """
    )
    with Rack.start(tmp_path) as rack:
        port, bench = rack[1].port, rack.bench_address
        assert bench is not None
        run(suite, "--keyfob-port", port).assert_outcomes(passed=1, skipped=2)
        result = run(suite, "--keyfob-port", port, "--keyfob-bench", bench)
        result.assert_outcomes(passed=3)


def test_a_wrong_marker_names_what_is_known(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.keyfob(colour="red")
        def test_name(fob):
            pass

        @pytest.mark.keyfob("fob-t60", 3)
        def test_position(fob):
            pass

        @pytest.mark.keyfob(seed=7)
        def test_chance(fob):
            pass

        @pytest.mark.keyfob(count="many")
        def test_number(fob):
            pass
        """
    )
    result = run(suite)
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(
        [
            "*colour*expected one of model*",
            "*expected one positional argument, the model*",
            "*seed*unknown*; for what was seed, give dice*",
            "*invalid count 'many'*",
        ]
    )


def test_dice_come_from_the_tests_own_name_and_a_failure_says_how_to_repeat_it(
    suite: pytest.Pytester,
) -> None:
    suite.makepyfile(
        test_drift="""
        import pytest

        @pytest.mark.keyfob("fob-t60")
        def test_drift(fob, rack):
            fob.age("2y")
            assert fob.clock_error is None, f"error={fob.clock_error} dice={rack.dice}"
        """
    )

    def failing(*options: str) -> tuple[str, str]:
        result = run(suite, *options)
        result.assert_outcomes(failed=1)
        text = result.stdout.str()
        found = re.search(r"AssertionError: error=(\S+) dice=(\S+)", text)
        again = re.search(r"^pytest (.*)$", text, re.MULTILINE)
        assert found is not None
        assert again is not None
        assert found[2] == "test_drift.py::test_drift"
        return found[1], again[1]

    error, again = failing()
    assert "--keyfob-dice=test_drift.py::test_drift" in again
    assert failing(*shlex.split(again)) == (error, again)


@pytest.mark.parametrize(
    ("folder", "command", "passes"),
    [
        ("tests/emulator", ["-m", "pytest"], False),
        ("tests/emulator", ["-m", "pytest"], True),
        ("emulator", ["-m", "pytest", "--import-mode=importlib"], False),
        ("emulator", ["-c", "import sys, pytest; sys.exit(pytest.main())"], False),
    ],
)
def test_a_suite_with_a_package_of_our_names_works_or_gets_one_clear_line(
    folder: str, command: list[str], passes: bool, tmp_path: Path
) -> None:
    package = tmp_path / folder
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    if passes:
        (package.parent / "__init__.py").touch()
    test = "def test_code(fob):\n    assert fob.code() == '755224'\n"
    (package / "test_theirs.py").write_text(test)
    words = ["-p", "keyfob.testing.plugin", "-p", "no:cacheprovider", "-q"]
    options = {"PYTEST_ADDOPTS": shlex.join(words), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, env=os.environ | options, capture_output=True
    )
    said = done.stdout.decode()
    if passes:
        assert "1 passed" in said, said
    else:
        assert f"{package} hides keyfob's own package emulator: rename that folder" in said
        assert "During handling" not in said


def test_the_plugin_costs_a_suite_without_fobs_nothing(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import sys

        def test_nothing():
            rooms = ("emulator", "host_tools", "firmware_model")
            assert not [name for name in sys.modules if name.split(".")[0] in rooms]
        """
    )
    run(suite).assert_outcomes(passed=1)


def test_a_failed_test_leaves_a_bundle_that_replays(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest

        def test_fails(fob):
            assert fob.code() == "000000"

        def test_passes(fob):
            assert fob.code() == "755224"

        @pytest.fixture(scope="module")
        def prepared(shared_rack):
            rack = shared_rack(model="fob-h6")
            rack[1].press()
            return rack.snapshot()

        def test_branch_fails(prepared, branch):
            assert branch(prepared)[1].text == "000000"
        """
    )
    result = run(suite, "--keyfob-bundles", "left")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["keyfob replay left/test_*_fails.kfbundle"])
    bundles = sorted((suite.path / "left").iterdir())
    assert len(bundles) == 2
    for bundle in bundles:
        assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
        with open_recordings(bundle) as (failure, recordings):
            moments = [moment for recording in recordings for moment in replay(recording)]
        assert "fails" in failure.what
        assert "AssertionError: assert '" in failure.problem
        assert not any(moment.difference for moment in moments)
        assert any(moment.glass == "755224" for moment in moments)
    assert not list(suite.path.rglob("*.kfrec"))
