"""`keyfob host` as a clerk meets it: one story through the verbs, JSON, and exit statuses."""

import io
import json
import re
import resource
import signal
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from host_tools import seeds
from keyfob.__main__ import status_of
from tests.host_tools.verification.hosts import PRESSED, SEED, SPARE, code, record

HOST = (Path(__file__).resolve().parents[3] / "docs" / "HOST.md").read_text(encoding="utf-8")

Keyfob = Callable[..., tuple[int, str, str]]

SCHEMA = "its schema was altered"


@pytest.fixture
def keyfob(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Keyfob:
    monkeypatch.setenv("KEYFOB_HOST_STORE", str(tmp_path / "host.db"))
    monkeypatch.setenv("KEYFOB_HOST_KEY_FILE", str(tmp_path / "host.key"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)

    def run(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = status_of(["host", *words])
        out, err = capsys.readouterr()
        return status, out, err

    seeds.write(tmp_path / "seeds.pskcxml", [record(PRESSED), record(SPARE)], plain=True)
    assert run("init")[0] == 0
    assert run("import", "seeds.pskcxml")[0] == 0
    return run


def told(answer: tuple[int, str, str]) -> Any:
    status, out, err = answer
    assert (status, err) == (0, "")
    return json.loads(out)


def test_a_token_through_its_life(keyfob: Keyfob) -> None:
    on = ("--token", PRESSED)
    assert keyfob("enroll", *on, "--user", "acme/alice", typed=code(0))[0] == 0
    answer = told(keyfob("verify", "--user", "acme/alice", "--json", typed=code(1)))
    assert (answer["accepted"], answer["moving_factor"]) == (True, 1)
    assert keyfob("verify", *on, typed=code(1))[:2] == (
        1,
        f"{PRESSED}: refused: the code was just accepted, and counts once\n",
    )
    assert keyfob("resync", *on, typed=f"{code(50)}\n{code(51)}\n")[0] == 0
    assert told(keyfob("suspend", *on, "--until", "2040-01-31", "--json"))["state"] == "suspended"
    assert keyfob("verify", *on, typed=code(52))[1].endswith(
        "suspended; the service works without a code until 2040-01-31\n"
    )
    assert keyfob("resume", *on)[:2] == (0, f"{PRESSED}: active\n")
    assert keyfob("exchange", *on, "--for", SPARE, typed=f"{code(52)}\n{code(0)}\n")[0] == 0
    status = told(keyfob("status", *on, "--json"))
    assert (status["state"], status["successor"]) == ("exchanged", SPARE)
    assert keyfob("lost", "--token", SPARE)[:2] == (0, f"{SPARE}: lost\n")
    assert told(keyfob("status", "--json"))["tokens"] == {"exchanged": 1, "lost": 1}


def test_five_wrong_codes_lock_and_unlock_opens(keyfob: Keyfob) -> None:
    on = ("--token", PRESSED)
    keyfob("enroll", *on, "--user", "alice", typed=code(0))
    for _ in range(5):
        assert keyfob("verify", *on, typed="000000")[0] == 1
    assert keyfob("verify", *on, typed=code(1))[1].endswith("locked after 5 wrong codes\n")
    assert keyfob("unlock", *on, "--as", "user:alice")[0] == 1
    assert keyfob("unlock", *on)[:2] == (0, f"{PRESSED}: active\n")
    assert keyfob("verify", *on, typed=code(1))[0] == 0


def test_the_audit_log_is_shown_and_proved(keyfob: Keyfob) -> None:
    shown = told(keyfob("audit", "--json"))
    assert [entry["event"] for entry in shown["entries"]] == ["init", "import"]
    assert keyfob("audit", "verify", "--head", shown["head"])[0] == 0
    other = "9:" + "00" * 32
    assert keyfob("audit", "verify", "--head", other) == (
        1,
        "broken: the log ends at row 5, but a head of row 9 was kept\n",
        "",
    )


def test_a_log_that_was_altered_is_shown_as_it_is_and_called_broken(
    keyfob: Keyfob, tmp_path: Path
) -> None:
    connection = sqlite3.connect(tmp_path / "host.db")
    connection.execute("DROP TRIGGER audit_no_update")
    connection.execute("UPDATE audit SET at = 'long ago' WHERE number = 5")
    connection.commit()
    connection.close()
    assert "     5  long ago  import  done" in keyfob("audit")[1]
    status, out, _ = keyfob("audit", "verify", "--json")
    assert (status, json.loads(out)) == (
        1,
        {
            "whole": False,
            "faults": ["row 5 was altered, or the one before it", SCHEMA],
            "head": None,
        },
    )


def test_a_row_of_the_log_stays_one_line_whoever_is_named_in_it(keyfob: Keyfob) -> None:
    keyfob("suspend", "--token", PRESSED, "--as", "administrator:佐藤\n     9  forged\x1b[2J")
    last = keyfob("audit")[1].splitlines()[-2]
    assert "administrator 佐藤\\n     9  forged\\x1b[2J" in last


def test_unknown_names_are_refused_in_the_same_form_as_known_ones(keyfob: Keyfob) -> None:
    keyfob("enroll", "--token", PRESSED, "--user", "alice", typed=code(0))
    known = json.loads(keyfob("verify", "--user", "alice", "--json", typed="000000")[1])
    for asked, says in (
        (("--token", "ZZX"), ("ZZX", None, "unknown token ZZX")),
        (("--user", "bob"), (None, "bob", "bob has no token in use")),
    ):
        status, out, _ = keyfob("verify", *asked, "--json", typed="000000")
        told = json.loads(out)
        assert status == 1
        assert told.keys() == known.keys()
        assert (told["serial_number"], told["user"], told["reason"]) == says
        assert (told["credential_id"], told["verdict"]) == (None, "unknown")
    assert (
        keyfob("verify", "--user", "bob", typed="000000")[1]
        == "bob: refused: bob has no token in use\n"
    )


def test_an_exchange_is_told_in_one_form_whatever_came_of_it(keyfob: Keyfob) -> None:
    keyfob("enroll", "--token", PRESSED, "--user", "alice", typed=code(0))
    exchange = ("exchange", "--token", PRESSED, "--for", SPARE, "--json")
    for old, new, status, verdicts in (
        ("000000", code(0), 1, ("wrong", None)),
        (code(1), "000000", 1, ("accepted", "wrong")),
        (code(2), code(0), 0, ("accepted", "accepted")),
    ):
        answer = keyfob(*exchange, typed=f"{old}\n{new}\n")
        told = json.loads(answer[1])
        assert answer[0] == status
        assert (told["old"]["verdict"], told["new"] and told["new"]["verdict"]) == verdicts


def test_status_tells_people_what_holds_now(keyfob: Keyfob) -> None:
    on = ("--token", PRESSED)
    assert keyfob("status", *on)[1] == (
        f"{PRESSED}  stocked\n  next        moving factor 0\n  failures    0\n"
    )
    keyfob("enroll", *on, "--user", "alice", typed=code(0))
    keyfob("suspend", *on, "--until", "2040-01-31")
    said = keyfob("status", *on)[1]
    assert re.search(r"without a code +alice until 2040-01-31\n", said)
    assert re.search(r"last used +20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\n", said)
    keyfob("resume", *on)
    for _ in range(5):
        keyfob("verify", *on, typed="000000")
    said = keyfob("status", *on)[1]
    assert re.search(r"failures +5, locked since 20", said)


def test_all_known_verifiers_are_asked_at_once(keyfob: Keyfob) -> None:
    opinions = told(keyfob("profiles", "--token", PRESSED, "--json", typed=code(9)))
    said = {opinion["profile"]: opinion["accepted"] for opinion in opinions}
    assert (said["privacyidea"], said["fortiauthenticator"], said["vip"]) == (True, False, None)
    assert told(keyfob("status", "--token", PRESSED, "--json"))["counters"]["failures"] == 0
    assert "privacyIDEA" in keyfob("profiles")[1]


def test_a_backup_is_confirmed_before_it_serves(keyfob: Keyfob) -> None:
    assert keyfob("backup", "copy.db")[0] == 0
    status, _, err = keyfob("status", "--store", "copy.db")
    assert status == 1
    assert "keyfob host restore" in err
    said = told(keyfob("restore", "--store", "copy.db", "--json"))["no_longer_promised"]
    assert len(said) == 4
    assert keyfob("status", "--store", "copy.db")[0] == 0


def test_store_and_key_are_private_and_the_seed_is_in_neither(
    keyfob: Keyfob, tmp_path: Path
) -> None:
    for name in ("host.db", "host.key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert SEED not in (tmp_path / name).read_bytes()


def test_every_name_that_is_printed_for_programs_is_documented(keyfob: Keyfob) -> None:
    on = ("--token", PRESSED)
    printed: set[str] = set()
    for words, typed in (
        (("init", "--store", "other.db"), ""),
        (("import", "seeds.pskcxml", "--store", "other.db"), ""),
        (("assign", *on, "--user", "alice"), ""),
        (("enroll", *on, "--user", "alice"), code(0)),
        (("verify", *on), code(1)),
        (("exchange", *on, "--for", SPARE), f"{code(2)}\n{code(0)}"),
        (("status", *on), ""),
        (("status", "--user", "alice"), ""),
        (("audit",), ""),
        (("audit", "verify"), ""),
        (("profiles", "--token", SPARE), code(3)),
        (("rekey",), ""),
        (("backup", "copy.db"), ""),
        (("restore", "--store", "copy.db"), ""),
    ):
        printed |= names(told(keyfob(*words, "--json", typed=typed)))
    printed |= told(keyfob("status", "--json")).keys()
    assert len(printed) > 40
    told_of = set(re.findall(r"`(\w+)`", HOST.partition("## 9.")[2].partition("## 10.")[0]))
    assert printed - told_of == set()


def names(value: object) -> set[str]:
    """All names of a JSON value, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*map(names, value.values()))
    return set().union(*map(names, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize(
    ("words", "typed", "status", "line"),
    [
        (("init",), "", 2, "the file exists already"),
        (("import", "seeds.pskcxml"), "", 2, "nothing was imported"),
        (("verify",), "", 2, "name the token, its user, or both"),
        (("verify", "--token", PRESSED), "12e456", 2, "character 3 of the code is no digit"),
        (("suspend", "--token", "ZZX"), "", 2, "unknown token ZZX"),
        (("suspend", "--token", PRESSED), "", 1, "is stocked: suspend cannot happen to it"),
        (("suspend", "--token", PRESSED, "--until", "soon"), "", 2, "a day is written YYYY-MM-DD"),
        (("suspend", "--token", PRESSED, "--as", "king"), "", 2, "expected one of user,"),
        (
            ("resume", "--token", PRESSED, "--store", "no.db"),
            "",
            2,
            "no.db: no such file; a store of",
        ),
        (("status", "--key-file", "seeds.pskcxml"), "", 2, "line 1: a version"),
    ],
)
def test_bad_input_is_one_plain_line(
    keyfob: Keyfob, words: tuple[str, ...], typed: str, status: int, line: str
) -> None:
    answer = keyfob(*words, typed=typed)
    assert answer[0] == status
    assert line in answer[2]
    assert answer[2].count("\n") == 1


def test_a_policy_that_is_no_text_is_named(keyfob: Keyfob, tmp_path: Path) -> None:
    (tmp_path / "policy").write_bytes(b"\xff\xfe\x00")
    status, _, err = keyfob("init", "--policy", "policy", "--store", "other.db")
    assert (status, err) == (2, "keyfob: policy: not TOML: it is not UTF-8 text\n")
    assert not (tmp_path / "other.db").exists()


def test_the_audit_log_is_read_by_people_in_dates(keyfob: Keyfob) -> None:
    _, out, _ = keyfob("audit")
    assert re.match(r" +1  20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ  init  done", out)


def test_a_store_that_was_damaged_is_named(keyfob: Keyfob, tmp_path: Path) -> None:
    path = tmp_path / "host.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xaa" * (len(whole) - 4096))
    for words in (["status"], ["verify", "--token", PRESSED]):
        status, _, err = keyfob(*words, typed=code(0))
        assert status == 2
        assert err.startswith(f"keyfob: {path}")
        assert "damaged" in err
        assert err.count("\n") == 1


def test_a_row_that_somebody_altered_is_named(keyfob: Keyfob, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "host.db")
    connection.execute("UPDATE token SET state = 'gone' WHERE serial_number = ?", (PRESSED,))
    connection.commit()
    connection.close()
    status, _, err = keyfob("status", "--token", PRESSED)
    assert (status, err) == (
        2,
        f"keyfob: {tmp_path / 'host.db'} was altered or damaged: token {PRESSED.lower()}:"
        " its values are not those that were written; restore a backup\n",
    )


def test_a_store_whose_decoy_was_taken_out_is_refused(keyfob: Keyfob, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "host.db")
    connection.execute("DELETE FROM token WHERE id = 0")
    connection.commit()
    connection.close()
    status, _, err = keyfob("status")
    assert (status, "it has 3 rows, and 4 were written" in err) == (2, True)


def test_rekeying_adds_a_key_and_seals_every_seed_with_it(keyfob: Keyfob, tmp_path: Path) -> None:
    answer = told(keyfob("rekey", "--json"))
    assert answer == {"key_version": 2, "seeds": 3}  # two tokens and the decoy
    key_file = tmp_path / "host.key"
    assert [line.split()[0] for line in key_file.read_text().splitlines()] == ["1", "2"]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    on = ("--token", PRESSED)
    assert keyfob("enroll", *on, "--user", "alice", typed=code(0))[0] == 0
    assert keyfob("audit", "verify")[0] == 0
    assert told(keyfob("rekey", "--json"))["key_version"] == 3
    key_file.write_text("".join(key_file.read_text().splitlines(keepends=True)[2:]))
    assert keyfob("verify", *on, typed=code(1))[0] == 0, "the newest key alone opens all"


def test_keys_of_the_environment_are_not_made_but_used(
    keyfob: Keyfob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (tmp_path / "host.key").read_text()
    monkeypatch.setenv("KEYFOB_HOST_KEY", first)
    status, _, err = keyfob("rekey")
    assert status == 2
    assert "every seed is sealed with key version 1 already" in err
    monkeypatch.setenv("KEYFOB_HOST_KEY", f"{first}7 {'5a' * 32}")
    assert keyfob("rekey")[:2] == (
        0,
        f"{tmp_path / 'host.db'}: 3 seeds sealed anew, key version 7\n",
    )


def test_a_store_that_finds_no_room_is_not_left_half_made(keyfob: Keyfob, tmp_path: Path) -> None:
    # Where a file may grow to a few pages only, SQLite meets what it meets on a full disk.
    before, highest = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, highest))
    try:
        made = keyfob("init", "--store", "other.db")
        copied = keyfob("backup", "copy.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, highest))
        signal.signal(signal.SIGXFSZ, heard)
    assert made[0] == copied[0] == 2
    assert "other.db" in made[2]
    assert not list(tmp_path.glob("other.db*"))
    assert not list(tmp_path.glob("copy.db*"))
    assert keyfob("init", "--store", "other.db")[0] == 0


def test_a_cumulative_file_is_imported_with_what_is_known_passed_over(
    keyfob: Keyfob, tmp_path: Path
) -> None:
    new, other = record("ZZH600009999"), replace(record(SPARE), seed=bytes(range(40, 60)))
    seeds.write(tmp_path / "more", [record(PRESSED), record(SPARE), new], plain=True)
    assert keyfob("import", "more")[0] == 2
    answer = keyfob("import", "more", "--skip-known")
    assert answer == (0, "more: 1 token imported, 2 known already\n", "")
    assert told(keyfob("import", "more", "--skip-known", "--json"))["known"] == 3
    seeds.write(tmp_path / "other", [record(PRESSED), other], plain=True)
    status, _, err = keyfob("import", "other", "--skip-known")
    assert (status, f"{SPARE} is known already" in err) == (2, True), "another seed under its name"
