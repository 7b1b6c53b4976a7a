"""All steps a scenario may use, each declared once in English and Japanese."""

from host_tools.scenario.registry import Registry
from host_tools.scenario.steps import bank, fobs, host, online, post, service, soft

STEPS = Registry.of(fobs, host, bank, service, online, post, soft)
