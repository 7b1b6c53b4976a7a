"""The station's steps on a fob: each may come again after a cut, and none loads two seeds."""

from dataclasses import replace
from pathlib import Path

import pytest

from firmware_model.errors import Refused
from firmware_model.wire.apdu import StatusWord
from host_tools.client.bench import BenchClient
from host_tools.provisioning.station.conversation import Conversation
from tests.host_tools.provisioning.station.rig import SECRET, rack, records, sessions


@pytest.mark.parametrize("counter", [0, 5])
def test_a_seed_that_is_in_already_may_be_loaded_again_by_the_next_visit(
    tmp_path: Path, counter: int
) -> None:
    record, other = (replace(record, counter=counter) for record in records(2))
    with rack(tmp_path, 1) as announced:
        for _ in range(2):
            for _, session in sessions(announced["port"], [1]):
                fob = Conversation(session, SECRET)
                fob.put_keys()
                fob.load(record)
                assert fob.holds(record)
                assert not fob.holds(other)
                slot = fob.slot()
        assert slot.counter == counter


def test_a_seed_that_has_shown_a_code_stays_and_another_is_refused(tmp_path: Path) -> None:
    one, other = records(2)
    with rack(tmp_path, 1) as announced, BenchClient(announced["bench"]) as bench:
        for _, session in sessions(announced["port"], [1]):
            fob = Conversation(session, SECRET)
            fob.put_keys()
            fob.load(one)
            bench.press()  # somebody plays with it before it is personalised
            fob.load(one)
            with pytest.raises(Refused) as refused:
                fob.load(other)
            assert refused.value.status == StatusWord.CONDITIONS_NOT_SATISFIED
            assert fob.holds(one)
