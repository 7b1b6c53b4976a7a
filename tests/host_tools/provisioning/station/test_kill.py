"""Many runs, each killed at a random moment, and a disk that is full: doubled 0, lost 0."""

import random
from pathlib import Path

import pytest

from firmware_model.wire.objects import LifeCycle, LifeCycleStatus, Slots
from host_tools.provisioning.station.states import JobState
from tests.host_tools.provisioning.station.killing import Victim, imported
from tests.host_tools.provisioning.station.rig import (
    Station,
    rack,
    racks,
    records,
    seeds_in_fobs,
    sessions,
)
from tests.shares import times

KILLS = times(50, 200)
FOBS = times(20, 60)
LINES = 3
SERVER_WINDOW = 10
"""So far ahead any server looks for a fob's next code."""

EVENTS = 12
"""So many of the events of a run pass at most; four fobs make about twenty."""

STEP_SECONDS = 0.01
"""About as long as a step takes: the kill falls anywhere into one."""


def assert_nothing_doubled_or_lost(station: Station, ports: list[str], each: int) -> None:
    """Every fob is sealed with a seed of its own, and the server knows where its counter is."""
    found = {
        (port, address): seed
        for port in ports
        for address, seed in seeds_in_fobs(port, each, station.seeds).items()
    }
    assert len(set(found.values())) == len(found), "a seed is in two fobs"
    assert set(found.values()) == set(station.states()), "a seed is lost"
    assert set(station.states().values()) == {JobState.RECEIPTED}
    counters = {record.serial_number: record.counter for record in imported(station)}
    for port in ports:
        for address, session in sessions(port, range(1, each + 1)):
            told = session.get_all(LifeCycleStatus, Slots)
            status, slots = told.get(LifeCycleStatus), told.get(Slots)
            assert status is not None
            assert slots is not None
            assert status.life_cycle is LifeCycle.SEALED
            # What killed runs have pressed, the bench may carry out after the next run's look.
            later = (slots.slots[0].counter or 0) - counters[found[port, address]]
            assert 0 <= later < SERVER_WINDOW
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
            killed += victim.kill_after(dice.uniform(0, STEP_SECONDS), dice.randrange(EVENTS))
            states |= set(station.states().values())  # a quick machine may seal all in the end
        # How many, and where, depends on the machine: a quick one is rarely caught in the middle.
        assert killed > KILLS / 10, "runs must be killed in mid-work"
        assert len(states) > 1, f"the kills must leave fobs at several states, not only {states}"
        assert station.run(places) == []
        assert_nothing_doubled_or_lost(station, announced["ports"], FOBS)


@pytest.mark.slow
def test_lines_that_share_commits_and_are_killed_double_no_seed_and_lose_none(
    tmp_path: Path,
) -> None:
    dice, each = random.Random(2031), times(5, 20)
    with racks(tmp_path, LINES * each, LINES) as announced:
        station = Station(tmp_path, announced, records(LINES * each))
        station.ports = announced["ports"]
        killed = 0
        for _ in range(times(15, 100)):
            places = dice.sample(range(1, each + 1), 3)
            victim = Victim(tmp_path, announced, station.seeds, places)
            killed += victim.kill_after(dice.uniform(0, STEP_SECONDS), dice.randrange(EVENTS))
        assert killed > 1, "runs must be killed in mid-work"
        assert station.run(range(1, each + 1)) == []
        assert_nothing_doubled_or_lost(station, announced["ports"], each)


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
        assert_nothing_doubled_or_lost(station, announced["ports"], fobs)
