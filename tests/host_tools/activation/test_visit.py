"""Visits to a soft token in a process of its own, over its port: what was asked for is done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_model.errors import NoAnswer, Refused
from firmware_model.generators import Hash, totp
from firmware_model.wire.activation import (
    ACTIVATION_AID,
    AppStanding,
    Confirmation,
    GeneralAuthenticate,
    Proof,
    Wish,
    opened,
)
from host_tools.activation import soft_user, visit
from host_tools.activation.desk import ActivationDesk
from host_tools.activation.issues import Issue, IssueReason, IssueState, Terms
from host_tools.activation.visit import VisitOutcome, What, serve
from host_tools.client.bench import BenchClient, BenchError
from host_tools.client.link import Link
from host_tools.client.session import TokenSession, open_session
from host_tools.vault.key_ring import KeyRing
from keyfob.fob_process import FobProcess
from tests.shares import every

PASSWORD = "4711"
KEYS, _ = KeyRing.generate()


class Bank:
    """A desk, one phone, and everything that passed between them."""

    def __init__(self, desk: ActivationDesk, port: str, bench: BenchClient) -> None:
        self.desk = desk
        self.port = port
        self.bench = bench
        self.heard: list[bytes] = []

    def issue(self, terms: Terms | None = None) -> Issue:
        return self.desk.issue("301245", PASSWORD, int(self.bench.now()), terms)

    def type_in(self, issue: Issue, password: str = PASSWORD) -> None:
        soft_user.type_credentials(self.bench, issue.service_id, issue.user_id, password)

    def visit(self) -> VisitOutcome:
        with self.session() as session:
            return serve(session, self.desk, self.bench.now)

    def session(self) -> TokenSession:
        session = open_session(self.port)
        assert isinstance(session.link, Link)
        session.link = Tapped(session.link, self.heard)  # type: ignore[assignment]
        return session

    def activated(self, terms: Terms | None = None) -> Issue:
        issue = self.issue(terms)
        self.type_in(issue)
        assert self.visit().what is What.ACTIVATED
        return issue

    def text(self) -> str:
        return self.bench.display().text


class Tapped:
    """A line on which somebody listens."""

    def __init__(self, link: Link, heard: list[bytes]) -> None:
        self._link = link
        self._heard = heard

    def transceive(self, command: bytes) -> bytes:
        answer = self._link.transceive(command)
        self._heard += [command, answer]
        return answer

    def __getattr__(self, name: str) -> object:
        return getattr(self._link, name)

    def __exit__(self, *error: object) -> None:
        self._link.__exit__(*error)  # type: ignore[arg-type]

    def __str__(self) -> str:
        return str(self._link)


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FobProcess]:
    process = FobProcess("soft-phone", tmp_path_factory.mktemp("phone"))
    yield process
    process.stop()


@pytest.fixture
def bank(phone: FobProcess, tmp_path: Path) -> Iterator[Bank]:
    """A bank that knows nobody yet, and a phone with the app freshly installed."""
    desk = ActivationDesk(tmp_path / "desk.db", KEYS, create=True)
    with desk, BenchClient(phone.bench) as bench:
        if bench.query("POWer:STATe?") == "0":
            bench.restore_power()
        soft_user.install_app(bench, "phone-1")
        yield Bank(desk, phone.port, bench)


def test_nothing_asked_is_nothing_done(bank: Bank) -> None:
    outcome = bank.visit()
    assert outcome.what is What.NOTHING
    assert (outcome.standing, outcome.device_id) == (AppStanding.NOT_ACTIVATED, "phone-1")
    assert outcome.clock_ahead_seconds == 0


def test_an_activation_ends_with_the_same_codes_at_both_ends(bank: Bank) -> None:
    issue = bank.issue(Terms(life_days=90))
    bank.type_in(issue)
    outcome = bank.visit()
    assert (outcome.what, outcome.serial_number) == (What.ACTIVATED, issue.serial_number)
    assert outcome.expiry_date == bank.desk.record(issue.serial_number).expiry_date
    assert bank.text() == "Activated; set app lock"
    bank.bench.press()
    record = bank.desk.record(issue.serial_number)
    now = int(bank.bench.now())
    assert bank.text() == totp(record.seed, now, digits=6, step_seconds=30)


def test_nobody_on_the_line_hears_a_secret(bank: Bank) -> None:
    issue = bank.activated()
    soft_user.tap_entry(bank.bench, "LOGin")
    outcome = bank.visit()
    assert outcome.what is What.CODE
    assert outcome.code.isdecimal()
    heard = b"".join(bank.heard)
    keys = bank.desk.keys(issue.serial_number)
    assert keys is not None
    assert keys.keys is not None
    secrets = [bank.desk.record(issue.serial_number).seed, *keys.keys, outcome.code.encode()]
    assert len(heard) > 1000
    assert all(secret not in heard for secret in secrets)


@pytest.mark.parametrize("password", ["4712", "0000"])
def test_a_wrong_password_is_refused_counted_and_told(bank: Bank, password: str) -> None:
    issue = bank.issue()
    bank.type_in(issue, password)
    outcome = bank.visit()
    assert (outcome.what, outcome.reason) == (What.REFUSED, IssueReason.WRONG)
    assert outcome.standing is AppStanding.NOT_ACTIVATED
    assert bank.text() == "Refused by the bank"
    assert bank.desk.store.issues()[0].failures == 1
    assert bank.visit().what is What.NOTHING


def test_a_second_activation_is_refused_on_another_device(bank: Bank) -> None:
    issue = bank.activated()
    soft_user.install_app(bank.bench, "phone-2")
    bank.type_in(issue)
    assert bank.visit().reason is IssueReason.USED
    bank.bench.press()
    assert bank.text() == "Not activated"


def test_a_name_nobody_has_gets_no_other_answers_than_a_wrong_password(bank: Bank) -> None:
    bank.issue()
    soft_user.type_credentials(bank.bench, "301245", "0000000001", PASSWORD)
    assert bank.visit().reason is IssueReason.UNKNOWN
    unknown = [len(said) for said in bank.heard]
    bank.heard.clear()
    bank.type_in(bank.issue(), "9999")
    assert bank.visit().reason is IssueReason.WRONG
    assert [len(said) for said in bank.heard] == unknown


def test_a_wrong_device_clock_is_told_and_the_user_may_try_again(bank: Bank) -> None:
    issue = bank.issue()
    soft_user.shift_clock(bank.bench, 600)
    bank.type_in(issue)
    outcome = bank.visit()
    assert (outcome.what, outcome.clock_ahead_seconds) == (What.WRONG_CLOCK, 600)
    assert bank.text() == "Wrong device clock"
    soft_user.shift_clock(bank.bench, -600)
    bank.type_in(issue)
    assert bank.visit().what is What.ACTIVATED


def test_a_receipt_that_got_lost_is_made_up_for_by_the_next_visit(bank: Bank) -> None:
    issue = bank.issue()
    bank.type_in(issue)
    now = int(bank.bench.now())
    with bank.session() as session:
        session.select(ACTIVATION_AID)
        request = visit._Visit(session, bank.desk, bank.bench.now)._request()
        assert request is not None
        assert request.wish is Wish.ACTIVATION
        run = bank.desk.challenge(request, now)
        answer = session.send(GeneralAuthenticate(run.challenge).command(), "to prove")
        proof = opened(Proof, answer)
        assert proof is not None
        confirmation = bank.desk.prove(run, proof.proof, now)
        assert isinstance(confirmation, Confirmation)
        session.send(GeneralAuthenticate(confirmation).command(), "to confirm")
    assert bank.desk.store.issues()[0].state is IssueState.GRANTED
    outcome = bank.visit()
    assert (outcome.what, outcome.serial_number) == (What.ACTIVATED, issue.serial_number)
    assert bank.desk.store.issues()[0].state is IssueState.ACTIVATED


@pytest.mark.parametrize("operation", every(3, [1, 3, 12]))
def test_a_power_cut_in_mid_activation_costs_at_most_another_typing(
    bank: Bank, operation: int
) -> None:
    issue = bank.issue()
    bank.type_in(issue)
    bank.bench.do(f"POWer:CUT:ARM {operation},50")
    with pytest.raises(NoAnswer):
        bank.visit()
    bank.bench.restore_power()
    if bank.visit().what is What.NOTHING:
        bank.type_in(issue)
        assert bank.visit().what is What.ACTIVATED
    assert bank.desk.record(issue.serial_number).seed
    bank.bench.press()
    assert bank.text().isdecimal()


def test_an_extension_moves_both_dates(bank: Bank) -> None:
    bank.activated(Terms(life_days=20))
    soft_user.tap_entry(bank.bench, "EXTend")
    outcome = bank.visit()
    assert outcome.what is What.EXTENDED
    assert bank.text() == f"Expires {outcome.expiry_date}"
    assert bank.visit().what is What.NOTHING


def test_an_extension_too_early_is_refused(bank: Bank) -> None:
    bank.activated(Terms(life_days=90))
    soft_user.tap_entry(bank.bench, "EXTend")
    assert bank.visit().reason is IssueReason.NOT_NEAR
    assert bank.text() == "Refused by the bank"


def test_who_was_withdrawn_has_no_direct_login(bank: Bank) -> None:
    issue = bank.activated()
    bank.desk.withdraw(issue.serial_number, 0)
    soft_user.tap_entry(bank.bench, "LOGin")
    assert bank.visit().reason is IssueReason.WITHDRAWN


def test_a_token_of_another_bank_is_unknown(bank: Bank, tmp_path: Path) -> None:
    bank.activated()
    soft_user.tap_entry(bank.bench, "LOGin")
    with ActivationDesk(tmp_path / "other.db", KEYS, create=True) as other:
        bank.desk = other
        assert bank.visit().reason is IssueReason.UNKNOWN


def test_a_deleted_app_answers_nothing(bank: Bank) -> None:
    bank.activated()
    soft_user.tap_entry(bank.bench, "DELete")
    assert soft_user.read_device_id(bank.bench) == ""
    with pytest.raises(NoAnswer):
        bank.visit()


def test_a_copied_app_says_so_and_gives_nothing(bank: Bank) -> None:
    bank.activated()
    soft_user.copy_app(bank.bench, "thief")
    soft_user.tap_entry(bank.bench, "LOGin")
    outcome = bank.visit()
    assert (outcome.what, outcome.standing) == (What.NOTHING, AppStanding.WRONG_DEVICE)
    assert outcome.device_id == "thief"


def test_what_was_typed_is_in_no_message(bank: Bank) -> None:
    with pytest.raises(BenchError) as caught:
        soft_user.type_credentials(bank.bench, "301245", "1", "13579135", channel=9)
    assert "13579135" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_fob_is_no_soft_token(bank: Bank, tmp_path: Path) -> None:
    fob = FobProcess("fob-t60", tmp_path)
    try:
        with open_session(fob.port) as session, pytest.raises(Refused, match="6A82"):
            serve(session, bank.desk, bank.bench.now)
        with BenchClient(fob.bench) as bench, pytest.raises(BenchError, match="not a soft token"):
            soft_user.install_app(bench, "phone-1")
    finally:
        fob.stop()


def test_seeds_of_other_hashes_agree_too(bank: Bank) -> None:
    issue = bank.activated(Terms(algorithm=Hash.SHA512, digits=8))
    assert len(bank.desk.record(issue.serial_number).seed) == 64
    bank.bench.press()
    assert len(bank.text()) == 8
