"""`keyfob seeds prove`: by codes that are typed, and by a bench that reads the fob."""

import json
import os

import pytest

from firmware_model.generators import hotp
from host_tools import seeds
from keyfob.__main__ import status_of
from tests.keyfob.cli.running import Desk


@pytest.mark.parametrize("desk", ["fob-h6 tcp"], indirect=True)
def test_a_bench_reads_the_fob_and_the_reading_is_named(desk: Desk) -> None:
    path = desk.seeds()
    (record,) = seeds.read(path)
    desk.do("provision", path)
    bench = os.environ["KEYFOB_BENCH"]
    told = desk.json("seeds", "prove", path, "--token", record.serial_number, "--bench", bench)
    assert told["proven"] is True
    (reading,) = told["readings"]
    assert (reading["kind"], reading["offset"], reading["changes"]) == ("HOTP", 0, [])
    told = desk.json("seeds", "prove", path, "--token", "zzh600000001", "--two", "--bench", bench)
    assert (told["proven"], told["readings"][0]["moving_factor"]) == (True, 0)
    assert told["chance"] < 1e-6
    # A table that calls it time-based: two codes name what it is.
    table = desk.folder / "table.csv"
    table.write_text(f"A1,{record.seed.hex()},totp,6,60\n")
    codes = [hotp(record.seed, counter) for counter in (0, 1)]
    given = ["--code", codes[0], "--code", codes[1]]
    out = desk.do("seeds", "prove", table, "--token", "A1", *given)
    assert "HOTP instead of TOTP" in out
    assert record.seed.hex()[:8] not in out


def test_a_mistyped_code_fits_nothing(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(str(tmp_path))
    seed = bytes(range(100, 120))
    with open("t.csv", "w") as file:  # noqa: PTH123
        file.write(f"A1,{seed.hex()},hotp\n")
    wrong = f"{(int(hotp(seed, 0)) + 1) % 10**6:06d} {hotp(seed, 1)}"
    monkeypatch.setenv("KEYFOB_CODE", wrong)
    assert status_of(["seeds", "prove", "t.csv", "--token", "A1", "--two", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["readings"] == []
    monkeypatch.setenv("KEYFOB_CODE", f"{hotp(seed, 0)[:3]} {hotp(seed, 0)[3:]}")
    assert status_of(["seeds", "prove", "t.csv", "--token", "a1"]) == 0
    assert "as the file says" in capsys.readouterr().out
    assert status_of(["seeds", "prove", "t.csv", "--token", "B1"]) == 2
    assert "t.csv has no token B1" in capsys.readouterr().err
