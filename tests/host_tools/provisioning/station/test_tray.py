"""The station over real racks: who gets which seed, what is refused, and that it goes on."""

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_model.errors import BadInput, Refused
from firmware_model.generators import OtpKey
from firmware_model.wire.objects import LifeCycle, TriesLeft
from firmware_model.wire.scp03_keys import DEFAULT_VERSION, diversify
from host_tools.client.bench import BenchClient
from host_tools.client.fob_state import read_state
from host_tools.client.keys import TEST_KEYS
from host_tools.provisioning.station.confirm import BenchDisplayReader
from host_tools.provisioning.station.desk import KeyPlan
from host_tools.provisioning.station.matching import MatchRule
from host_tools.provisioning.station.place import StationEvent, TrayPlace
from host_tools.provisioning.station.report import report, server_records
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.provisioning.station.tray import POLL_TIMING, STATION_TIMING
from host_tools.verification.decision import Verdict
from host_tools.verification.host import Host
from tests.host_tools.provisioning.station.bad_line import bad_line
from tests.host_tools.provisioning.station.rig import (
    DEVICE,
    QUICK,
    RING,
    SHORT,
    TEST,
    FixedReader,
    Station,
    rack,
    records,
    seeds_in_fobs,
    sessions,
)
from tests.keyfob.cli.running import running
from tests.shares import times


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
        assert set(station.states().values()) == {JobState.RECEIPTED}
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
                imported = list(server_records(ledger, ledger.jobs(), station.seeds))
            assert [record.serial_number for record in imported] == [
                record.serial_number for record in station.seeds[:3]
            ]
            for channel, record in enumerate(imported, 1):
                assert record.counter == 1
                bench.press(channels=str(channel))
                code = OtpKey(record.seed, record.algorithm).code(record.counter, record.digits)
                assert bench.display(channel).text == code


def test_a_rack_with_keys_refuses_the_public_ones_and_opens_to_the_station(tmp_path: Path) -> None:
    with rack(tmp_path, 2) as announced:
        for _, session in sessions(announced["port"], [1, 2]):
            tries = session.get(TriesLeft)
            with pytest.raises(BadInput, match="no try was spent"):
                session.open_channel(replace(TEST_KEYS, version=DEFAULT_VERSION))
            with pytest.raises(Refused, match="6A88"):
                session.open_channel(TEST_KEYS)
            assert session.get(TriesLeft) == tries
        station = Station(tmp_path, announced, records(2))
        assert not station.run([1, 2])
        assert len(station.ended(JobState.RECEIPTED)) == 2


def test_the_server_file_of_time_based_fobs_holds_the_last_step_used(tmp_path: Path) -> None:
    with rack(tmp_path, 1, "fob-t60") as announced:
        station = Station(tmp_path, announced, records(1, "fob-t60"))
        station.run([1])
        with station.ledger() as ledger:
            (record,) = server_records(ledger, ledger.jobs(), station.seeds)
        assert record.time_steps == int(station.now()) // 60
        now, used = int(station.now()), OtpKey(record.seed).code(record.time_steps, record.digits)
    with Host.create(tmp_path / "host.db", RING, now) as host:
        host.import_tokens([record], now)
        decision = host.enroll(record.serial_number, "bank/aoi", [used], now).decision
        assert decision.verdict is Verdict.REPLAYED


def test_a_second_run_does_nothing_again(tmp_path: Path) -> None:
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(4))
        station.run([1, 2])
        before = station.states()
        with station.ledger() as ledger:
            head = ledger.head()
        station.run([1, 2])
        assert station.states() == before
        assert station.ended(JobState.RECEIPTED) == ["ZZH600000001", "ZZH600000002"]
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
        for message in ('"model": "fob-h6"', '"firmware": "1.0.0"', "bank version 1 check value"):
            assert message in entry.detail
        assert ledger.faults() == []


def test_under_the_public_test_keys_the_receipt_says_test(tmp_path: Path) -> None:
    with running("--model", "fob-h6", "--port", f"pty:{tmp_path / 'line'}") as announced:
        station = Station(tmp_path, announced, records(1), keys=TEST)
        station.run([1])
    with station.ledger() as ledger:
        assert [entry.outcome for _, entry in ledger.log()][-1] == "TEST"
        assert report(ledger.jobs(), ledger.refusals()).test_receipts == 1


def test_new_keys_that_went_in_under_the_public_ones_are_test_too(tmp_path: Path) -> None:
    with running("--model", "fob-h6", "--port", f"pty:{tmp_path / 'line'}") as announced:
        station = Station(tmp_path, announced, records(1), keys=KeyPlan(TEST_KEYS, DEVICE))
        station.run([1])
        for _, session in sessions(announced["port"], [1]):
            session.open_channel(DEVICE)
    with station.ledger() as ledger:
        assert report(ledger.jobs(), ledger.refusals()).test_receipts == 1


