"""Every press counts: none is lost in the fob's repeat guard, and an ignored one is reported."""

from collections.abc import Awaitable, Callable
from fractions import Fraction

import pytest

from emulator.fob import EmulatedFob
from firmware_model.effects import Effect, Shown
from tests.emulator.bench_talk import Talk, rack_of, with_bench

PRESSES = 5
IGNORED = "BUTT:IGN?"


class Factors:
    """The moving factors that a rack's fobs have shown, in order."""

    def __init__(self, bench: Talk) -> None:
        self.shown: list[int] = []
        bench.emulator.rack.watchers.append(self._watch)

    def _watch(self, _fob: EmulatedFob, effect: Effect) -> None:
        if isinstance(effect, Shown) and effect.moving_factor is not None:
            self.shown.append(effect.moving_factor)


async def press_and_wait(bench: Talk) -> None:
    await bench.say("BUTT:PRES")
    assert await bench.ask("*OPC?") == "1"


async def press_and_step(bench: Talk) -> None:
    await bench.say("BUTT:PRES")
    while await bench.ask("STAT:OPER:COND?") != "0":
        await bench.say("TIME:STEP")


@pytest.mark.parametrize(
    ("rate", "press"),
    [(0, press_and_wait), (0, press_and_step), (100, press_and_wait), (1, press_and_wait)],
    ids=["frozen", "stepped", "scaled", "real"],
)
def test_five_presses_show_five_moving_factors(
    rate: int, press: Callable[[Talk], Awaitable[None]]
) -> None:
    async def act(bench: Talk) -> None:
        factors = Factors(bench)
        for _ in range(PRESSES):
            await press(bench)
        assert factors.shown == list(range(PRESSES))
        assert await bench.ask(f"{IGNORED};:SYST:ERR:COUN?") == "0;0"

    with_bench(rack_of(preset="personalised", rate=Fraction(rate)), act)


@pytest.mark.parametrize("model", ["hotp-card", "card-count", "go7-menu", "soft-pc"])
def test_presses_given_at_once_follow_each_other_on_every_kind_of_button(model: str) -> None:
    async def act(bench: Talk) -> None:
        await bench.say("BUTT:PRES;:BUTT:HOLD;:BUTT:PRES 0.05;:BUTT:PRES;:*WAI")
        assert await bench.ask(f"{IGNORED};:SYST:ERR:COUN?") == "0;0"

    with_bench(rack_of(model=model, preset="in-use"), act)


def test_a_press_after_a_touch_by_hand_waits_out_the_guard_too() -> None:
    async def act(bench: Talk) -> None:
        factors = Factors(bench)
        await bench.say("BUTT:DOWN", "TIME:ADV 0.1", "BUTT:UP", "TIME:ADV 0.02")
        await press_and_wait(bench)
        assert factors.shown == [0, 1]

    with_bench(rack_of(preset="personalised"), act)


def test_a_rapid_press_falls_into_the_guard_and_is_counted_and_traced_without_an_error() -> None:
    async def act(bench: Talk) -> None:
        factors = Factors(bench)
        await press_and_wait(bench)
        await bench.say("BUTT:PRES:RAP 0.05", "*WAI")
        assert factors.shown == [0]
        assert await bench.ask(f"{IGNORED};:SYST:ERR:COUN?") == "1;0"
        assert "press ignored" in await bench.ask("TRAC:EVEN?")
        await press_and_wait(bench)
        assert factors.shown == [0, 1]
        assert await bench.ask(IGNORED) == "1"

    with_bench(rack_of(preset="personalised"), act)


def test_a_press_that_is_ignored_all_the_same_is_an_error_of_who_pressed() -> None:
    async def act(bench: Talk) -> None:
        other = await Talk(bench.emulator).open()
        await bench.say("BUTT:PRES 0.2;PRES 0.05", "TIME:ADV 0.35")
        await bench.say("BUTT:STUC ON", "TIME:ADV 0.1", "BUTT:STUC OFF", "*WAI")  # in between
        assert await bench.ask("SYST:ERR?") == '-200,"Execution error;channel 1 ignored the press"'
        assert await other.error() == 0
        await other.close()

    with_bench(rack_of(preset="personalised"), act)


def test_a_display_says_why_it_is_dark_and_not_pressed_only_before_the_first_press() -> None:
    async def act(bench: Talk) -> None:
        assert await bench.ask("DISP:DARK?") == '"the button has not been pressed yet"'
        await press_and_wait(bench)
        await bench.say("TIME:ADV 61")
        assert await bench.ask("DISP:DARK?") == (
            '"the code\'s time is over (step ended at 2027-01-15 08:01:00 UTC)"'
        )

    with_bench(rack_of(model="fob-t60", preset="personalised"), act)


def test_a_wait_can_ask_for_digits_only() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("TIME:ADV 1", "BATT:CHAR 4", "TIME:ADV 2 D", "BUTT:PRES")
        seen = [await bench.ask('DISP:WAIT? "?*",30')]
        seen.append(await bench.ask(f'DISP:WAIT? "{"[0-9]" * 6}",60'))
        assert not seen[0].strip('"').isdigit()  # a notice comes first
        assert seen[1].strip('"').isdigit()

    with_bench(rack_of(model="fob-t60", preset="in-use"), act)
