"""The board's image: what is encoded once is what the parts say, whatever happened before."""

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.hardware.image import BoardState, written_down
from firmware_model.hardware.thermal import COURSES
from firmware_model.inputs import (
    ButtonStuck,
    CellInserted,
    CellRemoved,
    ContactMoved,
    CrystalHalted,
    Input,
    Reset,
    SegmentsBroken,
    Temperature,
    TemperatureCourse,
    Wake,
)
from firmware_model.units import NS_PER_SECOND, SimTime
from tests.firmware_model.fobs import START, personalised

MODELS = ["fob-h6", "fob-t60"]
ACTS: list[Input] = [
    ButtonStuck(stuck=True),
    ButtonStuck(stuck=False),
    CellInserted(),
    CellRemoved(),
    ContactMoved(closed=True),
    ContactMoved(closed=False),
    CrystalHalted(halted=True),
    CrystalHalted(halted=False),
    Reset(),
    SegmentsBroken(((1, 2), (3, 4))),
    Temperature(-5_000),
    TemperatureCourse(COURSES["car"]),
    Wake(),
]


@settings(max_examples=60)
@given(acts=st.lists(st.sampled_from(ACTS), max_size=12), name=st.sampled_from(MODELS))
def test_an_image_says_what_the_parts_are_at(acts: list[Input], name: str) -> None:
    device = personalised(name)
    for number, act in enumerate(acts, 400):
        device.handle(act, SimTime(START + number * NS_PER_SECOND * 7))
        board = device._board
        battery, rtc = board.battery, board.rtc
        stuck, broken = int(board.contacts[0].stuck), board.latch.broken
        *_, rest = written_down(stuck, broken, battery.course.stretches).split(b" ", 1)
        assert BoardState.decode(board.image()) == BoardState(
            now=board.now,
            capacity_ac=battery.capacity_ac,
            drawn_ac=battery.drawn_ac,
            born=rtc.born,
            offset_ppb=rtc.offset_ppb,
            ageing_ppb=rtc.ageing_ppb,
            anchor_time=rtc.anchor_time,
            anchor_reading=rtc.anchor_reading,
            rtc_running=rtc.running,
            rtc_kept=rtc.kept,
            inserted=board.inserted,
            steady_na=0,  # neither model has a picture without a time-out
            dice=board.dice.state,
            flash_operations=board.flash.operations,
            stuck=stuck,
            circumstances=rest,
        )
