"""What does not get on: named, counted, nothing sent that must not be, and the tray goes on."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from firmware_model.wire.objects import Identity, LifeCycle, LifeCycleStatus, Slots, TriesLeft
from host_tools.client.fob_state import read_state
from host_tools.client.keys import FobKeys
from host_tools.provisioning.load import provision
from host_tools.provisioning.station.clock import ClockBehind
from host_tools.provisioning.station.confirm import BenchDisplayReader
from host_tools.provisioning.station.desk import KeyPlan
from host_tools.provisioning.station.jobs import chip_name
from host_tools.provisioning.station.place import TrayPlace
from host_tools.provisioning.station.report import report
from host_tools.provisioning.station.states import FailureCause, JobState
from tests.host_tools.provisioning.station.rig import (
    DEVICE,
    SECRET,
    SHORT,
    TRANSPORT,
    FixedReader,
    Station,
    none_doubled,
    rack,
    records,
    seeds_in_fobs,
    sessions,
)

OTHERS = {
    "another master key": FobKeys("other", TRANSPORT.version, master=bytes(16)),
    "another version": FobKeys("other", 7, master=TRANSPORT.master),
}


@pytest.mark.parametrize("transport", OTHERS.values(), ids=OTHERS)
def test_with_wrong_keys_nothing_is_sent_and_no_try_is_spent(
    tmp_path: Path, transport: FobKeys
) -> None:
    with rack(tmp_path, 2) as announced:
        wrong = Station(tmp_path, announced, records(2), keys=KeyPlan(transport, DEVICE))
        wrong.run([1, 2])
        assert wrong.causes() == [FailureCause.WRONG_KEYS] * 2
        assert all("10 tries left" in event.message for event in wrong.events)
        assert set(wrong.states().values()) == {JobState.PLANNED}
        for _, session in sessions(announced["port"], [1, 2]):
            assert session.get(TriesLeft) == TriesLeft(10)
        right = Station(tmp_path, announced, wrong.seeds)
        right.run([1, 2])
        assert set(right.states().values()) == {JobState.RECEIPTED}
        with right.ledger() as ledger:
            assert not ledger.refusals(), "what was turned away came in later"


def test_other_device_keys_than_a_half_done_fob_has_are_wrong_keys(tmp_path: Path) -> None:
    with rack(tmp_path, 1) as announced:
        station = Station(tmp_path, announced, records(1))
        station.run([1], reader=lambda: FixedReader(station.bench_url, "no code"))
        assert station.causes() == [FailureCause.WRONG_CODE]
        assert set(station.states().values()) == {JobState.LOADED}
        station.keys = KeyPlan(TRANSPORT, FobKeys("other", 2, master=DEVICE.master))
        station.run([1])
        assert station.causes() == [FailureCause.WRONG_KEYS]
        station.keys = SECRET
        station.run([1])
        assert set(station.states().values()) == {JobState.RECEIPTED}


def test_foreign_fobs_are_named_and_counted_and_the_tray_goes_on(tmp_path: Path) -> None:
    foreign = records(9)[5:]
    with rack(tmp_path, 5) as announced:
        for address, session in sessions(announced["port"], [1, 2, 3]):
            provision(session, foreign[address], TRANSPORT, lambda: Decimal(1), seal=address != 2)
            if address == 3:
                session.set_life_cycle(LifeCycle.LOCKED)
        station = Station(tmp_path, announced, records(4))
        station.run([1, 2, 3, 4, 5, 6], poll=SHORT)
        assert station.causes() == [
            FailureCause.ALREADY_SEALED,
            FailureCause.ALREADY_LOADED,
            FailureCause.OUT_OF_ORDER,
        ]
        assert station.ended(JobState.RECEIPTED) == ["ZZH600000001", "ZZH600000002"]
        assert station.events[-1].place.address == 6, "an empty place is told as such"
        assert station.events[-1].cause is None
        with station.ledger() as ledger:
            assert report(ledger.jobs(), ledger.refusals()).causes.total() == 3


def test_a_serial_number_twice_on_the_line_is_named_and_only_one_fob_gets_the_seed(
    tmp_path: Path,
) -> None:
    with rack(tmp_path, 3) as announced:
        for _, session in sessions(announced["port"], [1, 3]):
            session.open_channel(TRANSPORT)
            session.store(Identity("ZZH600000002", "ZZH600000002", 1))
        station = Station(tmp_path, announced, records(3))
        station.run([1, 2, 3])
        assert station.causes() == [FailureCause.SERIAL_TWICE]
        assert seeds_in_fobs(announced["port"], 2, station.seeds) == {
            1: "ZZH600000002",  # it told that number, whatever the rule
            2: "ZZH600000001",
        }
        assert station.states()["ZZH600000003"] is JobState.PLANNED


def test_a_fob_without_a_record_is_turned_away(tmp_path: Path) -> None:
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(1))
        station.run([1, 2])
        assert station.causes() == [FailureCause.NO_RECORD]
        with station.ledger() as ledger:
            (fault,) = ledger.refusals()
        assert fault.subject.startswith(chip_name(b""))
        assert fault.message.endswith(", address 2"), "the place is on record too"


def test_a_record_for_another_model_is_left_for_it(tmp_path: Path) -> None:
    seeds = [*records(1, "fob-t60"), *records(1)]
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, seeds)
        station.run([1, 2])
        assert station.causes() == [FailureCause.NO_RECORD]
        assert station.states() == {
            "ZZH600000001": JobState.RECEIPTED,
            "ZZT600000001": JobState.PLANNED,
        }


@pytest.mark.slow
@pytest.mark.parametrize("model", ["fob-h6", "fob-t60"])
def test_a_clock_that_jumps_anywhere_is_named_and_never_stays_in_a_fob(
    tmp_path: Path, model: str
) -> None:
    looks = range(2, 14)
    jumped = 0
    with rack(tmp_path, len(looks), model) as announced:
        station = Station(
            tmp_path, announced, records(len(looks), model), steady=lambda: Decimal(1)
        )
        for address, look in enumerate(looks, 1):
            calls, start = iter(range(1000)), 1_900_000_000 + 7200 * address

            def jumping(
                calls: Iterator[int] = calls, start: int = start, look: int = look
            ) -> Decimal:
                return Decimal(start + (3600 if next(calls) > look else 0))

            station.now = jumping
            station.run([address])
            if station.causes() != [FailureCause.CLOCK_JUMPED]:
                break  # it was done before the clock jumped
            jumped += 1
            station.run([address])
            assert station.ended(JobState.RECEIPTED) == [station.seeds[address - 1].serial_number]
            for _, session in sessions(announced["port"], [address]):
                clock = read_state(session).clock
                assert clock is not None
                assert clock.unix_seconds == start + 3600
    assert jumped > len(looks) / 2


def test_a_record_that_does_not_fit_is_said_and_its_seed_stays_with_that_fob(
    tmp_path: Path,
) -> None:
    wide, good = records(2)
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, [replace(wide, digits=8), good])
        station.run([1, 2])
        assert station.causes() == [FailureCause.REFUSED]
        # The keys were proven; of the record nothing was sent.
        assert station.states() == {
            wide.serial_number: JobState.OPENED,
            good.serial_number: JobState.RECEIPTED,
        }


def test_a_clock_behind_the_ledger_stops_the_station(tmp_path: Path) -> None:
    times = [Decimal(1_900_000_000)]
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(2), now=lambda: times[-1])
        station.run([1])
        times.append(Decimal(1_800_000_000))
        (error,) = station.run([2])
        assert isinstance(error, ClockBehind)
        assert station.states()["ZZH600000002"] is JobState.PLANNED


def test_a_fob_given_up_after_its_seed_left_is_void_and_refused_for_good(tmp_path: Path) -> None:
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(2))
        station.run([1], reader=lambda: FixedReader(station.bench_url, ""))
        with station.ledger() as ledger:
            assert ledger.give_up("ZZH600000001", 1).state is JobState.VOID
        station.run([1, 2])
        assert station.causes() == [FailureCause.GIVEN_UP]
        assert station.states() == {
            "ZZH600000001": JobState.VOID,
            "ZZH600000002": JobState.RECEIPTED,
        }
        assert none_doubled(seeds_in_fobs(announced["port"], 2, station.seeds))


def test_a_fob_given_up_at_another_desk_in_mid_work_goes_no_further(tmp_path: Path) -> None:
    with rack(tmp_path, 1) as announced:
        station = Station(tmp_path, announced, records(1))

        class AnotherDesk(BenchDisplayReader):
            def code(self, place: TrayPlace, serial_number: str, problem: str) -> str:
                with station.ledger() as ledger:
                    ledger.give_up(serial_number, int(station.now()))
                return super().code(place, serial_number, problem)

        station.run([1], reader=lambda: AnotherDesk(station.bench_url))
        assert station.causes() == [FailureCause.OUT_OF_STEP]
        assert station.states() == {"ZZH600000001": JobState.VOID}
        for _, session in sessions(announced["port"], [1]):
            assert read_state(session).life_cycle.life_cycle is LifeCycle.PERSONALISED
        station.run([1])
        assert station.causes() == [FailureCause.GIVEN_UP]


def test_a_sealed_fob_that_tells_a_bound_serial_number_is_twice_on_the_line(
    tmp_path: Path,
) -> None:
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(1))
        station.run([1])
        for _, session in sessions(announced["port"], [2]):
            provision(session, station.seeds[0], TRANSPORT, lambda: Decimal(1), seal=True)
        station.run([1, 2])
        assert station.causes() == [FailureCause.SERIAL_TWICE]
        for _, session in sessions(announced["port"], [2]):
            assert session.get(LifeCycleStatus) is not None
            assert session.get(Slots) is not None
