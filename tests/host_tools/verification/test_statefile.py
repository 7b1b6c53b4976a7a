"""The memory of `keyfob verify`: durable, shared, private, without seeds."""

import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKey, OtpKind
from host_tools.seeds.record import SeedRecord
from host_tools.verification.decision import Verdict
from host_tools.verification.search import Progress
from host_tools.verification.statefile import StateFile

SEED = b"12345678901234567890"
NOON = 1_800_000_000


def record(seed: bytes = SEED, **changes: object) -> SeedRecord:
    values: dict[str, object] = {
        "serial_number": "ZZH600000001",
        "credential_id": "ZZH600000001",
        "seed": seed,
        "kind": OtpKind.HOTP,
    }
    return SeedRecord(**{**values, **changes})  # type: ignore[arg-type]


def code(factor: int) -> str:
    return OtpKey(SEED).code(factor)


def test_an_accepted_code_is_used_for_whoever_opens_the_file_next(tmp_path: Path) -> None:
    with StateFile(tmp_path / "state.db") as first:
        assert first.attempt(record(), [code(2)], NOON).accepted
    with StateFile(tmp_path / "state.db") as second:
        again = second.attempt(record(), [code(2)], NOON)
        assert again.verdict is Verdict.REPLAYED
        assert again.standing.progress == Progress(3)


def test_the_counter_of_the_seed_file_is_where_a_token_starts(tmp_path: Path) -> None:
    with StateFile(tmp_path / "state.db") as file:
        started = record(counter=50)
        assert file.attempt(started, [code(49)], NOON).verdict is Verdict.REPLAYED
        assert file.attempt(started, [code(50)], NOON).accepted


def test_a_new_seed_under_an_old_serial_number_starts_afresh(tmp_path: Path) -> None:
    with StateFile(tmp_path / "state.db") as file:
        assert file.attempt(record(), [code(5)], NOON).accepted
        other = bytes(20)
        assert file.attempt(record(other), [OtpKey(other).code(0)], NOON).accepted


def test_the_validity_of_the_seed_file_includes_both_days(tmp_path: Path) -> None:
    days = record(start_date=date(2027, 1, 15), expiry_date=date(2027, 1, 15))
    before, first, last, after = 1_799_971_199, 1_799_971_200, 1_800_057_599, 1_800_057_600
    with StateFile(tmp_path / "state.db") as file:
        assert file.attempt(days, [code(0)], before).verdict is Verdict.NOT_ACTIVE
        assert file.attempt(days, [code(0)], first).accepted
        assert file.attempt(days, [code(1)], last).accepted
        assert file.attempt(days, [code(2)], after).verdict is Verdict.EXPIRED


def test_unlocking_forgets_failures_and_keeps_what_is_used(tmp_path: Path) -> None:
    with StateFile(tmp_path / "state.db") as file:
        file.attempt(record(), [code(0)], NOON)
        for _ in range(5):
            file.attempt(record(), ["000000"], NOON)
        assert file.attempt(record(), [code(1)], NOON).verdict is Verdict.LOCKED
        file.unlock(record(), NOON)
        assert file.attempt(record(), [code(0)], NOON).verdict is Verdict.REPLAYED
        for _ in range(3):
            assert file.attempt(record(), ["000000"], NOON).verdict is Verdict.WRONG
        assert file.attempt(record(), [code(1)], NOON).accepted


def test_the_file_is_private_and_holds_no_seed(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.db"
    with StateFile(path) as file:
        file.attempt(record(), [code(0)], NOON)
        for name in path.parent.iterdir():
            assert stat.S_IMODE(name.stat().st_mode) == 0o600
            assert SEED not in name.read_bytes()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("foreign", ["text", "database"])
def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path, foreign: str) -> None:
    path = tmp_path / "other"
    if foreign == "text":
        path.write_bytes(b"not a database, but long enough to be looked at " * 40)
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE diary (page TEXT)")
        connection.close()
    before = path.read_bytes()
    with pytest.raises(BadInput, match="is not a state file of keyfob verify"):
        StateFile(path)
    assert path.read_bytes() == before


