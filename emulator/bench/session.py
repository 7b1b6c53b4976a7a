"""A controller's session at the bench: its status, its selected channel, its presses."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.bench.declared import BenchCommand
from emulator.bench.errors import Number, ScpiError
from emulator.bench.grammar import Channels
from emulator.bench.status import BenchStatus, Operation, Questionable, Standard
from emulator.fob import EmulatedFob
from emulator.rack import EmulatedRack
from emulator.snapshots.catalogue import SnapshotCatalogue
from emulator.tasks import start_task


@dataclass(slots=True)
class Bench:
    """The instrument: its rack, its commands by spelling, its answer to `*IDN?`."""

    rack: EmulatedRack
    commands: Mapping[str, BenchCommand]
    identity: str
    token: bytes | None = field(default=None, repr=False)
    """What a controller must send first over TCP or a Unix socket, None for nothing."""
    snapshots: SnapshotCatalogue = field(default_factory=SnapshotCatalogue)
    sessions: set["Session"] = field(default_factory=set)
    """Those of the controllers for which there is work to do."""


class Session:
    """What the bench keeps of one controller, however its commands arrive."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.status = BenchStatus()
        self.selected = 1
        self.pressed: set[EmulatedFob] = set()
        """Fobs for whose presses `*OPC?`, `*OPC` and `*WAI` wait."""
        self.answers: list[str] = []
        """Answers that wait to be sent."""
        self._completion: asyncio.Task[None] | None = None

    async def carry_out(self, command: BenchCommand, arguments: Sequence[Any]) -> str | None:
        """Carry out one command, and return its answer in SCPI's spelling, None if it has none.

        Raises:
            ScpiError: it cannot be carried out.
        """
        answer = command.act(self, *arguments)
        return answer if answer is None or isinstance(answer, str) else await answer

    def fobs(self, channels: Channels | None) -> list[EmulatedFob]:
        """Return the fobs of a channel list, or the selected one without a list.

        Raises:
            ScpiError: the rack has no such channel.
        """
        fobs = self.bench.rack.fobs
        if channels is None:
            return [fobs[self.selected - 1]]
        for number in itertools.chain.from_iterable(channels.ranges):
            if not 1 <= number <= len(fobs):
                last = f"the rack has 1 to {len(fobs)}" if len(fobs) > 1 else "the rack has only 1"
                raise ScpiError(Number.HARDWARE_MISSING, f"there is no channel {number}: {last}")
        return [fobs[number - 1] for number in channels.numbers()]

    def press(self, fobs: list[EmulatedFob], nanoseconds: int, *, rapid: bool = False) -> None:
        """Press the buttons of `fobs` for `nanoseconds`, and remember to wait for them.

        A press that the program ignores is an error of this controller; a `rapid` one is not,
        because it is there to be ignored.
        """
        on_ignored = None if rapid else self._report_ignored
        self.bench.rack.press(fobs, nanoseconds, rapid=rapid, on_ignored=on_ignored)
        self.pressed.update(fobs)

    async def wait_for_presses(self) -> None:
        """Wait until this controller's presses have ended (BENCH §6)."""
        await self.bench.rack.wait_for_presses(self.pressed)
        self.pressed.clear()
        if self._completion is not None:  # `*OPC` and a wait may both see the end
            self._completion = None
            self.status.standard.event |= Standard.OPERATION_COMPLETE

    def complete_later(self) -> None:
        """Set the operation-complete bit when the presses have ended (`*OPC`)."""
        if self._completion is not None:
            self._completion.cancel()
        self._completion = start_task(self.wait_for_presses())

    def forget_completion(self) -> None:
        """Cancel a `*OPC` that still waits (`*CLS`, `*RST`; IEEE 488.2 §10.18)."""
        if self._completion is not None:
            self._completion.cancel()
            self._completion = None

    def follow(self) -> None:
        """Update the condition registers."""
        self.status.operation.follow(self.operation_condition())
        self.status.questionable.follow(self.questionable_condition())

    def operation_condition(self) -> int:
        """Return the operation condition register."""
        return int(Operation.SETTLING) if self.bench.rack.is_pressing(self.pressed) else 0

    def questionable_condition(self) -> int:
        """Return the questionable condition register."""
        return int(Questionable.POWER) if self.bench.rack.unpowered else 0

    def _report_ignored(self, fob: EmulatedFob) -> None:
        self.status.put(
            ScpiError(Number.EXECUTION_ERROR, f"channel {fob.number} ignored the press")
        )
