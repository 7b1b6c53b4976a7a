"""The modes: every mode with every touch."""

import pytest

from firmware_model.firmware.mode_machine import ModeMachine
from firmware_model.firmware.modes import TABLE, Action, Mode, Touch

EXPECTED: dict[Mode, tuple[Action | None, ...]] = {
    # mode: press, hold, time over
    Mode.DARK: (Action.BEGIN_CODE, Action.PRESS_LONG, None),
    Mode.BUSY: (None, None, Action.REVEAL_CODE),
    Mode.NOTICE: (Action.SHOW_CODE, None, Action.SHOW_CODE),
    Mode.CODE: (Action.PRESS_AGAIN, Action.PRESS_LONG, Action.END_PICTURE),
    Mode.ALWAYS: (None, Action.PRESS_LONG, Action.RESERVE_STEPS),
    Mode.PAGE: (Action.SHOW_NEXT_PAGE, None, Action.END_PICTURE),
    Mode.MESSAGE: (Action.BEGIN_CODE, Action.PRESS_LONG, Action.END_PICTURE),
    Mode.ASKING: (Action.CONFIRM, None, Action.GIVE_UP),
    Mode.FAILED: (None, None, None),
}


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("touch", Touch)
def test_every_mode_with_every_touch(mode: Mode, touch: Touch) -> None:
    assert TABLE.get((mode, touch)) is EXPECTED[mode][touch.value - 1]


def test_every_action_is_carried_out_by_something() -> None:
    assert set(ModeMachine._ACTIONS) == set(Action) == set(TABLE.values())


def test_nothing_leads_out_of_the_error_screen() -> None:
    assert not [pair for pair in TABLE if pair[0] is Mode.FAILED]
