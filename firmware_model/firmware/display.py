"""The display as our program sees it: what it is at, what is shown, why it is dark."""

from firmware_model.datasheet.glass import Glass
from firmware_model.effects import DarkReason
from firmware_model.firmware import modes
from firmware_model.firmware.modes import Mode
from firmware_model.firmware.moving_factor import until_step
from firmware_model.firmware.slots import Slot
from firmware_model.firmware.soft import SoftApp
from firmware_model.firmware.token import Token
from firmware_model.hardware.pins import Pins, ProgramObserver
from firmware_model.units import NS_PER_SECOND
from firmware_model.wire.codes import Condition, LifeCycle


class ProgramDisplay:
    """What stands on the display: `mode`, and `slot`, the credential whose code it shows."""

    __slots__ = (
        "_bars",
        "_glass",
        "_observer",
        "_pins",
        "_reason",
        "_text",
        "_token",
        "mode",
        "slot",
    )

    def __init__(self, pins: Pins, observer: ProgramObserver, token: Token) -> None:
        self._pins = pins
        self._observer = observer
        self._token = token
        self._glass = Glass.of(token.model.display)
        self._bars = token.model.screen.bars
        self._reason = DarkReason.RESTARTED
        self._text = ""
        self.mode = Mode.DARK
        self.slot: Slot | None = None

    def show(
        self, text: str, *, moving_factor: int | None = None, upkeep_ppm: int | None = None
    ) -> None:
        """Drive the display with `text`, "" to switch it off, and let the observer know.

        `moving_factor` is that of a code; `upkeep_ppm` as in `Pins.drive`.
        """
        self._text = text
        if not text:
            self._pins.drive(b"", upkeep_ppm=upkeep_ppm)
            return
        self._observer.on_picture(text, moving_factor)
        self._pins.drive(self._glass.memory(text), upkeep_ppm=upkeep_ppm)

    def switch_off(self, reason: DarkReason) -> None:
        """Go dark, for that reason."""
        self._reason = reason
        self.mode, self.slot = modes.DARK, None
        self._text = ""
        self._pins.drive(b"")

    def why_dark(self, app: SoftApp | None) -> DarkReason:
        """Return why nothing is shown: what lasts before what happened last."""
        token = self._token
        if app is not None and (reason := app.dark_reason()) is not None:
            return reason
        if token.life_cycle is LifeCycle.TERMINATED:
            return DarkReason.TERMINATED
        if token.first_slot() is None:
            return DarkReason.NO_SEED
        if token.is_sealed:
            return DarkReason.SEALED
        if token.condition & Condition.EXPIRED:
            return DarkReason.EXPIRED
        if self.mode is Mode.BUSY:
            return DarkReason.COMPUTING
        if self._reason is DarkReason.RESTARTED and not token.presses:
            return DarkReason.NOT_PRESSED
        return self._reason

    # Pictures that change by themselves ---------------------------------------------------------

    def picture_at(self, rtc_ns: int) -> bytes | None:
        """Return a code that goes on by itself at that RTC reading, and the step bars of any code.

        Both are worked out when somebody looks, so they cost nothing until then.
        """
        offset_ns, slot = self._token.clock_offset_ns, self.slot
        if offset_ns is None or slot is None or self.mode not in (Mode.CODE, Mode.ALWAYS):
            return None
        seconds = (rtc_ns + offset_ns) // NS_PER_SECOND
        text, bars = self._text, self._bars
        if self._follows_steps(slot):
            # An alarm is up to a microsecond late, and what is not reserved is never shown.
            text = slot.code(min(slot.step_at(seconds), slot.factor - 1))
        if bars:
            left = slot.step_seconds - (seconds - slot.t0_seconds) % slot.step_seconds
            bars = -(-left * bars // slot.step_seconds)
        return self._glass.memory(text, bars)

    def _follows_steps(self, slot: Slot) -> bool:
        """Whether the code goes on by itself: steps are reserved for that."""
        return self.mode is Mode.ALWAYS or (self.mode is Mode.CODE and bool(slot.ahead))

    def picture_changes_at(self, rtc_ns: int) -> int | None:
        """Return the RTC reading at which the always-on display goes on to its next step."""
        offset_ns, slot = self._token.clock_offset_ns, self.slot
        if slot is None or offset_ns is None or not self._follows_steps(slot):
            return None
        step = slot.step_at((rtc_ns + offset_ns) // NS_PER_SECOND)
        return rtc_ns + until_step(self._token, slot, step + 1)
