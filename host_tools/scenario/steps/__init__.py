"""All steps a scenario may use, each declared once in English and Japanese."""

from host_tools.scenario.registry import Registry
from host_tools.scenario.steps import bank, desk, fobs, host, net, post, soft

STEPS = Registry.of(fobs, host, bank, desk, net, post, soft)
