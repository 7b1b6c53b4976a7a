"""How much of a long test `make test` runs; `make simulate` (KEYFOB_SIMULATE=1) runs all of it.

Where a test goes through many cases of one kind, a run of `make test` takes every n-th of them.
Which of them changes from day to day, so that all come by in turn; `KEYFOB_TURN=N`, which the
head of a test run names, repeats a run's choice.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

Item = TypeVar("Item")

ALL = os.environ.get("KEYFOB_SIMULATE") == "1"
TURN = int(os.environ.get("KEYFOB_TURN") or datetime.now(UTC).toordinal())
os.environ["KEYFOB_TURN"] = str(TURN)  # workers started beyond midnight choose the same


def times(few: int, many: int) -> int:
    """Return how often to do it: `few` times, in a simulation `many`."""
    return many if ALL else few


def every(nth: int, items: Sequence[Item]) -> Sequence[Item]:
    """Return every `nth` of the items, beginning at this run's turn; in a simulation all."""
    return items if ALL else items[TURN % min(nth, len(items) or 1) :: nth]
