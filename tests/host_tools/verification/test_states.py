"""The table of token states, pair by pair, and who may cause what."""

from itertools import product

import pytest

from firmware_model.errors import BadInput
from host_tools.verification.policy import default_policy, load_policy
from host_tools.verification.states import (
    CAUSED_BY_NOBODY,
    OVERLAYS,
    TRANSITIONS,
    Actor,
    Reach,
    Role,
    TokenEvent,
    TokenState,
    effective,
    may,
)

ALLOWED = {
    TokenState.STOCKED: {TokenEvent.ASSIGN, TokenEvent.ENROLL, TokenEvent.UNLOCK, TokenEvent.LOSE},
    TokenState.ASSIGNED: {
        TokenEvent.MAIL,
        TokenEvent.STOCK,
        TokenEvent.ENROLL,
        TokenEvent.UNLOCK,
        TokenEvent.LOSE,
    },
    TokenState.MAILED: {TokenEvent.RETURN, TokenEvent.ENROLL, TokenEvent.UNLOCK, TokenEvent.LOSE},
    TokenState.RETURNED: {TokenEvent.MAIL, TokenEvent.STOCK, TokenEvent.LOSE},
    TokenState.ACTIVE: {
        TokenEvent.RESET_DRIFT,
        TokenEvent.ENROLL,
        TokenEvent.SUSPEND,
        TokenEvent.LOCK,
        TokenEvent.EXPIRE,
        TokenEvent.EXTEND,
        TokenEvent.RELEASE,
        TokenEvent.EXCHANGE,
        TokenEvent.LOSE,
    },
    TokenState.SUSPENDED: {
        TokenEvent.RESET_DRIFT,
        TokenEvent.RESUME,
        TokenEvent.UNLOCK,
        TokenEvent.EXPIRE,
        TokenEvent.EXTEND,
        TokenEvent.RELEASE,
        TokenEvent.LOSE,
    },
    TokenState.LOCKED: {
        TokenEvent.RESET_DRIFT,
        TokenEvent.UNLOCK,
        TokenEvent.SUSPEND,
        TokenEvent.EXPIRE,
        TokenEvent.EXTEND,
        TokenEvent.RELEASE,
        TokenEvent.LOSE,
    },
    TokenState.RELEASED: {TokenEvent.STOCK, TokenEvent.ENROLL, TokenEvent.UNLOCK, TokenEvent.LOSE},
    TokenState.LOST: {TokenEvent.FIND},
    TokenState.EXPIRED: {
        TokenEvent.EXTEND,
        TokenEvent.RELEASE,
        TokenEvent.EXCHANGE,
        TokenEvent.LOSE,
    },
    TokenState.EXCHANGED: set(),
}


@pytest.mark.parametrize(("state", "event"), list(product(TokenState, TokenEvent)))
def test_every_pair_is_allowed_or_refused_as_written_down(
    state: TokenState, event: TokenEvent
) -> None:
    assert ((state, event) in TRANSITIONS) is (event in ALLOWED[state])


def test_every_state_is_reached_and_only_the_exchanged_ends() -> None:
    assert set(TRANSITIONS.values()) == set(TokenState)
    assert {state for state in TokenState if not ALLOWED[state]} == {TokenState.EXCHANGED}


def test_nothing_but_unlocking_leads_from_locked_to_active_in_one_step() -> None:
    ways = {
        event
        for (state, event), target in TRANSITIONS.items()
        if state is TokenState.LOCKED and target is TokenState.ACTIVE
    }
    assert ways == {TokenEvent.UNLOCK}


def test_lock_and_expiry_lie_over_the_stored_state_and_never_hide_an_end() -> None:
    for stored, locked, expired in product(TokenState, (False, True), (False, True)):
        shown = effective(stored, locked=locked, expired=expired)
        if stored in (
            TokenState.LOST,
            TokenState.RELEASED,
            TokenState.EXCHANGED,
            TokenState.STOCKED,
        ):
            assert shown is stored
    assert effective(TokenState.ACTIVE, locked=True, expired=False) is TokenState.LOCKED
    assert effective(TokenState.ACTIVE, locked=True, expired=True) is TokenState.EXPIRED
    assert effective(TokenState.SUSPENDED, locked=True, expired=False) is TokenState.SUSPENDED


@pytest.mark.parametrize(
    ("reach", "name", "allowed"),
    [
        (Reach.ANY, "x", True),
        (Reach.OWN, "alice", True),
        (Reach.OWN, "bob", False),
        (Reach.OTHERS, "alice", False),
        (Reach.OTHERS, "bob", True),
    ],
)
def test_a_reach_says_whose_tokens(reach: Reach, name: str, allowed: bool) -> None:
    permissions = {TokenEvent.UNLOCK: {Role.MASTER_USER: reach}}
    alices = frozenset({"alice"})
    assert may(permissions, TokenEvent.UNLOCK, Actor(Role.MASTER_USER, name), alices) is allowed
    assert not may(permissions, TokenEvent.UNLOCK, Actor(Role.USER, name), alices)
    assert not may(permissions, TokenEvent.RELEASE, Actor(Role.MASTER_USER, name), alices)


def test_the_default_policy_grants_every_event_to_the_bank() -> None:
    granted = default_policy().permissions
    assert set(granted) == set(TokenEvent) - CAUSED_BY_NOBODY
    assert all(Role.BANK in roles for roles in granted.values())
    assert set(granted) >= OVERLAYS - CAUSED_BY_NOBODY


def test_a_policy_says_only_what_differs() -> None:
    policy = load_policy('name = "b"\n[limits]\nscope = "user"\n[permissions.unlock]\n', "b.toml")
    assert policy.name == "b"
    assert policy.limits.scope == "user"
    assert policy.limits.lock_after_failures == default_policy().limits.lock_after_failures
    assert policy.permissions[TokenEvent.UNLOCK] == {}
    assert (
        policy.permissions[TokenEvent.RELEASE] == default_policy().permissions[TokenEvent.RELEASE]
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("windows = 3", "b.toml: windows is to be a table"),
        ("[window]", "b.toml: window is unknown; expected one of name, windows, limits,"),
        ("[windows]\nhotp = 3", "b.toml: windows.hotp is unknown; expected one of hotp_ahead_"),
        ("[limits]\nlock_after_failures = 101", "lock_after_failures is to be 1 to 100, a whole"),
        ("[limits]\nlock_after_failures = true", "lock_after_failures is to be 1 to 100, a whole"),
        ("[limits]\nconsecutive = 1", "b.toml: limits.consecutive is to be true or false"),
        ('[limits]\nscope = "town"', "limits.scope is 'town', to be one of generator, user,"),
        ("[permissions.fly]", "b.toml: permissions.fly is 'fly', to be one of stock,"),
        ('[permissions.lock]\nbank = "any"', "lock is caused by count or calendar"),
        ('[permissions.mail]\nking = "any"', "permissions.mail.king is 'king', to be one of user"),
        ('[permissions.mail]\nbank = "all"', "permissions.mail.bank is 'all', to be one of any"),
        ("name = 3", "b.toml: name is to be a text"),
        ("name = ", "b.toml: not TOML"),
    ],
)
def test_a_bad_policy_is_named_with_its_key(text: str, line: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_policy(text, "b.toml")
    assert line in str(caught.value)
