"""The peripherals that count: the RTC with its alarm, and the timer of processor cycles."""

from typing import ClassVar

from firmware_model.processor.peripheral import ChipServices, Peripheral

WORD = 0xFFFF_FFFF
RTC_HZ = 32_768
NS_PER_SECOND = 1_000_000_000


class RtcPeripheral(Peripheral):
    """The RTC: 32,768 counts a second since it last started, and an alarm."""

    ROLES: ClassVar = {
        "count": "r",
        "count_high": "r",
        "alarm": "rw",
        "alarm_high": "rw",
        "control": "rw",
        "flags": "rw",
        "kept": "rw",
    }
    IS_TIMED: ClassVar = True

    def __init__(self, services: ChipServices) -> None:
        super().__init__(services)
        self._high = 0
        self._alarm = 0
        self._alarm_high = 0
        self._control = 0
        self._fired = 0

    def read(self, role: str, word: int) -> int:  # noqa: ARG002
        """Return the count (its high half is that of the last read), alarm, control or flags."""
        if role == "count":
            count = self.services.rtc_ns * RTC_HZ // NS_PER_SECOND
            self._high = count >> 32
            return count & WORD
        match role:
            case "count_high":
                return self._high
            case "alarm":
                return self._alarm
            case "alarm_high":
                return self._alarm_high
            case "control":
                return self._control
            case "flags":
                return self._fired
        return int(self.services.pins.rtc_kept())

    def write(self, role: str, word: int, value: int) -> None:  # noqa: ARG002
        """Set the alarm (control bit 0 arms it), clear the flag, or keep the RTC's mark."""
        match role:
            case "alarm":
                self._alarm = value
            case "alarm_high":
                self._alarm_high = value
            case "control":
                self._control = value & 1
            case "flags":
                self._fired &= ~value
                return
            case "kept":
                if value & 1:
                    self.services.pins.keep_rtc()
                return
        self._arm()

    def on_due(self) -> None:
        """The alarm's instant has come."""
        self.due_at = None
        self._control = 0
        self._fired = 1
        self.raised = True

    def _arm(self) -> None:
        self.due_at = None
        if self._control:
            count = self._alarm_high << 32 | self._alarm
            self.due_at = self.services.cycles_at(-(-count * NS_PER_SECOND // RTC_HZ))


class TimerPeripheral(Peripheral):
    """Counts processor cycles, and raises its interrupt at a count."""

    ROLES: ClassVar = {"count": "r", "compare": "rw", "control": "rw", "flags": "rw"}
    IS_TIMED: ClassVar = True

    def __init__(self, services: ChipServices) -> None:
        super().__init__(services)
        self._compare = 0
        self._control = 0
        self._fired = 0

    def read(self, role: str, word: int) -> int:  # noqa: ARG002
        """Return the low 32 bits of the count, or a register."""
        if role == "count":
            return self.services.cycles & WORD
        return {"compare": self._compare, "control": self._control}.get(role, self._fired)

    def write(self, role: str, word: int, value: int) -> None:  # noqa: ARG002
        """Set the count at which it fires (control bit 0 arms it), or clear its flag."""
        if role == "flags":
            self._fired &= ~value
            return
        if role == "compare":
            self._compare = value
        else:
            self._control = value & 1
        left = self._compare - self.services.cycles & WORD
        self.due_at = self.services.cycles + (left or WORD + 1) if self._control else None

    def on_due(self) -> None:
        """The count has come."""
        self.due_at = None
        self._control = 0
        self._fired = 1
        self.raised = True
