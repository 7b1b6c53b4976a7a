"""`keyfob verify` as a user meets it: answers, exit statuses, plain lines for bad input."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKey, OtpKind
from host_tools import seeds
from host_tools.seeds import SeedRecord
from keyfob.__main__ import status_of
from keyfob.cli.code_input import ask_codes, prompts_for

SEED = b"12345678901234567890"
Verify = Callable[..., tuple[int, str, str]]


def code(factor: int) -> str:
    return OtpKey(SEED).code(factor)


@pytest.fixture
def verify(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Verify:
    record = SeedRecord(
        serial_number="ZZH600000001", credential_id="ZZID00000077", seed=SEED, kind=OtpKind.HOTP
    )
    path = tmp_path / "seeds.pskcxml"
    seeds.write(path, [record], plain=True)

    def run(typed: str, *extra: str, token: str = "ZZH600000001") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        words = ["verify", "--seeds", str(path), "--token", token, *extra]
        if "--state" not in extra:
            words += ["--state", str(tmp_path / "state.db")]
        status = status_of(words)
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_a_code_is_accepted_once_and_its_replay_refused_with_the_reason(verify: Verify) -> None:
    assert verify(code(0)) == (0, "ZZH600000001: accepted: the code is right\n", "")
    status, out, _ = verify(code(0))
    assert status == 1
    assert out == "ZZH600000001: refused: the code was just accepted, and counts once\n"


def test_serial_number_and_credential_id_name_the_same_token(verify: Verify) -> None:
    assert verify(code(0), token="zzid00000077")[0] == 0
    assert verify(code(0), token="zzh600000001")[0] == 1


def test_json_tells_the_whole_answer(verify: Verify) -> None:
    status, out, _ = verify(code(4), "--json")
    assert status == 0
    assert json.loads(out) == {
        "serial_number": "ZZH600000001",
        "credential_id": "ZZID00000077",
        "accepted": True,
        "verdict": "accepted",
        "reason": "the code is right",
        "moving_factor": 4,
        "counters": {"next_moving_factor": 5, "drift_steps": 0, "failures": 0},
    }


def test_two_codes_catch_up_with_a_fob_far_ahead(verify: Verify) -> None:
    assert verify(code(60))[0] == 1
    assert verify(f"{code(60)}\n{code(61)}\n", "--resync")[0] == 0
    assert verify(code(62))[0] == 0


def test_five_wrong_codes_lock_and_unlock_opens(verify: Verify) -> None:
    answers = [verify("000000")[1] for _ in range(5)]
    assert answers[4].endswith("locked now, after 5 wrong codes\n")
    assert verify(code(0))[1].endswith("refused: locked after 5 wrong codes\n")
    assert verify(code(0), "--unlock")[0] == 0


@pytest.mark.parametrize(
    ("typed", "token", "line"),
    [
        ("7552x4", "ZZH600000001", "a code has digits only: character 5 of the code is no digit"),
        ("7552", "ZZH600000001", "the code has 4 digits, 6 digits expected"),
        ("755224", "ZZX", "has no token ZZX; it has ZZH600000001"),
    ],
)
def test_bad_input_is_one_plain_line(verify: Verify, typed: str, token: str, line: str) -> None:
    status, out, err = verify(typed, token=token)
    assert (status, out) == (2, "")
    assert line in err
    assert err.count("\n") == 1
    assert typed not in err


def test_the_environment_gives_a_code_and_an_argument_gives_a_warning(
    verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYFOB_CODE", code(0))
    assert verify("")[0] == 0
    status, _, err = verify("", "--code", code(1))
    assert status == 0
    assert err.startswith("warning: --code on a command line can be seen by others")


def test_a_state_file_of_another_kind_is_left_alone(verify: Verify, tmp_path: Path) -> None:
    diary = tmp_path / "diary.txt"
    diary.write_text("dear diary\n" * 99)
    status, _, err = verify(code(0), "--state", str(diary))
    assert status == 2
    assert "diary.txt is not a state file of keyfob verify" in err
    assert diary.read_text().startswith("dear diary")


@pytest.mark.parametrize(
    ("typed", "count", "codes"),
    [
        ("755224", 1, ["755224"]),
        ("755 224", 1, ["755 224"]),
        ("755224 287082", 2, ["755224", "287082"]),
        ("755 224 287 082", 2, ["755 224", "287 082"]),
    ],
)
def test_codes_in_the_environment_may_have_blanks_within_them(
    typed: str, count: int, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYFOB_CODE", typed)
    assert ask_codes((), prompts_for(count)) == codes


def test_too_many_codes_in_the_environment_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYFOB_CODE", "755 224 287")
    with pytest.raises(BadInput, match="3 of 2 codes given"):
        ask_codes((), prompts_for(2))
