"""Options of a line and profiles by name: what they set, and what is refused with what to write."""

import grp  # noqa: F401 - loaded before the test's child drops the right to read it
import os
import pty
import re
import socket
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial
from serial.rfc2217 import PortManager

from firmware_model.errors import BadInput
from firmware_model.wire.primary import DEFAULT_TIMING
from host_tools.client.line_settings import LineSettings, parse_options, profiles
from host_tools.client.ports import Port, open_port
from host_tools.client.transports import UrlTransport

ROOT = Path(__file__).parents[3]


@contextmanager
def terminal() -> Iterator[tuple[int, str]]:
    """Yield the far end of a pseudo-terminal, and the path of its near end."""
    far, near = pty.openpty()
    tty.setraw(near)
    try:
        yield far, os.ttyname(near)
    finally:
        os.close(far)
        os.close(near)


def test_without_options_all_is_as_usual() -> None:
    settings = parse_options("serial:x", [])
    assert settings == LineSettings()
    assert settings.timing() == DEFAULT_TIMING
    assert settings.poll_timing(DEFAULT_TIMING) == DEFAULT_TIMING


def test_a_later_option_holds_also_over_a_profile() -> None:
    settings = parse_options("x", ["response=2.5", "profile=slow", "tries=9", "dtr=off"])
    assert settings == LineSettings(response=5.0, tries=9, dtr=False)
    timing = settings.timing()
    assert (timing.response_ns, timing.tries) == (5_000_000_000, 9)
    assert timing.inter_octet_ns == 2_500_000_000
    assert settings.poll_timing(DEFAULT_TIMING).tries == 2
    quick = LineSettings(response=0.5).poll_timing(DEFAULT_TIMING)
    assert (quick.response_ns, quick.tries) == (500_000_000, 8)


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("respnse=1", "invalid option 'respnse=1'; expected profile=NAME or one of response="),
        ("response=0", "response=0: expected 0.01 to 60 seconds"),
        ("response=nan", "expected 0.01 to 60"),
        ("tries=0", "expected 1 to 100"),
        ("tries=1.5", "expected 1 to 100"),
        ("information=8", "expected 16 to 2030 bytes"),
        ("dtr=1", "dtr=1: expected on or off"),
        ("profile=none", "unknown profile 'none'; expected one of slow, noisy, rs485, cradle"),
    ],
)
def test_an_option_that_is_none_is_named_with_what_was_expected(option: str, expected: str) -> None:
    with pytest.raises(BadInput, match=re.escape(expected)) as caught:
        open_port(f"serial:/dev/ttyUSB0,9600,{option}")
    assert "serial:/dev/ttyUSB0,9600" in str(caught.value)


def test_profiles_of_a_users_own_file_are_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[desk-3]\nresponse = 3\nrts = false\n")
    monkeypatch.setenv("KEYFOB_LINE_PROFILES", str(own))
    assert parse_options("x", ["profile=desk-3"]) == LineSettings(response=3, rts=False)
    assert set(profiles()) > {"slow", "desk-3"}
    for text, expected in (
        ("[a]\nrespond = 3\n", r"own.toml: \[a\] respond: expected one of response"),
        ("[a]\ntries = 1000\n", "tries=1000: expected 1 to 100"),
        ("a = 1\n", r"expected a table \[a\]"),
        ("[", "holds no line profiles"),
    ):
        own.write_text(text)
        with pytest.raises(BadInput, match=expected):
            parse_options("x", ["profile=slow"])


def test_the_page_names_every_option_and_profile() -> None:
    page = (ROOT / "docs" / "STATION.md").read_text("utf-8")
    for name in [*LineSettings.__dataclass_fields__, *profiles()]:
        assert f"| `{name}` |" in page or f"`{name}`" in page, name


def opened(device: str, options: str) -> Port:
    return open_port(f"serial:{device},9600,{options}")


def test_what_a_line_echoes_is_taken_off_and_the_answer_is_not() -> None:
    with terminal() as (far, device), opened(device, "echo=on") as port:
        port.write(b"question")
        os.write(far, os.read(far, 100) + b"answer")
        assert port.read(5) + port.read(0) == b"answer"
        port.write(b"again")
        os.write(far, b"agMn" + b"answer")  # a byte of the echo was lost, another spoiled
        assert port.read(5).endswith(b"answer")
        os.write(far, b"and more")
        assert port.read(5) == b"and more"


