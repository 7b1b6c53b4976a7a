"""All steps a scenario may use, each declared once in English and Japanese."""

from host_tools.scenario.registry import Registry
from host_tools.scenario.steps import (
    accounts,
    acts,
    answers,
    bank,
    board_faults,
    faults,
    fobs,
    host,
    mistakes,
    online,
    operations,
    post,
    records,
    soft,
)

STEPS = Registry.of(
    *(fobs, host, bank, operations, accounts, acts, answers, online, post, records, soft),
    *(faults, board_faults, mistakes),
)
