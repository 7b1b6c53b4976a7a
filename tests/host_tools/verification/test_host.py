"""The host over its store: enrolment, verification, scopes, states, exchange, backup."""

import stat
from datetime import date
from pathlib import Path

import pytest

from firmware_model.errors import BadInput, Denied
from host_tools.vault.key_ring import KEY_BYTES, KeyRing
from host_tools.verification.decision import Verdict
from host_tools.verification.host import Host
from host_tools.verification.states import Actor, Role, TokenEvent, TokenState
from tests.host_tools.verification.hosts import (
    KEYS,
    NOON,
    PRESSED,
    SEED,
    SPARE,
    TIMED,
    code,
    file_of,
    new_host,
    record,
    step,
)

ALICE, BOB = "acme/alice", "acme/bob"


def test_an_enrolled_token_verifies_once_per_code_by_any_of_its_names(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        assert host.enroll(PRESSED, ALICE, [code(0)], NOON).accepted
        assert host.verify([code(1)], NOON, token="zzid00000077").accepted
        assert host.verify([code(2)], NOON, user=ALICE).accepted
        answer = host.verify([code(2)], NOON, token=PRESSED, user=ALICE)
        assert answer.decision.verdict is Verdict.REPLAYED
        assert (answer.serial_number, answer.credential_id) == (PRESSED, "ZZID00000077")


def test_what_is_decided_outlives_the_process(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        host.enroll(PRESSED, ALICE, [code(0)], NOON)
        host.verify([code(5)], NOON, token=PRESSED)
    with Host.open(tmp_path / "host.db", KEYS) as host:
        assert host.status(PRESSED, NOON).next_factor == 6
        assert host.verify([code(5)], NOON, token=PRESSED).decision.verdict is Verdict.REPLAYED


@pytest.mark.parametrize("token", [PRESSED, TIMED])
def test_a_token_nobody_enrolled_is_refused(tmp_path: Path, token: str) -> None:
    with new_host(tmp_path / "host.db") as host:
        decision = host.verify([code(0)], NOON, token=token).decision
        assert (decision.verdict, decision.reason) == (
            Verdict.NOT_ACTIVE,
            "the token is stocked",
        )


@pytest.mark.parametrize("name", ["Z" * 257, "ZZ\n99  forged", "\x1b[2J"])
def test_a_name_that_would_spoil_the_log_is_refused_and_not_logged(
    tmp_path: Path, name: str
) -> None:
    with new_host(tmp_path / "host.db") as host:
        before = host.audit_head()
        for asked in ({"token": name}, {"user": name}):
            with pytest.raises(BadInput, match="at most 256 characters, all of them printable"):
                host.verify([code(0)], NOON, **asked)
        assert host.audit_head() == before


def test_a_verification_needs_a_code(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host, pytest.raises(BadInput, match="no code given"):
        host.verify([], NOON, token=PRESSED)


def test_an_unknown_name_costs_the_same_writes_as_a_wrong_code(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        host.enroll(PRESSED, ALICE, [code(0)], NOON)
        written = []
        for asked in ({"token": PRESSED}, {"token": "ZZX"}, {"user": "nobody"}):
            changes = file_of(host).total_changes
            assert not host.verify(["000000"], NOON, **asked).accepted
            written.append(file_of(host).total_changes - changes)
        assert written == [4, 4, 4]
        assert host.verify(["000000"], NOON, token="ZZX").decision.verdict is Verdict.UNKNOWN


def test_drift_is_stored_and_two_codes_bridge_a_larger_one(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        assert host.enroll(TIMED, ALICE, [code(step() + 1)], NOON).accepted
        assert host.status(TIMED, NOON).drift_steps == 1
        later = NOON + 3600
        assert not host.verify([code(step(later) + 30)], later, token=TIMED).accepted
        run = [code(step(later) + 30), code(step(later) + 31)]
        assert host.verify(run, later, token=TIMED).accepted
        assert host.status(TIMED, NOON).drift_steps == 31
        assert host.verify([code(step(later) + 32)], later + 60, token=TIMED).accepted


def test_the_time_step_of_a_record_is_the_last_one_used(tmp_path: Path) -> None:
    name = "ZZT600000007"
    with new_host(tmp_path / "host.db", "[enrolment]\ncodes = 0") as host:
        host.import_tokens([record(name, time_steps=step())], NOON)
        host.enroll(name, ALICE, [], NOON)
        answer = host.verify([code(step())], NOON, token=name)
        assert answer.decision.verdict is Verdict.REPLAYED
        assert host.verify([code(step() + 1)], NOON, token=name).accepted


def test_two_codes_enrol_only_if_both_match(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db", "[enrolment]\ncodes = 2") as host:
        assert not host.enroll(PRESSED, ALICE, [code(0), "000000"], NOON).accepted
        assert host.status(PRESSED, NOON).state is TokenState.STOCKED
        with pytest.raises(BadInput, match="2 consecutive"):
            host.enroll(PRESSED, ALICE, [code(0)], NOON)
        assert host.enroll(PRESSED, ALICE, [code(0), code(1)], NOON).accepted


@pytest.mark.parametrize(
    ("scope", "locked"),
    [
        ("generator", {(PRESSED, ALICE), (PRESSED, BOB)}),
        ("user", {(PRESSED, ALICE), (TIMED, ALICE)}),
        ("service", {(PRESSED, ALICE), (PRESSED, BOB), (TIMED, ALICE), (TIMED, BOB)}),
    ],
)
def test_a_lock_reaches_as_far_as_its_scope(
    tmp_path: Path, scope: str, locked: set[tuple[str, str]]
) -> None:
    policy = f'limits = {{ scope = "{scope}", lock_after_failures = 2 }}\n[enrolment]\n'
    policy += "users_per_token = 0\ncodes = 0"
    with new_host(tmp_path / "host.db", policy) as host:
        pairs = [(token, user) for token in (PRESSED, TIMED) for user in (ALICE, BOB)]
        for token, user in [*pairs, (SPARE, "other/carol")]:
            host.enroll(token, user, [], NOON)
        for _ in range(2):
            host.verify(["000000"], NOON, token=PRESSED, user=ALICE)
        refused = {
            (token, user)
            for token, user in pairs
            if host.status(token, NOON, user).state is TokenState.LOCKED
        }
        assert refused == locked
        assert host.verify([code(0)], NOON, token=SPARE).accepted
        assert not host.verify([code(0)], NOON, token=PRESSED, user=ALICE).accepted
        host.move(TokenEvent.UNLOCK, PRESSED, NOON, user=ALICE)
        assert host.verify([code(0)], NOON, token=PRESSED, user=ALICE).accepted


def test_a_shared_token_asks_whose_failures_to_count(tmp_path: Path) -> None:
    policy = 'limits = { scope = "user" }\nenrolment = { codes = 0, users_per_token = 0 }'
    with new_host(tmp_path / "host.db", policy) as host:
        host.enroll(PRESSED, ALICE, [], NOON)
        host.enroll(PRESSED, BOB, [], NOON)
        with pytest.raises(BadInput, match="shared by 2 users: name the user"):
            host.verify([code(0)], NOON, token=PRESSED)


def test_one_code_serves_only_one_of_those_who_share_a_token(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db", "enrolment = { users_per_token = 0 }") as host:
        host.enroll(TIMED, ALICE, [code(step())], NOON)
        host.enroll(TIMED, BOB, [code(step() + 1)], NOON + 60)
        later = NOON + 120
        assert host.verify([code(step(later))], later, user=ALICE).accepted
        assert host.verify([code(step(later))], later, user=BOB).decision.verdict is (
            Verdict.REPLAYED
        )


def test_a_token_of_one_user_is_refused_to_another(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        host.enroll(PRESSED, ALICE, [code(0)], NOON)
        with pytest.raises(Denied, match="belongs to another user"):
            host.enroll(PRESSED, BOB, [code(1)], NOON)
        decision = host.verify([code(1)], NOON, token=PRESSED, user=BOB).decision
        assert decision.verdict is Verdict.NOT_ENROLLED


def test_a_suspended_token_says_until_when_the_service_works_without(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        host.enroll(PRESSED, ALICE, [code(0)], NOON)
        host.move(TokenEvent.SUSPEND, PRESSED, NOON, until=date(2027, 3, 31))
        decision = host.verify([code(1)], NOON, token=PRESSED).decision
        assert decision.verdict is Verdict.SUSPENDED
        assert decision.reason.endswith("the service works without a code until 2027-03-31")
        assert host.move(TokenEvent.RESUME, PRESSED, NOON) is TokenState.ACTIVE
        assert host.verify([code(1)], NOON, token=PRESSED).accepted


def test_suspending_and_resuming_never_opens_a_lock(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        host.enroll(PRESSED, ALICE, [code(0)], NOON)
        for _ in range(5):
            host.verify(["000000"], NOON, token=PRESSED)
        assert host.move(TokenEvent.SUSPEND, PRESSED, NOON) is TokenState.SUSPENDED
        assert host.move(TokenEvent.RESUME, PRESSED, NOON) is TokenState.LOCKED
        assert host.verify([code(1)], NOON, token=PRESSED).decision.verdict is Verdict.LOCKED


def test_releasing_and_enrolling_anew_never_opens_a_lock(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        host.enroll(PRESSED, ALICE, [code(0)], NOON)
        for _ in range(5):
            host.verify(["000000"], NOON, token=PRESSED)
        host.move(TokenEvent.RELEASE, PRESSED, NOON)
        assert host.enroll(PRESSED, BOB, [code(1)], NOON).decision.verdict is Verdict.LOCKED
        host.move(TokenEvent.UNLOCK, PRESSED, NOON)
        assert host.enroll(PRESSED, BOB, [code(1)], NOON).accepted


def test_loss_is_final_where_nobody_may_find(tmp_path: Path) -> None:
    for policy, final in (("", False), ("[permissions]\nfound = {}", True)):
        with new_host(tmp_path / f"{final}.db", policy) as host:
            host.enroll(PRESSED, ALICE, [code(0)], NOON)
            assert host.move(TokenEvent.LOSE, PRESSED, NOON) is TokenState.LOST
            assert host.verify([code(1)], NOON, token=PRESSED).decision.verdict is (
                Verdict.NOT_ACTIVE
            )
            if final:
                with pytest.raises(Denied, match="found is not granted to bank"):
                    host.move(TokenEvent.FIND, PRESSED, NOON)
            else:
                assert host.move(TokenEvent.FIND, PRESSED, NOON) is TokenState.RELEASED
                assert host.enroll(PRESSED, ALICE, [code(1)], NOON).accepted


def test_a_token_expires_after_its_last_day_and_is_extended(tmp_path: Path) -> None:
    with Host.create(tmp_path / "host.db", KEYS, NOON, "") as host:
        host.import_tokens([record(PRESSED, expiry_date=date(2027, 1, 16))], NOON)
        host.enroll(PRESSED, ALICE, [code(0)], NOON)
        later = NOON + 3 * 86_400
        assert host.status(PRESSED, later).state is TokenState.EXPIRED
        assert host.verify([code(1)], later, token=PRESSED).decision.verdict is Verdict.EXPIRED
        with pytest.raises(BadInput, match="past already"):
            host.move(TokenEvent.EXTEND, PRESSED, later, until=date(2027, 1, 1))
        assert (
            host.move(TokenEvent.EXTEND, PRESSED, later, until=date(2028, 1, 1))
            is TokenState.ACTIVE
        )
        assert host.verify([code(1)], later, token=PRESSED).accepted


def test_the_way_to_the_user_and_back(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        assert host.move(TokenEvent.ASSIGN, PRESSED, NOON, user=ALICE) is TokenState.ASSIGNED
        assert host.move(TokenEvent.MAIL, PRESSED, NOON) is TokenState.MAILED
        assert host.move(TokenEvent.RETURN, PRESSED, NOON) is TokenState.RETURNED
        assert host.move(TokenEvent.MAIL, PRESSED, NOON) is TokenState.MAILED
        with pytest.raises(Denied, match="assigned to another user"):
            host.enroll(PRESSED, BOB, [code(0)], NOON)
        assert host.enroll(PRESSED, ALICE, [code(0)], NOON).accepted


def test_an_exchange_takes_both_codes_and_voids_the_old(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        host.enroll(PRESSED, ALICE, [code(0)], NOON)
        old, new = host.exchange(PRESSED, SPARE, [code(1)], [code(0)], NOON)
        assert new is not None
        assert (old.accepted, new.accepted) == (True, True)
        assert host.status(PRESSED, NOON).state is TokenState.EXCHANGED
        assert host.status(PRESSED, NOON).successor == SPARE
        assert not host.verify([code(2)], NOON, token=PRESSED).accepted
        assert host.verify([code(1)], NOON, user=ALICE).serial_number == SPARE


def test_an_exchange_that_fails_leaves_the_old_token_in_use(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        host.enroll(PRESSED, ALICE, [code(0)], NOON)
        assert host.exchange(PRESSED, SPARE, ["000000"], [code(0)], NOON)[1] is None
        _, new = host.exchange(PRESSED, SPARE, [code(1)], ["000000"], NOON)
        assert new is not None
        assert not new.accepted
        assert host.status(SPARE, NOON).state is TokenState.STOCKED
        replay = host.verify([code(1)], NOON, token=PRESSED)
        assert replay.decision.verdict is Verdict.REPLAYED
        assert host.verify([code(2)], NOON, token=PRESSED).accepted


def test_who_may_not_is_denied_and_logged(tmp_path: Path) -> None:
    policy = '[permissions]\nunlock = { bank = "any", master_user = "others" }'
    with new_host(tmp_path / "host.db", policy) as host:
        host.enroll(PRESSED, ALICE, [code(0)], NOON)
        for _ in range(5):
            host.verify(["000000"], NOON, token=PRESSED)
        with pytest.raises(Denied, match="unlock is not granted to master_user acme/alice"):
            host.move(TokenEvent.UNLOCK, PRESSED, NOON, Actor(Role.MASTER_USER, ALICE))
        assert host.audit_rows()[-1][1].outcome == "denied"
        host.move(TokenEvent.UNLOCK, PRESSED, NOON, Actor(Role.MASTER_USER, BOB))


def test_an_import_is_all_or_nothing(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        before = host.summary(), host.audit_head()
        good = record("ZZH600000009")
        for bad, line in (
            (record(PRESSED), f"{PRESSED} is known already, or twice in the file"),
            (record("zzh600000009"), "zzh600000009 is known already, or twice in the file"),
            (record("ZZ1", credential_id="ZZID00000077"), "ZZ1 or its Credential ID ZZID00000077"),
            (record("ZZID00000077"), "ZZID00000077 would be one token's serial number and"),
            (record("ZZT600000010", time_steps=NOON), f"its last step used, {NOON}, is in the"),
        ):
            with pytest.raises(BadInput) as caught:
                host.import_tokens([good, bad], NOON)
            assert line in str(caught.value)
            assert (host.summary(), host.audit_head()) == before


def test_counters_end_at_2_to_the_64th_minus_1_and_are_never_used_again(tmp_path: Path) -> None:
    late = {"ZZH600000008": (2**63, "959616"), "ZZH600000009": (2**64 - 1, "094451")}
    with new_host(tmp_path / "host.db") as host:
        host.import_tokens([record(name, counter=at) for name, (at, _) in late.items()], NOON)
        for name, (_, shown) in late.items():
            assert host.enroll(name, ALICE, [shown], NOON).accepted
    with Host.open(tmp_path / "host.db", KEYS) as host:
        assert host.status("ZZH600000008", NOON).next_factor == 2**63 + 1
        assert host.verify([code(2**63 + 1)], NOON, token="ZZH600000008").accepted
        assert host.status("ZZH600000009", NOON).next_factor is None
        for shown in ("094451", code(0)):
            assert not host.verify([shown], NOON, token="ZZH600000009").accepted
        assert host.audit_faults() == []


def test_the_store_is_private_and_a_copy_of_it_reveals_no_seed(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db") as host:
        host.enroll(PRESSED, ALICE, [code(0)], NOON)
        for path in tmp_path.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert SEED not in path.read_bytes()


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    with new_host(tmp_path / "host.db"):
        pass
    with pytest.raises(BadInput, match="the key given is not this store's"):
        Host.open(tmp_path / "host.db", KeyRing({1: bytes(KEY_BYTES)}))


def test_a_store_is_never_made_over_another_file(tmp_path: Path) -> None:
    path = tmp_path / "host.db"
    path.write_text("mine")
    with pytest.raises(BadInput, match="the file exists already"):
        Host.create(path, KEYS, NOON)
    assert path.read_text() == "mine"


def test_a_backup_serves_only_after_what_it_cannot_promise_was_said(tmp_path: Path) -> None:
    path, copy = tmp_path / "host.db", tmp_path / "copy.db"
    with new_host(path) as host:
        host.enroll(PRESSED, ALICE, [code(0)], NOON)
        host.enroll(TIMED, BOB, [code(step())], NOON)
        head = host.backup(copy, NOON)
        assert host.verify([code(1)], NOON, token=PRESSED).accepted
        assert host.verify([code(step() + 1)], NOON + 60, token=TIMED).accepted
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with pytest.raises(Denied, match="is a backup of 2027-01-15"):
        Host.open(copy, KEYS)
    said = Host.restore(copy, KEYS, NOON + 90)
    assert any("Press-counted tokens in use (1)" in line for line in said)
    with Host.open(copy, KEYS) as host:
        timed = host.verify([code(step() + 1)], NOON + 90, token=TIMED)
        assert timed.decision.verdict is Verdict.REPLAYED
        assert host.verify([code(step() + 10)], NOON + 600, token=TIMED).accepted
        assert host.verify([code(1)], NOON + 90, token=PRESSED).accepted
        assert host.audit_faults(head) == []
    with pytest.raises(BadInput, match="is no backup"):
        Host.restore(copy, KEYS, NOON)
