"""Presses made in bulk leave what the same presses leave when each is lived."""

from collections.abc import Callable

import pytest

from firmware_model import catalogue
from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.effects import FobEvent
from firmware_model.inputs import ContactMoved, Reset, Wake
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime
from tests.firmware_model.fobs import (
    DAY_NS,
    START,
    after,
    changed,
    events,
    personalised,
    press,
    shown,
    token_of,
    with_part,
)
from tests.shares import every, times

EVERY_NS = DAY_NS // 2 + 7 * NS_PER_SECOND
HOUR_NS = 3600 * NS_PER_SECOND
PRESSED = [name for name in catalogue.names() if catalogue.load(name).screen.until != "always"]
COUNT = times(700, 3000)


def lived(model: Model | str, count: int, every_ns: int = EVERY_NS) -> Device:
    """Return a fob that was pressed and let go each time."""
    device, now = personalised(model, seal=False), after(START, 1000)
    for _ in range(count):
        device.handle(ContactMoved(closed=True), now)
        device.handle(ContactMoved(closed=False), SimTime(now + 200 * NS_PER_MS))
        now = SimTime(now + every_ns)
        device.handle(Wake(), now)
    return device


def in_bulk(model: Model | str, *counts: int, every_ns: int = EVERY_NS) -> Device:
    device = personalised(model, seal=False)
    device.handle(Wake(), after(START, 1000))
    for count in counts:
        device.press_in_bulk(count, every_ns)
    return device


@pytest.mark.parametrize("name", every(3, PRESSED))
def test_they_leave_what_lived_presses_leave(name: str) -> None:
    one, other = lived(name, COUNT), in_bulk(name, COUNT)
    now = one._board.now
    assert other._board.now == now
    assert other._board.rtc_ns == one._board.rtc_ns
    first, second = token_of(one), token_of(other)
    assert second.presses == first.presses == COUNT
    assert second.boots == first.boots
    assert second.errors == first.errors == ()
    assert second.condition == first.condition
    slot, its_slot = first.first_slot(), second.first_slot()
    assert slot is not None
    assert its_slot is not None
    assert its_slot.factor == slot.factor
    assert abs(second.journal.sequence - first.journal.sequence) <= 1
    for page, its_page in zip(one._board.flash.pages, other._board.flash.pages, strict=True):
        assert abs(its_page.erases - page.erases) <= 1
    board, its_board = one._board, other._board
    assert its_board.flash.operations == pytest.approx(board.flash.operations, rel=0.02)
    assert its_board.battery.drawn_ac == pytest.approx(board.battery.drawn_ac, rel=0.001)


def test_their_charge_is_counted_beside_that_of_time() -> None:
    """The bound above would pass if presses cost nothing; often pressed, it does not."""
    one, other = (
        lived("fob-h6", 300, 600 * NS_PER_SECOND),
        in_bulk("fob-h6", 300, every_ns=600 * NS_PER_SECOND),
    )
    assert other._board.battery.drawn_ac == pytest.approx(one._board.battery.drawn_ac, rel=0.002)


def test_the_next_press_shows_the_next_code() -> None:
    one, other = lived("fob-h6", 500), in_bulk("fob-h6", 500)
    now = one._board.now
    assert shown(press(one, now)) == shown(press(other, now)) != []


def test_in_parts_they_leave_the_same_as_at_once() -> None:
    whole, parts = in_bulk("hotp-card", 600), in_bulk("hotp-card", 250, 1, 349)
    assert token_of(parts).presses == token_of(whole).presses == 600
    assert token_of(parts).boots == token_of(whole).boots
    assert sum(p.erases for p in parts._board.flash.pages) == pytest.approx(
        sum(p.erases for p in whole._board.flash.pages), abs=1
    )


def test_a_restart_finds_the_flash_in_order() -> None:
    device = in_bulk("fob-t30", 900)
    images = device.images()
    again = Device.restore(device.model, images)
    again.handle(Reset(), device._board.now)
    assert token_of(again).presses == 900
    assert token_of(again).errors == ()


@pytest.mark.parametrize(
    ("limit", "pressed"),
    [({"presses": 500, "years": 0}, 500), ({"presses": 0, "years": 1}, 730)],
)
def test_no_press_beyond_the_models_limits_counts(limit: dict[str, int], pressed: int) -> None:
    model = changed("fob-h6", life=limit)
    device = in_bulk(model, 900)
    assert token_of(device).presses == pytest.approx(pressed, abs=1)
    assert events(press(device, device._board.now)).count(FobEvent.EXPIRED) == 1


def test_they_end_before_the_flash_is_worn() -> None:
    model = with_part("fob-h6", "flash", '{ from = "mcu-eeprom", endurance_cycles = 60 }')
    device = personalised(model, seal=False)
    device.handle(Wake(), after(START, 1000))
    made = device.press_in_bulk(100_000, HOUR_NS)
    assert 100 < made < 100_000
    assert token_of(device).presses == made
    worn = [page.life - page.erases for page in device._board.flash.pages]
    assert 0 < min(worn) <= 5
    assert device.press_in_bulk(100_000, HOUR_NS) == 0
    assert device._board.now == after(START, 1000) + made * HOUR_NS


@pytest.mark.parametrize(
    "rested",
    [
        lambda device, now: press(device, now),
        lambda device, now: device.handle(ContactMoved(closed=True), now),
    ],
)
def test_a_fob_that_does_not_rest_is_our_mistake(
    rested: Callable[[Device, SimTime], object],
) -> None:
    device = personalised("fob-h6")
    rested(device, after(START, 1000))
    with pytest.raises(AssertionError, match="rests"):
        device.press_in_bulk(10, EVERY_NS)


def test_a_fob_without_a_seed_is_only_older_afterwards() -> None:
    device = personalised("go7-menu", activate=False)
    device.handle(Wake(), after(START, 1000))
    before = device._board.flash.pages[0].erases
    device.press_in_bulk(1000, EVERY_NS)
    assert token_of(device).presses == 0
    assert device._board.flash.pages[0].erases == before
    assert device._board.now == after(START, 1000) + 1000 * EVERY_NS
