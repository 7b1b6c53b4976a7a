"""Checks on the panel: where a code stands among a fob's, and what known servers would say."""

from emulator.bench.errors import Number, ScpiError
from emulator.fob import EmulatedFob
from emulator.panel.means import CodeQuestion, Json, PanelMeans
from emulator.rack import EmulatedRack
from firmware_model.firmware.description import SlotStatus, describe, find_factors, token_of
from firmware_model.generators import COUNTER_MAX, OtpKind, time_step
from firmware_model.units import NS_PER_SECOND

CODE_CHARACTERS_MAX = 12


class CodeChecks:
    """What the panel asked about each fob before: a code that was accepted is used up."""

    def __init__(self, rack: EmulatedRack, means: PanelMeans) -> None:
        self._rack = rack
        self._means = means
        self._next: dict[tuple[int, int], int] = {}

    def check(self, fob: EmulatedFob, code: str) -> Json:
        """Return what known servers would say to `code` of `fob` now.

        Raises:
            ScpiError: it is no code, or the fob has no credential.
        """
        code = code.strip()
        if not (code.isascii() and code.isdigit() and len(code) <= CODE_CHARACTERS_MAX):
            raise ScpiError(Number.ILLEGAL_PARAMETER_VALUE, "invalid code: expected digits")
        self._rack.catch_up(fob)
        token = token_of(fob.device.program)
        slots = () if token is None else describe(token).slots
        if token is None or not slots:
            raise ScpiError(Number.SETTINGS_CONFLICT, f"channel {fob.number} has no credential")
        slot = slots[0]
        step = self._step(slot)
        expected = self._expected(fob, slot)
        centre = step if slot.kind is OtpKind.TOTP else expected
        reach = self._means.reach
        near = range(max(0, centre - reach), min(centre + reach, COUNTER_MAX) + 1)
        found = find_factors(token, code, near)
        factor = min(found, key=lambda one: abs(one - centre), default=None)
        question = CodeQuestion(
            slot.kind is OtpKind.TOTP, slot.step_seconds, factor, expected, step
        )
        opinions = list(self._means.judge(question))
        if factor is not None and factor >= expected:
            self._next[self._key(fob)] = factor + 1
        return {"opinions": opinions}

    def forget(self, fob: EmulatedFob) -> None:
        """Forget the codes of `fob` that were checked before."""
        self._next.pop(self._key(fob), None)

    def _step(self, slot: SlotStatus) -> int:
        if slot.kind is not OtpKind.TOTP:
            return 0
        seconds = self._rack.clock.now() // NS_PER_SECOND
        return time_step(seconds, slot.step_seconds, slot.t0_seconds)

    def _expected(self, fob: EmulatedFob, slot: SlotStatus) -> int:
        """Return the first moving factor that a server has not seen used.

        Before the first check an HOTP server is in step with the fob, up to its last code.
        """
        at_first = 0 if slot.kind is OtpKind.TOTP else max(0, slot.next_factor - 1)
        return self._next.get(self._key(fob), at_first)

    @staticmethod
    def _key(fob: EmulatedFob) -> tuple[int, int]:
        return fob.number, fob.incarnation
