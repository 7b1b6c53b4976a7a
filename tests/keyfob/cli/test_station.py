"""`keyfob station` and `keyfob keys`, as a person at the desk uses them."""

import io
import json
import os
import sqlite3
import sys
from pathlib import Path

import pytest

from firmware_model.generators import OtpKey
from host_tools.ceremony.key_file import KeyFile, KeyRole, write_key_file
from host_tools.client.bench import BenchClient
from host_tools.seeds import read
from keyfob.__main__ import status_of
from tests.host_tools.provisioning.station.rig import DEVICE, TRANSPORT
from tests.keyfob.cli.running import Desk

PASSPHRASE = "correct horse"
QUICK_COST = 1 << 8
"""scrypt's N where a test is not about it."""


@pytest.fixture
def station(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk of one fob, with a ledger of its own."""
    monkeypatch.setenv("KEYFOB_STATION_LEDGER", str(desk.folder / "station.db"))
    monkeypatch.setenv("KEYFOB_STATION_KEY_FILE", str(desk.folder / "station.key"))
    monkeypatch.setenv("KEYFOB_OPERATOR", "Aoi")
    monkeypatch.setenv("KEYFOB_KEYS_PASSPHRASE", PASSPHRASE)
    return desk


def component(folder: Path, name: str, value: bytes) -> Path:
    path = folder / name
    path.write_text(value.hex())
    path.chmod(0o600)
    return path


def ceremony(desk: Desk) -> Path:
    """Combine the rig's keys, from three components for one and two for the other."""
    out = desk.folder / "desk.keys"
    for role, keys, count in (("transport", TRANSPORT, 3), ("device", DEVICE, 2)):
        assert keys.master is not None
        last, parts = keys.master, []
        for number in range(1, count):
            part = bytes([17 * number]) * len(last)
            last = bytes(a ^ b for a, b in zip(last, part, strict=True))
            parts.append(component(desk.folder, f"{role}{number}", part))
        parts.append(component(desk.folder, f"{role}{count}", last))
        words: list[str | Path] = ["keys", "combine", "--out", out, "--for", role]
        words += ["--name", keys.source, "--version", str(keys.version)]
        for part_file in parts:
            words += ["--component", part_file]
        desk.do(*words)
    return out


UNDER_TRANSPORT_KEYS = pytest.mark.parametrize("desk", ["fob-h6 pty transport"], indirect=True)


@UNDER_TRANSPORT_KEYS
def test_from_key_ceremony_to_server_file(station: Desk) -> None:
    keys = ceremony(station)
    seeds = station.seeds("--count", "2", "--expiry", "2031-12-31")
    (station.folder / "labels").mkdir()
    run = ("station", "run", "--seeds", seeds, "--keys", keys, "--confirm", "bench")
    assert "1 fob sealed" in station.do(*run, "--labels", station.folder / "labels")
    (label,) = (station.folder / "labels").iterdir()
    assert label.name == "ZZH600000001.svg"
    assert "12/31/31" in label.read_text()
    assert "TEST" not in label.read_text()

    out = station.folder / "server.pskcxml"
    station.do("station", "report", "--import", out, "--seeds", seeds)
    (imported,) = read(out)
    assert (imported.serial_number, imported.counter) == ("ZZH600000001", 1)
    assert out.stat().st_mode & 0o777 == 0o600

    found = station.json("station", "report", "--receipts")
    assert found["seeds"] == 2
    assert found["states"]["receipted"] == found["states"]["planned"] == 1
    assert found["log"]["whole"]
    (receipt,) = found["receipts"]
    assert (receipt["operator"], receipt["outcome"]) == ("Aoi", "ok")
    assert receipt["key_set"].startswith("bank version 1 check value ")
    assert receipt["expiry_date"] == "2031-12-31"
    info = station.json("info")
    assert (info["life_cycle"], info["expiry_date"]) == ("in use", "2031-12-31")


def test_the_server_takes_the_next_code_and_never_the_one_used_at_the_desk(
    station: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds, out = station.seeds(), station.folder / "server.pskcxml"
    with BenchClient(os.environ["KEYFOB_BENCH"]) as bench:
        run = ("station", "run", "--seeds", seeds, "--test-keys", "--confirm", "bench")
        station.do(*run)
        (record,) = read(seeds)
        codes = [OtpKey(record.seed).code(0, record.digits)]
        bench.advance(1)  # a press that follows another too soon is none
        bench.press()
        codes.append(bench.display().text)
    station.do("station", "report", "--import", out, "--seeds", seeds)
    state = station.folder / "verify.db"
    words = ("verify", "--seeds", out, "--token", "ZZH600000001", "--state", state)
    for code, status in ((codes[0], 1), (codes[1], 0)):
        monkeypatch.setenv("KEYFOB_CODE", code)
        station.do(*words, status=status)


def test_without_keys_nothing_starts_and_test_keys_must_be_said(station: Desk) -> None:
    seeds = station.seeds()
    run = ("station", "run", "--seeds", seeds, "--confirm", "bench")
    line = station.refused(*run, status=2)
    assert line.startswith("no transport keys")
    assert "--test-keys" in line
    station.do(*run, "--test-keys")
    assert station.json("station", "report")["test_receipts"] == 1


def test_a_silent_place_is_not_done_unless_fewer_fobs_are_expected(station: Desk) -> None:
    desk = ("station", "run", "--confirm", "bench", "--addresses", "1-2")
    run = (*desk, "--seeds", station.seeds(), "--test-keys")
    said = station.do(*run, status=1)
    assert "1 fob sealed, 2 expected" in said
    assert "address 2: nothing answers" in said
    assert "to do: 1 × nothing answers: put fobs in and run again, or give --expect 1" in said
    found = json.loads(station.do(*run, "--expect", "1", "--json"))
    assert (found["sealed"], found["expected"], found["complete"]) == (1, 1, True)
    assert (found["empty"], found["to_do"]) == (1, [])
    assert "2 × more fobs" not in said
    said = station.do(*run, "--expect", "3", status=1)
    assert "1 fob sealed, 3 expected" in said


@UNDER_TRANSPORT_KEYS
def test_keys_may_come_from_the_environment(station: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = [
        f'[{role}]\nname = "{keys.source}"\nversion = {keys.version}\nmaster = "{key.hex()}"\n'
        for role, keys in (("transport", TRANSPORT), ("device", DEVICE))
        if (key := keys.master)
    ]
    monkeypatch.setenv("KEYFOB_STATION_KEYS", "".join(tables))
    station.do("station", "run", "--seeds", station.seeds(), "--confirm", "bench")


class Operator:
    """Standard input with a person at it, who presses and reads when asked."""

    def __init__(self, bench: BenchClient, slips: int) -> None:
        self._bench = bench
        self._slips = slips

    def readline(self) -> str:
        self._bench.press()
        code = self._bench.display().text
        if self._slips:
            self._slips -= 1
            return "000000\n"
        return f"{code[:3]} {code[3:]}\n"


@pytest.mark.parametrize("slips", [0, 2])
def test_the_operator_confirms_a_code_and_may_slip(
    station: Desk, monkeypatch: pytest.MonkeyPatch, slips: int
) -> None:
    seeds = station.seeds()
    with BenchClient(os.environ["KEYFOB_BENCH"]) as bench:
        monkeypatch.setattr(sys, "stdin", Operator(bench, slips))
        station.do("station", "run", "--seeds", seeds, "--test-keys")
    out = station.folder / "server.pskcxml"
    station.do("station", "report", "--import", out, "--seeds", seeds)
    (imported,) = read(out)
    assert imported.counter == station.json("info")["slots"][0]["counter"]
    assert (imported.counter > 1) == (slips > 0)


def test_no_code_leaves_the_fob_loaded_and_the_next_run_goes_on(
    station: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = station.seeds()
    run = ("station", "run", "--seeds", seeds, "--test-keys")
    monkeypatch.setattr(sys, "stdin", io.StringIO("111111\n222222\n333333\n"))
    assert "1 × code not confirmed" in station.do(*run, status=1)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert "standard input ended" in json.dumps(early_end(station, *run))
    found = station.json("station", "report")
    assert found["open"][0]["state"] == "loaded"
    assert found["failures"] == {"code not confirmed": 1}
    station.do(*run, "--confirm", "bench")
    assert station.json("station", "report")["failures"] == {}


def early_end(desk: Desk, *words: str | Path) -> list[str]:
    """Return what ended a run early, as programs are told."""
    found: list[str] = json.loads(desk.do(*words, "--json", status=3))["ended_early"]
    return found


def test_a_fob_given_up_is_said_and_its_seed_is_void(
    station: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = station.seeds()
    monkeypatch.setattr(sys, "stdin", io.StringIO("111111\n222222\n333333\n"))
    station.do("station", "run", "--seeds", seeds, "--test-keys", status=1)
    said = station.do("station", "give-up", "ZZH600000001")
    assert said == "ZZH600000001: its seed is void: it is never used again\n"
    found = station.do("station", "run", "--seeds", seeds, "--test-keys", status=1)
    assert "1 × given up" in found


def test_a_seed_file_with_a_name_twice_is_named_and_the_rest_goes_on(station: Desk) -> None:
    seeds = station.folder / "seeds.csv"
    lines = [f"{name},{number:040x},HOTP,6\n" for number, name in enumerate(("A1", "A1", "A2"), 7)]
    seeds.write_text("".join(lines))
    run = ("station", "run", "--seeds", seeds, "--test-keys", "--confirm", "bench")
    assert "2 × serial number twice" in station.do(*run, status=1)
    found = station.json("station", "report")
    assert found["states"]["receipted"] == 1
    assert found["failures"] == {"serial number twice": 1}, "one name, however often"


def test_labels_are_of_sealed_fobs_only(station: Desk) -> None:
    seeds = station.seeds("--count", "2")
    run = ("station", "run", "--seeds", seeds, "--test-keys", "--confirm", "bench")
    station.do(*run)
    assert "1 label\n" in station.do("station", "labels", "--out", station.folder)
    assert "TEST" in (station.folder / "ZZH600000001.svg").read_text()
    line = station.refused("station", "labels", "ZZH600000002", "--out", station.folder, status=2)
    assert line.startswith("ZZH600000002 is not sealed")


def test_a_log_that_was_altered_is_exit_status_1(station: Desk) -> None:
    seeds = station.seeds()
    station.do("station", "run", "--seeds", seeds, "--test-keys", "--confirm", "bench")
    head = station.json("station", "report")["log"]["head"]
    station.do("station", "report", "--head", head)
    with sqlite3.connect(station.folder / "station.db") as thief:
        thief.execute("DROP TRIGGER audit_no_update")
        thief.execute("UPDATE audit SET actor = 'nobody' WHERE number = 2")
    thief.close()
    assert "broken: row 2 was altered" in station.do("station", "report", status=1)


def test_a_key_file_shows_names_and_check_values_and_no_key(station: Desk) -> None:
    keys = station.folder / "desk.keys"
    sets = {KeyRole.TRANSPORT: TRANSPORT, KeyRole.DEVICE: DEVICE}
    write_key_file(keys, KeyFile(sets), PASSPHRASE, replace=False, cost=QUICK_COST)
    said = station.do("keys", "show", keys)
    assert "transport: factory version 48 check value" in said
    found = station.json("keys", "show", keys, "--kcv", "cmac")
    assert found["device"]["version"] == 1
    for role in (TRANSPORT, DEVICE):
        assert role.master is not None
        assert role.master.hex() not in said + json.dumps(found) + keys.read_text()


def test_a_key_of_another_check_value_than_the_envelopes_is_refused(station: Desk) -> None:
    one = component(station.folder, "one", bytes(range(16)))
    two = component(station.folder, "two", bytes(range(16, 32)))
    out = station.folder / "desk.keys"
    words: list[str | Path] = ["keys", "combine", "--out", out, "--for", "device"]
    words += ["--name", "bank", "--component", one, "--component", two]
    line = station.refused(*words, "--expect", "000000", status=1)
    assert "expected 000000" in line
    assert not out.exists()


def test_components_are_typed_hidden_or_piped(
    station: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = station.folder / "desk.keys"
    typed = "\n".join([bytes(range(16)).hex(), bytes(range(16, 32)).hex()])
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed + "\n"))
    said = station.do("keys", "combine", "--out", out, "--for", "device", "--name", "bank")
    assert said.count("check value") == 4
    assert bytes(range(16)).hex() not in said


def test_what_another_desk_planned_is_not_loaded_here(
    station: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds = station.seeds("--count", "12")
    run = ["station", "run", "--seeds", str(seeds), "--test-keys", "--confirm", "bench"]
    station.do(*run)
    monkeypatch.setenv("KEYFOB_STATION_LEDGER", str(station.folder / "second.db"))
    assert status_of([*run, "--also", str(station.folder / "station.db"), "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["failed"] == {"already sealed": 1, "in another desk's ledger": 12}
    assert "in another desk's ledger: 2 more" in err
    assert ", address 1: chip " in err, "who failed is said with its place"
    assert station.json("station", "report")["seeds"] == 0


def test_a_ledger_without_its_key_is_refused(station: Desk) -> None:
    seeds = station.seeds()
    run = ("station", "run", "--seeds", seeds, "--test-keys", "--confirm", "bench")
    station.do(*run)
    (station.folder / "station.key").unlink()
    assert "missing; it is the key of" in station.refused(*run, status=2)
