"""The board: every part on it, the pins of its chip, and what the device does to it.

A program sees what stands under "Pins" (`pins.Pins`); the device, and through it the bench, calls
what stands under "Device". Currents are nanoamperes, voltages millivolts, times nanoseconds.
"""

from firmware_model.effects import Effect, Persist, Shown, Transmit
from firmware_model.hardware.battery import Battery
from firmware_model.hardware.button import Contact
from firmware_model.hardware.crystal import Rtc
from firmware_model.hardware.dice import Drbg
from firmware_model.hardware.display import Latch
from firmware_model.hardware.flash import Flash, PowerFailure
from firmware_model.hardware.image import BOARD_IMAGE, Pairs, clock_image, written_down
from firmware_model.hardware.kit import Parts, strong_share_permille
from firmware_model.hardware.pins import ResetCause
from firmware_model.hardware.thermal import FOREVER, Course
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SECONDS_PER_DAY, SimTime

_DAY_NS = SECONDS_PER_DAY * NS_PER_SECOND
_NOTHING_SHOWN = Shown("")
_FLASH_KEYS = tuple(f"flash/{page}" for page in range(256))
UART_BITS = 10
"""A start bit, eight data bits, a stop bit: 8N1."""


class BrownOut(Exception):  # noqa: N818 - an event of the world, not an error of ours
    """A load pulled the cell below what the processor needs; it has reset."""


