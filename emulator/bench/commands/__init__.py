"""The bench's command tree, a module for each subject; `COMMANDS` is all of it."""

from collections.abc import Mapping

from emulator.bench.commands import (
    app,
    board_faults,
    button,
    common,
    display,
    faults,
    mistakes,
    rack,
    snapshots,
    supply,
    surroundings,
    time,
)
from emulator.bench.declared import BenchCommand, table

COMMANDS: Mapping[str, BenchCommand] = table(
    [
        *common.COMMANDS,
        *button.COMMANDS,
        *display.COMMANDS,
        *supply.COMMANDS,
        *surroundings.COMMANDS,
        *time.COMMANDS,
        *app.COMMANDS,
        *rack.COMMANDS,
        *faults.COMMANDS,
        *board_faults.COMMANDS,
        *mistakes.COMMANDS,
        *snapshots.COMMANDS,
    ]
)
"""Spelling in upper case -> command."""
