"""The bench client: against the bench of a real `keyfob run`, and against peers that are none."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from firmware_model.errors import BadAnswer, InUse, NoAnswer, PortUnavailable
from host_tools.client.bench import BenchClient, BenchError, unquoted
from host_tools.client.clock import true_time
from tests.keyfob.cli.running import running


@pytest.fixture(scope="module")
def bench_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = tmp_path_factory.mktemp("run") / "fob0"
    arguments = ("--model", "fob-h6", "--count", "2", "--port", f"pty:{port}", "--time", "frozen")
    with running(*arguments) as announced:
        yield announced["bench"]


@pytest.fixture
def bench(bench_url: str) -> Iterator[BenchClient]:
    with BenchClient(bench_url) as client:
        yield client


def test_time_stands_still_and_leaps_exactly(bench: BenchClient, bench_url: str) -> None:
    before = bench.now()
    assert bench.now() == before
    bench.advance(Decimal("86400.000000001"))
    assert bench.now() == before + Decimal("86400.000000001")
    assert true_time("bench", bench_url) == bench.now()


def test_charge_and_temperature_are_set_and_read_for_each_fob(bench: BenchClient) -> None:
    bench.set_charge(Decimal("41.5"), "2")
    bench.set_temperature(-10, "1:2")
    assert bench.charge(1) > 90
    assert bench.charge(2) == Decimal("41.5")
    assert (bench.temperature(1), bench.temperature(2)) == (Decimal(-10), Decimal(-10))
    bench.set_temperature(25, "1,2")


def test_a_dark_display_says_why(bench: BenchClient) -> None:
    seen = bench.display(1)
    assert seen.text == ""
    assert seen.segments == ()
    assert seen.dark_because


def test_a_supply_that_is_cut_and_restored(bench: BenchClient) -> None:
    bench.cut_power("2")
    assert "cell" in bench.display(2).dark_because
    bench.restore_power("2")
    assert "cell" not in bench.display(2).dark_because


def test_a_press_returns_when_it_has_run_its_course(bench: BenchClient) -> None:
    before = bench.now()
    bench.press(Decimal("0.5"))
    assert bench.now() >= before + Decimal("0.5")


@pytest.mark.parametrize(
    ("act", "number"),
    [
        (lambda bench: bench.do("NO:SUCH"), -113),
        (lambda bench: bench.query("NO:SUCH?"), -113),
        (lambda bench: bench.set_charge(101), -222),
        (lambda bench: bench.display(3), -241),
        (lambda bench: bench.press(channels="3"), -241),
        (lambda bench: bench.advance(-1), -222),
    ],
)
def test_a_refused_line_is_an_error_with_its_number_and_the_next_line_is_taken(
    bench: BenchClient, act: Callable[[BenchClient], object], number: int
) -> None:
    with pytest.raises(BenchError) as caught:
        act(bench)
    assert caught.value.number == number
    assert caught.value.exit_status == 2
    assert str(number) in str(caught.value)
    assert bench.query("SYSTem:ERRor?").startswith("0,")
    assert bench.query("*IDN?")


@pytest.mark.parametrize(
    ("answer", "text"),
    [('"a""b"', 'a"b'), ('""', ""), ("plain", "plain"), ('"', '"'), ('"a;b,c"', "a;b,c")],
)
def test_a_quoted_answer_is_taken_out_of_its_quotes(answer: str, text: str) -> None:
    assert unquoted(answer) == text


@contextmanager
def peer(answer: bytes, *, stays: bool = False) -> Iterator[str]:
    """A server that answers its only client's first line, then hangs up or says no more."""

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(answer)
            while stays and connection.recv(1000):
                pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"tcp:127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def test_what_is_no_bench_is_named() -> None:
    with (
        peer(b"SSH-2.0-OpenSSH_9.2\r\n") as url,
        pytest.raises(BadAnswer, match=f"^{url} is no SCPI bench"),
    ):
        BenchClient(url)


def test_a_bench_that_hangs_up_is_named() -> None:
    with peer(b"0") as url, pytest.raises(PortUnavailable, match=f"^{url}: the port went away"):
        BenchClient(url)
    with peer(b"") as url, pytest.raises(InUse, match=f"^{url} is in use"):
        BenchClient(url)


def test_a_line_without_an_end_is_given_up() -> None:
    with (
        peer(b"x" * ((1 << 20) + 1), stays=True) as url,
        pytest.raises(BadAnswer, match="never ends"),
    ):
        BenchClient(url)


def test_a_bench_that_falls_silent_is_named_after_its_time() -> None:
    with (
        peer(b'0,"No error"\n', stays=True) as url,
        BenchClient(url) as bench,
        pytest.raises(NoAnswer) as caught,
    ):
        bench.query("*IDN?", within_seconds=0.05)
    said = f"the bench at {url} gave no answer to '*IDN?' within 0.05 s;"
    assert str(caught.value).startswith(said)


def test_system_time_is_this_machines() -> None:
    before = time.time()
    assert before <= true_time("system", "not used") <= time.time()


def test_what_a_bench_says_holds_no_escape_sequence() -> None:
    hostile = '0,"No error"\n"\x1b]0;owned\x07\x1b[2J\u202ecode"\n0,"No error"\n'.encode()
    with peer(hostile, stays=True) as url, BenchClient(url) as client:
        answer = client.query("DISP:TEXT?")
        assert answer.isprintable()
        assert answer.endswith('code"')
