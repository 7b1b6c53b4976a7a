"""The line to one fob, over real terminals with HDLC's real other end."""

from dataclasses import replace

import pytest

from firmware_model.errors import BadAnswer, NoAnswer
from firmware_model.units import NS_PER_MS
from firmware_model.wire.primary import PrimaryTiming
from firmware_model.wire.secondary import Secondary
from host_tools.client.link import ANYBODY, Link, open_link
from host_tools.client.ports import Port
from tests.host_tools.client.fob_line import (
    LosesEveryOther,
    Mangle,
    byte_by_byte,
    line,
    noisy,
    whole,
)

QUICK = PrimaryTiming(inter_octet_ns=30 * NS_PER_MS, response_ns=60 * NS_PER_MS, tries=3)
"""Soon tired: where nobody is to answer."""

STUBBORN = replace(QUICK, tries=1000)
"""Where an answer must come, however busy the machine is."""


def echo(command: bytes) -> bytes:
    return command + b"\x90\x00"


@pytest.mark.parametrize("mangle", [whole, byte_by_byte, noisy, LosesEveryOther()])
def test_commands_are_answered_over_every_kind_of_line(mangle: Mangle) -> None:
    with (
        line(echo, Secondary(1), mangle=mangle) as url,
        open_link(url, timing=STUBBORN) as link,
    ):
        for length in (1, 127, 128, 2030, 4000):
            command = bytes(length)
            assert link.transceive(command) == command + b"\x90\x00"


def test_a_command_is_executed_once_however_often_it_is_sent() -> None:
    seen: list[bytes] = []

    def count(command: bytes) -> bytes:
        seen.append(command)
        return b"\x90\x00"

    with (
        line(count, Secondary(1), mangle=LosesEveryOther()) as url,
        open_link(url, timing=STUBBORN) as link,
    ):
        for number in range(20):
            link.transceive(bytes((number,)))
        assert link.port.cost.resent >= 20
    assert seen == [bytes((number,)) for number in range(20)]


@pytest.mark.parametrize("address", [1, 125, 126, 16381])
def test_the_fob_with_the_address_answers_and_no_other(address: int) -> None:
    others = [Secondary(other) for other in (1, 2, 125, 126, 16381) if other != address]
    with (
        line(echo, *others, Secondary(address)) as url,
        open_link(url, address, STUBBORN) as link,
    ):
        assert link.transceive(b"\x01") == b"\x01\x90\x00"


def test_anybody_reaches_a_fob_that_is_alone() -> None:
    with (
        line(echo, Secondary(77, alone=True)) as url,
        open_link(url, ANYBODY, STUBBORN) as link,
    ):
        assert link.transceive(b"\x01") == b"\x01\x90\x00"


def test_a_wrong_address_is_named_with_the_way_to_find_the_right_one() -> None:
    with (
        line(echo, Secondary(1)) as url,
        pytest.raises(NoAnswer, match=rf"^no fob answers at {url}, address 2: .*keyfob discover"),
    ):
        open_link(url, 2, QUICK)


class Chatter:
    """A transport on which something talks without end, and listens to nobody."""

    def write(self, data: bytes) -> None: ...

    def read(self, within_seconds: float) -> bytes:
        return b"$GPGGA,123519,4807.038,N~\r\n"

    def drop_input(self) -> None: ...

    def close(self) -> None: ...


def test_a_line_on_which_something_else_chatters_is_named() -> None:
    with (
        Link(Port("gps", Chatter()), 1, QUICK) as link,
        pytest.raises(NoAnswer, match=r"^no fob answers at gps, address 1, but something talks"),
    ):
        link.connect()


def test_a_fob_that_falls_silent_is_named() -> None:
    alive = [True]
    unhurried = replace(QUICK, response_ns=500 * NS_PER_MS)
    with (
        line(echo, Secondary(1), mangle=lambda data: (data,) if alive[0] else ()) as url,
        open_link(url, timing=unhurried) as link,
    ):
        alive[0] = False
        with pytest.raises(NoAnswer, match=rf"^no fob answers at {url}, address 1"):
            link.transceive(b"\x01")
        with pytest.raises(NoAnswer, match="not connected"):
            link.transceive(b"\x01")
        alive[0] = True
        link.connect()
        assert link.transceive(b"\x01") == b"\x01\x90\x00"


def test_a_fob_that_is_busy_for_too_long_is_named_with_what_to_do() -> None:
    impatient = PrimaryTiming(pause_ns=5 * NS_PER_MS, patience_ns=20 * NS_PER_MS)
    with (
        line(lambda _: None, Secondary(1)) as url,
        open_link(url, timing=impatient) as link,
        pytest.raises(NoAnswer, match=r"busy for too long: .* display.* cell"),
    ):
        link.transceive(b"\x01")


def test_an_answer_in_parts_is_fetched_in_clear_and_returned_as_one() -> None:
    parts = {
        b"\x80\xca": bytes(10) + b"\x61\x00",
        b"\x00\xc0\x00\x00\x00": b"\x01" * 256 + b"\x61\x05",
        b"\x00\xc0\x00\x00\x05": b"\x02" * 5 + b"\x90\x00",
    }
    with line(lambda command: parts[command], Secondary(1)) as url, open_link(url) as link:
        assert link.transceive(b"\x80\xca") == bytes(10) + b"\x01" * 256 + b"\x02" * 5 + b"\x90\x00"


def test_an_answer_in_parts_that_never_ends_is_given_up() -> None:
    with (
        line(lambda _: bytes(1000) + b"\x61\x00", Secondary(1)) as url,
        open_link(url) as link,
        pytest.raises(BadAnswer, match="the answer is longer than"),
    ):
        link.transceive(b"\x80\xca")
