"""A station in a process of its own, to be killed: by SIGKILL, or by a disk that is full."""

import multiprocessing
import resource
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from host_tools.provisioning.station.report import server_records
from host_tools.seeds.record import SeedRecord
from host_tools.vault.postgres_address import StorePlace
from tests.host_tools.provisioning.station.rig import Station

# Fresh imports for each of the processes would take most of the time; a fork server has them.
EVENT = "event"
PROCESSES = multiprocessing.get_context("forkserver")


def work(
    folder: Path,
    announced: Any,
    seeds: Sequence[SeedRecord],
    addresses: Sequence[int],
    file_bytes_max: int,
    place: StorePlace | None,
    said: Connection,
) -> None:
    """Run the station on a tray; say when it begins, and what ended it early."""
    station = Station(folder, announced, seeds, place=place)
    station.ports = announced["ports"]
    if file_bytes_max:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max, file_bytes_max))
    said.send("begins")
    with suppress(BrokenPipeError):
        try:
            errors = station.run(addresses, on_event=lambda _: said.send(EVENT))
            said.send([str(error) for error in errors])
        except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to know
            said.send([f"{type(error).__name__}: {error}"])


class Victim:
    """One run of a station in a process of its own."""

    def __init__(
        self,
        folder: Path,
        announced: Any,
        seeds: Sequence[SeedRecord],
        addresses: Sequence[int],
        *,
        file_bytes_max: int = 0,
        place: StorePlace | None = None,
    ) -> None:
        PROCESSES.set_forkserver_preload([__name__])
        self._ear, mouth = PROCESSES.Pipe(duplex=False)
        arguments = (folder, announced, seeds, addresses, file_bytes_max, place, mouth)
        self._process = PROCESSES.Process(target=work, args=arguments)
        self._process.start()
        mouth.close()
        assert self._ear.poll(60), "the station never began"
        assert self._ear.recv() == "begins"

    def kill_after(self, seconds: float, events: int = 0) -> bool:
        """Kill it by SIGKILL so long after so many events; return whether it was still at work."""
        worked = True
        for _ in range(events):
            assert self._ear.poll(60), "the station never went on"
            worked = worked and self._ear.recv() == EVENT
            if not worked:
                break
        self._process.join(seconds)
        worked = worked and self._process.is_alive()
        self._process.kill()
        self._process.join()
        self._ear.close()
        return worked

    def outcome(self) -> list[str]:
        """Wait until it ends, and return what ended it early."""
        assert self._ear.poll(120), "the station never ended"
        said: list[str] | str = EVENT
        while isinstance(said, str):
            said = self._ear.recv()
        self._process.join()
        self._ear.close()
        return said


def imported(station: Station) -> list[SeedRecord]:
    """Return what the server would be given."""
    with station.ledger() as ledger:
        return list(server_records(ledger, ledger.jobs(), station.seeds))
