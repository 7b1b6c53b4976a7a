"""`fob.mistakes`: each mistake is made and counted, those of a record are records."""

import inspect

import pytest

import keyfob
from emulator.faults.vocabulary import MISTAKES
from keyfob.testing.fob_mistakes import FobMistakes

RECORDS = {"wrong_step", "wrong_encoding"}


def test_every_mistake_of_the_vocabulary_is_a_method_and_no_other_is() -> None:
    methods = {name for name, _ in inspect.getmembers(FobMistakes, inspect.isfunction)}
    named = {name for name in methods if not name.startswith("_")} - {"count"} - RECORDS
    assert named == {fault.method for fault in MISTAKES}


def test_each_mistake_is_made_and_counted() -> None:
    with keyfob.Rack.start(model="fob-t60", count=2) as rack:
        one, other = rack
        one.mistakes.wrong_clock("9h")
        assert one.clock_error == 32_400
        one.mistakes.wrong_clock(60, behind=True)
        assert one.clock_error == -60
        one.mistakes.pocket_presses(2)
        before = rack.time.now()
        one.mistakes.drawer("1d")
        assert rack.time.now() - before == 86_400
        other.mistakes.twin_of(one)
        assert other.code() == one.code()
        counts = {
            name: one.mistakes.count(name) for name in ("wrong_clock", "pocket_presses", "drawer")
        }
        assert counts == {"wrong_clock": 2, "pocket_presses": 2, "drawer": 1}
        assert other.mistakes.count("twin_of") == 1
        assert one.mistakes.wrong_step().step_seconds == 30
        assert one.mistakes.wrong_encoding("hex").seed == one.record.seed.hex().encode().upper()
        with pytest.raises(keyfob.BadInput, match="unknown encoding 'rot13'"):
            one.mistakes.wrong_encoding("rot13")
