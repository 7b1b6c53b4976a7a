"""The issuing desk: wrong passwords counted first, an activation once, everything sealed."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from firmware_model.errors import BadInput, Denied
from firmware_model.generators import Hash
from firmware_model.wire.activation import Confirmation
from firmware_model.wire.objects import seed_check_value
from host_tools.activation.desk import ActivationDesk
from host_tools.activation.issues import IssueReason, IssueState, Terms
from host_tools.vault.key_ring import KeyRing
from tests.host_tools.activation.apps import NOW, PASSWORD, App, activated, tried

KEYS, _ = KeyRing.generate()
DAY = 86_400
STORES = Path("vectors/stores")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desk.db"


@pytest.fixture
def desk(path: Path) -> Iterator[ActivationDesk]:
    with ActivationDesk(path, KEYS, create=True) as opened:
        yield opened


def issued(desk: ActivationDesk, terms: Terms | None = None) -> App:
    return App(desk.issue("301245", PASSWORD, NOW, terms).user_id)


class TestIssue:
    def test_serial_numbers_count_up_by_prefix(self, desk: ActivationDesk) -> None:
        prefixes = ["ZZP1", "ZZP1", "ZZC1", "ZZP1"]
        serials = [
            desk.issue("301245", PASSWORD, NOW, Terms(serial_prefix=prefix)).serial_number
            for prefix in prefixes
        ]
        assert serials == ["ZZP100000001", "ZZP100000002", "ZZC100000001", "ZZP100000003"]

    def test_a_prefix_may_begin_another_one(self, desk: ActivationDesk) -> None:
        serials = [
            desk.issue("301245", PASSWORD, NOW, Terms(serial_prefix=prefix)).serial_number
            for prefix in ("ZZ1P", "ZZ", "ZZ0", "ZZ")
        ]
        assert serials == ["ZZ1P00000001", "ZZ0000000001", "ZZ0000000002", "ZZ0000000003"]

    @pytest.mark.parametrize("prefix", ["", "zzp1", "*", "ZZP-", "ZZP100000001", "ＺＺＰ１"])
    def test_serial_numbers_are_such_as_a_token_can_have(
        self, desk: ActivationDesk, prefix: str
    ) -> None:
        desk.issue("301245", PASSWORD, NOW)
        with pytest.raises(BadInput, match="begins no serial number of 12 capital letters"):
            desk.issue("301245", PASSWORD, NOW, Terms(serial_prefix=prefix))

    def test_serial_numbers_end_where_their_prefix_leaves_no_room(
        self, desk: ActivationDesk
    ) -> None:
        terms = Terms(serial_prefix="ZZP10000000")
        last = [desk.issue("301245", PASSWORD, NOW, terms).serial_number for _ in range(9)][-1]
        assert last == "ZZP100000009"
        with pytest.raises(BadInput, match="that begins with ZZP10000000 is left"):
            desk.issue("301245", PASSWORD, NOW, terms)

    def test_user_ids_are_fresh_or_as_wanted_but_never_taken(self, desk: ActivationDesk) -> None:
        first = desk.issue("301245", PASSWORD, NOW)
        assert first.user_id != desk.issue("301245", PASSWORD, NOW).user_id
        assert desk.issue("301245", PASSWORD, NOW, user_id="SATO-1").user_id == "SATO-1"
        with pytest.raises(BadInput, match="the user ID SATO-1 is taken"):
            desk.issue("301245", PASSWORD, NOW, user_id="SATO-1")
        assert desk.issue("999999", PASSWORD, NOW, user_id="SATO-1").service_id == "999999"

    @pytest.mark.parametrize(("service_id", "user_id"), [("a/b", "1"), ("", "1"), ("1", "x" * 33)])
    def test_ids_are_letters_digits_and_hyphens(
        self, desk: ActivationDesk, service_id: str, user_id: str
    ) -> None:
        with pytest.raises(BadInput, match="letters, digits and hyphens"):
            desk.issue(service_id, PASSWORD, NOW, user_id=user_id)


class TestActivation:
    def test_gives_both_ends_the_same_token(self, desk: ActivationDesk) -> None:
        app = issued(desk, Terms(life_days=90, algorithm=Hash.SHA256, digits=8, step_seconds=60))
        issue = activated(desk, app)
        assert (issue.state, issue.device_id) == (IssueState.ACTIVATED, "phone-1")
        record = desk.record(issue.serial_number)
        assert record.seed == app.secrets.seed(Hash.SHA256)
        assert (record.digits, record.step_seconds) == (8, 60)
        assert str(record.expiry_date) == "2027-04-15"
        assert (record.issuer, record.user) == ("301245", app.user_id)
        keys = desk.keys(issue.serial_number)
        assert keys is not None
        assert keys.keys == app.secrets.key_set.keys

    def test_the_grant_says_who_the_token_is(self, desk: ActivationDesk) -> None:
        app = issued(desk)
        run = desk.challenge(app.ask(), NOW)
        confirmation = desk.prove(run, app.prove(run), NOW + 5)
        assert isinstance(confirmation, Confirmation)
        grant = app.take(confirmation)
        assert (grant.serial_number, grant.expiry_days) == ("ZZP100000001", None)
        assert grant.unix_seconds == NOW + 5

    def test_works_once(self, desk: ActivationDesk) -> None:
        app = issued(desk)
        activated(desk, app)
        assert tried(desk, app) is IssueReason.USED
        assert tried(desk, App(app.user_id, device_id="thief")) is IssueReason.USED
        assert desk.store.issues()[0].device_id == "phone-1"

    def test_of_two_phones_that_know_the_password_the_last_granted_counts(
        self, desk: ActivationDesk
    ) -> None:
        app = issued(desk)
        other = App(app.user_id, device_id="phone-2")
        run = desk.challenge(app.ask(), NOW)
        assert isinstance(desk.prove(run, app.prove(run), NOW), Confirmation)
        assert isinstance(tried(desk, other), Confirmation)
        with pytest.raises(Denied):
            desk.confirm(run, app.secrets.receipt, NOW)
        check = seed_check_value(other.secrets.seed(Hash.SHA1))
        assert desk.settle("ZZP100000001", check, NOW).device_id == "phone-2"

    def test_nothing_but_the_receipt_confirms(self, desk: ActivationDesk) -> None:
        app = issued(desk)
        run = desk.challenge(app.ask(), NOW)
        desk.prove(run, app.prove(run), NOW)
        with pytest.raises(Denied, match="no receipt"):
            desk.confirm(run, bytes(32), NOW)
        with pytest.raises(Denied, match="not activated"):
            desk.record("ZZP100000001")
        with pytest.raises(Denied, match="nothing was granted"):
            desk.settle("ZZP100000001", b"abc", NOW)
        assert desk.confirm(run, app.secrets.receipt, NOW).state is IssueState.ACTIVATED

    def test_the_password_ends_with_its_days(self, desk: ActivationDesk) -> None:
        app = issued(desk, Terms(password_days=7))
        assert tried(desk, app, NOW + 7 * DAY + 1) is IssueReason.LATE
        assert isinstance(tried(desk, app, NOW + 7 * DAY), Confirmation)

    def test_a_withdrawn_issue_is_nothing_any_more(self, desk: ActivationDesk) -> None:
        app = issued(desk)
        desk.withdraw("ZZP100000001", NOW)
        assert tried(desk, app) is IssueReason.WITHDRAWN
        with pytest.raises(Denied):
            desk.withdraw("ZZP100000001", NOW)
        for ask in (lambda name: desk.withdraw(name, NOW), desk.record):
            with pytest.raises(BadInput, match="no soft token ZZP100000009 was issued here"):
                ask("ZZP100000009")

    def test_a_name_is_known_in_any_case_of_letters(self, desk: ActivationDesk) -> None:
        issued(desk)
        assert desk.withdraw(" zzp100000001", NOW).serial_number == "ZZP100000001"


class TestWrongPasswords:
    def test_lock_the_issue_with_the_last_try(self, desk: ActivationDesk) -> None:
        app = issued(desk, Terms(tries=3))
        app.password = "4712"
        assert [tried(desk, app) for _ in range(4)] == [IssueReason.WRONG] * 3 + [
            IssueReason.LOCKED
        ]
        app.password = PASSWORD
        assert tried(desk, app) is IssueReason.LOCKED
        assert desk.store.issues()[0].state is IssueState.LOCKED

    def test_are_forgotten_once_it_was_right(self, desk: ActivationDesk) -> None:
        app = issued(desk, Terms(tries=3))
        app.password = "4712"
        tried(desk, app)
        tried(desk, app)
        app.password = PASSWORD
        assert activated(desk, app).failures == 0

    def test_are_counted_before_the_proof_is_looked_at(
        self, desk: ActivationDesk, path: Path
    ) -> None:
        app = issued(desk)
        run = desk.challenge(app.ask(), NOW)

        class KilledError(Exception):
            pass

        class Dying:
            def agree(self, public: bytes) -> None:
                raise KilledError

        run.server = Dying()  # type: ignore[assignment]
        with pytest.raises(KilledError):
            desk.prove(run, bytes(32), NOW)
        with ActivationDesk(path, KEYS) as later:
            assert later.store.issues()[0].failures == 1

    def test_cannot_be_multiplied_by_asking_all_at_once(
        self, desk: ActivationDesk, path: Path
    ) -> None:
        user_id = issued(desk, Terms(tries=3)).user_id

        def guess(number: int) -> Confirmation | IssueReason:
            with ActivationDesk(path, KEYS) as mine:
                return tried(mine, App(user_id, f"{number:04}"))

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(guess, range(8)))
        assert answers.count(IssueReason.WRONG) == 3
        assert answers.count(IssueReason.LOCKED) == 5

    def test_the_desk_takes_no_public_number_that_fixes_the_key(self, desk: ActivationDesk) -> None:
        app = issued(desk)
        request = app.ask()
        object.__setattr__(request, "public", bytes(384))
        run = desk.challenge(request, NOW)
        assert desk.prove(run, bytes(32), NOW) is IssueReason.WRONG
        assert desk.store.issues()[0].failures == 1


class TestUnknownNames:
    def test_are_answered_like_known_ones_and_refused_at_the_end(
        self, desk: ActivationDesk
    ) -> None:
        known, unknown = issued(desk), App("0000000000")
        runs = [desk.challenge(app.ask(), NOW) for app in (known, unknown, unknown)]
        assert runs[1].challenge.salt == runs[2].challenge.salt != runs[0].challenge.salt
        assert runs[1].challenge.public != runs[2].challenge.public
        proof = unknown.prove(runs[2])
        assert desk.prove(runs[2], proof, NOW) is IssueReason.UNKNOWN


class TestStore:
    def test_holds_no_secret_in_clear_and_is_nobody_elses(
        self, desk: ActivationDesk, path: Path
    ) -> None:
        app = issued(desk)
        issue = activated(desk, app)
        raw = b"".join(file.read_bytes() for file in path.parent.iterdir())
        verifier = desk.store.salt_and_verifier(issue)[1]
        secrets = (verifier, app.secrets.seed(Hash.SHA1), *app.secrets.key_set.keys)
        assert all(secret not in raw for secret in secrets)
        assert path.stat().st_mode & 0o777 == 0o600

    def test_goes_on_where_it_was_left(self, desk: ActivationDesk, path: Path) -> None:
        serial_number = activated(desk, issued(desk)).serial_number
        with ActivationDesk(path, KEYS) as again:
            assert again.record(serial_number) == desk.record(serial_number)

    def test_another_key_is_noticed_before_anything_is_sealed_with_it(
        self, desk: ActivationDesk, path: Path
    ) -> None:
        issued(desk)
        other, _ = KeyRing.generate()
        with pytest.raises(BadInput, match="the key given is not this store's"):
            ActivationDesk(path, other)

    def test_another_key_cannot_take_over_a_store_from_before_there_was_a_mark(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "old.db"
        path.write_bytes((STORES / "1" / "soft.db").read_bytes())
        with closing(sqlite3.connect(path)) as raw, raw:
            raw.execute("DROP TABLE mark")
        with pytest.raises(BadInput, match="the key given is not this store's"):
            ActivationDesk(path, KEYS)
        with ActivationDesk(path, KeyRing.parse("11" * 32, "the test key")) as again:
            assert len(again.store.issues()) == 4

    def test_is_not_made_where_it_was_only_looked_for(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="no such file"):
            ActivationDesk(tmp_path / "none.db", KEYS)
        (tmp_path / "other.db").write_bytes(b"not a database, not at all" * 100)
        with pytest.raises(BadInput, match="a store of soft tokens"):
            ActivationDesk(tmp_path / "other.db", KEYS)

    def test_a_row_moved_to_another_token_opens_nothing(
        self, desk: ActivationDesk, path: Path
    ) -> None:
        app = issued(desk)
        issued(desk)
        with sqlite3.connect(path) as raw:
            raw.execute(
                "UPDATE issue SET verifier = (SELECT verifier FROM issue WHERE user_id != ?1)"
                " WHERE user_id = ?1",
                (app.user_id,),
            )
        raw.close()
        with pytest.raises(BadInput, match="damaged"):
            tried(desk, app)
