"""The verbs that work with a fob, end to end: a real child process behind a real port."""

import io
import json
import os
import tty
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_model.generators import OtpKey, time_step
from firmware_model.wire.messages import ISSUER_SECURITY_DOMAIN_AID
from host_tools import seeds
from host_tools.client.keys import TEST_KEYS, read_keys
from host_tools.client.ports import open_port
from host_tools.client.session import open_session
from keyfob.__main__ import status_of
from tests.keyfob.cli.running import Desk

BOTH_DOORS = pytest.mark.parametrize("desk", ["fob-h6 pty", "fob-h6 tcp"], indirect=True)


@BOTH_DOORS
def test_a_fob_is_provisioned_pressed_and_read(desk: Desk) -> None:
    path = desk.seeds()
    (record,) = seeds.read(path)
    receipt = desk.json("provision", path)
    assert receipt["serial_number"] == record.serial_number == "ZZH600000001"
    assert receipt["credential_id"] == record.credential_id
    assert receipt["life_cycle"] == "personalised"
    assert receipt["model"] == "fob-h6"
    assert receipt["test_keys"] is True
    assert desk.json("look")["text"] == ""
    key = OtpKey(record.seed, record.algorithm)
    for counter in range(3):
        desk.do("press")
        assert desk.json("look")["text"] == key.code(counter, 6)
        desk.do("advance", "1s")  # no finger is faster than the guard against bounces
    state = desk.json("info")
    assert state["serial_number"] == record.serial_number
    assert state["life_cycle"] == "personalised"
    assert state["clock"]["valid"] is True
    assert abs(state["clock"]["lag_seconds"]) <= 1
    assert state["counters"] == {"presses": 3, "boots": 1}
    (slot,) = state["slots"]
    assert (slot["kind"], slot["digits"], slot["counter"]) == ("hotp", 6, 3)
    assert slot["seed_check"] == receipt["seed_check"]


@pytest.mark.parametrize("desk", ["fob-t30 pty"], indirect=True)
def test_a_sealed_time_based_fob_wakes_by_a_long_press_and_follows_the_bench(desk: Desk) -> None:
    path = desk.seeds("--expiry", "2099-12-31", model="fob-t30")
    (record,) = seeds.read(path)
    assert desk.json("provision", path, "--seal")["life_cycle"] == "sealed"
    desk.do("press")
    assert "sealed" in desk.json("look")["dark_because"]
    desk.do("press", "--long")
    assert desk.json("info")["life_cycle"] == "in use"
    assert desk.json("info")["expiry_date"] == "2099-12-31"
    key = OtpKey(record.seed, record.algorithm)
    for _ in range(3):
        desk.do("advance", "1h")
        desk.do("press")
        shown = desk.json("look")["text"]
        now = desk.json("info")["clock"]["unix_seconds"]
        assert shown == key.code(time_step(now, 30), 6)


def test_the_display_is_drawn_and_a_dark_one_explained(desk: Desk) -> None:
    out = desk.do("look")
    assert out.splitlines()[0].startswith("╭")
    assert out.splitlines()[-1].startswith("dark: ")
    desk.do("provision", desk.seeds())
    desk.do("press")
    out = desk.do("look")
    assert "━━" in out
    assert out.splitlines()[-1] == desk.json("look")["text"]


