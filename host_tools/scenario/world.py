"""What the steps of one scenario work on: fobs in reach, one host, one time, one folder."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from firmware_model.errors import BadInput, KeyfobError, PortUnavailable
from host_tools.client.bench import BenchClient, BenchError
from host_tools.client.clock import true_time
from host_tools.client.text_file import read_text
from host_tools.scenario.features import Feature, Language
from host_tools.scenario.fob_starter import START, FobStarter, RunningFob
from host_tools.scenario.runner import StepSkipped
from host_tools.scenario.shipped import LIBRARY
from host_tools.scenario.still_bench import StillBench
from host_tools.seeds.record import SeedRecord
from host_tools.services import passwords
from host_tools.vault.key_ring import KeyRing
from host_tools.verification.decision import Decision
from host_tools.verification.host import Host

_Desk = TypeVar("_Desk")

_UNDEFINED_HEADER = -113

_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it is ours alone
_ROOM_BYTES = 32 * 2**20
ENDING_SECONDS = 2.0
"""How long an emulator whose port has gone may take to end."""


@dataclass(slots=True)
class ScenarioFob:
    """One fob in reach of a scenario.

    `model` is the scenario's word for what it is, `port` its address. `bench` is None where none
    was given, `process` where the fob is not ours to start. `code` is the last one read off its
    display, `terminal` the phone or PC on which a soft token was activated.
    """

    model: str
    port: str
    bench: BenchClient | None
    process: RunningFob | None = None
    record: SeedRecord | None = None
    code: str = field(default="", repr=False)
    terminal: str = ""

    @property
    def require_bench(self) -> BenchClient:
        """The bench that presses and looks.

        Raises:
            StepSkipped: no bench was given.
        """
        if self.bench is None:
            raise StepSkipped(
                f"there is no bench beside {self.port}: give its address with --bench"
            )
        return self.bench


class World:
    """Everything the steps of one scenario share; `decisions` are the host's answers so far.

    Steps set up desks in it, such as a bank's desk, and find them again by their class. Fobs are
    virtual, as `start_fob` starts them, unless `port` names one that is there already. Virtual
    time stands still except where a step lets it pass, for all fobs alike.
    """

    password_cost = passwords.COST_OF_PUBLISHED
    """A scenario's passwords can be read in its feature, and its bank's store ends with it."""

    def __init__(
        self,
        feature: Feature,
        folder: Path,
        ends: ExitStack,
        start_fob: FobStarter,
        port: str | None = None,
        bench: str | None = None,
    ) -> None:
        self.language = feature.language
        self.fobs: dict[str, ScenarioFob] = {}
        self.decisions: list[Decision] = []
        self._desks: dict[type, object] = {}
        self._source = Path(feature.source)
        self._feature = feature.name
        self.folder = folder
        self.ends = ends
        self._start_fob = start_fob
        self._given = (port, bench) if port else None
        self._beginning = Decimal(int(datetime.fromisoformat(START).timestamp()))
        self._host: Host | None = None
        self._policy_text: str | None = None

    def set_up(self, desk: _Desk) -> _Desk:
        """Keep a desk for the steps to come, one of each class, and return it."""
        self._desks[type(desk)] = desk
        return desk

    def desk(self, kind: type[_Desk]) -> _Desk | None:
        """Return the desk of that class, None where no step has set one up."""
        desk = self._desks.get(kind)
        assert desk is None or isinstance(desk, kind)
        return desk

    def take(self, name: str, model: str) -> ScenarioFob:
        """Return a new fob and call it `name`: a virtual one of `model`, or the one on the port.

        Raises:
            BadInput: there is a fob of that name already, or no such model.
            StepSkipped: another fob is asked for than the one on the port.
            KeyfobError: it cannot be started or reached.
        """
        if name in self.fobs:
            raise BadInput(f"the scenario has a fob {name!r} already")
        fob = self._reached(model) if self._given else self._started(model)
        self.fobs[name] = fob
        return fob

    def fob(self, name: str) -> ScenarioFob:
        """Return the fob that the scenario calls `name`.

        Raises:
            BadInput: no step before this one took it.
        """
        if name not in self.fobs:
            what = f"fob {name!r}" if name else "fob without a name"
            raise BadInput(f"the scenario has no {what} yet: a step that makes it must come first")
        return self.fobs[name]

    def restart(self, fob: ScenarioFob) -> None:
        """Kill the fob's emulator as `kill -9` does, and start it again on the same store.

        Raises:
            StepSkipped: the fob is not ours to start.
        """
        if fob.process is None:
            raise StepSkipped(f"the fob on {fob.port} does not run in an emulator of ours")
        now = self.now()
        fob.require_bench.close()
        fob.process.kill()
        fob.process.start()
        fob.port, fob.bench = fob.process.port, self._bench(fob.process)
        self._catch_up(fob.bench, now)

    def now(self) -> Decimal:
        """Return true time in seconds since 1970: the bench's, or this machine's without one.

        Before the first virtual fob it stands where that one will begin.
        """
        times = [fob.bench.now() for fob in self._in_reach() if fob.bench]
        if times:
            return max(times)
        return true_time("system", "") if self._given else self._beginning

    def now_seconds(self) -> int:
        """Return true time in whole seconds since 1970, as a host takes it."""
        return int(self.now())

    def advance(self, seconds: Decimal | int) -> None:
        """Let `seconds` pass at once, for every fob.

        Raises:
            StepSkipped: there is no bench, or it cannot move time.
        """
        until = self.now() + seconds
        self._beginning = max(self._beginning, until)
        for fob in self._in_reach():
            self._catch_up(fob.require_bench, until)

    def file(self, name: str) -> Path:
        """Return where the file `name` is: beside the feature, or among those that ship.

        Raises:
            BadInput: it is in neither place.
        """
        if (path := self.beside(name)) is not None:
            return path
        if (LIBRARY / name).is_file():
            return LIBRARY / name
        raise BadInput(f"there is no file {name!r} beside {self._source}, nor among those shipped")

    def beside(self, name: str) -> Path | None:
        """Return where the file `name` is beside the feature, None if it is not there."""
        path = self._source.parent / name
        return path if path.is_file() else None

    def follow(self, policy: Path) -> None:
        """Let the host live by the policy in the TOML file `policy`.

        Raises:
            BadInput: the host is at work already.
        """
        self.obey(read_text(policy, "a policy in TOML"))

    def obey(self, policy_text: str) -> None:
        """Let the host live by the policy in TOML; raises as `follow`."""
        if self._host is not None:
            raise BadInput("the host is at work already: its rules come before its first token")
        self._policy_text = policy_text

    @property
    def host(self) -> Host:
        """The verification host of this scenario; at first it has no token and no user."""
        if self._host is None:
            keys, _ = KeyRing.generate()
            self._host = self.ends.enter_context(
                Host.create(self.folder / "host.db", keys, self.now_seconds(), self._policy_text)
            )
        return self._host

    def explain(self, error: KeyfobError) -> str:
        """Return the message of `error`, with the last message of an emulator that ended."""
        # Where the port has gone, the emulator is about to end: its message says why.
        wait = ENDING_SECONDS if isinstance(error, PortUnavailable) else 0
        for fob in self.fobs.values():
            if fob.process is not None and (message := fob.process.last_message(wait)):
                return f"{error}; the emulator on {fob.port} has ended: {message}"
        return str(error)

    def in_language(self, *, en: str, ja: str) -> str:
        """Return what was seen in the feature's language."""
        return en if self.language is Language.ENGLISH else ja

    def _started(self, model: str) -> ScenarioFob:
        folder = self.folder / f"fob{len(self.fobs)}"
        folder.mkdir(mode=0o700)
        process = self._start_fob(model, folder, self._dice())
        self.ends.callback(process.stop)
        fob = ScenarioFob(model, process.port, self._bench(process), process)
        self._catch_up(fob.require_bench, self.now())
        return fob

    def _dice(self) -> str:
        """Return the next virtual fob's random seed: a verdict is no matter of luck."""
        return f"{self._feature} {len(self.fobs)}"

    def _reached(self, model: str) -> ScenarioFob:
        assert self._given is not None
        port, _ = self._given
        if self.fobs:
            raise StepSkipped(f"only one fob hangs on {port}")
        return ScenarioFob(model, port, self._given_bench)

    @cached_property
    def _given_bench(self) -> BenchClient | None:
        _, bench = self._given or ("", None)
        return self.ends.enter_context(BenchClient(bench)) if bench else None

    def _in_reach(self) -> list[ScenarioFob]:
        """Return the fobs taken; one on a given port is there before a step takes it."""
        if self._given and not self.fobs:
            return [self._reached("")]
        return list(self.fobs.values())

    def _bench(self, process: RunningFob) -> BenchClient:
        return self.ends.enter_context(StillBench(process.bench))

    def _catch_up(self, bench: BenchClient, until: Decimal) -> None:
        try:
            bench.advance(max(Decimal(0), until - bench.now()))
        except BenchError as error:
            if error.number == _UNDEFINED_HEADER:
                raise StepSkipped("this bench cannot let time pass at once") from error
            raise


@contextmanager
def open_world(
    feature: Feature, start_fob: FobStarter, port: str | None = None, bench: str | None = None
) -> Iterator[World]:
    """Give a world for one scenario; processes and files of it are gone when it is left.

    `start_fob` starts its virtual fobs. With `port` (and `bench`) the fob there is used instead.
    """
    with (
        tempfile.TemporaryDirectory(prefix="keyfob-", dir=_place()) as folder,
        ExitStack() as ends,
    ):
        yield World(feature, Path(folder), ends, start_fob, port, bench)


def _place() -> Path | None:
    """Return a place in memory for a scenario's files, None for the usual one.

    They hold seeds and do not outlive the scenario, and a disk is waited for at every commit.
    """
    if os.environ.get("TMPDIR") or not os.access(_MEMORY, os.W_OK | os.X_OK):
        return None
    room = os.statvfs(_MEMORY)
    return _MEMORY if room.f_bavail * room.f_frsize >= _ROOM_BYTES else None
