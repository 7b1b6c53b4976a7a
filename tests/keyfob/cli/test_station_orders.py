"""Orders, operators, transfers and the clock's way out, as who is in charge of a desk uses them."""

import csv
import io
import json
import os
import sys
from pathlib import Path

import pytest

from host_tools.client.bench import BenchClient
from host_tools.provisioning.station.custody import Credentials, Custody
from host_tools.provisioning.station.ledger import Ledger
from host_tools.seeds import read
from host_tools.vault.key_ring import read_key_file
from tests.keyfob.cli.running import Desk

SECRETS = {"Aoi": "correct horse", "Ken": "battery staple"}
QUICK = 1 << 8
"""scrypt's N where a test is not about it."""


@pytest.fixture
def station(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk of one fob, with a ledger of its own."""
    monkeypatch.setenv("KEYFOB_STATION_LEDGER", str(desk.folder / "station.db"))
    monkeypatch.setenv("KEYFOB_STATION_KEY_FILE", str(desk.folder / "station.key"))
    monkeypatch.setenv("KEYFOB_OPERATOR", "Aoi")
    return desk


def load(desk: Desk, seeds: Path, *words: str, status: int = 0) -> str:
    run = ("station", "run", "--seeds", seeds, "--test-keys", "--confirm", "bench")
    return desk.do(*run, *words, status=status)


def test_an_order_is_delivered_after_its_seed_file_is_gone(station: Desk) -> None:
    seeds = station.seeds("--count", "2")
    station.do("station", "batch", "open", "PO-1", "--customer", "First Bank", "--seeds", seeds)
    assert "1 fob sealed" in load(station, seeds, "--batch", "PO-1")
    assert station.json("station", "batch", "list")[0]["state"] == "opened", "two were ordered"
    line = station.refused("station", "batch", "reconcile", "PO-1", status=1)
    assert "1 fobs are sealed, and 2 were ordered; explain the difference with --shortfall" in line
    station.do("station", "batch", "reconcile", "PO-1", "--shortfall", "one fob broke")
    (record, _) = read(seeds)
    for path in (seeds, seeds.with_name(f"{seeds.name}.key")):
        path.unlink()

    out, table = station.folder / "server.pskcxml", station.folder / "receipts.csv"
    days = ("--from", "2026-12-01", "--to", "2026-12-01")
    report = ("station", "report", "--batch", "po-1", "--serials", "ZZH600000001+1", *days)
    found = json.loads(station.do(*report, "--import", out, "--receipts-csv", table, "--json"))
    assert found["states"]["receipted"] == found["seeds"] == 1
    assert found["batches"][0]["customer"] == "First Bank"
    (imported,) = read(out)
    assert (imported.serial_number, imported.seed, imported.counter) == (
        "ZZH600000001",
        record.seed,
        1,
    )
    (row,) = csv.DictReader(io.StringIO(table.read_text("utf-8")))
    assert (row["serial_number"], row["batch"], row["operator"]) == ("ZZH600000001", "PO-1", "Aoi")
    assert row["time"] == "2026-12-01T09:00:05Z"
    assert record.seed.hex() not in table.read_text("utf-8").lower()
    line = station.refused("station", "report", "--import", "x", "--from", "2026-12-02", status=2)
    assert "station.db (from 2026-12-02): no fob is sealed" in line
    line = station.refused("station", "report", "--batch", "PO-2", status=2)
    assert "unknown batch PO-2 in" in line
    assert "it has PO-1" in line

    station.do("station", "batch", "close", "PO-1", "--forget-seeds")
    line = station.refused("station", "report", "--import", station.folder / "x", status=2)
    assert "station.db keeps no record of 1 of the sealed fobs" in line
    assert station.json("station", "report")["log"]["whole"]


def enrol(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enrol Aoi, then Ken with Aoi's secret; their secrets stand in the environment."""
    for name, secret in SECRETS.items():
        monkeypatch.setenv("KEYFOB_NEW_OPERATOR_SECRET", secret)
        desk.do("station", "operators", "add", name)
        monkeypatch.setenv("KEYFOB_OPERATOR_SECRET", SECRETS["Aoi"])
    monkeypatch.setenv("KEYFOB_SECOND_OPERATOR_SECRET", SECRETS["Ken"])


def enrol_quickly(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enrol both, with secrets that are quick to prove."""
    ring = read_key_file(desk.folder / "station.key")
    with Ledger(desk.folder / "station.db", ring, "tester") as ledger:
        for name, secret in SECRETS.items():
            Custody(ledger, QUICK).enrol(Credentials(name, secret), ledger.last_at())
    monkeypatch.setenv("KEYFOB_OPERATOR_SECRET", SECRETS["Aoi"])
    monkeypatch.setenv("KEYFOB_SECOND_OPERATOR_SECRET", SECRETS["Ken"])


def test_a_wrong_clock_has_a_way_out_that_takes_two_operators(
    station: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = station.seeds("--count", "2")
    load(station, seeds)
    monkeypatch.setenv("KEYFOB_CLOCK", "system")
    monkeypatch.setattr("host_tools.client.clock.time.time_ns", lambda: 1_700_000_000 * 10**9)
    said = load(station, seeds, status=2)
    assert said == ""
    line = station.refused("station", "give-up", "ZZH600000001", status=2)
    assert "the clock (2023-11-14 22:13:20 UTC) is" in line
    assert "behind the ledger's last entry (2026-12-01 09:00:05 UTC)" in line
    assert "keyfob station clock accept" in line
    assert "behind" in station.do("station", "clock", "show", status=1)

    line = station.refused("station", "clock", "accept", status=1)
    assert "clock needs 2 enrolled operators" in line
    enrol_quickly(station, monkeypatch)
    line = station.refused("station", "clock", "accept", status=1)
    assert "needs 2 different operators: name the other with --second" in line
    said = station.do("station", "clock", "accept", "--second", "Ken")
    assert "accepted 2023-11-14 22:13:20 UTC" in said
    assert "by Aoi and Ken" in said
    station.do("station", "clock", "show")
    load(station, seeds)
    assert station.json("station", "report")["log"]["whole"]


def test_once_operators_are_enrolled_nothing_is_done_without_a_secret(
    station: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(station, monkeypatch)
    seeds = station.seeds()
    monkeypatch.setenv("KEYFOB_OPERATOR_SECRET", "a guess at it")
    out = station.folder / "server.pskcxml"
    for words in (
        ("run", "--seeds", seeds, "--test-keys", "--confirm", "bench"),
        ("report", "--import", out),
    ):
        line = station.refused("station", *words, status=1)
        assert "Aoi is not enrolled in" in line, words
        assert "a guess" not in line
    assert not out.exists()
    for act in ("operators add Eve", "clock accept"):
        line = station.refused("station", *act.split(), status=1)
        assert "needs 2 different operators" in line
    assert station.json("station", "report")["seeds"] == 0


def test_seeds_are_handed_to_another_desk_which_then_loads_them(
    station: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = station.folder / "station.db", station.folder / "other.db"
    seeds = station.seeds("--count", "2")
    monkeypatch.setenv("KEYFOB_STATION_LEDGER", str(there))
    assert "in another desk's ledger" not in load(station, seeds, "--addresses", "2", status=1)
    line = station.refused("station", "withdraw", "--reason", "x", status=2)
    assert "name tokens, or choose them by --batch or --serials" in line
    moved = ("ZZH600000001", "--to", here)
    monkeypatch.setenv("KEYFOB_STATION_LEDGER", str(here))
    load(station, seeds, "--addresses", "2", "--also", str(there), status=1)
    monkeypatch.setenv("KEYFOB_STATION_LEDGER", str(there))
    assert "1 seed transferred" in station.do("station", "transfer", *moved)
    monkeypatch.setenv("KEYFOB_STATION_LEDGER", str(here))
    said = json.loads(load(station, seeds, "--also", str(there), "--json", status=1))
    assert said["sealed"] == 1
    assert said["failed"] == {"in another desk's ledger": 1}
    assert station.json("info")["serial_number"] == "ZZH600000001"


class Typist:
    """Standard input with an operator at it: scripted answers, and CODE for the code shown."""

    def __init__(self, bench: BenchClient, *answers: str) -> None:
        self._bench = bench
        self._answers = list(answers)

    def readline(self) -> str:
        if not self._answers:
            return ""
        answer = self._answers.pop(0)
        if answer == "CODE":
            self._bench.press()
            answer = self._bench.display().text
        return f"{answer}\n"


def test_a_misread_label_and_a_mistyped_code_are_asked_for_again_at_the_same_place(
    station: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = station.seeds("--count", "2")
    run = ("station", "run", "--seeds", seeds, "--test-keys", "--match", "label")
    with BenchClient(os.environ["KEYFOB_BENCH"]) as bench:
        labels = ("ZZH60000000", "zzh600000002")
        codes = ("12345", "", "1234567", "12345a", "000000", "000000", "CODE")
        monkeypatch.setattr(sys, "stdin", Typist(bench, *labels, *codes))
        station.do(*run)
    assert station.json("info")["serial_number"] == "ZZH600000002"


def test_a_place_is_skipped_and_come_back_to(
    station: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = station.seeds()
    run = ("station", "run", "--seeds", seeds, "--test-keys")
    with BenchClient(os.environ["KEYFOB_BENCH"]) as bench:
        monkeypatch.setattr(sys, "stdin", Typist(bench, "skip", "skip"))
        said = station.do(*run, status=1)
        assert "skipped: the operator skipped it" in said
        assert "to do: 1 × skipped: run again" in said
        monkeypatch.setattr(sys, "stdin", Typist(bench, "skip", "CODE"))
        assert "1 fob sealed" in station.do(*run)


def test_an_open_job_over_a_dead_fob_is_named_in_each_run_until_it_is_closed(
    station: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = station.seeds("--count", "2")
    run = ("station", "run", "--seeds", seeds, "--test-keys")
    with BenchClient(os.environ["KEYFOB_BENCH"]) as bench:
        monkeypatch.setattr(sys, "stdin", Typist(bench, "skip", "skip"))
        station.do(*run, status=1)
        bench.cut_power()
        for expect in ((), ("--expect", "1")):
            said = station.do(*run, *expect, "--confirm", "bench", status=1)
            assert "address 1: ZZH600000001: no answer: nothing answers at" in said
            assert "to do: 1 × no answer: pulled out, cell dead" in said
        found = json.loads(station.do(*run, "--confirm", "bench", "--json", status=1))
        (place,), (job,) = found["places"], found["open"]
        assert (place["serial_number"], place["cause"]) == ("ZZH600000001", "no answer")
        assert (job["serial_number"], job["state"]) == ("ZZH600000001", "loaded")
        said = station.do(*run, "--addresses", "2", "--confirm", "bench", status=1)
        assert "address 1: ZZH600000001 is loaded, last tried 2026-12-01 09:00:05 UTC" in said
        station.do("station", "give-up", "ZZH600000001")
        said = station.do(*run, "--addresses", "2", "--confirm", "bench", status=1)
        assert "ZZH600000001" not in said
