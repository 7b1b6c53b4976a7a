"""Two provisioning desks with one delivery and one ledger on a server: no seed twice."""

import random
from collections import Counter
from pathlib import Path

import pytest

from host_tools.provisioning.station.jobs import Claim
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.states import JobState
from host_tools.vault.postgres_address import PostgresAddress
from tests.host_tools.provisioning.station.killing import Victim
from tests.host_tools.provisioning.station.rig import (
    RING,
    Station,
    none_doubled,
    rack,
    records,
    seeds_in_fobs,
)
from tests.shares import times
from tests.strangers.postgres_server import PostgresServer

FOBS = 8
KILLS = times(15, 60)
EVENTS, STEP_SECONDS = 8, 0.02
"""How many events of a run pass before it is killed, and how long after."""


@pytest.fixture
def place(postgres: PostgresServer) -> PostgresAddress:
    return postgres.new_database()


def test_two_desks_that_are_killed_again_and_again_double_no_seed_and_lose_none(
    tmp_path: Path, place: PostgresAddress
) -> None:
    dice = random.Random(2030)
    seeds, places = records(2 * FOBS), range(1, FOBS + 1)
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    with rack(folders[0], FOBS) as first, rack(folders[1], FOBS) as second:
        desks = [
            Station(folder, announced, seeds, place=place)
            for folder, announced in zip(folders, (first, second), strict=True)
        ]
        killed = 0
        for _ in range(KILLS):
            victims = [
                Victim(folder, announced, seeds, dice.sample(places, 3), place=place)
                for folder, announced in zip(folders, (first, second), strict=True)
            ]
            for victim in victims:
                killed += victim.kill_after(dice.uniform(0, STEP_SECONDS), dice.randrange(EVENTS))
        assert killed > KILLS / 4, "they must be killed in mid-work"
        for desk in desks:
            assert desk.run(places) == []
        found = Counter[str]()
        for announced in (first, second):
            in_fobs = seeds_in_fobs(announced["port"], FOBS, seeds)
            assert none_doubled(in_fobs)
            found.update(in_fobs.values())
        assert found == Counter(record.serial_number for record in seeds)
        assert set(desks[0].states().values()) == {JobState.RECEIPTED}
        with desks[0].ledger() as ledger:
            assert ledger.faults() == []


def test_desks_that_ask_at_once_get_seeds_of_their_own(place: PostgresAddress) -> None:
    seeds = records(6)
    with Ledger(place, RING, "one") as one, Ledger(place, RING, "two") as two:
        assert one.desk_id == two.desk_id, "it is one ledger"
        for ledger in (one, two):
            assert ledger.plan(seeds, "delivery", 1_800_000_000) == []
            ledger.set_at_hand(seeds, [])
        taken = [
            ledger.claim(
                Claim(
                    chip_id=bytes([number]) * 10,
                    place=f"place {number}",
                    model="fob-h6",
                    firmware="1.0",
                    key_set="keys",
                    test_keys=False,
                ),
                None,
                1_800_000_000 + number,
            )
            for number, ledger in enumerate((one, two, two, one, one, two))
        ]
        assert [job.serial_number for job in taken] == [seed.serial_number for seed in seeds]  # type: ignore[union-attr]
        assert two.faults() == []
