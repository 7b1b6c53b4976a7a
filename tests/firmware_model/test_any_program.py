"""The board with a program that is not ours: only pins and interrupts, as any firmware has them."""

from firmware_model import catalogue
from firmware_model.board_program import BoardProgram
from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.effects import Darkness, DarkReason, Effect, FobEvent, Persist, Shown, Transmit
from firmware_model.hardware.pins import Pins, ProgramObserver, ResetCause
from firmware_model.inputs import (
    CellInserted,
    CellRemoved,
    Charge,
    ClockShifted,
    ContactMoved,
    LineSignals,
    Receive,
    Reset,
    Wake,
)
from firmware_model.units import NS_PER_MS, NS_PER_SECOND
from tests.firmware_model.fobs import CHIP_ID, START, after, events, kept, shown, with_part


class PressCounter(BoardProgram):
    """Counts presses in flash, one word each, and shows how many for two seconds.

    It knows nothing of OTP, nor of the observer, and says nothing of itself.
    """

    __slots__ = ("_down_until", "_off_at", "_pins", "causes")

    def __init__(self, pins: Pins, observer: ProgramObserver) -> None:
        self._pins = pins
        self._off_at = 0
        self.causes: list[ResetCause] = []

    def boot(self) -> None:
        self.causes = [self._pins.take_reset_cause(), self._pins.take_reset_cause()]

    def on_contact(self, number: int) -> None:
        pins = self._pins
        if pins.contact_closed(number) and not self._off_at:
            pins.measure_mv()
            count = self._count()
            pins.flash.program(1, 4 * count, bytes(4))
            pins.spend_cycles(18_400)
            pins.drive(bytes(0x3F if digit == "0" else 0x06 for digit in f"{count + 1:06b}"))
            self._off_at = pins.rtc_ns + 2 * NS_PER_SECOND
            pins.set_alarm(self._off_at)

    def on_alarm(self) -> None:
        self._off_at = 0
        self._pins.drive(b"")

    def on_bytes(self, data: bytes, pace: int) -> None:
        self._pins.transmit(bytes((self._count(),)) + data)

    def on_signals(self, signals: LineSignals) -> None: ...

    def _count(self) -> int:
        return self._pins.flash.read(1, 0, 1024).index(b"\xff") // 4


MODEL = catalogue.load("fob-h6")


def made(model: Model = MODEL) -> Device:
    return Device.manufacture(
        model, chip_id=CHIP_ID, random_seed=3, now=START, make_program=PressCounter
    )


def touch(device: Device, seconds: float, number: int = 0) -> list[Effect]:
    effects = device.handle(ContactMoved(True, number), after(START, seconds))
    effects += device.handle(Wake(), after(START, seconds + 0.1))
    return effects + device.handle(ContactMoved(False, number), after(START, seconds + 0.2))


def test_it_counts_shows_and_answers() -> None:
    device = made()
    assert shown(touch(device, 1)) == ["000001"]
    assert device.face(after(START, 1.5)).text == "000001"
    off = device.handle(Wake(), after(START, 4))
    assert off == [Shown("")]
    assert shown(touch(device, 5)) == ["000010"]
    assert Transmit(b"\x02hi") in device.handle(Receive(b"hi"), after(START, 6))


def test_a_model_may_have_more_keys_than_one() -> None:
    device = made(with_part("fob-h6", "contact", '{ from = "dome", count = 3 }'))
    assert shown(touch(device, 1, number=2)) == ["000001"]
    device.handle(Wake(), after(START, 4))
    assert shown(touch(device, 5, number=0)) == ["000010"]


def test_flash_is_durable_before_the_picture_and_outlives_a_restart() -> None:
    device = made()
    images, effects = device.images(), touch(device, 1)
    kinds = [type(effect) for effect in effects]
    assert kinds.index(Persist) < kinds.index(Shown)
    again = Device.restore(MODEL, kept(images, effects), make_program=PressCounter)
    again.handle(Reset(), after(START, 9))
    assert shown(touch(again, 10)) == ["000010"]


def test_it_sees_power_come_back_and_a_brown_out_once() -> None:
    device = made()
    device.handle(CellRemoved(), after(START, 1))
    assert device.face(after(START, 2)).dark == Darkness(DarkReason.NO_CELL, after(START, 1))
    device.handle(CellInserted(), after(START, 3))
    assert program(device).causes == [ResetCause.POWER_ON] * 2
    device.handle(Charge(2), after(START, 4))  # does not bear the test load
    assert FobEvent.BROWNED_OUT in events(touch(device, 5))
    device.handle(Charge(1000), after(START, 6))
    assert program(device).causes == [ResetCause.BROWN_OUT, ResetCause.POWER_ON]


def test_what_only_our_program_knows_is_left_open() -> None:
    device = made()
    gauges = device.gauges(after(START, 1))
    assert (gauges.clock_unix, gauges.presses, device.device_id) == (None, 0, "")
    assert device.face(after(START, 1)).dark == Darkness(DarkReason.NOTHING_DRIVEN)
    device.handle(ClockShifted(NS_PER_SECOND), after(START, 2))  # keeps what was made, too
    assert device.handle(ClockShifted(NS_PER_SECOND), after(START, 2)) == []
    assert device.turns_at(after(START, 2)) is None
    assert device.guarded_until(after(START, 2)) == after(START, 2)


def test_cycles_cost_charge() -> None:
    device = made()
    board = device._board
    before = board.battery.drawn_ac
    board.spend_cycles(MODEL.mcu.clock_khz * 5)
    assert board.battery.drawn_ac - before == MODEL.mcu.active_na * 5 * NS_PER_MS


def program(device: Device) -> PressCounter:
    assert isinstance(device._program, PressCounter)
    return device._program
