"""`keyfob soft`: a soft token from its issue to a verified code, with nothing but the command."""

import io
import os

import pytest

from host_tools.client.bench import BenchClient
from tests.keyfob.cli.running import Desk

PHONE = pytest.mark.parametrize("desk", ["soft-phone pty"], indirect=True)
PASSWORD = "4711"
STEP_SECONDS = 30


class Bank:
    """The desk's store in the fob's folder, and the verbs that work on it."""

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk = desk
        self.store = desk.folder / "soft.db"
        self._options = ("--store", self.store, "--key-file", desk.folder / "soft.key")
        self._monkeypatch = monkeypatch
        self.do("init")

    def do(self, verb: str, *words: str, status: int = 0) -> str:
        return self.desk.do("soft", verb, *words, *self._options, "--clock", "bench", status=status)

    def json(self, verb: str, *words: str) -> dict[str, object]:
        found = self.desk.json("soft", verb, *words, *self._options, "--clock", "bench")
        assert isinstance(found, dict)
        return found

    def typed(self, text: str) -> None:
        """Let the next question be answered from standard input."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(text + "\n"))


@pytest.fixture
def bank(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Bank:
    return Bank(desk, monkeypatch)


@PHONE
def test_from_issue_to_a_verified_code(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = bank.desk
    bank.typed(PASSWORD)
    issue = bank.json("issue", "--service", "301245", "--days", "60")
    assert issue["state"] == "open"
    desk.do("soft", "install", "phone-1")
    bank.typed(PASSWORD)
    desk.do("soft", "type", "--service", "301245", "--user", str(issue["user_id"]))
    outcome = bank.json("serve")
    assert outcome["outcome"] == "activated"
    assert outcome["device_id"] == "phone-1"
    serial_number = str(outcome["serial_number"])
    seeds = desk.folder / "soft.pskcxml"
    bank.do("export", str(seeds), "--token", serial_number)
    for file in (seeds, desk.folder / "soft.pskcxml.key"):
        assert file.stat().st_mode & 0o777 == 0o600
    with BenchClient(os.environ["KEYFOB_BENCH"]) as bench:
        bench.advance(STEP_SECONDS - bench.now() % STEP_SECONDS)  # no step ends under the finger
    desk.do("press")
    monkeypatch.setenv("KEYFOB_CODE", desk.json("look")["text"])
    verify = ("verify", "--seeds", seeds, "--token", serial_number, "--clock", "bench")
    state = ("--state", desk.folder / "verify.db")
    assert "accepted" in desk.do(*verify, *state)
    desk.do("advance", "60s")
    desk.do("soft", "tap", "login")
    handed = bank.json("serve")
    assert handed["outcome"] == "code handed over"
    monkeypatch.setenv("KEYFOB_CODE", str(handed["code"]))
    assert "accepted" in desk.do(*verify, *state)
    assert "refused" in desk.do(*verify, *state, status=1)


@PHONE
def test_a_wrong_password_ends_with_status_1_and_is_in_the_list(bank: Bank) -> None:
    bank.typed(PASSWORD)
    issue = bank.json("issue", "--service", "301245", "--user", "SATO")
    bank.typed("9999")
    bank.desk.do("soft", "type", "--service", "301245", "--user", "SATO")
    assert "refused: wrong password" in bank.do("serve", status=1)
    listed = bank.do("status")
    assert "open" in listed
    assert ", 1 wrong password" in listed
    bank.do("withdraw", "--token", str(issue["serial_number"]))
    assert "withdrawn" in bank.do("status")


@PHONE
def test_nothing_asked_is_said_so_and_no_battery_is_made_up(bank: Bank) -> None:
    assert bank.json("serve")["outcome"] == "nothing asked"
    assert bank.desk.json("info")["battery"] is None
    assert "no soft token was issued yet" in bank.do("status")


@PHONE
def test_a_password_that_is_none_is_refused_without_repeating_it(bank: Bank) -> None:
    bank.typed("abcdefgh1357")
    said = bank.desk.refused(
        "soft", "issue", "--service", "1", *bank._options, "--clock", "bench", status=2
    )
    assert said == "a start password has 4 to 8 digits"


@PHONE
def test_a_seed_in_clear_has_to_be_asked_for(bank: Bank) -> None:
    bank.typed(PASSWORD)
    issue = bank.json("issue", "--service", "301245")
    bank.typed(PASSWORD)
    bank.desk.do("soft", "type", "--service", "301245", "--user", str(issue["user_id"]))
    bank.do("serve")
    sealed, plain = bank.desk.folder / "sealed.pskcxml", bank.desk.folder / "plain.pskcxml"
    on = ("--token", str(issue["serial_number"]))
    bank.do("export", str(sealed), *on)
    bank.do("export", str(plain), *on, "--plain")
    assert b"<pskc:EncryptedValue" in sealed.read_bytes()
    assert b"PlainValue" not in sealed.read_bytes().partition(b"<pskc:Secret>")[2][:100]
    assert b"PlainValue" in plain.read_bytes().partition(b"<pskc:Secret>")[2][:100]


@PHONE
def test_a_store_is_made_once_and_its_key_is_nobody_elses(bank: Bank) -> None:
    assert bank.store.stat().st_mode & 0o777 == 0o600
    assert (bank.desk.folder / "soft.key").stat().st_mode & 0o777 == 0o600
    assert "the file exists already" in bank.desk.refused("soft", "init", *bank._options, status=2)