def test_by_address_a_tray_gets_the_records_of_its_places(tmp_path: Path) -> None:
    with rack(tmp_path, 3) as announced:
        station = Station(tmp_path, announced, records(3), rule=MatchRule.ADDRESS)
        station.run([3, 1])
        assert seeds_in_fobs(announced["port"], 3, station.seeds) == {
            3: "ZZH600000001",
            1: "ZZH600000002",
        }
        station.run([1, 2, 3, 4], poll=SHORT)
        assert seeds_in_fobs(announced["port"], 3, station.seeds)[1] == "ZZH600000002"


def test_by_label_a_fob_gets_the_record_that_its_case_says(tmp_path: Path) -> None:
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(2)[::-1], rule=MatchRule.LABEL)
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
        assert set(station.states().values()) == {JobState.RECEIPTED}
        found = [seeds_in_fobs(port, 4, station.seeds) for port in station.ports]
        assert len({name for line in found for name in line.values()}) == 8


def test_the_station_waits_for_fobs_plugged_in_one_after_the_other(tmp_path: Path) -> None:
    with rack(tmp_path, 3) as announced, BenchClient(announced["bench"]) as bench:
        bench.cut_power("2:3")
        station = Station(tmp_path, announced, records(3))

        def next_one(event: StationEvent) -> None:
            if event.state is JobState.RECEIPTED:
                bench.cut_power(str(event.place.channel))
                if event.place.channel < 3:
                    bench.restore_power(str(event.place.channel + 1))

        assert station.run([1, 2, 3], on_event=next_one, wait=True, poll=QUICK) == []
        assert set(station.states().values()) == {JobState.RECEIPTED}
        assert station.ended(JobState.RECEIPTED) == sorted(station.states())


def test_a_line_that_is_not_there_is_said_and_the_others_go_on(tmp_path: Path) -> None:
    with rack(tmp_path, 2) as announced:
        station = Station(tmp_path, announced, records(2))
        station.ports = [announced["port"], str(tmp_path / "nothing")]
        (error,) = station.run([1, 2])
        assert "port not found:" in str(error)
        assert set(station.states().values()) == {JobState.RECEIPTED}


class LateReader(BenchDisplayReader):
    """An reader that opens when there is something to look at."""

    def __init__(self, url: Callable[[], str]) -> None:
        self._url = url

    def code(self, place: TrayPlace, serial_number: str, problem: str) -> str:
        super().__init__(self._url())
        code = super().code(place, serial_number, problem)
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
        reader = LateReader(lambda: station.bench_url)

        def wait() -> None:
            errors.extend(station.run([1], reader=lambda: reader, wait=True))

        waiting = threading.Thread(target=wait)
        waiting.start()
        with running("--model", "fob-h6", "--port", port) as announced:
            station.bench_url = announced["bench"]
            waiting.join(60)
        assert not waiting.is_alive()
        assert errors == []
        assert set(station.states().values()) == {JobState.RECEIPTED}


def test_a_loaded_fob_whose_clock_stopped_gets_its_time_again(tmp_path: Path) -> None:
    with rack(tmp_path, 1, "fob-t60") as announced, BenchClient(announced["bench"]) as bench:
        station = Station(tmp_path, announced, records(1, "fob-t60"))
        station.run([1], reader=lambda: FixedReader(station.bench_url, ""))
        bench.cut_power()
        bench.restore_power()
        station.run([1])
        assert set(station.states().values()) == {JobState.RECEIPTED}


def test_each_fob_has_keys_of_its_own(tmp_path: Path) -> None:
    chips = [bytes(10), bytes(9) + b"\x01"]
    first, second = (diversify(DEVICE.master or b"", chip, 1) for chip in chips)
    assert not set(first.keys) & set(second.keys)


@pytest.mark.slow
def test_a_line_that_loses_bytes_costs_time_and_no_fob(tmp_path: Path) -> None:
    lost = times(3, 10) / 1000
    with (
        rack(tmp_path, 1, "fob-t60", door="tcp:127.0.0.1:0") as announced,
        bad_line(announced["port"], lost=lost) as port,
    ):
        station = Station(tmp_path, announced, records(1, "fob-t60"))
        station.ports = [f"{port},response=0.1"]
        assert station.run([1], timing=STATION_TIMING, poll=POLL_TIMING) == []
        assert set(station.states().values()) == {JobState.RECEIPTED}
        assert FailureCause.CLOCK_JUMPED not in station.causes()
        (cost,) = station.costs
        assert re.search(r"response=0.1: [1-9][0-9]* frames were sent again, [0-9]+ s lost", cost)
        station.ports = [announced["port"]]
        assert station.run([1]) == []
        assert station.costs == [], "a good line costs nothing"