class Board:
    """One assembled board. `now` is the instant the device last gave it.

    `alarm_at` is the instant of the RTC's alarm, `check_at` the next at which the cell must be
    looked at; `FOREVER` where there is none. `baud_rate` is that of the serial line, in bits a
    second, as its host last set it.

    `rtc_ns` is a pin too: what the RTC counts at `now`, in nanoseconds of its own since it started.
    """

    __slots__ = (
        "_alarm_ns",
        "_capacity",
        "_check_load",
        "_circumstances",
        "_clock_image",
        "_cycles_left",
        "_duty_na",
        "_parts",
        "_steady",
        "alarm_at",
        "battery",
        "baud_rate",
        "check_at",
        "contacts",
        "dice",
        "flash",
        "inserted",
        "latch",
        "meaning",
        "now",
        "outbox",
        "reset_cause",
        "rtc",
        "rtc_ns",
        "stirred",
        "strong_ac",
    )

    def __init__(
        self,
        kit: Parts,
        *,
        battery: Battery,
        rtc: Rtc,
        flash: Flash,
        dice: Drbg,
        inserted: bool,
        now: SimTime,
    ) -> None:
        self._parts = kit
        self.now = now
        self.battery = battery
        self.rtc = rtc
        self.rtc_ns = rtc.reading(now)
        self.flash = flash
        flash.connect(battery, kit.mcu.flash_write_na)
        self.dice = dice
        self.contacts = tuple(Contact(kit.contact) for _ in range(kit.contact.count))
        self.latch = Latch(kit.display, now)
        self.inserted = inserted
        self._alarm_ns: int | None = None
        self._cycles_left: int | None = None
        self.alarm_at = self.check_at = FOREVER
        self.strong_ac = battery.capacity_ac * strong_share_permille(kit) // 1000
        """Up to so much charge drawn the cell bears every load of the board at once."""
        self._check_load = -1
        self.stirred = False
        """Whether something durable changed that is not in flash."""
        self._steady = False
        self._duty_na = 0
        self.reset_cause = ResetCause.POWER_ON
        self.outbox: list[Effect] = []
        self.meaning: Shown | None = None
        """What an observer says of the next `drive`; None: its glass is read."""
        self.baud_rate = 115_200
        self.note_circumstances()

    # Pins ---------------------------------------------------------------------------------------

    def contact_closed(self, number: int = 0) -> bool:
        """Return whether the contact's pin reads closed."""
        contact = self.contacts[number]
        return contact.closed if self.now >= contact.quiet_at else contact.level(self.now)

    def rtc_kept(self) -> bool:
        """Return whether the RTC has run without a break since `keep_rtc`."""
        return self.rtc.kept

    def keep_rtc(self) -> None:
        """Set the RTC's oscillator flag, which the next stop clears."""
        self.rtc.kept = True
        self._clock_image = clock_image(self.rtc)
        self.stirred = True

    def set_alarm(self, reading_ns: int | None) -> None:
        """Ask the RTC for an interrupt when it reads `reading_ns`; None switches it off."""
        self._alarm_ns = reading_ns
        if reading_ns is None:
            self.alarm_at = FOREVER
        else:
            self.alarm_at = self.rtc.when(reading_ns, self.now, self.rtc_ns)

    def measure_mv(self) -> int:
        """Measure the cell under the test load, which costs that much charge.

        Raises `BrownOut` where the cell does not bear that load.
        """
        mcu, battery = self._parts.mcu, self.battery
        battery.drawn_ac += mcu.test_load_na * mcu.test_load_ms * NS_PER_MS
        loaded_mv = battery.voltage_mv(mcu.test_load_na, self.now)
        if loaded_mv < mcu.brown_out_mv:
            raise BrownOut
        return loaded_mv

    def take_reset_cause(self) -> ResetCause:
        """Return why the processor started, once; then `POWER_ON`."""
        cause, self.reset_cause = self.reset_cause, ResetCause.POWER_ON
        return cause

    def spend_cycles(self, count: int) -> None:
        """Let the processor run `count` cycles of its clock; PowerFailure where a cut was armed."""
        mcu = self._parts.mcu
        if self._cycles_left is not None:
            count = min(count, self._cycles_left)
            self._cycles_left -= count
        self.battery.drawn_ac += mcu.active_na * (count * NS_PER_MS // mcu.clock_khz)
        if self._cycles_left == 0:
            raise PowerFailure

    @property
    def supply_cycles(self) -> int | None:
        """How many cycles the supply lasts still; None where no cut was armed."""
        return self._cycles_left

    def drive(self, memory: bytes, *, upkeep_ppm: int | None = None) -> None:
        """Write the display memory; `b""` switches the display off (see `Pins.drive`)."""
        latch = self.latch
        was_lit = latch.lit
        latch.write(memory, self.now)
        self._steady = upkeep_ppm is not None
        duty_na = 0
        if upkeep_ppm:
            duty_na = self._parts.mcu.active_na * min(upkeep_ppm, 1_000_000) // 1_000_000
        if latch.lit is not was_lit or duty_na != self._duty_na:
            if latch.lit and not was_lit:
                display = self._parts.display
                self.battery.drawn_ac += display.start_na * display.start_ms * NS_PER_MS
            self._duty_na = duty_na
            self.settle_load()
        if memory:
            self.outbox.append(self.meaning or Shown(latch.glass.text(memory)))
        else:
            self.outbox.append(_NOTHING_SHOWN)
        self.meaning = None

    def transmit(self, data: bytes) -> None:
        """Send bytes from the UART."""
        self.pass_bytes(len(data))
        self.outbox.append(Transmit(data))

    # Device -------------------------------------------------------------------------------------

    @property
    def open_mv(self) -> int:
        """The voltage of the open cell, 0 where none is in."""
        return self.battery.voltage_mv(0, self.now) if self.inserted else 0

    @property
    def test_load_mv(self) -> int:
        """The cell's voltage under the test load, without its costing charge; 0 without a cell."""
        mcu = self._parts.mcu
        return self.battery.voltage_mv(mcu.test_load_na, self.now) if self.inserted else 0

    @property
    def weak(self) -> bool:
        """Whether the cell is drawn so far that a load may brown the board out."""
        return self.battery.drawn_ac > self.strong_ac

    def can_run(self, *, after_brown_out: bool) -> bool:
        """Return whether cell and voltage bear the processor while it writes its flash.

        After a brown-out the voltage must have recovered by the hysteresis as well.
        """
        if not self.inserted:
            return False
        if not self.weak:
            return True
        mcu = self._parts.mcu
        floor_mv = mcu.brown_out_mv + (mcu.brown_out_hysteresis_mv if after_brown_out else 0)
        load_na = max(mcu.active_na, mcu.flash_write_na) + self.battery.load_na
        return self.battery.voltage_mv(load_na, self.now) >= floor_mv

    @property
    def clock_alive(self) -> bool:
        """Whether the open cell still keeps the RTC going."""
        if not self.inserted:
            return False
        if not self.weak:
            return True
        return self.battery.voltage_mv(0, self.now) >= self._parts.mcu.brown_out_mv

    def at(self, now: SimTime) -> None:
        """Set the time to `now`, and count charge up to it."""
        assert now >= self.now, "true time never goes back"
        self.now = now
        self.rtc_ns = self.rtc.reading(now)
        if self.inserted:
            self.battery.count(now)
        else:
            self.battery.skip(now)

    def settle_load(self) -> None:
        """Set the steady current to what the present state of the parts draws."""
        kit = self._parts
        load = kit.mcu.sleep_na
        if self.latch.lit:
            load += kit.display.on_na + self._duty_na
        for contact in self.contacts:
            if contact.closed:
                load += kit.mcu.button_na
        self.battery.load_na = load if self.inserted else 0

    @property
    def keeps_up(self) -> bool:
        """Whether the cell bears the processor that keeps the picture up to date."""
        busy = self.latch.lit and self._duty_na > 0
        return not busy or self.can_run(after_brown_out=False)

    def pass_bytes(self, count: int) -> None:
        """Let `count` bytes pass the UART, in or out, which costs charge."""
        byte_ns = UART_BITS * NS_PER_SECOND // self.baud_rate
        self.battery.spend(self._parts.mcu.uart_na, count * byte_ns)

    def settle_check(self) -> None:
        """Decide when the cell is checked next."""
        if not (self.inserted and self.rtc.running):
            self.check_at = FOREVER
        elif self.weak:
            self.check_at = self.battery.empty_at(self._parts.mcu.brown_out_mv, self.now)
            if self.check_at < FOREVER and self._duty_na:
                self.check_at = min(self.check_at, SimTime(self.now + _DAY_NS))
        elif self.check_at >= FOREVER or self.battery.load_na != self._check_load:
            self._check_load = self.battery.load_na
            self.check_at = self.battery.drawn_at(self.strong_ac, self.now)

    def stop_rtc(self) -> None:
        """Stop the clock; its count is lost."""
        self.rtc.stop(self.now)
        self.rtc_ns = 0
        self._clock_image = clock_image(self.rtc)

    def start_rtc(self) -> None:
        """Start the clock from 0."""
        self.rtc.start(self.now)
        self.rtc_ns = 0
        self._clock_image = clock_image(self.rtc)

    def halt_crystal(self, halted: bool) -> None:
        """Stop the crystal, or let it swing again: the RTC's count stands meanwhile."""
        if halted and self.alarm_at >= FOREVER:
            self._alarm_ns = None  # it was reached
        self.rtc.halt(halted, self.now)
        self._clock_image = clock_image(self.rtc)
        self.set_alarm(self._alarm_ns)

    def disarm_cuts(self) -> None:
        """Forget every cut that was armed."""
        self.flash.disarm_cut()
        self._cycles_left = None

    def arm_cycle_cut(self, cycles: int) -> None:
        """Let the supply fail when the processor has run so many cycles; 0 disarms."""
        self._cycles_left = cycles or None

    def lose_power(self) -> None:
        """Clear all that is volatile, and switch the display off."""
        self.set_alarm(None)
        if self.latch.lit:
            self.latch.write(b"", self.now)
            self.outbox.append(_NOTHING_SHOWN)
        self.settle_load()

    def follow(self, course: Course) -> None:
        """Take a new course of temperature."""
        self.battery.follow(course, self.now)
        self.rtc.follow(course, self.now)
        if self.alarm_at < FOREVER:  # another rate reaches the same reading at another instant
            self.set_alarm(self._alarm_ns)
        self.check_at = FOREVER
        self.note_circumstances()

    def break_segments(self, broken: Pairs) -> None:
        """Let exactly these segments (position, segment) never light."""
        self.latch.broken = broken
        self.note_circumstances()

    def jam_key(self, stuck: bool) -> bool:
        """Let the key stick, or free it; return whether its contact moved."""
        moved = self.contacts[0].jam(stuck, self.now, self.dice)
        self.note_circumstances()
        return moved

    def note_circumstances(self) -> None:
        """Encode once what seldom changes, for all images that follow."""
        stuck = sum(contact.stuck << n for n, contact in enumerate(self.contacts))
        self._capacity = b"%x" % self.battery.capacity_ac
        self._clock_image = clock_image(self.rtc)
        self._circumstances = written_down(stuck, self.latch.broken, self.battery.course.stretches)

    def images(self) -> dict[str, bytes]:
        """Return the whole durable state: what `restore` needs."""
        kept = {_FLASH_KEYS[page]: each.image() for page, each in enumerate(self.flash.pages)}
        kept["board"] = self.image()
        return kept

    def image(self) -> bytes:
        """Return the durable state of everything but flash, as one blob.

        A restored board has no finger on it, and no picture but a steady one. A crash while a code
        was shown loses a few seconds of display current, and the code does not go on.
        """
        lasts = self._steady and self.latch.lit
        return BOARD_IMAGE % (
            self.now,
            self._capacity,
            self.battery.drawn_ac,
            self._clock_image,
            self.inserted,
            self._parts.display.on_na + self._duty_na if lasts else 0,
            self.dice.state,
            self.flash.operations,
            self._circumstances,
        )

    def take_outbox(self, *, keep_board: bool = False) -> list[Effect]:
        """Return what happened since the last call: first what must be durable, then the rest.

        The board's own state goes with flash that changed, and where a caller wants it kept.
        """
        happened, self.outbox = self.outbox, []
        flash = self.flash
        if not (flash.dirty or keep_board or self.stirred):
            return happened
        kept: list[Effect] = []
        for page in flash.dirty:
            kept.append(Persist(_FLASH_KEYS[page], flash.pages[page].image()))
        kept.append(Persist("board", self.image()))
        flash.dirty, self.stirred = [], False
        kept += happened
        return kept
