"""The station over real racks: who gets which seed, what is refused, and that it goes on."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from firmware_model.generators import OtpKey
from firmware_model.wire.objects import Identity, LifeCycle, LifeCycleStatus, Slots, TriesLeft
from firmware_model.wire.scp03_keys import diversify
from host_tools.bench import BenchClient
from host_tools.fob_state import read_state
from host_tools.keys import TEST_KEYS, FobKeys
from host_tools.provisioning.load import provision
from host_tools.provisioning.station.clock import ClockWentBack
from host_tools.provisioning.station.confirm import BenchEye
from host_tools.provisioning.station.desk import KeyPlan
from host_tools.provisioning.station.jobs import chip_name
from host_tools.provisioning.station.matching import Rule
from host_tools.provisioning.station.report import report, server_records
from host_tools.provisioning.station.seat import News, Seat
from host_tools.provisioning.station.states import Cause, State
from tests.host_tools.provisioning.station.rig import (
    DEVICE,
    SECRET,
    TEST,
    TRANSPORT,
    Station,
    none_doubled,
    rack,
    records,
    seeds_in_fobs,
    sessions,
)
from tests.keyfob.running import running


@pytest.mark.parametrize(
    ("model", "door"),
    [("fob-h6", ""), ("fob-t60", "tcp:127.0.0.1:0"), ("go7-menu", "")],
)
def test_blank_fobs_come_out_sealed_under_their_own_keys_and_confirmed(
    tmp_path: Path, model: str, door: str
) -> None:
    with rack(tmp_path, 3, model, door=door) as announced:
        station = Station(tmp_path, announced, records(3, model))
        assert station.run([1, 2, 3]) == []
        assert station.causes() == []
        assert set(station.states().values()) == {State.RECEIPTED}
        for address, session in sessions(announced["port"], [1, 2, 3]):
            state, record = read_state(session), station.seeds[address - 1]
            assert state.life_cycle.life_cycle is LifeCycle.SEALED
            assert state.serial_number == record.serial_number
            assert state.clock is None or state.clock.valid
            assert state.chip_id is not None
            session.open_channel(DEVICE)  # raises under any other keys


def test_the_server_file_holds_the_counter_after_the_confirmed_code(tmp_path: Path) -> None:
    with rack(tmp_path, 3) as announced:
        station = Station(tmp_path, announced, records(4))
        with BenchClient(announced["bench"]) as bench:
            station.run([1, 2, 3])
            with station.ledger() as ledger:
                imported = list(server_records(ledger, station.seeds))
            assert [record.serial_number for record in imported] == [
                record.serial_number for record in station.seeds[:3]
            ]
            for channel, record in enumerate(imported, 1):
                assert record.counter == 1
                bench.press(channels=str(channel))
                code = OtpKey(record.seed, record.algorithm).code(record.counter, record.digits)
                assert bench.display(channel).text == code


def test_the_server_file_of_time_based_fobs_holds_the_last_step_used(tmp_path: Path) -> None:
    with rack(tmp_path, 1, "fob-t60") as announced:
        station = Station(tmp_path, announced, records(1, "fob-t60"))
        station.run([1])
        with station.ledger() as ledger:
            (record,) = server_records(ledger, station.seeds)
        assert record.time_steps == int(station.now()) // 60


def test_a_second_run_does_nothing_again(tmp_path: Path) -> None:
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(4))
        station.run([1, 2])
        before = station.states()
        with station.ledger() as ledger:
            head = ledger.head()
        station.run([1, 2])
        assert station.states() == before
        assert station.ended(State.RECEIPTED) == ["ZZH600000001", "ZZH600000002"]
        with station.ledger() as ledger:
            assert ledger.head() == head


def test_every_receipt_says_who_when_which_keys_and_which_firmware(tmp_path: Path) -> None:
    with rack(tmp_path, 1) as announced:
        station = Station(tmp_path, announced, records(1))
        station.run([1])
        now = station.now()
    with station.ledger() as ledger:
        entry = [entry for _, entry in ledger.log()][-1]
        assert (entry.event, entry.outcome, entry.actor) == ("receipted", "ok", "tester")
        assert entry.serial_number == "ZZH600000001"
        assert entry.at <= now
        for words in ('"model": "fob-h6"', '"firmware": "1.0.0"', "bank version 1 check value"):
            assert words in entry.detail
        assert ledger.faults() == []


def test_under_the_public_test_keys_the_receipt_says_test(tmp_path: Path) -> None:
    with running("--model", "fob-h6", "--port", f"pty:{tmp_path / 'line'}") as announced:
        station = Station(tmp_path, announced, records(1), keys=TEST)
        station.run([1])
    with station.ledger() as ledger:
        assert [entry.outcome for _, entry in ledger.log()][-1] == "TEST"
        assert report(ledger).test_receipts == 1


def test_new_keys_that_went_in_under_the_public_ones_are_test_too(tmp_path: Path) -> None:
    with running("--model", "fob-h6", "--port", f"pty:{tmp_path / 'line'}") as announced:
        station = Station(tmp_path, announced, records(1), keys=KeyPlan(TEST_KEYS, DEVICE))
        station.run([1])
        for _, session in sessions(announced["port"], [1]):
            session.open_channel(DEVICE)
    with station.ledger() as ledger:
        assert report(ledger).test_receipts == 1


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
        assert wrong.causes() == [Cause.WRONG_KEYS] * 2
        assert all("10 tries left" in news.words for news in wrong.news)
        assert set(wrong.states().values()) == {State.PLANNED}
        for _, session in sessions(announced["port"], [1, 2]):
            assert session.get(TriesLeft) == TriesLeft(10)
        right = Station(tmp_path, announced, wrong.seeds)
        right.run([1, 2])
        assert set(right.states().values()) == {State.RECEIPTED}
        with right.ledger() as ledger:
            assert not ledger.turned_away(), "what was turned away came in later"


def test_other_device_keys_than_a_half_done_fob_has_are_wrong_keys(tmp_path: Path) -> None:
    class Leaves(BenchEye):
        def code(self, seat: Seat, serial_number: str, attempt: int) -> str:
            return "no code"

    with rack(tmp_path, 1) as announced:
        station = Station(tmp_path, announced, records(1))
        station.run([1], eye=lambda: Leaves(station.bench_url))
        assert station.causes() == [Cause.WRONG_CODE]
        assert set(station.states().values()) == {State.LOADED}
        station.keys = KeyPlan(TRANSPORT, FobKeys("other", 2, master=DEVICE.master))
        station.run([1])
        assert station.causes() == [Cause.WRONG_KEYS]
        station.keys = SECRET
        station.run([1])
        assert set(station.states().values()) == {State.RECEIPTED}


def test_foreign_fobs_are_named_and_counted_and_the_tray_goes_on(tmp_path: Path) -> None:
    foreign = records(9)[5:]
    with rack(tmp_path, 5) as announced:
        for address, session in sessions(announced["port"], [1, 2, 3]):
            provision(session, foreign[address], TRANSPORT, lambda: Decimal(1), seal=address != 2)
            if address == 3:
                session.set_life_cycle(LifeCycle.LOCKED)
        station = Station(tmp_path, announced, records(4))
        station.run([1, 2, 3, 4, 5, 6])
        assert station.causes() == [
            Cause.ALREADY_SEALED,
            Cause.ALREADY_LOADED,
            Cause.OUT_OF_ORDER,
        ]
        assert station.ended(State.RECEIPTED) == ["ZZH600000001", "ZZH600000002"]
        assert station.news[-1].seat.address == 6, "an empty place is told as such"
        assert station.news[-1].cause is None
        with station.ledger() as ledger:
            assert report(ledger).causes.total() == 3


def test_a_serial_number_twice_on_the_line_is_named_and_only_one_fob_gets_the_seed(
    tmp_path: Path,
) -> None:
    with rack(tmp_path, 3) as announced:
        for _, session in sessions(announced["port"], [1, 3]):
            session.open_channel(TRANSPORT)
            session.store(Identity("ZZH600000002", "ZZH600000002", 1))
        station = Station(tmp_path, announced, records(3))
        station.run([1, 2, 3])
        assert station.causes() == [Cause.SERIAL_TWICE]
        assert seeds_in_fobs(announced["port"], 2, station.seeds) == {
            1: "ZZH600000002",  # it told that number, whatever the rule
            2: "ZZH600000001",
        }
        assert station.states()["ZZH600000003"] is State.PLANNED


def test_a_fob_without_a_record_is_turned_away(tmp_path: Path) -> None:
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(1))
        station.run([1, 2])
        assert station.causes() == [Cause.NO_RECORD]
        with station.ledger() as ledger:
            (fault,) = ledger.turned_away()
        assert fault.subject.startswith(chip_name(b""))


def test_a_record_for_another_model_is_left_for_it(tmp_path: Path) -> None:
    seeds = [*records(1, "fob-t60"), *records(1)]
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, seeds)
        station.run([1, 2])
        assert station.causes() == [Cause.NO_RECORD]
        assert station.states() == {
            "ZZH600000001": State.RECEIPTED,
            "ZZT600000001": State.PLANNED,
        }


def test_by_address_a_tray_gets_the_records_of_its_places(tmp_path: Path) -> None:
    with rack(tmp_path, 3) as announced:
        station = Station(tmp_path, announced, records(3), rule=Rule.ADDRESS)
        station.run([3, 1])
        assert seeds_in_fobs(announced["port"], 3, station.seeds) == {
            3: "ZZH600000001",
            1: "ZZH600000002",
        }
        station.run([1, 2, 3, 4])
        assert seeds_in_fobs(announced["port"], 3, station.seeds)[1] == "ZZH600000002"


def test_by_label_a_fob_gets_the_record_that_its_case_says(tmp_path: Path) -> None:
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(2)[::-1], rule=Rule.LABEL)
        station.run([1, 2])
        assert seeds_in_fobs(announced["port"], 2, station.seeds) == {
            1: "ZZH600000001",
            2: "ZZH600000002",
        }


def test_several_lines_work_at_once_and_share_the_seeds(tmp_path: Path) -> None:
    groups = '[[fobs]]\nmodel = "fob-h6"\ncount = 4\nport = "pty:{}"\n'
    text = "".join(groups.format(tmp_path / name) for name in ("left", "right"))
    (tmp_path / "rack.toml").write_text(text)
    with running(str(tmp_path / "rack.toml"), "--time", "frozen") as announced:
        station = Station(tmp_path, announced, records(8), keys=TEST)
        station.ports = announced["ports"]
        assert station.run([1, 2, 3, 4]) == []
        assert set(station.states().values()) == {State.RECEIPTED}
        found = [seeds_in_fobs(port, 4, station.seeds) for port in station.ports]
        assert len({name for line in found for name in line.values()}) == 8


def test_the_station_waits_for_fobs_plugged_in_one_after_the_other(tmp_path: Path) -> None:
    with rack(tmp_path, 3) as announced, BenchClient(announced["bench"]) as bench:
        bench.cut_power("2:3")
        station = Station(tmp_path, announced, records(3))

        def next_one(news: News) -> None:
            if news.state is State.RECEIPTED:
                bench.cut_power(str(news.seat.channel))
                if news.seat.channel < 3:
                    bench.restore_power(str(news.seat.channel + 1))

        assert station.run([1, 2, 3], hear=next_one, wait=True) == []
        assert set(station.states().values()) == {State.RECEIPTED}
        assert station.ended(State.RECEIPTED) == sorted(station.states())


def test_a_line_that_is_not_there_is_said_and_the_others_go_on(tmp_path: Path) -> None:
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(2))
        station.ports = [announced["port"], str(tmp_path / "nothing")]
        (error,) = station.run([1, 2])
        assert "there is no port" in str(error)
        assert set(station.states().values()) == {State.RECEIPTED}


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
            if station.causes() != [Cause.CLOCK_JUMPED]:
                break  # it was done before the clock jumped
            jumped += 1
            station.run([address])
            assert station.ended(State.RECEIPTED) == [station.seeds[address - 1].serial_number]
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
        assert station.causes() == [Cause.REFUSED]
        assert station.states() == {
            wide.serial_number: State.IDENTIFIED,
            good.serial_number: State.RECEIPTED,
        }


class LateEye(BenchEye):
    """An eye that opens when there is something to look at."""

    def __init__(self, url: Callable[[], str]) -> None:
        self._url = url

    def code(self, seat: Seat, serial_number: str, attempt: int) -> str:
        super().__init__(self._url())
        code = super().code(seat, serial_number, attempt)
        super().close()
        return code

    def close(self) -> None:
        """It is closed."""


def test_while_waiting_a_line_that_is_not_there_yet_is_opened_when_it_comes(
    tmp_path: Path,
) -> None:
    port = f"pty:{tmp_path / 'line'}"
    with running("--model", "fob-h6", "--port", f"pty:{tmp_path / 'other'}") as elsewhere:
        announced = {"port": port, "bench": elsewhere["bench"]}
        station = Station(tmp_path, announced, records(1), keys=TEST)
        errors: list[object] = []
        eye = LateEye(lambda: station.bench_url)

        def wait() -> None:
            errors.extend(station.run([1], eye=lambda: eye, wait=True))

        waiting = threading.Thread(target=wait)
        waiting.start()
        with running("--model", "fob-h6", "--port", port) as announced:
            station.bench_url = announced["bench"]
            waiting.join(60)
        assert not waiting.is_alive()
        assert errors == []
        assert set(station.states().values()) == {State.RECEIPTED}


def test_a_clock_behind_the_ledger_stops_the_station(tmp_path: Path) -> None:
    times = [Decimal(1_900_000_000)]
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(2), now=lambda: times[-1])
        station.run([1])
        times.append(Decimal(1_800_000_000))
        (error,) = station.run([2])
        assert isinstance(error, ClockWentBack)
        assert station.states()["ZZH600000002"] is State.PLANNED


def test_a_fob_given_up_after_its_seed_left_is_void_and_refused_for_good(tmp_path: Path) -> None:
    class Blind(BenchEye):
        def code(self, seat: Seat, serial_number: str, attempt: int) -> str:
            return ""

    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(2))
        station.run([1], eye=lambda: Blind(station.bench_url))
        with station.ledger() as ledger:
            assert ledger.give_up("ZZH600000001", 1).state is State.VOID
        station.run([1, 2])
        assert station.causes() == [Cause.GIVEN_UP]
        assert station.states() == {"ZZH600000001": State.VOID, "ZZH600000002": State.RECEIPTED}
        assert none_doubled(seeds_in_fobs(announced["port"], 2, station.seeds))


def test_a_loaded_fob_whose_clock_stopped_gets_its_time_again(tmp_path: Path) -> None:
    class CutsFirst(BenchEye):
        def code(self, seat: Seat, serial_number: str, attempt: int) -> str:
            return ""

    with rack(tmp_path, 1, "fob-t60") as announced, BenchClient(announced["bench"]) as bench:
        station = Station(tmp_path, announced, records(1, "fob-t60"))
        station.run([1], eye=lambda: CutsFirst(station.bench_url))
        bench.cut_power()
        bench.restore_power()
        station.run([1])
        assert set(station.states().values()) == {State.RECEIPTED}


def test_a_sealed_fob_that_tells_a_bound_serial_number_is_twice_on_the_line(
    tmp_path: Path,
) -> None:
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(1))
        station.run([1])
        for _, session in sessions(announced["port"], [2]):
            provision(session, station.seeds[0], TRANSPORT, lambda: Decimal(1), seal=True)
        station.run([1, 2])
        assert station.causes() == [Cause.SERIAL_TWICE]
        for _, session in sessions(announced["port"], [2]):
            assert session.get(LifeCycleStatus) is not None
            assert session.get(Slots) is not None


def test_each_fob_has_keys_of_its_own(tmp_path: Path) -> None:
    chips = [bytes(10), bytes(9) + b"\x01"]
    first, second = (diversify(DEVICE.master or b"", chip, 1) for chip in chips)
    assert not set(first.keys) & set(second.keys)
