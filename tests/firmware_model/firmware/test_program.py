"""The program on the board: what each model does with presses, holds, time and bad days."""

import pytest

from firmware_model import catalogue
from firmware_model.device import Device
from firmware_model.effects import DarkReason, FobEvent
from firmware_model.firmware.slots import EXHAUSTED
from firmware_model.generators import hotp, totp
from firmware_model.inputs import CellInserted, CellRemoved, Charge, ContactMoved, Reset, Wake
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime
from firmware_model.wire.codes import Condition, ErrorCode, LifeCycle, Tag
from firmware_model.wire.messages import GetData, SetStatus, StoreData
from firmware_model.wire.objects import ExpiryDate
from tests.firmware_model.fobs import (
    DAY_NS,
    SEED,
    START,
    after,
    built,
    changed,
    credential_for,
    events,
    factors,
    model_text,
    personalised,
    press,
    shown,
    token_of,
)
from tests.firmware_model.wired import Wired

T0 = after(START, 600)  # a whole minute, and behind every activation
MINUTE = T0 // NS_PER_SECOND // 60

OVER = {DarkReason.CODE_OVER, DarkReason.STEP_ENDED}
DATE_NOTICE: dict[str, object] = {
    "quantity": "days_to_expiry",
    "below": 31,
    "text": "End {n}",
    "per": 1,
}


def why_dark(device: Device, now: SimTime) -> DarkReason:
    face = device.face(now)
    assert not face.text
    assert face.dark is not None
    return face.dark.reason