def test_an_echo_may_come_in_pieces_and_is_forgotten_with_the_rest_of_the_input() -> None:
    with terminal() as (far, device), opened(device, "echo=on") as port:
        port.write(b"question")
        os.write(far, b"ques")
        assert port.read(5) == b""
        os.write(far, b"tionyes")
        assert port.read(5) == b"yes"
        port.write(b"lost")
        port.drop_input()
        os.write(far, b"lots")
        assert port.read(5) == b"lots"


class SteppedClock:
    """A clock that moves only when somebody pauses, or a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def pause(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


@pytest.mark.parametrize(
    ("options", "sent_at"),
    [
        ([], [100, 100, 100, 107]),
        (["gap=0.5"], [100, 100.5, 101, 107]),
        (["turnaround=0.25"], [100, 100, 100.25, 107]),
        (["gap=0.125", "turnaround=0.25"], [100, 100.125, 100.375, 107]),
    ],
)
def test_a_line_is_silent_for_its_gap_and_its_turnaround_before_each_frame(
    options: list[str], sent_at: list[float]
) -> None:
    clock, sent = SteppedClock(), []
    settings = parse_options("loop://", options)
    transport = UrlTransport("loop://")
    with Port("loop://", transport, settings, lambda: clock.now, clock.pause) as port:

        def send() -> None:
            port.write(b"frame")
            sent.append(clock.now)

        send()
        send()
        assert port.read(1) == b"frameframe", "the other end's bytes end now"
        send()
        clock.now = 107.0
        send()  # long after all that was said
    assert sent == sent_at


@contextmanager
def rfc2217_server(wanted: tuple[bool, bool]) -> Iterator[tuple[str, serial.SerialBase]]:
    """Yield the address of pyserial's own RFC 2217 server, and the UART behind it.

    DTR and RTS of the UART are at first not as `wanted`.
    """
    uart = serial.serial_for_url("loop://")
    uart.dtr, uart.rts = (not level for level in wanted)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("wb", buffering=0) as answers:
                # The stubs ask for another class of port, and for one as the connection.
                manager = PortManager(uart, answers)  # type: ignore[arg-type]
                while data := connection.recv(1000):
                    b"".join(manager.filter(data))

        server.settimeout(10)  # where opening the port fails
        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield f"rfc2217:127.0.0.1:{server.getsockname()[1]}", uart
        finally:
            serving.join(20)
            uart.close()


@pytest.mark.filterwarnings("ignore:set(Daemon|Name)\\(\\):DeprecationWarning")  # in pyserial
@pytest.mark.parametrize(("dtr", "rts"), [(False, True), (True, False)])
def test_dtr_and_rts_are_held_at_their_levels_by_rfc_2217(dtr: bool, rts: bool) -> None:
    words = {True: "on", False: "off"}
    with rfc2217_server((dtr, rts)) as (address, uart):
        open_port(f"{address},dtr={words[dtr]},rts={words[rts]}").close()
    assert (uart.dtr, uart.rts) == (dtr, rts)


def test_a_line_without_modem_lines_is_told_to_leave_their_options_out() -> None:
    with terminal() as (_, device), pytest.raises(BadInput, match="leave dtr= and rts= out"):
        opened(device, "dtr=off")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device that others lack")
def test_permission_denied_names_the_group_and_what_to_type() -> None:
    with terminal() as (_, device):
        os.chown(device, 0, 5)  # group tty
        os.chmod(device, 0o660)  # noqa: PTH101 - a device, beside chown
        read_end, write_end = os.pipe()
        child = os.fork()
        if not child:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            try:
                open_port(f"serial:{device},9600,profile=slow")
            except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to know
                os.write(write_end, str(error).encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(write_end)
        with os.fdopen(read_end) as said:
            text = said.read()
    assert "permission denied: serial:/dev/pts/" in text
    assert "is for the group tty, and nobody is not in it: sudo usermod -aG tty nobody" in text
