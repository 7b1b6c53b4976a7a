"""The one entry to the model: inputs and the time go in, effects come out.

ARCHITECTURE §2 gives the contract, §2.1 follows a press. The device couples a board (physics) with
a program (firmware), brings time to both, and decides when the supply lets the program run at all.
"""

from collections.abc import Callable, Mapping
from functools import partial

from firmware_model import inputs, readings
from firmware_model.board_damage import damage
from firmware_model.board_program import BoardProgram, FactoryRecord, ProgramFactory
from firmware_model.bulk_presses import is_nearly_worn, press_in_bulk
from firmware_model.catalogue import Model
from firmware_model.effect_observer import EffectObserver
from firmware_model.effects import Darkness, DarkReason, Effect, Face, FobEvent, Gauges, Happened
from firmware_model.firmware.program import Program
from firmware_model.hardware import assembly
from firmware_model.hardware.board import Board, BrownOut
from firmware_model.hardware.flash import PowerFailure
from firmware_model.hardware.kit import Parts
from firmware_model.hardware.pins import ResetCause
from firmware_model.hardware.thermal import FOREVER, Course, constant
from firmware_model.units import SimTime
from firmware_model.wire.fob_link import LinePlace
from firmware_model.wire.scp03_keys import KeySet


class Device:
    """One virtual fob.

    `wake_at` is the next instant at which it wants `handle(Wake(), now)`, None while it would
    sleep for ever. `make_program` makes the program that runs on its board, afresh at every
    restart; it is the model's own unless another is given. `place` is where it is on its line.
    """

    __slots__ = (
        "_board",
        "_dead",
        "_low",
        "_make_program",
        "_observer",
        "_program",
        "_since",
        "model",
        "place",
    )

    def __init__(
        self,
        model: Model,
        board: Board,
        place: LinePlace,
        *,
        make_program: ProgramFactory | None = None,
    ) -> None:
        self.model = model
        self.place = place
        self._board = board
        self._observer = EffectObserver(board)
        self._make_program = make_program or partial(Program, model=model, place=place)
        self._program = self._fresh_program()
        self._dead = not board.inserted
        self._low = False
        self._since: SimTime | None = None
        """When the program started, or the supply failed; None: before this process."""

    @classmethod
    def manufacture(
        cls,
        model: Model,
        *,
        chip_id: bytes,
        random_seed: int,
        now: SimTime,
        place: LinePlace = LinePlace(),  # noqa: B008 - it is frozen
        course: Course | None = None,
        key_set: KeySet | None = None,
        make_program: ProgramFactory | None = None,
        serial_number: str = "",
    ) -> "Device":
        """Build a fresh, blank fob and boot it.

        `chip_id` is its ten bytes for life; `random_seed` decides how this unit's cell, crystal
        and flash differ from its twins'; `place` is where it is on its line; `course` is the
        temperature around it (25 °C if None); `key_set` are its transport keys (the public test
        keys if None; a soft token has none); `serial_number` is what another program than ours is
        given as its own.
        """
        assert len(chip_id) == 10, "a chip ID has ten bytes"
        board = assembly.assemble(_kit(model), random_seed, now, course or constant(25_000))
        device = cls(model, board, place, make_program=make_program)
        record = FactoryRecord(chip_id, now, key_set, place.address, place.alone, serial_number)
        device._program.write_factory_record(record)
        device._since = now
        device._program.boot()
        board.settle_check()
        return device

    @classmethod
    def restore(
        cls,
        model: Model,
        images: Mapping[str, bytes],
        *,
        place: LinePlace = LinePlace(),  # noqa: B008 - it is frozen
        make_program: ProgramFactory | None = None,
    ) -> "Device":
        """Return the fob whose durable state is `images`; then let it `handle(Reset(), now)`."""
        board = assembly.restore(_kit(model), images)
        return cls(model, board, place, make_program=make_program)

    @property
    def wake_at(self) -> SimTime | None:
        """The next instant at which the device must be handed the time."""
        alarm_at, check_at = self._board.alarm_at, self._board.check_at
        due = alarm_at if alarm_at < check_at else check_at
        return due if due < FOREVER else None

    def handle(self, given: inputs.Input, now: SimTime) -> list[Effect]:
        """Let everything happen that was due by `now`, then take `given`; return the effects."""
        board = self._board
        effects: list[Effect] = []
        while (alarm_at := board.alarm_at) <= now or board.check_at <= now:
            if alarm_at <= board.check_at:
                board.at(alarm_at if alarm_at > board.now else board.now)
                board.alarm_at = FOREVER
                effects += self._run(self._program.on_alarm)
            else:
                board.at(max(board.check_at, board.now))
                effects += self._check_cell()
        board.at(now)
        return effects + self._take(given)

    def press_in_bulk(self, count: int, every_ns: int) -> int:
        """Make up to `count` presses at once, one every `every_ns` from now (`bulk_presses`).

        For a fob at rest that runs our program. There are no effects: keep `images` afterwards.
        Returns how many were made, fewer where a limit or worn flash comes first.
        """
        board = self._board
        assert isinstance(self._program, Program), "another program's presses are its own"
        assert board.alarm_at >= FOREVER, "the fob rests"
        if is_nearly_worn(board):
            return 0
        made = press_in_bulk(board, self.model, count, every_ns)
        self.handle(inputs.Reset(), board.now)
        return made

    @property
    def device_id(self) -> str:
        """The phone or PC on which a soft token runs; "" for a fob, and where it was deleted."""
        return self._program.report().device_id

    @property
    def program_notes(self) -> tuple[str, ...]:
        """What went wrong within the program since it started, in words; () for nothing."""
        return self._program.report().notes

    @property
    def program(self) -> BoardProgram:
        """The program that runs on the board, for reading only."""
        return self._program

    @property
    def program_failure(self) -> str:
        """Why the program was last reset or stopped, in words; "" where it never was."""
        return self._program.report().failure

    @property
    def button_stuck(self) -> bool:
        """Whether the key sticks (`ButtonStuck`)."""
        return self._board.contacts[0].stuck

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
        """Return what can be read on the display at `now`, which is not later than `wake_at`."""
        self._board.at(now)
        return readings.face(self._board, self._program) or Face(dark=self._why_dark())

    def turns_at(self, now: SimTime) -> SimTime | None:
        """Return when the text seen at `now` gives way to another without a wake-up, None if never.

        `now` is not later than `wake_at`.
        """
        board = self._board
        board.at(now)
        if not board.latch.lit or board.rtc.halted:
            return None
        reading_ns = self._program.picture_changes_at(board.rtc_ns)
        return None if reading_ns is None else board.rtc.when(reading_ns, now, board.rtc_ns)

    def guarded_until(self, now: SimTime) -> SimTime:
        """Return the instant, at least `now`, from which on the program takes a press.

        A press that begins earlier falls into the program's repeat guard
        (`model.button.repeat_guard_ms` after the press before it) and is ignored.
        """
        board = self._board
        board.at(now)
        reading_ns = self._program.report().guarded_until_ns
        if reading_ns <= board.rtc_ns or not board.rtc.running or board.rtc.halted:
            return now
        return board.rtc.when(reading_ns, now, board.rtc_ns)

    def gauges(self, now: SimTime) -> Gauges:
        """Return what the bench's meters read at `now`, which is not later than `wake_at`."""
        self._board.at(now)
        return readings.gauges(
            self._board, self._program.report(), has_clock=not self._dead, is_low=self._low
        )

    # Inside -------------------------------------------------------------------------------------

    def _check_cell(self) -> list[Effect]:
        """Look whether the cell still bears the clock, and a processor that is kept busy."""
        board = self._board
        board.check_at = FOREVER
        if not board.clock_alive:
            return self._die()
        if not board.keeps_up:
            return self._brown_out()
        board.settle_check()
        return []

    def _take(self, given: inputs.Input) -> list[Effect]:
        board = self._board
        if isinstance(given, inputs.ContactMoved):
            contact = board.contacts[given.number]
            if not contact.push(given.closed, board.now, board.dice):
                return []
            board.settle_load()
            return self._run(self._program.on_contact, given.number)
        match given:
            case inputs.Receive(data, pace, baud_rate):
                board.baud_rate = baud_rate
                if not self._dead:
                    board.pass_bytes(len(data))
                return self._run(partial(self._program.on_bytes, data, pace))
            case inputs.LineSignals():
                board.baud_rate = given.baud_rate
                return self._run(self._program.on_signals, given)
            case inputs.Temperature(millicelsius):
                board.follow(constant(millicelsius))
                return self._after_change()
            case inputs.TemperatureCourse(course):
                board.follow(course)
                return self._after_change()
            case inputs.Charge(permille):
                board.battery.set_charge(permille)
                board.check_at = FOREVER
                return self._after_change()
            case inputs.Reset():
                return self._restart(keep_dead=not board.inserted)
            case inputs.CellRemoved():
                return self._remove_cell()
            case inputs.CellInserted():
                if board.inserted:
                    return []
                board.inserted = True
                return self._restart(keep_dead=False)
            case inputs.ButtonStuck(stuck):
                if not board.jam_key(stuck):
                    return board.take_outbox(keep_board=True)
                board.settle_load()
                moved = self._run(self._program.on_contact, 0)
                return moved + board.take_outbox(keep_board=True)
            case inputs.ClockShifted(nanoseconds):
                return self._run(self._program.shift_clock, nanoseconds)
            case inputs.Installed() | inputs.Moved() | inputs.Typed() | inputs.Tapped():
                return self._run(self._program.on_app, given)
            case inputs.Wake():
                return []
            case _:
                return board.take_outbox(keep_board=damage(board, given))

    def _run(self, interrupt: Callable[..., None], argument: object = None) -> list[Effect]:
        """Give the firmware an interrupt, if the supply bears it, and gather what came of it."""
        board = self._board
        if self._dead:  # it may have been the cold, and a warmer hour wakes it
            return self._restart(keep_dead=False) if board.clock_alive else []
        weak = board.battery.drawn_ac > board.strong_ac
        if weak and not board.can_run(after_brown_out=self._low):
            return self._brown_out()
        try:
            if self._low:
                self._low = False
                self._boot()
            if argument is None:
                interrupt()
            else:
                interrupt(argument)
        except PowerFailure:
            board.outbox.append(Happened(FobEvent.POWER_LOST))
            return self._remove_cell()
        except BrownOut:
            return self._brown_out()
        # What is lit or held for a moment only need not be reckoned with.
        if weak or board.alarm_at >= FOREVER or board.check_at >= FOREVER:
            board.settle_check()
        if board.stirred or board.flash.dirty:
            return board.take_outbox()
        happened, board.outbox = board.outbox, []
        return happened

    def _remove_cell(self) -> list[Effect]:
        board = self._board
        board.inserted = False
        board.disarm_cuts()  # they were meant for the supply that is gone now
        return self._go_out()

    def _die(self) -> list[Effect]:
        """Stop everything: the cell no longer keeps even the clock running."""
        board = self._board
        board.outbox.append(Happened(FobEvent.DIED))
        return self._go_out()

    def _go_out(self) -> list[Effect]:
        board = self._board
        self._dead = True
        self._since = board.now
        if self.model.app is None:  # a phone's clock goes on while the phone is off
            board.stop_rtc()
        board.lose_power()
        board.check_at = FOREVER
        return board.take_outbox(keep_board=True)

    def _brown_out(self) -> list[Effect]:
        """Reset the processor, whose load the cell does not bear; the clock may go on.

        The next interrupt tries again, and boots first where the cell has recovered.
        """
        board = self._board
        if not board.clock_alive:
            return self._die()
        if not self._low:
            board.outbox.append(Happened(FobEvent.BROWNED_OUT))
            self._since = board.now
        self._low = True
        board.reset_cause = ResetCause.BROWN_OUT
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
        board.check_at = FOREVER
        if self._dead:
            return board.take_outbox(keep_board=True)
        if not board.rtc.running:
            board.start_rtc()
        return self._run(self._boot)

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

    def _fresh_program(self) -> BoardProgram:
        return self._make_program(self._board, self._observer)

    def _boot(self) -> None:
        self._since = self._board.now
        self._program.boot()

    def _why_dark(self) -> Darkness:
        if not self._board.inserted:
            off = DarkReason.DEVICE_OFF if self.model.app else DarkReason.NO_CELL
            return Darkness(off, self._since)
        if self._dead or self._low:
            return Darkness(DarkReason.CELL_EMPTY, self._since)
        return readings.why_program_is_dark(self._board, self._program.report(), self._since)


def _kit(model: Model) -> Parts:
    return Parts(model.cell, model.crystal, model.mcu, model.flash, model.contact, model.display)
