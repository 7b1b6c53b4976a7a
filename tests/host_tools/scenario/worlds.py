"""Worlds whose virtual fobs are processes, as the front door opens them."""

from collections.abc import Iterator
from contextlib import contextmanager

from host_tools.scenario.features import Feature
from host_tools.scenario.world import World, open_world
from keyfob.fob_process import FobProcess


@contextmanager
def process_world(feature: Feature) -> Iterator[World]:
    """Give a world for one scenario."""
    with open_world(feature, FobProcess) as world:
        world.password_cost = 1
        yield world
