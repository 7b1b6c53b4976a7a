"""Card fobs as whole devices: the real button, the display, the cell, and cuts in the middle."""

import hmac

import pytest

from firmware_model.device import Device
from firmware_model.effects import FobEvent, Happened, Transmit
from firmware_model.inputs import (
    CellInserted,
    CellRemoved,
    ContactMoved,
    CutArmed,
    LineSignals,
    Receive,
    Reset,
    Wake,
)
from firmware_model.wire import tlv
from firmware_model.wire.ccid import ReaderDeframer, ReaderFrame
from firmware_model.wire.fob_link import LinePlace, LinkKind
from firmware_model.wire.t1 import BlockKind, Supervision, T1Block, decode
from tests.firmware_model.card_fobs import CardFob
from tests.firmware_model.fobs import START
from tests.strangers.molto2_client import Molto2Client

SELECT = bytes.fromhex("00 A4 04 00 07 A0 00 00 05 27 21 01")
LIST = bytes.fromhex("00 A1 00 00")
SEED = b"12345678901234567890"
AC_PER_NA_MS = 10**6
"""Attocoulombs of a nanoampere in a millisecond."""
START_SECONDS = START // 10**9


def put(name: bytes, kind: int = 0x11, rest: bytes = b"", seed: bytes = SEED) -> bytes:
    data = tlv.encode(0x71, name) + tlv.encode(0x73, bytes((kind, 6)) + seed) + rest
    return bytes((0, 1, 0, 0, len(data))) + data


def calculate(name: bytes) -> bytes:
    data = tlv.encode(0x71, name) + b"\x74\x00"
    return bytes((0, 0xA2, 0, 1, len(data))) + data


def code(answer: bytes) -> str:
    assert answer.endswith(b"\x90\x00"), answer.hex()
    return str(int.from_bytes(answer[3:7], "big") % 10 ** answer[2]).zfill(answer[2])


def press(fob: CardFob, held: float = 0.2) -> bytes:
    """Press and let go; return what the fob sends meanwhile."""
    sent = fob.give(ContactMoved(closed=True))
    fob.later(held)
    sent += fob.give(ContactMoved(closed=False))
    fob.later(0.4)
    return sent + fob.give(Wake())


class TestTouch:
    @pytest.fixture
    def fob(self) -> CardFob:
        fob = CardFob("ykoath")
        fob.ask(SELECT)
        assert fob.ask(put(b"a", rest=b"\x78\x02")) == b"\x90\x00"
        assert fob.ask(calculate(b"a")) == b""
        fob.later(1)
        fob.give(Wake())
        assert fob.text == "touch"
        return fob

    def test_the_real_button_lets_the_command_go_on(self, fob: CardFob) -> None:
        assert code(press(fob)[2:]) == "755224"
        assert fob.text == "", "the press is no press for a code of its own"

    def test_without_a_press_it_is_refused_after_its_time(self, fob: CardFob) -> None:
        fob.later(13.9)
        assert fob.give(Wake()) == b""
        fob.later(0.2)
        assert fob.give(Wake())[2:] == b"\x69\x82"
        assert fob.text == ""

    def test_a_host_that_leaves_withdraws_it(self, fob: CardFob) -> None:
        fob.give(LineSignals(data_terminal_ready=False))
        assert fob.text == ""
        assert press(fob) == b""
        assert FobEvent.PRESSED in [e.event for e in fob.effects if isinstance(e, Happened)]

    def test_a_cut_while_it_waits_costs_no_counter(self, fob: CardFob) -> None:
        fob.give(CellRemoved())
        fob.give(CellInserted())
        fob.ask(SELECT)
        fob.ask(calculate(b"a"))
        fob.later(1)
        assert code(press(fob)[2:]) == "755224"


