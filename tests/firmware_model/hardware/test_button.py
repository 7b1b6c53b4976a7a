"""The contact: how long and how often it bounces, and a key that sticks."""

from hypothesis import given
from hypothesis import strategies as st

from firmware_model import catalogue
from firmware_model.hardware.button import Contact
from firmware_model.hardware.dice import Drbg
from firmware_model.units import SimTime

DOME = catalogue.load("fob-h6").contact
RUBBER = catalogue.load("go7-menu").contact
NOW = SimTime(1_000_000_000)


def edges_of(contact: Contact, closed: bool) -> list[int]:
    """Return the instants, in steps of 10 µs over 8 ms, at which the pin's level changes."""
    levels = [contact.level(SimTime(NOW + step * 10_000)) for step in range(800)]
    before = [not closed, *levels]
    return [step for step, level in enumerate(levels) if level is not before[step]]


@given(random_seed=st.integers(0, 2**64 - 1))
def test_a_dome_bounces_within_its_time_and_comes_to_rest(random_seed: int) -> None:
    contact = Contact(DOME)
    assert contact.push(pushed=True, now=NOW, dice=Drbg(random_seed))
    edges = edges_of(contact, closed=True)
    assert len(edges) <= DOME.bounce_edges_max + 1
    assert all(step * 10 <= DOME.bounce_us_max + 10 for step in edges)
    assert contact.level(SimTime(NOW + DOME.bounce_us_max * 1000))


def test_domes_do_bounce_and_rubber_hardly_does() -> None:
    def bounces(part: object, seed: int) -> int:
        contact = Contact(part)  # type: ignore[arg-type]
        contact.push(pushed=True, now=NOW, dice=Drbg(seed))
        return len(contact._edges())

    assert sum(bounces(DOME, seed) for seed in range(200)) > 600
    assert all(bounces(RUBBER, seed) <= 2 for seed in range(200))


def test_pushing_twice_moves_nothing() -> None:
    contact, dice = Contact(DOME), Drbg(1)
    assert contact.push(pushed=True, now=NOW, dice=dice)
    assert not contact.push(pushed=True, now=NOW, dice=dice)


def test_a_stuck_key_stays_down_until_it_is_freed() -> None:
    contact, dice = Contact(DOME), Drbg(1)
    contact.push(pushed=True, now=NOW, dice=dice)
    assert not contact.jam(stuck=True, now=NOW, dice=dice)
    assert not contact.push(pushed=False, now=NOW, dice=dice)
    assert contact.closed
    assert contact.jam(stuck=False, now=NOW, dice=dice)
    assert not contact.closed
