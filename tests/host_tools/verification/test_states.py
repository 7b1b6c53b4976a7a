"""The table of token states, pair by pair, and who may cause what."""

from itertools import product

import pytest

from host_tools.errors import BadInput
from host_tools.verification.policy import default_policy, load_policy
from host_tools.verification.states import (
    CAUSED_BY_NOBODY,
    OVERLAYS,
    TRANSITIONS,
    Actor,
    Event,
    Reach,
    Role,
    State,
    effective,
    may,
)

ALLOWED = {
    State.STOCKED: {Event.ASSIGN, Event.ENROLL, Event.UNLOCK, Event.LOSE},
    State.ASSIGNED: {Event.MAIL, Event.STOCK, Event.ENROLL, Event.UNLOCK, Event.LOSE},
    State.MAILED: {Event.RETURN, Event.ENROLL, Event.UNLOCK, Event.LOSE},
    State.RETURNED: {Event.MAIL, Event.STOCK, Event.LOSE},
    State.ACTIVE: {
        Event.ENROLL,
        Event.SUSPEND,
        Event.LOCK,
        Event.EXPIRE,
        Event.EXTEND,
        Event.RELEASE,
        Event.EXCHANGE,
        Event.LOSE,
    },
    State.SUSPENDED: {
        Event.RESUME,
        Event.UNLOCK,
        Event.EXPIRE,
        Event.EXTEND,
        Event.RELEASE,
        Event.LOSE,
    },
    State.LOCKED: {
        Event.UNLOCK,
        Event.SUSPEND,
        Event.EXPIRE,
        Event.EXTEND,
        Event.RELEASE,
        Event.LOSE,
    },
    State.RELEASED: {Event.STOCK, Event.ENROLL, Event.UNLOCK, Event.LOSE},
    State.LOST: {Event.FIND},
    State.EXPIRED: {Event.EXTEND, Event.RELEASE, Event.EXCHANGE, Event.LOSE},
    State.EXCHANGED: set(),
}


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_pair_is_allowed_or_refused_as_written_down(state: State, event: Event) -> None:
    assert ((state, event) in TRANSITIONS) is (event in ALLOWED[state])


def test_every_state_is_reached_and_only_the_exchanged_ends() -> None:
    assert set(TRANSITIONS.values()) == set(State)
    assert {state for state in State if not ALLOWED[state]} == {State.EXCHANGED}


def test_nothing_but_unlocking_leads_from_locked_to_active_in_one_step() -> None:
    ways = {
        event
        for (state, event), target in TRANSITIONS.items()
        if state is State.LOCKED and target is State.ACTIVE
    }
    assert ways == {Event.UNLOCK}


def test_lock_and_expiry_lie_over_the_stored_state_and_never_hide_an_end() -> None:
    for stored, locked, expired in product(State, (False, True), (False, True)):
        shown = effective(stored, locked=locked, expired=expired)
        if stored in (State.LOST, State.RELEASED, State.EXCHANGED, State.STOCKED):
            assert shown is stored
    assert effective(State.ACTIVE, locked=True, expired=False) is State.LOCKED
    assert effective(State.ACTIVE, locked=True, expired=True) is State.EXPIRED
    assert effective(State.SUSPENDED, locked=True, expired=False) is State.SUSPENDED


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
    permissions = {Event.UNLOCK: {Role.MASTER_USER: reach}}
    alices = frozenset({"alice"})
    assert may(permissions, Event.UNLOCK, Actor(Role.MASTER_USER, name), alices) is allowed
    assert not may(permissions, Event.UNLOCK, Actor(Role.USER, name), alices)
    assert not may(permissions, Event.RELEASE, Actor(Role.MASTER_USER, name), alices)


def test_the_default_policy_grants_every_event_to_the_bank() -> None:
    granted = default_policy().permissions
    assert set(granted) == set(Event) - CAUSED_BY_NOBODY
    assert all(Role.BANK in roles for roles in granted.values())
    assert set(granted) >= OVERLAYS - CAUSED_BY_NOBODY


def test_a_policy_says_only_what_differs() -> None:
    policy = load_policy('name = "b"\n[limits]\nscope = "user"\n[permissions.unlock]\n', "b.toml")
    assert policy.name == "b"
    assert policy.limits.scope == "user"
    assert policy.limits.lock_after_failures == default_policy().limits.lock_after_failures
    assert policy.permissions[Event.UNLOCK] == {}
    assert policy.permissions[Event.RELEASE] == default_policy().permissions[Event.RELEASE]


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
