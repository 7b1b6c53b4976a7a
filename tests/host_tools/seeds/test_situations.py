"""Every situation of docs/SEEDS.md §10: outcome, words and place as stated, and no seed shown."""

import base64
from pathlib import Path

import pytest

from tests.host_tools.seeds.situation_lists import SITUATIONS
from tests.host_tools.seeds.situations import Situation, answer_to, leaks, row, table_in_docs


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: f"{one.format}: {one.what}")
def test_a_situation_ends_as_stated(situation: Situation, tmp_path: Path) -> None:
    answer = answer_to(situation, tmp_path)
    assert situation.says in answer.words
    assert (answer.outcome, answer.keys) == (situation.outcome, situation.keys), answer.words
    if answer.keys:
        assert situation.seed in answer.seeds
    seed = situation.seed
    spelled = [seed.hex(), base64.b32encode(seed).decode(), base64.b64encode(seed).decode()]
    others = [bytes(reversed(seed)).hex(), seed.decode("latin-1")]
    assert leaks(answer.printed, spelled + others) == []
    assert row(situation, answer) in table_in_docs(), "python -m tests.host_tools.seeds.situations"


def test_the_table_has_every_situation_once() -> None:
    assert len(table_in_docs()) == len(SITUATIONS)
    assert len({(one.format, one.what) for one in SITUATIONS}) == len(SITUATIONS)