def test_a_table_of_the_fob_fits_forty_columns(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.do("provision", desk.seeds())
    monkeypatch.setenv("COLUMNS", "40")
    lines = desk.do("info").splitlines()
    assert max(map(len, lines)) <= 40
    assert lines[0].startswith("fob            address 1 at")
    assert "serial number  ZZH600000001" in lines


def test_supply_cell_and_surroundings_obey_the_bench(desk: Desk) -> None:
    desk.do("drain", "40%")
    assert 39 < float(desk.do("bench", "BATT:CHAR?")) <= 40
    desk.do("heat", "-5.5")
    desk.do("power", "cut")
    assert "cell" in desk.json("look")["dark_because"]
    desk.do("power", "restore")
    assert desk.json("info")["counters"]["boots"] == 2


def test_heat_follows_a_course_by_name_or_from_a_file(desk: Desk) -> None:
    desk.do("heat", "car")
    assert desk.do("bench", "TEMP:PROF?") == '"car"\n'
    table = desk.folder / "day.csv"
    table.write_text("seconds,celsius\n0,18.5\n28800,-3\n")
    desk.do("heat", table)
    assert desk.do("bench", "TEMP:PROF:DATA?") == "28800,18.5,28800,-3\n"
    desk.do("heat", "-10")
    assert desk.do("bench", "TEMP:PROF:DATA?;:TEMP?") == "86400,-10;-10\n"


def test_the_bench_is_spoken_to_by_hand(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert desk.do("bench", "BUTT:STUC ON", "BUTT:STUC?;:DISP:SEGM?", "*RST") == "1;\n"
    monkeypatch.setattr("sys.stdin", io.StringIO("BUTT:STUC?\r\n\nSYST:VERS?\n"))
    assert desk.do("bench") == "0\n1999.0\n"
    assert "-113 Undefined header;FOO" in desk.refused("bench", "FOO", "*OPC?", status=2)


def test_the_fob_of_a_line_is_discovered(desk: Desk) -> None:
    (found,) = desk.json("discover", "--addresses", "1-3")
    assert found["address"] == 1
    assert found["model"] == "fob-h6"
    assert found["life_cycle"] == "blank"
    assert desk.do("discover", "--addresses", "1,10") == "   1  no serial number, fob-h6, blank\n"
    desk.do("discover", "--addresses", "2,3", "--wait", "20", status=1)


def test_apdus_by_hand_are_answered(desk: Desk) -> None:
    answers = json.loads(desk.do("raw", "00CADF2200", "00CADF2000", "--json", status=4))
    assert answers == [
        {"data": b"fob-h6".hex(), "status": "9000", "meaning": "9000 (ok)"},
        {"data": "", "status": "6A88", "meaning": "6A88 (referenced data not found)"},
    ]


def test_an_apdu_by_hand_goes_through_a_channel(desk: Desk) -> None:
    refused = desk.do("raw", "80F08007", status=4)
    assert refused == "6982 (security status not satisfied)\n"
    assert desk.do("raw", "--secure", "00CADF2200") == "66 6F 62 2D 68 36  9000 (ok)\n"


def test_a_fob_that_is_alone_is_called_without_its_address(desk: Desk) -> None:
    assert desk.json("info", "--address", "0")["model"] == "fob-h6"


def test_the_public_keys_are_announced_and_secret_ones_are_not(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk.seeds()
    keys = desk.folder / "fob.keys"
    keys.touch(mode=0o600)
    keys.write_text(f'version = 1\nkey = "{"5a" * 32}"\n')
    with open_session(desk.port) as session:
        session.select(ISSUER_SECURITY_DOMAIN_AID)
        session.open_channel(TEST_KEYS)
        session.put_keys(read_keys(str(keys)).for_chip(b""))
    assert status_of(["provision", str(path)]) == 4
    assert capsys.readouterr().err.startswith("TEST KEYS: anybody can read what is sent")
    assert status_of(["provision", str(path), "--keys", str(keys), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out)["test_keys"] is False


# Bad input: each is one line that names the thing, and leaves the fob as it was.


def test_a_port_that_is_none_is_named(desk: Desk) -> None:
    line = desk.refused("info", "--port", "./nowhere", status=3)
    assert line.startswith("port not found: ./nowhere")


def test_a_port_in_use_is_named(desk: Desk) -> None:
    with open_port(desk.port):
        line = desk.refused("info", status=5)
    assert line == f"{desk.port} is in use by another program"


def test_a_silent_port_is_named(desk: Desk) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)
    assert desk.refused("info", "--port", path, status=3).startswith(f"no fob answers at {path}")
    os.close(master)
    os.close(slave)


def test_a_second_provisioning_is_refused(desk: Desk) -> None:
    path = desk.seeds()
    desk.do("provision", path)
    before = desk.json("info")
    line = desk.refused("provision", path, status=4)
    assert line == ("ZZH600000001 is personalised already: only a blank fob can be provisioned")
    assert desk.json("info") == before


def not_pskc(path: Path) -> None:
    path.write_text("<html>no seeds here</html>")


def broken_mac(path: Path) -> None:
    text = path.read_text()
    at = text.index("ValueMAC>") + len("ValueMAC>")
    other = "B" if text[at] == "A" else "A"
    path.write_text(text[:at] + other + text[at + 1 :])


def other_key(path: Path) -> None:
    path.with_name(path.name + ".key").write_text("00" * 16)


@pytest.mark.parametrize("spoil", [not_pskc, broken_mac, other_key])
def test_a_seed_file_that_cannot_be_taken_leaves_the_fob_blank(
    desk: Desk, spoil: Callable[[Path], None]
) -> None:
    path = desk.seeds()
    spoil(path)
    assert str(path) in desk.refused("provision", path, status=2)
    state = desk.json("info")
    assert (state["life_cycle"], state["serial_number"]) == ("blank", None)


def test_a_wrong_passphrase_leaves_the_fob_blank(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYFOB_PASSPHRASE", "horse battery")
    path = desk.seeds()
    monkeypatch.setenv("KEYFOB_PASSPHRASE", "horse buttery")
    line = desk.refused("provision", path, status=2)
    assert str(path) in line
    assert "horse" not in line
    assert desk.json("info")["life_cycle"] == "blank"


def test_other_keys_than_the_fobs_cost_no_try(desk: Desk) -> None:
    path = desk.seeds()
    keys = desk.folder / "fob.keys"
    keys.touch(mode=0o600)
    keys.write_text("00" * 16)
    line = desk.refused("provision", path, "--keys", keys, status=2)
    assert f"the fob has other keys than {keys}; no try was spent, 10 are left" in line
    state = desk.json("info")
    assert (state["life_cycle"], state["tries_left"]) == ("blank", 10)


def test_a_token_that_is_not_in_the_file_is_named(desk: Desk) -> None:
    path = desk.seeds()
    line = desk.refused("provision", path, "--token", "ZZH600000009", status=2)
    assert line == f"{path} has no token ZZH600000009; it has ZZH600000001"


def test_a_bench_that_is_not_there_shows_before_the_fob_is_touched(desk: Desk) -> None:
    path = desk.seeds()
    line = desk.refused("provision", path, "--bench", "tcp:127.0.0.1:1", status=3)
    assert line.startswith("connection refused: tcp:127.0.0.1:1")
    assert desk.json("info")["serial_number"] is None


def test_a_channel_that_the_rack_lacks_is_named(desk: Desk) -> None:
    for words in (["press", "--channel", "7"], ["look", "--channel", "7"]):
        assert "-241 Hardware missing" in desk.refused(*words, status=2)
    assert "expected 1, or 1:500, or 1,3" in desk.refused("press", "--channel", "x", status=2)
    desk.do("look")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["advance", "3x"], "invalid duration '3x'"),
        (["advance", "-3"], "invalid duration '-3'"),
        (["drain", "101"], "invalid number '101': expected 0 to 100"),
        (["drain", "7%%"], "invalid number '7%%': expected 0 to 100"),
        (["drain", "%"], "invalid number '%': expected 0 to 100"),
        (["drain", "-1"], "invalid number '-1': expected 0 to 100"),
        (
            ["heat", "nan"],
            "invalid course 'nan': expected room, pocket, car, a number",
        ),
        (["heat", "121"], "invalid course '121': expected -60 to 120 °C"),
        (["press", "--seconds", "0"], "invalid number '0': expected 0.001 to 3600"),
        (["press", "--channel", "1);*RST"], "invalid --channel '1);*RST': expected 1, or 1:500"),
        (["heat", "warm"], "invalid course 'warm': expected room, pocket, car"),
        (["heat", "no/course.csv"], "no/course.csv: missing file"),
        (["raw", "00A40400", "zz", "--port", "p"], "invalid APDU 2: expected pairs of hex digits"),
        (["raw", "00", "--port", "p"], "CLA INS P1 P2"),
        (
            ["discover", "--port", "p", "--addresses", "0-3"],
            "expected 1 to 16381, such as",
        ),
        (
            ["discover", "--port", "p", "--addresses", "9-3"],
            "expected 1 to 16381, such as",
        ),
    ],
)
def test_a_word_that_cannot_be_meant_is_named(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(words) == 2
    err = capsys.readouterr().err
    assert expected in err
    assert err.count("\n") == 1
