"""A fob under judgement: what was seen of it, and which code it owes next."""

from firmware_model.catalogue import Model
from firmware_model.generators import OtpKind
from firmware_model.generators.hotp import hotp
from firmware_model.wire.objects import seed_check_value
from host_tools.check.findings import Disagreement, Unfit
from host_tools.check.promises.bench import PromiseBench
from host_tools.check.promises.reading_port import ReadingPort
from host_tools.client.fob_state import FobState

HELD_SECONDS = 0.2
CODE_SECONDS = 8.0
"""How long a code may take after a press, with a notice before it."""
GUARD_SECONDS = 0.5
"""Longer than any repeat guard."""
SEARCH_MAX = 5_000
"""How far a fob's counter may be when the judgement begins."""
STEPS_AROUND = 20
"""How many steps off a time-based code is still recognised, to say by how much."""
DAY_SECONDS = 86_400


class PromiseSubject:
    """One fob on a bench.

    Args:
        bench: the fob's.
        model: what it should be.
        seed: what its codes are made of.
        port: where its open objects are read; None where nobody reads them.
    """

    def __init__(
        self, bench: PromiseBench, model: Model, seed: bytes, port: ReadingPort | None = None
    ) -> None:
        self.bench = bench
        self.port = port
        self.model = model
        self._seed = seed
        self.next_counter: int | None = None
        """The counter of the next code; None before the first code."""
        self.newest_step = -1
        self.notices: list[str] = []
        """Texts that were shown and are no codes."""
        self._began = bench.now()
        self._has_answered = False

    @property
    def is_timed(self) -> bool:
        """Whether its codes are time-based."""
        return self.model.otp.kind is OtpKind.TOTP

    def code_of(self, factor: int) -> str:
        """Return the code of a moving factor."""
        otp = self.model.otp
        return hotp(self._seed, factor, digits=otp.digits, algorithm=otp.algorithm)

    @property
    def seed_check(self) -> bytes:
        """The check value of its seed (WIRE §5.4)."""
        return seed_check_value(self._seed)

    # What a host does ---------------------------------------------------------------------------

    def read_port(self) -> FobState:
        """Return what the fob tells at its port.

        Raises:
            Unfit: the judge was given no port, or nothing has ever answered there.
            Disagreement: it has answered before, and no longer does.
        """
        state = self.read_port_or_nothing()
        if state is None and self._has_answered:
            raise Disagreement("it no longer answers at its port")
        if state is None:
            raise Unfit("nothing answers at its port")
        self._has_answered = True
        return state

    def read_port_or_nothing(self) -> FobState | None:
        """Return what the fob tells at its port, None where it does not answer."""
        if self.port is None:
            raise Unfit("its port was not named: --port")
        return self.port.read()

    # What a hand does ---------------------------------------------------------------------------

    def press(self, held_seconds: float = HELD_SECONDS) -> str | None:
        """Press from a state in which a press counts; return the code that came, or None.

        Time stands where the code came, or where none had come in time; texts before it are
        notices.
        """
        bench = self.bench
        bench.advance(GUARD_SECONDS)
        before = bench.text()
        bench.push(closed=True)
        pattern = "[0-9]" * self.model.otp.digits
        if before:  # a new code has to be told from the one that stands
            bench.advance(held_seconds)
            bench.push(closed=False)
            bench.advance(GUARD_SECONDS)
            return bench.wait_for(pattern, CODE_SECONDS)
        bench.advance(held_seconds)
        bench.push(closed=False)
        waited, limit = 0.0, CODE_SECONDS
        while waited < limit:
            found = bench.wait_for("?*", limit - waited)
            if found is None:
                return None
            if found.isdigit() and len(found) == self.model.otp.digits:
                return found
            self.notices.append(found)
            bench.advance(0.1)
            waited += 0.1
        return None

    def press_until_code(self) -> str | None:
        """Press while it is dark, and stop time at the very instant at which the code comes."""
        bench, pattern = self.bench, "[0-9]" * self.model.otp.digits
        bench.advance(GUARD_SECONDS)
        bench.push(closed=True)
        found = bench.wait_for(pattern, HELD_SECONDS)
        bench.push(closed=False)
        return found if found is not None else bench.wait_for(pattern, CODE_SECONDS)

    def wait_until_dark(self) -> None:
        """Wait until the display is dark, as long as a model's longest picture stands at most.

        What stands longer breaks a promise of its own, and no other one.
        """
        lasts = self.model.screen.code_ms / 1000 + self.model.otp.step_seconds + CODE_SECONDS
        self.bench.wait_for("", lasts)

    # What is owed -------------------------------------------------------------------------------

    def expect_code(self, found: str | None, skipped: int = 0) -> int:
        """Hold that a code was shown and is the one owed, and take note of it.

        Args:
            found: what was shown.
            skipped: how many counters may have been spent without being seen.

        Returns:
            How many were.
        """
        if found is None:
            raise Disagreement("a press brought no code")
        if self.is_timed:
            self._expect_step(found)
            return 0
        if self.next_counter is None:
            self.next_counter = self._searched(found)
        owed = self.next_counter
        for ahead in range(skipped + 1):
            if found == self.code_of(owed + ahead):
                self.next_counter = owed + ahead + 1
                return ahead
        raise Disagreement(self._what_instead(found, owed))

    def _searched(self, found: str) -> int:
        for counter in range(SEARCH_MAX):
            if found == self.code_of(counter):
                return counter
        raise Disagreement(f"the first code belongs to none of the first {SEARCH_MAX:,} counters")

    def _what_instead(self, found: str, owed: int) -> str:
        for distance in range(1, 400):
            if owed >= distance and found == self.code_of(owed - distance):
                return f"the code of counter {owed - distance} came again: counter {owed} is due"
        for distance in range(1, 400):
            if found == self.code_of(owed + distance):
                return f"the code of counter {owed + distance} came: counter {owed} is due"
        return f"a code that belongs to no counter near {owed} was shown"

    def _expect_step(self, found: str) -> None:
        step = self.model.otp.step_seconds
        now = self.bench.now() - self.model.otp.t0_seconds
        slack = self.drift_seconds
        first, last = int((now - slack) // step), int((now + slack) // step)
        for factor in range(last, first - 1, -1):
            if found == self.code_of(factor):
                if factor < self.newest_step:
                    raise Disagreement("the code of an earlier step than one shown before")
                self.newest_step = factor
                return
        middle = int(now // step)
        for distance in range(1, STEPS_AROUND + 1):
            for factor in (middle - distance, middle + distance):
                if found == self.code_of(factor):
                    raise Disagreement(f"the code is {factor - middle:+d} steps off the time")
        raise Disagreement("a code that belongs to no step near the time was shown")

    @property
    def drift_seconds(self) -> float:
        """How far its clock may be off by now: what the model's crystal may do, and one second."""
        crystal = self.model.crystal
        ppb = crystal.offset_limit_ppb + 4 * crystal.ageing_sigma_ppb * 3
        cold = abs(crystal.parabola_ppt_per_k2) * 15**2 / 1000
        return 1 + (self.bench.now() - self._began) * (ppb + cold) / 1e9

    def require_counted(self) -> None:
        """Leave a promise about counters to the fobs that count."""
        if self.is_timed:
            raise Unfit("its codes are time-based")

    def require_dark_at_rest(self) -> None:
        """Leave a promise about a dark display to the fobs that have one."""
        if self.model.screen.until == "always":
            raise Unfit("its display is always on")

    def require_timed(self) -> None:
        """Leave a promise about time to the fobs that follow it."""
        if not self.is_timed:
            raise Unfit("its codes are counted by presses")
