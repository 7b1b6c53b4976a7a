"""The one door: a fob as a value machine. Inputs and the time go in, effects come out.

ARCHITECTURE §2 gives the contract. The device couples a board (physics) with a program
(firmware), brings time to both, and decides when the supply lets the program run at all.
"""

from collections.abc import Callable, Mapping

from firmware_model.catalogue import Model
from firmware_model.effects import Effect, Face, FobEvent, Gauges, Happened
from firmware_model.firmware import view
from firmware_model.firmware.program import Program
from firmware_model.hardware import assembly
from firmware_model.hardware.board import Board, BrownOut, Parts
from firmware_model.hardware.display import read_segments
from firmware_model.hardware.flash import PowerFailure
from firmware_model.hardware.thermal import Course, constant
from firmware_model.inputs import (
    ButtonStuck,
    CellInserted,
    CellRemoved,
    Charge,
    ClockShifted,
    ContactMoved,
    CutArmed,
    Input,
    Installed,
    LineSignals,
    Moved,
    Receive,
    Reset,
    SegmentsBroken,
    Tapped,
    Temperature,
    TemperatureCourse,
    Typed,
    Wake,
)
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY, SimTime
from firmware_model.wire.scp03_keys import KeySet

READABLE_CONTRAST_PERCENT = 15
"""Below this contrast an eye makes nothing out."""


