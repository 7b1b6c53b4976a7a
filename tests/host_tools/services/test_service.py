"""The service's own promises: it forgets nothing, and it keeps and tells no secret."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKey
from host_tools.services import due, rulebook
from host_tools.services.acts import _DOINGS
from host_tools.services.answers import RefusalReason
from host_tools.services.contract import Contract
from host_tools.services.permission import ONLINE, permitted
from host_tools.services.service import Service
from host_tools.services.store import ServiceStore
from host_tools.services.vocabulary import PAPER, PHONE, Act
from host_tools.vault.key_ring import KeyRing
from host_tools.verification.decision import Verdict
from host_tools.verification.host import Host
from tests.host_tools.verification.hosts import KEYS, NOON, SEED, TIMED, record

PIN = "a pin that nobody guesses"


@pytest.fixture
def rokin(tmp_path: Path) -> Iterator[Service]:
    rules = rulebook.shipped("rokin")
    store = ServiceStore(tmp_path / "services.db", KEYS)
    with Host.create(tmp_path / "host.db", KEYS, NOON, rules.policy_text()) as host:
        service = Service(rules, host, store, password_cost=1)
        service.open_contract("1", NOON)
        service.admit("1", "Sato", "master_user", {"pin": PIN})
        token = record(TIMED)
        host.import_tokens([token], NOON)
        service.hand_over("1", token)
        yield service
    store.close()


def code(now_seconds: int) -> str:
    return OtpKey(SEED).code(now_seconds // 60)


def enrolled(service: Service) -> None:
    entered = {"serial_number": TIMED, "code": code(NOON)}
    assert service.enrol("1", "Sato", entered, NOON).accepted


def test_a_contract_is_the_same_after_the_store_was_opened_again(
    rokin: Service, tmp_path: Path
) -> None:
    enrolled(rokin)
    later = NOON + 60
    asked = {"way": ONLINE, "actor": "Sato", "target": "Sato", "entered": {"code": code(later)}}
    assert rokin.act(Act.REVOKE, "1", later, **asked).accepted  # type: ignore[arg-type]
    contract = rokin.contract("1")
    assert contract.members["Sato"].enrols_from == later + 1800
    again = ServiceStore(tmp_path / "services.db", KEYS)
    assert again.contract("1") == contract
    assert again.bank() == rokin.bank
    again.close()


def test_a_request_that_changes_nothing_writes_nothing(rokin: Service) -> None:
    enrolled(rokin)
    before = rokin._store.head()
    rokin.look("1", NOON + 1)
    assert not rokin.act(Act.ORDER, "1", NOON + 1, way=PHONE).accepted
    assert rokin._store.head() == before
    assert rokin.act(Act.ORDER, "1", NOON + 1, way=PAPER).accepted
    assert rokin._store.head() != before
    assert rokin.contract("1").orders == ["additional"]


def test_the_store_is_private_and_holds_no_secret(rokin: Service, tmp_path: Path) -> None:
    file = tmp_path / "services.db"
    assert file.stat().st_mode & 0o077 == 0
    held = file.read_bytes()
    assert not [word for word in (PIN, "Sato", "secrets") if word.encode() in held]


def test_what_the_store_holds_is_sealed_and_bound_to_its_row(
    rokin: Service, tmp_path: Path
) -> None:
    rokin.open_contract("2", NOON)
    stranger, _ = KeyRing.generate()
    with pytest.raises(BadInput, match="the key given is not this store's"):
        ServiceStore(tmp_path / "services.db", stranger)
    with sqlite3.connect(tmp_path / "services.db") as database:
        database.execute(
            "UPDATE contract SET document ="
            " (SELECT document FROM contract WHERE number = '2') WHERE number = '1'"
        )
    database.close()
    with pytest.raises(BadInput, match="contract 1: its values are not those that were written"):
        rokin.contract("1")


@pytest.mark.parametrize("pin", ["", "wrong", PIN + "!"])
def test_no_answer_repeats_what_was_entered(rokin: Service, pin: str) -> None:
    enrolled(rokin)
    right = code(NOON + 60)
    answer = rokin.operate("1", "Sato", "balance", {"pin": pin, "code": right}, NOON + 60)
    assert answer.reason in (RefusalReason.INCOMPLETE, RefusalReason.MISMATCH)
    assert not {pin, right} & set(answer.message.split()) - {""}


def test_a_code_is_not_used_up_where_something_else_is_wrong(rokin: Service) -> None:
    enrolled(rokin)
    now = NOON + 60
    wrong = {"pin": "wrong", "code": code(now)}
    assert rokin.operate("1", "Sato", "pay_easy", wrong, now).reason is RefusalReason.MISMATCH
    assert rokin.operate("1", "Sato", "pay_easy", {**wrong, "pin": PIN}, now).accepted


def test_an_act_that_is_granted_to_nobody_is_refused_by_every_way(rokin: Service) -> None:
    for way in ("form", "phone", "branch", "bank", ONLINE):
        answer = rokin.act(Act.TERMINATE, "1", NOON, way=way, actor="Sato", target="Sato")
        assert answer.reason is RefusalReason.NOT_PERMITTED


def test_every_act_does_something_known() -> None:
    assert set(_DOINGS) == set(Act)


def test_what_the_service_does_not_know_is_bad_input(rokin: Service) -> None:
    with pytest.raises(BadInput, match="there is no contract 9"):
        rokin.contract("9")
    with pytest.raises(BadInput, match="there is a contract 1 already"):
        rokin.open_contract("1", NOON)
    with pytest.raises(BadInput, match="'fx' is no edition"):
        rokin.open_contract("2", NOON, "fx")
    with pytest.raises(BadInput, match="'king' is no role"):
        rokin.admit("1", "Ito", "king", {})
    with pytest.raises(BadInput, match="rokin has no operation 'dance'"):
        rokin.operate("1", "Sato", "dance", {}, NOON)


@pytest.mark.parametrize(
    ("granted", "way", "actor", "concerned", "answer"),
    [
        ("form", "form", "x", [("a", "clerk")], True),
        ("form", "phone", "x", [("a", "clerk")], False),
        ("owner", ONLINE, "o", [("a", "clerk")], True),
        ("owner for others", ONLINE, "o", [("o", "owner")], False),
        ("owner for others", ONLINE, "o", [("a", "clerk")], True),
        ("owner for others", ONLINE, "o", [("a", "clerk"), ("o", "owner")], False),
        ("owner for self", ONLINE, "o", [("o", "owner")], True),
        ("owner for self", ONLINE, "o", [("a", "clerk")], False),
        ("form for owner", "form", "x", [("a", "clerk"), ("o", "owner")], True),
        ("form for owner", "form", "x", [("a", "clerk")], False),
    ],
)
def test_a_permission_says_by_which_way_and_for_whom(
    granted: str, way: str, actor: str, concerned: list[tuple[str, str]], answer: bool
) -> None:
    role = "owner" if actor == "o" else ""
    assert permitted([granted], way, actor, role, concerned) is answer


@pytest.mark.parametrize(
    ("act", "entered", "reason"),
    [
        (Act.ADD_USER, {}, RefusalReason.INCOMPLETE),
        (Act.CHANGE_METHOD, {}, RefusalReason.INCOMPLETE),
        (Act.CHANGE_METHOD, {"method": "magic"}, RefusalReason.NOT_ELIGIBLE),
        (Act.CHANGE_FEE, {"fee": "first", "yen": "lots", "days": "0"}, RefusalReason.UNFIT),
        (Act.REPLACE_ADMINISTRATOR, {"new_user": "Sato"}, RefusalReason.TAKEN),
        (Act.RESET_SECRET, {"new_secret_unknown": "x"}, RefusalReason.INCOMPLETE),
        (Act.TERMINATE_AT_ONCE, {}, RefusalReason.NOT_ELIGIBLE),
    ],
)
def test_an_act_that_lacks_something_changes_nothing(
    tmp_path: Path, act: Act, entered: dict[str, str], reason: RefusalReason
) -> None:
    granted = f'[acts.{act}]\nby = {{ value = ["form"], article = "1" }}\n'
    rules = rulebook.parse(f'name = "b"\ntitle = "B"\nroles = ["owner"]\n{granted}', "b.toml")
    store = ServiceStore(tmp_path / "b.db", KEYS)
    with Host.create(tmp_path / "host.db", KEYS, NOON, rules.policy_text()) as host:
        service = Service(rules, host, store, password_cost=1)
        service.open_contract("1", NOON)
        service.admit("1", "Sato", "owner", {})
        before = service.contract("1")
        answer = service.act(act, "1", NOON, way="form", target="Sato", entered=entered)
        assert (answer.reason, service.contract("1")) == (reason, before)
    store.close()


DELAYED = """
[acts.suspend]
by = { value = ["form"], article = "1" }
after_seconds = { value = 60, article = "1" }
"""


def test_an_act_that_has_become_impossible_by_its_time_holds_nothing_up(tmp_path: Path) -> None:
    rules = rulebook.parse(f'name = "b"\ntitle = "B"\nroles = ["owner"]\n{DELAYED}', "b.toml")
    store = ServiceStore(tmp_path / "b.db", KEYS)
    with Host.create(tmp_path / "host.db", KEYS, NOON, rules.policy_text()) as host:
        service = Service(rules, host, store, password_cost=1)
        service.open_contract("1", NOON)
        service.admit("1", "Sato", "owner", {})
        for _ in range(2):  # there is no generator to suspend
            assert service.act(Act.SUSPEND, "1", NOON, way="form", target="Sato").accepted
        assert service.look("1", NOON + 60).dues == []
        assert service.contract("1").dues == []
    store.close()


def test_who_has_no_contract_is_answered_and_nothing_is_made(rokin: Service) -> None:
    answer = rokin.operate("9", "Ito", "balance", {"pin": "x"}, NOON)
    assert answer.reason is RefusalReason.NOT_ELIGIBLE
    with pytest.raises(BadInput, match="there is no contract 9"):
        rokin.look("9", NOON)


TOGETHER = """
[operations]
payout.asks = { value = ["pin", "number"], article = "1" }
[secrets.pin]
tries = { value = 3, article = "1" }
[secrets.number]
counted_with = { value = "pin", article = "1" }
"""


def test_wrong_ones_are_counted_together_until_an_entry_is_right_in_all(tmp_path: Path) -> None:
    rules = rulebook.parse(f'name = "b"\ntitle = "B"\nroles = ["owner"]\n{TOGETHER}', "b.toml")
    right = {"pin": "1", "number": "2"}
    store = ServiceStore(tmp_path / "b.db", KEYS)
    with Host.create(tmp_path / "host.db", KEYS, NOON, rules.policy_text()) as host:
        service = Service(rules, host, store, password_cost=1)
        service.open_contract("1", NOON)
        service.admit("1", "Sato", "owner", right)

        def tried(**changes: str) -> object:
            return service.operate("1", "Sato", "payout", right | changes, NOON).reason

        for _ in range(2):
            assert tried(number="x") is RefusalReason.MISMATCH
            assert tried(pin="x") is RefusalReason.MISMATCH
            assert tried() is Verdict.ACCEPTED
        for changes in ({"number": "x"}, {"pin": "x"}, {"number": "x"}):
            assert tried(**changes) is RefusalReason.MISMATCH
        assert tried() is RefusalReason.STOPPED
    store.close()


PAPERS = """
[acts.issue_token]
by = { value = ["form"], article = "1" }
requires = { value = ["order", "second_paper"], article = "1" }
[acts.order]
by = { value = ["form"], article = "1" }
[operations]
payout.asks = { value = ["pin"], article = "1" }
[secrets.pin]
tries = { value = 2, article = "1" }
"""


def refused_twice(tmp_path: Path) -> tuple[Contract, Contract]:
    """Return a contract before and after two refusals: papers missing, and a wrong PIN."""
    rules = rulebook.parse(f'name = "b"\ntitle = "B"\nroles = ["owner"]\n{PAPERS}', "b.toml")
    store = ServiceStore(tmp_path / "b.db", KEYS)
    with Host.create(tmp_path / "host.db", KEYS, NOON, rules.policy_text()) as host:
        service = Service(rules, host, store, password_cost=1)
        service.open_contract("1", NOON)
        service.admit("1", "Sato", "owner", {"pin": PIN})
        assert service.act(Act.ORDER, "1", NOON, way="form", target="Sato").accepted
        before = service.contract("1")
        answer = service.act(Act.ISSUE_TOKEN, "1", NOON, way="form", target="Sato")
        assert answer.reason is RefusalReason.INCOMPLETE
        assert not service.operate("1", "Sato", "payout", {"pin": "no"}, NOON).accepted
        after = service.contract("1")
    store.close()
    return before, after


def test_of_a_refused_request_only_what_it_counted_is_kept(tmp_path: Path) -> None:
    before, after = refused_twice(tmp_path)
    assert before.orders == after.orders == ["first"]
    assert after.members["Sato"].tries == {"pin": 1}


def test_without_a_copy_a_refused_request_would_use_the_order_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "copy_of", lambda case: case)
    assert refused_twice(tmp_path)[1].orders == []
