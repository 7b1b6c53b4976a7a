"""The promise: the supply may fail inside any flash operation, at any point of it.

No moving factor is shown for two presses, no counter goes back, no seed is lost or half, and a
cut costs at most one press (NVM §6). Every operation of every act is cut, at several points.
"""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache

import pytest

from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.effects import Effect, FobEvent
from firmware_model.firmware.memory import Key
from firmware_model.firmware.token import KEPT_AFTER_WIPE
from firmware_model.inputs import CellInserted, CutArmed, Reset
from firmware_model.units import SimTime
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import Message, SetStatus
from firmware_model.wire.objects import seed_check_value
from tests.firmware_model.firmware.applications.rig import hotp_credential, identity
from tests.firmware_model.fobs import (
    SEED,
    START,
    after,
    built,
    credential_for,
    events,
    factors,
    personalised,
    press,
    shown,
    token_of,
    with_part,
)
from tests.firmware_model.wired import Silent, Wired
from tests.shares import every
from tests.simulation.power import (
    PERMILLES,
    Act,
    Kept,
    inside,
    raw_flash,
    stable_entries,
)

OTHER_SEED = bytes(range(100, 120))
TURNING_OPERATIONS = 30
"""More than a press that only adds a record to its page takes."""
FLASHES = {
    "eeprom": '"mcu-eeprom"',
    # Every other bit under a cut stays undecided, and every cut damages the paired page.
    "harsh": '{ from = "mcu-flash", weak_permille = 500, paired_page_permille = 1000 }',
}


@cache
def model_on(flash: str) -> Model:
    return with_part("fob-h6", "flash", FLASHES[flash])


def every_cut(
    start: Kept, act: Act, permilles: tuple[int, ...] = PERMILLES
) -> Iterator[tuple[int, int]]:
    count = start.operations(act)
    assert count > 0
    return iter(every(3, [(n, permille) for n in range(1, count + 1) for permille in permilles]))


def used(flash: str, presses: int) -> tuple[Device, SimTime]:
    """Return a fob in use, after that many presses, and the instant after them."""
    device, now = personalised(model_on(flash)), START
    for _ in range(presses):
        press(device, now)
        now = after(now, 60)
    return device, now


def provision(wired: Wired) -> None:
    """Do what is still to do; that what is done already is refused is fine."""
    host = wired.open()
    steps: tuple[Message, ...] = (
        identity(),
        hotp_credential(),
        SetStatus(LifeCycle.PERSONALISED),
        SetStatus(LifeCycle.SEALED),
    )
    for step in steps:
        assert host.status(step) in (0x9000, 0x6985)


def check_presses(start: Kept, act: Act, next_factor: int) -> None:
    """Cut `act` everywhere; whatever it had shown, the next press shows a factor of its own."""
    for operation, permille in every_cut(start, act):
        left, effects = start.cut_once(act, operation, permille)
        seen = factors(effects)
        _, device = left.powered()
        (factor,) = factors(press(device, left.now))
        assert factor not in seen, f"cut {operation} at {permille}: shown twice"
        assert factor in (next_factor, next_factor + 1), f"cut {operation} at {permille}"


@pytest.mark.parametrize("flash", FLASHES)
class TestPress:
    def test_never_shows_a_moving_factor_twice_and_loses_at_most_itself(self, flash: str) -> None:
        device, now = used(flash, presses=3)
        check_presses(Kept.of(device, now), press, next_factor=3)

    def test_neither_where_the_page_is_full_and_turns(self, flash: str) -> None:
        device, now = used(flash, presses=3)
        while (start := Kept.of(device, now)).operations(press) < TURNING_OPERATIONS:
            press(device, now)
            now = after(now, 60)
        slot = token_of(start.booted()).first_slot()
        assert slot is not None
        check_presses(start, press, next_factor=slot.factor)

    def test_neither_where_the_supply_fails_again_while_the_fob_mends_itself(
        self, flash: str
    ) -> None:
        device, now = used(flash, presses=3)
        start = Kept.of(device, now)
        for operation, permille in every_cut(start, press):
            left, effects = start.cut_once(press, operation, permille)
            for again in range(1, 16, 2):
                mending = Device.restore(left.model, left.images)
                mending.handle(Reset(), left.now)
                mending.handle(CutArmed(again, permille), left.now)
                mending.handle(CellInserted(), left.now)
                _, booted = Kept.of(mending, after(left.now, 60)).powered()
                (factor,) = factors(press(booted, after(left.now, 60)))
                assert factor not in factors(effects)
                assert factor in (3, 4)


