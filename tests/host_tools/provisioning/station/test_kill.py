"""Many runs, each killed at a random moment, and a disk that is full: doubled 0, lost 0."""

import random
from pathlib import Path

import pytest

from firmware_model.wire.objects import LifeCycle, LifeCycleStatus, Slots
from host_tools.provisioning.station.states import JobState
from tests.host_tools.provisioning.station.killing import Victim, imported
from tests.host_tools.provisioning.station.rig import (
    Station,
    none_doubled,
    rack,
    records,
    seeds_in_fobs,
    sessions,
)
from tests.shares import times

KILLS = times(50, 200)
FOBS = times(20, 60)
RUN_SECONDS = 0.1
"""Longer than a fob takes, shorter than two or three do."""


def assert_nothing_doubled_or_lost(station: Station, port: str, count: int) -> None:
    """Every fob is sealed with a seed of its own, and the server knows each one's next counter."""
    found = seeds_in_fobs(port, count, station.seeds)
    assert none_doubled(found), "a seed is in two fobs"
    assert set(found.values()) == set(station.states()), "a seed is lost"
    assert set(station.states().values()) == {JobState.RECEIPTED}
    counters = {record.serial_number: record.counter for record in imported(station)}
    for address, session in sessions(port, range(1, count + 1)):
        status, slots = session.get(LifeCycleStatus), session.get(Slots)
        assert status is not None
        assert slots is not None
        assert status.life_cycle is LifeCycle.SEALED
        assert slots.slots[0].counter == counters[found[address]]
    with station.ledger() as ledger:
        assert ledger.faults() == []


@pytest.mark.slow
def test_runs_each_killed_at_a_random_moment_double_no_seed_and_lose_none(
    tmp_path: Path,
) -> None:
    dice = random.Random(2030)
    places = range(1, FOBS + 1)
    with rack(tmp_path, FOBS) as announced:
        station = Station(tmp_path, announced, records(FOBS))
        killed = 0
        states: set[JobState] = set()
        for _ in range(KILLS):
            victim = Victim(tmp_path, announced, station.seeds, dice.sample(places, 4))
            killed += victim.kill_after(dice.uniform(0, RUN_SECONDS))
            states |= set(station.states().values())  # a quick machine may seal all in the end
        # How many, and where, depends on the machine: a quick one is rarely caught in the middle.
        assert killed > KILLS / 10, "runs must be killed in mid-work"
        assert len(states) > 1, f"the kills must leave fobs at several states, not only {states}"
        assert station.run(places) == []
        assert_nothing_doubled_or_lost(station, announced["port"], FOBS)


@pytest.mark.slow
def test_a_full_disk_stops_before_the_wire_and_the_next_run_goes_on(tmp_path: Path) -> None:
    fobs = 12
    with rack(tmp_path, fobs) as announced:
        station = Station(tmp_path, announced, records(fobs))
        stopped = 0
        for limit_kib in range(60, 400, 20):
            victim = Victim(
                tmp_path,
                announced,
                station.seeds,
                range(1, fobs + 1),
                file_bytes_max=limit_kib << 10,
            )
            said = victim.outcome()
            for line in said:
                assert "nothing is done without a record" in line, said
            stopped += bool(said)
        assert stopped > 2
        assert station.run(range(1, fobs + 1)) == []
        assert_nothing_doubled_or_lost(station, announced["port"], fobs)
