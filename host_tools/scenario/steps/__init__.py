"""All steps a scenario may use, each declared once in English and Japanese."""

from host_tools.scenario.registry import Registry
from host_tools.scenario.steps import (
    acts,
    answers,
    bank,
    faults,
    fobs,
    host,
    online,
    operations,
    post,
    records,
    soft,
)

STEPS = Registry.of(
    fobs, host, bank, operations, acts, answers, online, post, records, soft, faults
)