class TestCuts:
    """A cut at any flash operation of a command loses nothing, and never repeats a counter."""

    def loaded(self) -> CardFob:
        fob = CardFob("ykoath")
        fob.ask(SELECT)
        for name in (b"one", b"two"):
            assert fob.ask(put(name)) == b"\x90\x00"
            assert code(fob.ask(calculate(name))) == "755224"
        return fob

    def operations(self, command: bytes) -> int:
        fob = self.loaded()
        before = fob.device._board.flash.operations
        assert fob.ask(command).endswith(b"\x90\x00")
        return fob.device._board.flash.operations - before

    @pytest.mark.parametrize(
        "command",
        [put(b"three"), put(b"one", 0x21, seed=bytes(20)), calculate(b"one")],
        ids=["new", "replaced", "counted"],
    )
    def test_everything_is_there_as_before_or_as_after(self, command: bytes) -> None:
        count = self.operations(command)
        few = [*range(1, min(count, 12) + 1), *range(12, count, max(1, count // 17))]
        cuts = range(1, count + 1) if count < 40 else few
        images = self.loaded().device.images()
        for operation in cuts:
            for permille in (100, 900):
                fob = CardFob("ykoath")
                fob.restart(images)
                fob.ask(SELECT)
                fob.give(CutArmed(operation, permille))
                answered = fob.ask(command)
                assert answered == b"", "the supply fails before an answer"
                fob.give(CellInserted())
                fob.ask(SELECT)
                self.hold(fob, command, operation)

    def hold(self, fob: CardFob, command: bytes, operation: int) -> None:
        names = [value for _, value in tlv.decode_all(fob.ask(LIST)[:-2]) or []]
        rest = [name for name in names if name != b"\x11three"]
        assert rest in ([b"\x11one", b"\x11two"], [b"\x21one", b"\x11two"]), operation
        assert code(fob.ask(calculate(b"two"))) == "287082", operation
        if b"\x11three" in names:
            assert code(fob.ask(calculate(b"three"))) == "755224"
        if rest[0] == b"\x11one":
            counted = ("359152", "287082") if command == calculate(b"one") else ("287082",)
            assert code(fob.ask(calculate(b"one"))) in counted, operation
        assert fob.ask(put(b"three")) == b"\x90\x00"
        assert code(fob.ask(calculate(b"three"))) in ("755224", "287082")


def test_it_drains_with_every_byte_and_every_code() -> None:
    idle, busy = CardFob("ykoath"), CardFob("ykoath")
    for fob in (idle, busy):
        fob.ask(SELECT)
        fob.ask(put(b"a"))
    for _ in range(300):
        code(busy.ask(calculate(b"a")))
    drawn = [fob.device._board.battery.drawn_ac for fob in (idle, busy)]
    of_a_code = 60 * 400_000 * AC_PER_NA_MS
    assert drawn[1] - drawn[0] > 300 * of_a_code, "and bytes and flash come on top"


def test_an_empty_cell_in_the_middle_of_a_message_ends_it() -> None:
    fob = CardFob("ykoath")
    fob.ask(SELECT)
    command = put(b"a")
    fob.give(CellRemoved())
    assert fob.ask(command) == b""
    fob.give(CellInserted())
    assert fob.ask(SELECT).endswith(b"\x90\x00")
    assert fob.ask(LIST) == b"\x90\x00"


class TestMolto2:
    @pytest.fixture
    def fob(self) -> CardFob:
        fob = CardFob("molto2")
        client = Molto2Client(fob.exchange)
        assert client.authenticate() == 0x9000
        for number, title in ((2, "Google"), (40, "bank")):
            assert client.write_seed(number, SEED + bytes((number,))) == 0x9000
            assert client.write_title(number, title) == 0x9000
        assert client.configure(2, START_SECONDS, timeout=2) == 0x9000
        return fob

    def expected(self, fob: CardFob, number: int) -> str:
        mac = hmac.digest(SEED + bytes((number,)), self.step(fob).to_bytes(8, "big"), "sha1")
        at = mac[-1] & 15
        return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"

    @staticmethod
    def step(fob: CardFob) -> int:
        seconds = fob.device.gauges(fob.now).clock_unix
        assert seconds is not None
        return seconds // 30

    def test_a_press_shows_the_profile_and_goes_on_with_its_steps(self, fob: CardFob) -> None:
        press(fob)
        began = self.step(fob)
        assert fob.text == self.expected(fob, 2)
        fob.later(45)
        fob.give(Wake())
        assert self.step(fob) > began
        assert fob.text == self.expected(fob, 2)
        fob.later(16)
        fob.give(Wake())
        assert fob.text == "", "60 seconds are over"

    def test_a_long_press_goes_to_the_next_profile_with_a_seed(self, fob: CardFob) -> None:
        press(fob, 2.5)
        assert fob.text == "40 bank"
        press(fob)
        assert fob.text == self.expected(fob, 40)
        press(fob, 2.5)
        assert fob.text in ("02 Google", ""), "a press switches it off first"

    def test_a_locked_screen_shows_no_code(self, fob: CardFob) -> None:
        assert Molto2Client(fob.exchange).lock() == 0x9000
        press(fob)
        assert fob.text == "Locked"
        assert Molto2Client(fob.exchange).unlock() == 0x9000
        fob.later(60)
        fob.give(Wake())
        press(fob)
        assert fob.text == self.expected(fob, 2)

    def test_a_reset_waits_for_the_button_also_when_the_host_has_left(self, fob: CardFob) -> None:
        client = Molto2Client(fob.exchange)
        assert client.factory_reset() == 0x9060
        fob.give(LineSignals(data_terminal_ready=False))
        fob.later(1)
        fob.give(Wake())
        assert fob.text == "Reset? Press"
        press(fob)
        assert client.profile(2)["has_seed"] is False
        assert client.profile(2)["title"] == ""

    def test_without_a_press_nothing_is_reset(self, fob: CardFob) -> None:
        client = Molto2Client(fob.exchange)
        client.factory_reset()
        fob.later(31)
        fob.give(Wake())
        assert fob.text == ""
        press(fob)
        assert client.profile(2)["has_seed"] is True

    def test_its_clock_drifts_and_no_step_comes_twice(self, fob: CardFob) -> None:
        client = Molto2Client(fob.exchange)
        press(fob)
        shown = fob.text
        assert client.authenticate() == 0x9000
        assert client.set_time(2, START_SECONDS - 3600) == 0x9000
        press(fob)
        assert fob.text == "CLoC"
        assert shown
        fob.later(365 * 86_400)
        fob.give(Wake())
        told = client.info()[1]
        assert 0 < abs(told - (fob.now // 10**9 - 3600)) < 600


def test_what_waits_for_a_press_is_asked_for_time_over_t1() -> None:
    """The reader's card asks for time again and again, and the press brings the answer."""
    fob = CardFob("ykoath")
    fob.device = Device.restore(fob.model, fob.device.images(), place=LinePlace(link=LinkKind.CCID))
    fob.give(Reset())
    number = 0

    def answers(sent: bytes) -> list[ReaderFrame]:
        return [one for one in ReaderDeframer().feed(sent) if isinstance(one, ReaderFrame)]

    def send(kind: int, data: bytes = b"") -> list[ReaderFrame]:
        return answers(fob.give(Receive(ReaderFrame(kind, 0, 1, data=data).encode())))[1:]

    def block(one: T1Block) -> T1Block | None:
        found = [decode(frame.data) for frame in send(0x6F, one.encode())]
        assert all(isinstance(each, T1Block) for each in found)
        return found[0] if found else None  # type: ignore[return-value]

    def command(apdu: bytes) -> T1Block | None:
        nonlocal number
        number ^= 1
        return block(T1Block(BlockKind.I, apdu, number=number ^ 1))

    send(0x62)
    assert block(T1Block(BlockKind.S_REQUEST, b"\xfe", about=Supervision.IFS)) is not None
    for apdu in (SELECT, put(b"a", rest=b"\x78\x02")):
        answer = command(apdu)
        assert answer is not None
        assert answer.information.endswith(b"\x90\x00")
    assert command(calculate(b"a")) is None
    asked = 0
    for _ in range(80):
        fob.later(0.05)
        for frame in answers(fob.give(Wake())):
            request = decode(frame.data)
            assert isinstance(request, T1Block)
            assert request.about is Supervision.WTX
            asked += 1
            given = T1Block(BlockKind.S_RESPONSE, request.information, about=Supervision.WTX)
            assert block(given) is None
    assert asked >= 3
    sent = press(fob)
    found = [decode(frame.data) for frame in answers(sent)]
    while not found or not (isinstance(found[-1], T1Block) and found[-1].kind is BlockKind.I):
        given = T1Block(BlockKind.S_RESPONSE, bytes((10,)), about=Supervision.WTX)
        one = block(given)
        assert one is not None, "the answer comes when the reader has given time"
        found.append(one)
    assert isinstance(found[-1], T1Block)
    assert code(found[-1].information) == "755224"
    assert Transmit in {type(effect) for effect in fob.effects}