class Device:
    """One virtual fob.

    `wake_at` is the next instant at which it wants `handle(Wake(), now)`, None while it would
    sleep for ever. Between calls it holds no reference to the world.
    """

    __slots__ = ("_alone", "_board", "_dead", "_low", "_program", "address", "model")

    def __init__(self, model: Model, board: Board, address: int, *, alone: bool) -> None:
        self.model = model
        self.address = address
        self._alone = alone
        self._board = board
        self._program = self._fresh_program()
        self._dead = not board.inserted
        self._low = False

    @classmethod
    def manufacture(
        cls,
        model: Model,
        *,
        chip_id: bytes,
        random_seed: int,
        now: SimTime,
        address: int = 1,
        alone: bool = True,
        course: Course | None = None,
        key_set: KeySet | None = None,
    ) -> "Device":
        """Build a fresh, blank fob and boot it.

        `chip_id` is its ten bytes for life; `random_seed` decides how this unit's cell, crystal
        and flash differ from its twins'; `address` is its HDLC address, `alone` says that no
        other fob hangs on its line; `course` is the temperature around it (25 °C if None);
        `key_set` are its transport keys (the public test keys if None; a soft token has none).
        """
        assert len(chip_id) == 10, "a chip ID has ten bytes"
        assert key_set is None or model.app is None, "a soft token leaves no factory"
        board = assembly.assemble(_kit(model), random_seed, now, course or constant(25_000))
        device = cls(model, board, address, alone=alone)
        token = device._program.token
        if model.app is None:
            token.manufacture(chip_id, now // (SECONDS_PER_DAY * NS_PER_SECOND), key_set)
        else:
            token.come_into_being(chip_id, now)
        device._program.boot()
        board.settle_check()
        return device

    @classmethod
    def restore(
        cls, model: Model, images: Mapping[str, bytes], *, address: int = 1, alone: bool = True
    ) -> "Device":
        """Return the fob whose durable state is `images`; then let it `handle(Reset(), now)`."""
        return cls(model, assembly.restore(_kit(model), images), address, alone=alone)

    @property
    def wake_at(self) -> SimTime | None:
        """The next instant at which the device wants the time."""
        alarm_at, check_at = self._board.alarm_at, self._board.check_at
        if alarm_at is None or (check_at is not None and check_at <= alarm_at):
            return check_at
        return alarm_at

    def handle(self, given: Input, now: SimTime) -> list[Effect]:
        """Let everything happen that was due by `now`, then take `given`; return the effects."""
        effects: list[Effect] = []
        due = self.wake_at
        while due is not None and due <= now:
            effects += self._run_due(due)
            due = self.wake_at
        self._board.at(now)
        if not isinstance(given, Wake):
            effects += self._take(given)
        return effects

    @property
    def device_id(self) -> str:
        """The phone or PC on which a soft token runs; "" for a fob, and where it was deleted."""
        app = self._program.app
        return "" if app is None else app.device_id

    @property
    def button_stuck(self) -> bool:
        """Whether the key sticks (`ButtonStuck`)."""
        return self._board.contact.stuck

    @property
    def broken_segments(self) -> tuple[tuple[int, int], ...]:
        """Which segments never light, as `SegmentsBroken` names them."""
        return self._board.latch.broken

    @property
    def surroundings(self) -> Course:
        """The course of temperature around it."""
        return self._board.battery.course

    def images(self) -> dict[str, bytes]:
        """Return the durable state: what `restore` needs, by the keys of `Persist`."""
        return self._board.images()

    def face(self, now: SimTime) -> Face:
        """Return what an eye sees at `now`, which is not later than `wake_at`."""
        board, program = self._board, self._program
        board.at(now)
        if not board.latch.lit:
            return Face(dark_because=self._dark_because())
        if text := view.current_text(program):
            board.latch.text = text.ljust(self.model.display.positions)
        millicelsius = board.battery.course.at(now)
        if board.latch.is_black(millicelsius):
            return Face(dark_because="the glass is black: it is too hot")
        supply = board.battery.voltage_mv(board.battery.load_na, now)
        contrast = board.latch.contrast_percent(supply, millicelsius, now)
        if contrast < READABLE_CONTRAST_PERCENT:
            cold = "it is too cold" if millicelsius < 0 else "the cell is nearly empty"
            return Face(contrast_percent=contrast, dark_because=f"too faint to read: {cold}")
        segments = () if self.model.app else board.latch.segments()
        return Face(
            text=read_segments(segments) or board.latch.text.rstrip(),
            segments=segments,
            bars=view.bars(program),
            icons=board.latch.icons,
            contrast_percent=contrast,
        )

    def turns_at(self, now: SimTime) -> SimTime | None:
        """Return when the text seen at `now` gives way to another without a wake-up, None if never.

        `now` is not later than `wake_at`, and whatever comes then comes first.
        """
        board = self._board
        board.at(now)
        reading_ns = view.turns_ns(self._program) if board.latch.lit else None
        return None if reading_ns is None else board.rtc.when(reading_ns, now, board.rtc_ns)

    def gauges(self, now: SimTime) -> Gauges:
        """Return what the bench's meters read at `now`, which is not later than `wake_at`."""
        board, token = self._board, self._program.token
        board.at(now)
        unix_ns = None if self._dead else token.unix_ns()
        return Gauges(
            charge_permille=board.battery.charge_permille(),
            open_mv=board.battery.voltage_mv(0, now) if board.inserted else 0,
            loaded_mv=board.battery.voltage_mv(self.model.mcu.test_load_na, now)
            if board.inserted
            else 0,
            millicelsius=board.battery.course.at(now),
            running=not (self._dead or self._low),
            clock_unix=None if unix_ns is None else unix_ns // NS_PER_SECOND,
            clock_lag_ns=0 if unix_ns is None else now - unix_ns,
            presses=token.presses,
            erases=tuple(page.erases for page in board.flash.pages),
        )

    # Inside -------------------------------------------------------------------------------------

    def _run_due(self, instant: SimTime) -> list[Effect]:
        board = self._board
        board.at(max(instant, board.now))
        if board.alarm_at is not None and board.alarm_at <= board.now:
            board.alarm_at = None
            return self._run(self._program.on_alarm)
        board.check_at = None
        if not board.clock_alive:
            return self._die()
        if not board.keeps_up:
            return self._brown_out()
        board.settle_check()
        return []

    def _take(self, given: Input) -> list[Effect]:
        board = self._board
        match given:
            case ContactMoved(closed):
                return self._edge() if board.contact.push(closed, board.now, board.dice) else []
            case Receive(data, pace):
                if not self._dead:
                    board.receive(len(data))
                return self._run(lambda: self._program.on_bytes(data, pace))
            case LineSignals():
                return self._run(lambda: self._program.on_signals(given))
            case Temperature(millicelsius):
                board.follow(constant(millicelsius))
                return self._after_change()
            case TemperatureCourse(course):
                board.follow(course)
                return self._after_change()
            case Charge(permille):
                board.battery.set_charge(permille)
                board.check_at = None
                return self._after_change()
            case Reset():
                return self._restart(keep_dead=not board.inserted)
            case CellRemoved():
                return self._remove_cell()
            case CellInserted():
                if board.inserted:
                    return []
                board.inserted = True
                return self._restart(keep_dead=False)
            case CutArmed(operation, permille):
                board.flash.arm_cut(operation, permille)
                return []
            case ButtonStuck(stuck):
                moved = board.contact.jam(stuck, board.now, board.dice)
                return (self._edge() if moved else []) + board.take_outbox(keep_board=True)
            case SegmentsBroken(segments):
                board.break_segments(segments)
                return board.take_outbox(keep_board=True)
            case ClockShifted(nanoseconds):
                return self._run(lambda: self._program.on_clock_shift(nanoseconds))
            case Installed() | Moved() | Typed() | Tapped():
                return self._run(lambda: self._program.on_app(given))
            case _:
                raise AssertionError("a wake-up has no input of its own")

    def _edge(self) -> list[Effect]:
        self._board.settle_load()
        return self._run(self._program.on_edge)

    def _run(self, interrupt: Callable[[], None]) -> list[Effect]:
        """Let the firmware run, if the supply bears it, and gather what came of it."""
        board = self._board
        if self._dead:  # it may have been the cold, and a warmer hour wakes it
            return self._restart(keep_dead=False) if board.clock_alive else []
        weak = board.weak
        if weak and not board.can_run(after_brown_out=self._low):
            return self._brown_out()
        try:
            if self._low:
                self._low = False
                self._program.boot()
            interrupt()
        except PowerFailure:
            board.outbox.append(Happened(FobEvent.POWER_LOST))
            return self._remove_cell()
        except BrownOut:
            return self._brown_out()
        # What is lit or held for a moment only need not be reckoned with.
        if board.alarm_at is None or board.check_at is None or weak:
            board.settle_check()
        return board.take_outbox()

    def _remove_cell(self) -> list[Effect]:
        board = self._board
        board.inserted = False
        board.flash.disarm_cut()  # it was meant for the supply that is gone now
        return self._go_out()

    def _die(self) -> list[Effect]:
        """The cell no longer keeps even the clock."""
        board = self._board
        board.outbox.append(Happened(FobEvent.DIED))
        return self._go_out()

    def _go_out(self) -> list[Effect]:
        board = self._board
        self._dead = True
        if self.model.app is None:  # a phone's clock goes on while the phone is off
            board.stop_rtc()
        board.lose_power()
        board.check_at = None
        return board.take_outbox(keep_board=True)

    def _brown_out(self) -> list[Effect]:
        """The processor's load pulls the cell under its limit: it resets; the clock may go on.

        The next interrupt tries again, and boots first where the cell has recovered.
        """
        board = self._board
        if not board.clock_alive:
            return self._die()
        if not self._low:
            board.outbox.append(Happened(FobEvent.BROWNED_OUT))
        self._low = board.browned_out = True
        board.lose_power()
        self._program = self._fresh_program()
        board.settle_check()
        return board.take_outbox(keep_board=True)

    def _restart(self, *, keep_dead: bool) -> list[Effect]:
        board = self._board
        self._program = self._fresh_program()
        self._low = False
        self._dead = keep_dead or not board.clock_alive
        board.lose_power()
        board.check_at = None
        if self._dead:
            return board.take_outbox(keep_board=True)
        if not board.rtc.running:
            board.start_rtc()
        return self._run(self._program.boot)

    def _after_change(self) -> list[Effect]:
        board = self._board
        if self._dead and board.clock_alive:
            return self._restart(keep_dead=False)
        if not self._dead and not board.clock_alive:
            return self._die()
        if self._low and board.can_run(after_brown_out=True):
            return self._run(lambda: None)
        board.settle_check()
        return board.take_outbox(keep_board=True)

    def _fresh_program(self) -> Program:
        return Program(self._board, self.model, self.address, alone=self._alone)

    def _dark_because(self) -> str:
        if not self._board.inserted:
            return "the device is off" if self.model.app else "there is no cell in the fob"
        if self._dead or self._low:
            return "the cell is empty"
        return view.dark_because(self._program)


def _kit(model: Model) -> Parts:
    return Parts(model.cell, model.crystal, model.mcu, model.flash, model.contact, model.display)
