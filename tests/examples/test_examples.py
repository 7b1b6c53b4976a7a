"""Every example runs, against unmodified pytest, Robot Framework and PyVISA."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from keyfob.testing.rack import Rack

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def run(*command: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_pytest_suite_passes(tmp_path: Path) -> None:
    suite = str(EXAMPLES / "pytest_suite")
    options = ("-p", "keyfob.testing.plugin", "-p", "no:cacheprovider", "-q", "--rootdir", suite)
    assert "5 passed" in run("-m", "pytest", *options, suite, folder=tmp_path)


def test_the_suite_of_a_tester_passes_over_two_workers(tmp_path: Path) -> None:
    suite = str(EXAMPLES / "qa_suite")
    options = ("-p", "keyfob.testing.plugin", "-p", "no:cacheprovider", "-q", "--rootdir", suite)
    assert "27 passed" in run("-m", "pytest", *options, "-n", "2", suite, folder=tmp_path)


def test_the_robot_framework_suite_passes(tmp_path: Path) -> None:
    pytest.importorskip("robot", reason="needs robotframework")
    output = ("--output", "NONE", "--report", "NONE", "--log", "NONE")
    suite = str(EXAMPLES / "robot" / "login.robot")
    assert "3 passed, 0 failed" in run("-m", "robot", *output, suite, folder=tmp_path)


def test_pyvisa_works_the_bench_unmodified(tmp_path: Path) -> None:
    pytest.importorskip("pyvisa", reason="needs pyvisa")
    pytest.importorskip("pyvisa_py", reason="needs pyvisa-py")
    with Rack.start(tmp_path) as rack:
        assert rack.bench_address is not None
        host, port = rack.bench_address.removeprefix("tcp:").rsplit(":", 1)
        script = str(EXAMPLES / "pyvisa" / "press_and_look.py")
        identity, text, charge, error = run(script, host, port, folder=tmp_path).splitlines()
    assert identity.startswith("keyfob,bench,")
    assert text == '"755224"'
    assert charge == "100 %"
    assert error == '0,"No error"'


def test_pyvisa_sees_errors_status_and_lists_as_of_any_instrument(tmp_path: Path) -> None:
    pyvisa = pytest.importorskip("pyvisa", reason="needs pyvisa")
    pytest.importorskip("pyvisa_py", reason="needs pyvisa-py")
    with Rack.start(tmp_path, count=5) as rack:
        assert rack.bench_address is not None
        host, port = rack.bench_address.removeprefix("tcp:").rsplit(":", 1)
        manager = pyvisa.ResourceManager("@py")
        bench = manager.open_resource(
            f"TCPIP::{host}::{port}::SOCKET", read_termination="\n", write_termination="\n"
        )
        bench.timeout = 20_000
        bench.write("TEMPerature -5,(@2:4)")
        assert bench.query_ascii_values("TEMPerature? (@1:5)") == [25, -5, -5, -5, 25]
        bench.write("NONSense")
        assert bench.query("SYSTem:ERRor?").startswith('-113,"Undefined header')
        assert int(bench.query("*ESR?")) == 32
        bench.write("BUTTon:PRESs 0.2,(@1:5)")
        bench.write("*WAI")
        assert bench.query("DISPlay:TEXT? (@1:5)") == ",".join(['"755224"'] * 5)
        bench.close()
        manager.close()