def test_two_openers_share_one_file(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with StateFile(path) as one, StateFile(path) as other:
        assert one.attempt(record(), [code(0)], NOON).accepted
        assert other.attempt(record(), [code(0)], NOON).verdict is Verdict.REPLAYED
        assert other.attempt(record(), [code(1)], NOON).accepted
        assert one.attempt(record(), [code(1)], NOON).verdict is Verdict.REPLAYED


def test_counters_end_at_2_to_the_64th_minus_1_and_are_never_used_again(tmp_path: Path) -> None:
    half, last = record(counter=2**63), record(serial_number="ZZ2", counter=2**64 - 1)
    with StateFile(tmp_path / "state.db") as file:
        assert file.attempt(half, ["959616"], NOON).standing.progress == Progress(2**63 + 1)
        assert file.attempt(last, ["094451"], NOON).accepted
    with StateFile(tmp_path / "state.db") as file:
        assert file.attempt(half, ["959616"], NOON).verdict is Verdict.REPLAYED
        assert file.attempt(half, [code(2**63 + 1)], NOON).accepted
        assert file.attempt(last, ["094451"], NOON).verdict is Verdict.REPLAYED
        assert "used up" in file.attempt(last, ["755224"], NOON).reason


def test_a_file_whose_counters_were_integers_goes_on_where_it_was(tmp_path: Path) -> None:
    path = Path(shutil.copy("vectors/stores/1/verify.db", tmp_path / "state.db"))
    token = record(credential_id="ZZHID0000001")
    for _ in range(2):  # once converted, it is opened as it is
        with StateFile(path) as file:
            again = file.attempt(token, [code(2)], NOON)
            assert (again.verdict, again.standing.progress) == (Verdict.REPLAYED, Progress(3))
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT hex(next_factor) FROM token").fetchall() == [("00" * 7 + "03",)]
        raw.execute("PRAGMA user_version = 9")
    raw.close()
    with pytest.raises(BadInput, match="version 9, and this keyfob reads up to 2"):
        StateFile(path)


@pytest.mark.parametrize("version", ["1", "2", "3"])
def test_a_file_of_each_version_becomes_todays(tmp_path: Path, version: str) -> None:
    path = Path(shutil.copy(f"vectors/stores/{version}/verify.db", tmp_path / "state.db"))
    token = record(credential_id="ZZHID0000001")
    with StateFile(path) as file:
        assert file.attempt(token, [code(3)], NOON).accepted
        again = file.attempt(token, [code(3)], NOON + 60)
        assert (again.verdict, again.standing.tally.failures) == (Verdict.REPLAYED, 0)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT used_at FROM token").fetchall() == [(NOON,)]
        assert raw.execute("PRAGMA user_version").fetchone() == (2,)


@pytest.mark.parametrize("kind", OtpKind)
def test_the_code_just_accepted_is_refused_and_no_failure(tmp_path: Path, kind: OtpKind) -> None:
    token = record(kind=kind, step_seconds=60)
    right = code(0 if kind is OtpKind.HOTP else NOON // 60)
    with StateFile(tmp_path / "state.db") as file:
        assert file.attempt(token, [right], NOON).accepted
        for _ in range(10):
            again = file.attempt(token, [right], NOON + 59)
            assert (again.verdict, again.standing.tally.failures) == (Verdict.REPLAYED, 0)
        late = file.attempt(token, [right], NOON + 61)
        assert (late.verdict, late.standing.tally.failures) == (Verdict.REPLAYED, 1)


def test_a_damaged_counter_is_named(tmp_path: Path) -> None:
    with StateFile(tmp_path / "state.db") as file:
        assert file.attempt(record(), [code(2)], NOON).accepted
        file._connection.execute("UPDATE token SET next_factor = x'03'")
        with pytest.raises(BadInput, match="its row of ZZH600000001 is damaged"):
            file.attempt(record(), [code(3)], NOON)


def test_a_last_step_that_lies_ahead_is_refused_in_words(tmp_path: Path) -> None:
    seconds_for_steps = record(kind=OtpKind.TOTP, time_steps=NOON)
    tomorrow = record(kind=OtpKind.TOTP, time_steps=(NOON + 86_400) // 30)
    with StateFile(tmp_path / "state.db") as file:
        with pytest.raises(BadInput, match="in the future"):
            file.attempt(seconds_for_steps, ["755224"], NOON)
        assert not file.attempt(tomorrow, ["755224"], NOON).accepted