class TestCodes:
    def test_a_press_counted_fob_shows_the_published_values(self) -> None:
        device = personalised("fob-h6")
        codes = [shown(press(device, after(T0, 60 * n)))[0] for n in range(3)]
        assert codes == ["755224", "287082", "359152"]  # RFC 4226 appendix D

    def test_a_time_based_fob_shows_its_steps_code(self) -> None:
        device = personalised("fob-t60")
        assert shown(press(device, T0)) == [totp(SEED, T0 // NS_PER_SECOND, step_seconds=60)]

    @pytest.mark.parametrize(
        ("name", "seconds"), [("fob-h6", 12), ("fob-t30", 30), ("hotp-card", 10)]
    )
    def test_the_display_goes_off_after_its_time(self, name: str, seconds: int) -> None:
        device = personalised(name)
        press(device, T0)
        device.handle(Wake(), after(T0, seconds - 1))
        assert device.face(after(T0, seconds - 1)).text
        device.handle(Wake(), after(T0, seconds + 1))
        assert why_dark(device, after(T0, seconds + 1)) in OVER

    def test_until_step_means_until_the_step_ends(self) -> None:
        device = personalised("fob-t60")
        press(device, after(T0, 45))
        device.handle(Wake(), after(T0, 59.9))
        assert device.face(after(T0, 59.9)).text
        device.handle(Wake(), after(T0, 60.1))
        assert not device.face(after(T0, 60.1)).text

    @pytest.mark.parametrize(("second", "bars"), [(1, 6), (11, 5), (29, 4), (31, 3), (51, 1)])
    def test_bars_run_out_with_the_step(self, second: int, bars: int) -> None:
        device = personalised("fob-t60")
        press(device, T0)
        assert device.face(after(T0, second)).bars == bars

    def test_a_press_at_the_very_end_of_a_step_shows_the_next_one(self) -> None:
        device = personalised("fob-t60")
        assert factors(press(device, after(T0, 59.95))) == [MINUTE + 1]

    def test_the_counter_comes_to_its_end_and_never_starts_again(self) -> None:
        device = personalised("fob-h6", counter=2**64 - 2)
        now, texts = T0, []
        for _ in range(4):
            texts += shown(press(device, now))[:1]
            now = after(now, 60)
        assert texts == [hotp(SEED, 2**64 - 2), hotp(SEED, 2**64 - 1), "End", "End"]
        device.handle(Reset(), now)
        slot = token_of(device).first_slot()
        assert slot is not None
        assert slot.factor == EXHAUSTED
        assert shown(press(device, now))[:1] == ["End"]


class TestSecondPress:
    def test_next_gives_the_next_code(self) -> None:
        device = personalised("fob-h6")
        assert factors(press(device, T0) + press(device, after(T0, 2))) == [0, 1]

    def test_off_blanks_and_the_same_step_can_be_asked_for_again(self) -> None:
        device = personalised("fob-t30")
        press(device, T0)
        press(device, after(T0, 2))
        assert not device.face(after(T0, 3)).text
        assert factors(press(device, after(T0, 5))) == [2 * MINUTE]

    def test_same_shows_the_same_code(self) -> None:
        device = personalised("fob-t60")
        assert factors(press(device, T0) + press(device, after(T0, 5))) == [MINUTE, MINUTE]

    def test_same_across_a_step_shows_the_new_one(self) -> None:
        model = changed("fob-t60", screen={"until": "timeout", "code_ms": 100_000})
        device = personalised(model)
        assert factors(press(device, T0) + press(device, after(T0, 70))) == [MINUTE, MINUTE + 1]

    def test_a_repeat_within_the_guard_is_ignored(self) -> None:
        device = personalised("fob-h6")
        effects = press(device, T0, 0.05)
        effects += device.handle(ContactMoved(closed=True), after(T0, 0.31))
        effects += device.handle(ContactMoved(closed=False), after(T0, 0.40))
        effects += device.handle(Wake(), after(T0, 1))
        assert factors(effects) == [0, 1]
        device = personalised("fob-h6")
        quick = device.handle(ContactMoved(closed=True), T0)
        quick += device.handle(ContactMoved(closed=False), after(T0, 0.1))
        quick += device.handle(ContactMoved(closed=True), after(T0, 0.2))
        quick += device.handle(ContactMoved(closed=False), after(T0, 0.25))
        quick += device.handle(Wake(), after(T0, 1))
        assert factors(quick) == [0]

    def test_a_touch_shorter_than_the_debounce_is_no_press(self) -> None:
        device = personalised("fob-h6")
        effects = device.handle(ContactMoved(closed=True), T0)
        effects += device.handle(ContactMoved(closed=False), SimTime(T0 + 5 * NS_PER_MS))
        effects += device.handle(Wake(), after(T0, 1))
        assert factors(effects) == []


class TestLongPress:
    def test_a_sealed_fob_is_dark_until_its_first_long_press(self) -> None:
        device = personalised("fob-t30", activate=False)
        assert factors(press(device, T0)) == []
        assert why_dark(device, after(T0, 1)) is DarkReason.SEALED
        effects = press(device, after(T0, 10), 2.5)
        assert FobEvent.ACTIVATED in events(effects)
        assert factors(effects)
        device.handle(Reset(), after(T0, 100))
        assert factors(press(device, after(T0, 101)))

    def test_a_lock_does_not_break_the_seal(self) -> None:
        device = personalised("fob-t30", activate=False)
        token_of(device).advance(LifeCycle.LOCKED)
        assert factors(press(device, T0)) == []

    def test_a_lock_never_stops_the_display(self) -> None:
        device = personalised("fob-h6")
        token_of(device).advance(LifeCycle.LOCKED)
        assert factors(press(device, T0)) == [0]

    def test_a_menu_pages_through_time_battery_and_serial(self) -> None:
        device = personalised("go7-menu")
        texts = shown(press(device, T0, 7))
        for n in range(1, 4):
            texts += shown(press(device, after(T0, 7 + n), 0.2))
        assert texts == [f"{2 * MINUTE:08d}", "b 100", "__H60000", "0001"]
        device.handle(Wake(), after(T0, 60))
        assert not device.face(after(T0, 60)).text

    def test_a_card_tells_its_counter_in_hex(self) -> None:
        device = personalised("hotp-card", counter=168)
        assert shown(press(device, T0, 3)) == ["0000A8"]

    def test_a_hold_shows_no_code_where_there_are_pages(self) -> None:
        device = personalised("hotp-card")
        assert factors(press(device, T0, 3)) == []


class TestEnds:
    def test_by_presses(self) -> None:
        device = personalised(changed("card-count", life={"presses": 3}, notices=()))
        texts = [shown(press(device, after(T0, 60 * n)))[0] for n in range(5)]
        assert texts[3:] == ["EEEEEE", "EEEEEE"]
        assert token_of(device).condition & Condition.EXPIRED

    def test_by_years_since_manufacture(self) -> None:
        device = personalised("card-count")
        assert factors(press(device, SimTime(START + 3650 * DAY_NS)))
        assert shown(press(device, SimTime(START + 3653 * DAY_NS)))[0] == "EEEEEE"

    def test_by_date_with_grace(self) -> None:
        today = START // DAY_NS
        device = personalised("sid-always", expiry_days=today + 10)
        device.handle(Wake(), SimTime(START + 13 * DAY_NS))
        assert device.face(SimTime(START + 13 * DAY_NS)).text.isdigit()
        effects = device.handle(Wake(), SimTime(START + 14 * DAY_NS))
        assert FobEvent.EXPIRED in events(effects)
        assert why_dark(device, SimTime(START + 14 * DAY_NS)) is DarkReason.EXPIRED

    def test_a_new_date_wakes_it_again(self) -> None:
        today = START // DAY_NS
        device = personalised("sid-always", expiry_days=today + 10)
        late = SimTime(START + 20 * DAY_NS)
        device.handle(Wake(), late)
        assert Wired(device, late).open().status(StoreData(ExpiryDate(today + 100))) == 0x9000
        assert device.face(late).text.isdigit()

    def test_a_code_does_not_outlive_the_seed_it_was_made_of(self) -> None:
        device = personalised("fob-h6")
        press(device, T0)
        assert device.face(after(T0, 1)).text == "755224"
        host = Wired(device, after(T0, 1)).open()
        assert host.status(SetStatus(LifeCycle.TERMINATED)) == 0x9000
        assert why_dark(device, after(T0, 1)) is DarkReason.TERMINATED

    def test_reading_does_not_disturb_the_display(self) -> None:
        device = personalised("fob-h6")
        press(device, T0)
        assert Wired(device, after(T0, 1)).open().status(GetData(Tag.BATTERY)) == 0x9000
        assert device.face(after(T0, 1)).text == "755224"

    def test_a_notice_of_the_date_comes_before_the_code(self) -> None:
        notice = DATE_NOTICE | {"show_ms": 1000}
        model = catalogue.parse(_with_notice("fob-t60", notice), "own.toml")
        device = personalised(model, expiry_days=START // DAY_NS + 5)
        effects = press(device, T0)
        assert shown(effects) == ["End 5"]
        assert FobEvent.EXPIRY_NOTICE in events(effects)
        assert factors(device.handle(Wake(), after(T0, 2))) == [MINUTE]

    def test_a_notice_across_the_end_of_a_step_leads_to_the_new_code(self) -> None:
        notice = DATE_NOTICE | {"show_ms": 3000}
        model = catalogue.parse(_with_notice("fob-t60", notice), "own.toml")
        device = personalised(model, expiry_days=START // DAY_NS + 5)
        effects = press(device, after(T0, 58))
        effects += device.handle(Wake(), after(T0, 63))
        assert factors(effects) == [MINUTE + 1]
        assert device.face(after(T0, 63)).text == totp(
            SEED, T0 // NS_PER_SECOND + 63, step_seconds=60
        )


def _with_notice(name: str, notice: dict[str, object]) -> str:
    lines = [f"{key} = {value!r}".replace("'", '"') for key, value in notice.items()]
    text = model_text(name)
    head, _, tail = text.partition("[[notice]]")
    return head + "[[notice]]\n" + "\n".join(lines) + "\n\n" + tail[tail.index("[life]") :]


class TestBoot:
    def test_a_fob_without_a_seed_is_dark_and_says_why(self) -> None:
        device = built("fob-h6")
        assert factors(press(device, T0)) == []
        assert why_dark(device, after(T0, 1)) is DarkReason.NO_SEED

    def test_boots_are_counted(self) -> None:
        device = personalised("fob-h6")
        before = token_of(device).boots
        device.handle(Reset(), T0)
        assert token_of(device).boots == before + 1

    def test_a_spoilt_flash_ends_in_the_error_screen(self) -> None:
        device = personalised("fob-h6")
        for page in device._board.flash.pages:
            page.cells[:16] = bytes(16)
        effects = device.handle(Reset(), T0)
        assert shown(effects) == ["Err 2"]
        assert FobEvent.SELF_TEST_FAILED in events(effects)
        assert factors(press(device, after(T0, 1))) == []
        assert device.face(after(T0, 2)).text.startswith("Err")

    def test_a_worn_flash_ends_in_the_error_screen(self) -> None:
        device = personalised("fob-h6")
        for page in device._board.flash.pages:
            page.life = 0  # the next erase leaves a cell that no longer rises
        flash, texts, now = device._board.flash, [], T0
        for _ in range(400):
            texts += shown(press(device, now))
            now = after(now, 60)
            if "Err 2" in texts:
                break
        assert "Err 2" in texts, flash.pages[0].erases
        assert factors(press(device, now)) == []

    def test_a_lost_clock_is_logged_once(self) -> None:
        device = personalised("fob-t60")
        device.handle(CellRemoved(), T0)
        device.handle(CellInserted(), after(T0, 1))
        device.handle(Reset(), after(T0, 2))
        codes = [entry.code for entry in token_of(device).errors]
        assert codes.count(ErrorCode.CLOCK_LOST) == 1

    def test_a_replaced_credential_keeps_the_count_of_presses(self) -> None:
        device = personalised("fob-h6", seal=False)
        for n in range(3):
            press(device, after(T0, 60 * n))
        token = token_of(device)
        device._run(lambda: token.load(credential_for(device.model), bytes(20)))
        assert token.presses == 3
        device.handle(Reset(), after(T0, 600))
        assert token_of(device).presses == 3

    def test_setting_the_clock_wipes_the_seed_where_the_model_says_so(self) -> None:
        model = changed("fob-t60", security={"clock_set_wipes_seed": True})
        device = built(model)
        token = token_of(device)
        device._run(lambda: token.load(credential_for(model), SEED))
        device._run(lambda: token.set_clock(T0 // NS_PER_SECOND))
        assert token.first_slot() is None
        assert all(SEED not in bytes(page.cells) for page in device._board.flash.pages)


class TestLowBattery:
    def test_is_a_durable_condition_that_a_new_cell_clears(self) -> None:
        device = personalised("fob-t30")
        device.handle(Charge(60), T0)
        told = events(press(device, T0))
        assert told.count(FobEvent.LOW_BATTERY) == 1
        assert FobEvent.LOW_BATTERY not in events(press(device, after(T0, 60)))
        device.handle(Reset(), after(T0, 100))
        assert token_of(device).condition & Condition.LOW_BATTERY
        device.handle(Charge(1000), after(T0, 120))
        press(device, after(T0, 180))
        assert not token_of(device).condition & Condition.LOW_BATTERY

    def test_counts_also_where_another_notice_is_shown_first(self) -> None:
        own = "quantity = 'presses_left'\nbelow = 100\ntext = 'LASt'\nshow_ms = 500\nper = 1\n"
        text = model_text("card-count").replace("[[notice]]", f"[[notice]]\n{own}[[notice]]", 1)
        model = catalogue.parse(text.replace("presses = 18000", "presses = 50"), "own.toml")
        device = personalised(model)
        device.handle(Charge(14), T0)
        effects = press(device, T0)
        assert shown(effects) == ["LASt"]
        assert FobEvent.LOW_BATTERY in events(effects)
        assert FobEvent.EXPIRY_NOTICE not in events(effects)
