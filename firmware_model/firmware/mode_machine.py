"""The modes of the display at work: touches and time-outs in, pictures out.

`modes.TABLE` decides what happens; the actions are here.
"""

from collections.abc import Callable
from typing import ClassVar

from firmware_model.datasheet.program import Notice
from firmware_model.effects import DarkReason, FobEvent
from firmware_model.firmware import always_on, modes, screens
from firmware_model.firmware.display import ProgramDisplay
from firmware_model.firmware.modes import Action, Touch
from firmware_model.firmware.moving_factor import is_past, take_factor, until_step
from firmware_model.firmware.profiles import Profiles
from firmware_model.firmware.question import Question
from firmware_model.firmware.slots import Slot
from firmware_model.firmware.soft import WRONG_CLOCK, SoftApp
from firmware_model.firmware.timers import SCREEN, Timers
from firmware_model.firmware.token import Token
from firmware_model.hardware.pins import Pins, ProgramObserver
from firmware_model.units import NS_PER_MS, NS_PER_SECOND
from firmware_model.wire.codes import Condition

_CODE_OVER = DarkReason.CODE_OVER


class ModeMachine:
    """What the display is at, and how it goes on.

    `decide` is called when a question has been answered: with True after a press, with False
    where nobody pressed in time.
    """

    __slots__ = (
        "_app",
        "_code_cycles",
        "_code_ns",
        "_compute_ns",
        "_decide",
        "_ends_with_step",
        "_loaded_mv",
        "_model",
        "_observer",
        "_page",
        "_pins",
        "_shown",
        "_timers",
        "_token",
        "display",
        "question",
    )

    def __init__(
        self,
        pins: Pins,
        observer: ProgramObserver,
        token: Token,
        app: SoftApp | None,
        timers: Timers,
        decide: Callable[[bool], None],
    ) -> None:
        self._pins = pins
        self._observer = observer
        self._token = token
        self._app = app
        self._timers = timers
        self._decide = decide
        self._model = model = token.model
        self._compute_ns = model.mcu.compute_ms * NS_PER_MS
        self._code_cycles = model.mcu.compute_ms * model.mcu.clock_khz
        self._code_ns = model.screen.code_ms * NS_PER_MS
        self._ends_with_step = model.screen.until == "step"
        self.display = ProgramDisplay(pins, observer, token)
        self.question: Question | None = None
        self._shown = 0
        self._page = 0
        self._loaded_mv = 0

    def take(self, touch: Touch) -> None:
        """Do what `touch` leads to in the present mode."""
        action = modes.TABLE.get((self.display.mode, touch))
        if action is not None:
            self._ACTIONS[action](self)
        elif touch is modes.PRESS and self.display.mode is modes.BUSY:
            self._observer.on_event(FobEvent.PRESS_IGNORED)

    def follow_question(self, question: Question | None) -> None:
        """Show what the host's command asks for, or nothing more of it once it is withdrawn."""
        if question is self.question:
            return
        self.question = question
        if question is None:
            self._end_question()
        elif self.display.mode is modes.FAILED:
            self._answer_question(pressed=False)
        else:
            self.display.mode, self.display.slot = modes.ASKING, None
            self.display.show(screens.fit_letters(self._token, question.text))
            self._timers.start(SCREEN, question.seconds * NS_PER_SECOND)

    def _confirm(self) -> None:
        self._answer_question(pressed=True)

    def _give_up(self) -> None:
        self._answer_question(pressed=False)

    def _answer_question(self, *, pressed: bool) -> None:
        self.question = None
        self._end_question()
        self._decide(pressed)

    def _end_question(self) -> None:
        if self.display.mode is modes.ASKING:
            self.switch_off(DarkReason.MESSAGE_OVER)

    def _begin_code(self) -> None:
        """Choose what a press leads to: a code, a message, or nothing."""
        token = self._token
        if self._app is not None and (blocked := self._app.blocking_text()) is not None:
            self._show_message(blocked)
            return
        slot = token.first_slot()
        if slot is None or token.stays_dark:
            return
        if token.profiles is not None and token.profiles.is_locked:
            self._show_message(screens.LOCKED)
            return
        # Measured before anything is stored: a cell too weak for the test load costs no code.
        self._loaded_mv = self._pins.measure_mv()
        blocked = token.expire() if token.is_over() else self._take_factor(slot, press=1)
        if blocked is not None:
            self._show_message(blocked)
            return
        self.compute()
        self.display.mode = modes.BUSY
        self._timers.start(SCREEN, self._compute_ns)

    def _take_factor(self, slot: Slot, *, press: int) -> str | None:
        """Make the next moving factor durable; return the text shown instead of a code, if any."""
        taken = take_factor(self._token, slot, press=press)
        if isinstance(taken, str):
            return taken
        self.display.slot, self._shown = slot, taken
        return None

    def compute(self) -> None:
        """Pay for the computation of one code."""
        self._pins.spend_cycles(self._code_cycles)

    def _reveal_code(self) -> None:
        token = self._token
        due = screens.notices_due(token, self._loaded_mv)
        low = bool(due) and any(notice.about_supply for notice in due)
        if low is not token.is_low:
            token.mark(Condition.LOW_BATTERY, on=low)
            if low:
                self._observer.on_event(FobEvent.LOW_BATTERY)
        if not due:
            self._show_code()
            return
        if due[0].quantity == "days_to_expiry":
            self._observer.on_event(FobEvent.EXPIRY_NOTICE)
        self._show_notice(due[0])

    def _show_notice(self, notice: Notice) -> None:
        self.display.mode = modes.NOTICE
        self.display.show(screens.notice_text(self._token, notice, self._loaded_mv))
        self._timers.start(SCREEN, notice.show_ms * NS_PER_MS)

    def _show_code(self) -> None:
        display = self.display
        slot = display.slot
        assert slot is not None, "a code is shown after it was begun"
        past = slot.is_timed and is_past(self._token, slot, self._shown)
        if past and (blocked := self._take_factor(slot, press=0)) is not None:
            self._show_message(blocked)
            return
        factor = self._shown
        display.mode = modes.CODE
        display.show(slot.key.code(factor, slot.digits), moving_factor=factor)
        profiles = self._token.profiles
        if profiles is not None:
            duration = profiles.settings(slot.number).shown_seconds * NS_PER_SECOND
        elif slot.is_timed and self._ends_with_step:
            duration = until_step(self._token, slot, factor + 1)
        else:
            duration = self._code_ns
        self._timers.start(SCREEN, duration)

    def _press_again(self) -> None:
        match self._model.button.second_press:
            case "next":
                self._begin_code()
            case "off":
                self.switch_off(DarkReason.SWITCHED_OFF)
            case "same":
                self._show_code()

    def _end_picture(self) -> None:
        """The time of a code, a page or a message is over."""
        slot = self.display.slot
        if self.display.mode is not modes.CODE:
            self.switch_off(DarkReason.MESSAGE_OVER)
        elif slot is not None and slot.is_timed and self._ends_with_step:
            self.switch_off(DarkReason.STEP_ENDED)
        else:
            self.switch_off(_CODE_OVER)

    def switch_off(self, reason: DarkReason) -> None:
        """Go dark, for that reason, or back to the display that is always on."""
        self._timers.stop(SCREEN)
        self.display.switch_off(reason)
        if self._model.screen.until == "always":
            self.light_always_on()

    def start_over(self) -> None:
        """What the display depends on has changed: show nothing that came from before."""
        if self.display.mode is modes.FAILED:
            return
        if self.display.mode is not modes.DARK:
            self.switch_off(DarkReason.STARTED_OVER)
        self.light_always_on()

    def show_app_text(self) -> None:
        """Show the app's message for its user, if there is one."""
        app = self._app
        if app is not None and app.message is not None:
            message, app.message = app.message, None
            if self.display.mode is not modes.FAILED:
                self._show_message(message)

    def _press_long(self) -> None:
        token = self._token
        if token.is_sealed and token.first_slot() is not None:
            token.mark(Condition.IN_USE)
            self._observer.on_event(FobEvent.ACTIVATED)
            self.light_always_on()
            if self.display.mode is modes.DARK:
                self._begin_code()
        elif self._app is not None and self._app.blocking_text() is not None:
            self._begin_code()
        elif token.profiles is not None:
            self._select_profile(token.profiles)
        elif self._model.pages.show and not token.is_sealed:
            self._page = -1
            self._show_next_page()

    def _select_profile(self, profiles: Profiles) -> None:
        """Go on to the next profile with a seed, and show which it is; a press shows its code."""
        if profiles.select_next(self._token.slots) is not None:
            self._show_message(profiles.heading())

    def _show_next_page(self) -> None:
        texts = screens.pages(self._token, self._pins.measure_mv())
        self._page += 1
        if self._page >= len(texts):
            self.switch_off(DarkReason.MESSAGE_OVER)
            return
        self.display.mode = modes.PAGE
        self.display.show(texts[self._page])
        self._timers.start(SCREEN, self._model.pages.page_ms * NS_PER_MS)

    def _show_message(self, text: str) -> None:
        if not text:
            self.switch_off(DarkReason.STARTED_OVER)
            return
        if self._app is not None and text == screens.NO_CLOCK:
            text = WRONG_CLOCK
        self.display.mode = modes.MESSAGE
        self.display.show(screens.fit_letters(self._token, text))
        self._timers.start(SCREEN, self._code_ns)

    # The display that is always on --------------------------------------------------------------

    def light_always_on(self) -> None:
        """Light the always-on display where the fob has what it needs."""
        slot = always_on.slot_to_show(self._token)
        if self.display.mode is modes.DARK and slot is not None:
            self.display.slot, self.display.mode = slot, modes.ALWAYS
            self._show_lasting(always_on.lasting_picture(self._token, slot, settled=False))

    def _reserve_steps(self) -> None:
        """The reserved steps have run out, or the last day has ended: choose what follows."""
        assert self.display.slot is not None, "an always-on display shows a slot"
        self._show_lasting(always_on.lasting_picture(self._token, self.display.slot, settled=True))

    def _show_lasting(self, picture: always_on.LastingPicture) -> None:
        """Show a code that follows its steps by itself, or a text, for as long as it lasts."""
        slot, factor = self.display.slot, picture.factor
        if slot is None or factor is None:
            self.display.slot = None
            self.display.mode = modes.MESSAGE if picture.text else modes.DARK
            self.display.show(screens.fit_letters(self._token, picture.text), upkeep_ppm=0)
        else:
            upkeep_ppm = self._model.mcu.compute_ms * 1000 // slot.step_seconds
            self.display.show(slot.code(factor), moving_factor=factor, upkeep_ppm=upkeep_ppm)
        if picture.lasting_ns is None:
            self._timers.stop(SCREEN)
        else:
            self._timers.start(SCREEN, picture.lasting_ns)

    _ACTIONS: ClassVar[dict[Action, Callable[["ModeMachine"], None]]] = {
        Action.BEGIN_CODE: _begin_code,
        Action.REVEAL_CODE: _reveal_code,
        Action.SHOW_CODE: _show_code,
        Action.PRESS_AGAIN: _press_again,
        Action.END_PICTURE: _end_picture,
        Action.PRESS_LONG: _press_long,
        Action.SHOW_NEXT_PAGE: _show_next_page,
        Action.RESERVE_STEPS: _reserve_steps,
        Action.CONFIRM: _confirm,
        Action.GIVE_UP: _give_up,
    }

    def stop_at_error(self, screen: int) -> None:
        """Stop at an error screen; only a restart leads out."""
        self.display.mode = modes.FAILED
        self.display.slot = None
        self._timers.stop(SCREEN)
        self.display.show(screens.error_text(screen), upkeep_ppm=0)
