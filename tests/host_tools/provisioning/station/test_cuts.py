"""Whatever is cut, and wherever: no seed in two fobs, none lost, none half done called done."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from firmware_model.errors import PortUnavailable
from host_tools.client.bench import BenchClient
from host_tools.provisioning.station.report import server_records
from host_tools.provisioning.station.states import FailureCause, JobState
from tests.host_tools.provisioning.station.rig import (
    QUICK,
    Station,
    none_doubled,
    rack,
    records,
    seeds_in_fobs,
)
from tests.shares import times


def assert_all_done(station: Station, port: str, count: int) -> None:
    """Every seed is in a sealed fob of its own, and the server file fits every fob's counter."""
    assert set(station.states().values()) == {JobState.RECEIPTED}
    found = seeds_in_fobs(port, count, station.seeds)
    assert none_doubled(found)
    assert set(found.values()) == {record.serial_number for record in station.seeds}
    with station.ledger() as ledger:
        assert len(list(server_records(ledger, ledger.jobs(), station.seeds))) == count
        assert ledger.faults() == []


@pytest.mark.slow
@pytest.mark.parametrize(("model", "first"), [("fob-h6", 1), ("fob-t60", 2)])
def test_a_cell_that_fails_in_any_flash_operation_costs_a_visit_and_no_seed(
    tmp_path: Path, model: str, first: int
) -> None:
    count = times(24, 50)
    with rack(tmp_path, count, model) as announced, BenchClient(announced["bench"]) as bench:
        for channel in range(1, count + 1):
            operation = first + times(4, 2) * (channel - 1)
            bench.do(f"POWer:CUT:ARM {operation},{channel * 37 % 101},(@{channel})")
        station = Station(tmp_path, announced, records(count, model))
        station.run(range(1, count + 1), timing=QUICK)
        cut = station.causes()
        assert set(cut) == {FailureCause.NO_ANSWER}
        assert 5 < len(cut) < count, "the cuts reach from the first operation beyond the last"
        bench.do(f"POWer:CUT:ARM 1000000,50,(@1:{count})")  # in place of what was not reached
        bench.cut_power(f"1:{count}")
        bench.restore_power(f"1:{count}")
        station.run(range(1, count + 1))
        assert station.causes() == []
        assert_all_done(station, announced["port"], count)


@contextmanager
def cable(port: str, answers: int) -> Iterator[str]:
    """Yield a port to a TCP line that breaks when it has passed so many answers; -1: never."""
    host, number = port.removeprefix("tcp:").split(":")
    server = socket.create_server(("127.0.0.1", 0))
    far = socket.create_connection((host, int(number)))
    near: list[socket.socket] = []

    def forth() -> None:
        near.append(server.accept()[0])
        back = threading.Thread(target=carry, args=(far, near[0], answers))
        back.start()
        carry(near[0], far, -1)
        back.join()

    def carry(source: socket.socket, sink: socket.socket, left: int) -> None:
        with suppress(OSError):  # the other end may be pulled while this one still carries
            while (data := source.recv(4096)) and left:
                sink.sendall(data)
                left -= 1
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    carrier = threading.Thread(target=forth)
    carrier.start()
    try:
        yield f"tcp:127.0.0.1:{server.getsockname()[1]}"
    finally:
        for end in (far, *near):
            # Closing alone leaves a socket open to the far end while a thread still reads from it.
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        carrier.join(10)
        for end in (far, *near, server):
            end.close()


@pytest.mark.slow
def test_a_cable_pulled_after_any_answer_is_said_and_the_next_run_goes_on(tmp_path: Path) -> None:
    count = times(30, 60)
    pulled = 0
    with rack(tmp_path, count, door="tcp:127.0.0.1:0") as announced:
        station = Station(tmp_path, announced, records(count))
        for address in range(1, count + 1):
            with cable(announced["port"], address) as port:
                station.ports = [port]
                errors = station.run([address])
            if station.ended(JobState.RECEIPTED):
                continue
            assert isinstance(errors[0], PortUnavailable)
            pulled += 1
        assert 10 < pulled < count
        station.ports = [announced["port"]]
        assert station.run(range(1, count + 1)) == []
        assert_all_done(station, announced["port"], count)