@pytest.mark.parametrize("flash", FLASHES)
class TestProvisioning:
    def test_a_seed_is_there_whole_or_not_at_all(self, flash: str) -> None:
        start = Kept.of(built(model_on(flash)), START)
        credential = credential_for(start.model, counter=41)
        act = inside(lambda device: token_of(device).load(credential, SEED))
        for operation, permille in every_cut(start, act):
            left, _ = start.cut_once(act, operation, permille)
            _, device = left.powered()
            if token_of(device).first_slot() is None:
                assert not shown(press(device, left.now))
            else:
                assert factors(press(device, left.now)) == [41]
                assert token_of(device).journal.entries[Key.CREDENTIAL].endswith(SEED)

    def test_over_the_line_a_station_can_finish_what_a_cut_began(self, flash: str) -> None:
        """A whole session in SCP03, cut at every flash operation, then tried again."""
        start = Kept.of(built(model_on(flash)), START)

        def act(device: Device, now: SimTime) -> list[Effect]:
            wired = Wired(device, now)
            with suppress(Silent):
                provision(wired)
            return wired.effects

        for operation, permille in every_cut(start, act, permilles=(0, 500, 1000)):
            left, _ = start.cut_once(act, operation, permille)
            _, device = left.powered()
            provision(Wired(device, left.now))
            assert factors(press(device, left.now)) == [0]
            slot = token_of(device).first_slot()
            assert slot is not None
            assert slot.seed_check == seed_check_value(SEED)

    def test_a_new_seed_never_meets_the_old_ones_counter(self, flash: str) -> None:
        device, now = personalised(model_on(flash), seal=False), START
        for _ in range(3):
            press(device, now)
            now = after(now, 60)
        start = Kept.of(device, now)
        credential = credential_for(start.model, OTHER_SEED, counter=41)
        act = inside(lambda device: token_of(device).load(credential, OTHER_SEED))
        for operation, permille in every_cut(start, act):
            left, _ = start.cut_once(act, operation, permille)
            _, device = left.powered()
            seed = token_of(device).journal.entries[Key.CREDENTIAL][-20:]
            found = (seed, *factors(press(device, left.now)))
            assert found in [(SEED, 3), (b"",), (OTHER_SEED, 41)]

    def test_every_entry_is_as_before_or_as_after(self, flash: str) -> None:
        device, now = used(flash, presses=1)
        start = Kept.of(device, now)
        acts = {
            Key.EXPIRY: inside(lambda device: token_of(device).extend(25_000)),
            Key.LIFE_CYCLE: inside(lambda device: token_of(device).advance(LifeCycle.LOCKED)),
        }
        for act in acts.values():
            done = start.booted()
            before = dict(stable_entries(done))
            act(done, now)
            wanted = (before, dict(stable_entries(done)))
            for operation, permille in every_cut(start, act):
                left, _ = start.cut_once(act, operation, permille)
                _, device = left.powered()
                assert stable_entries(device) in wanted


@pytest.mark.parametrize("flash", FLASHES)
class TestZeroisation:
    @pytest.mark.slow
    def test_is_carried_through_once_it_is_decided_and_leaves_no_seed(self, flash: str) -> None:
        device, now = used(flash, presses=3)
        start = Kept.of(device, now)
        assert SEED in raw_flash(device)
        act = inside(lambda device: token_of(device).advance(LifeCycle.TERMINATED))
        undecided = 0
        for operation, permille in every_cut(start, act, permilles=(0, 500, 1000)):
            left, _ = start.cut_once(act, operation, permille)
            _, device = left.powered()
            token = token_of(device)
            if token.life_cycle is LifeCycle.TERMINATED:
                assert SEED not in raw_flash(device)
                assert set(token.journal.entries) <= set(KEPT_AFTER_WIPE)
                assert not factors(press(device, left.now))
            else:
                undecided += 1
                assert factors(press(device, left.now)) == [3]
        assert undecided > 0, "no cut came before the decision"

    def test_tells_of_itself_where_it_was_not_cut(self, flash: str) -> None:
        device, now = used(flash, presses=1)
        act = inside(lambda device: token_of(device).advance(LifeCycle.TERMINATED))
        assert FobEvent.ZEROISED in events(act(device, now))
        assert SEED not in raw_flash(device)
