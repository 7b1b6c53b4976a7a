"""Machine code turned into Python functions, one for each block.

A block's function takes the core, does what the block does, and returns the address at which to
go on. It is made in three passes, each with a module of its own: `path_reader` follows the code
and says, instruction by instruction (`operations`, `conditions`), which expression each register
and flag then holds (`values`); `ram_windows` groups the accesses to memory; `block_writer` writes
down what somebody needs of it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from firmware_model.processor.block_writer import BlockWriter, WayBack
from firmware_model.processor.memory import Abort
from firmware_model.processor.path_reader import CodeReader, PathReader
from firmware_model.processor.steps import CodePath

BLOCKS_MAX = 20_000
"""Translated blocks that are kept; a program of 256 KiB has fewer."""

Function = Callable[[Any], int]

_NAMES: dict[str, Any] = {"Abort": Abort}
"""What the functions use besides the core's: one dictionary for all of them."""


class Block(NamedTuple):
    """A translated block: its function, its way through the code, and that where it may change."""

    function: Function
    path: CodePath
    code: bytes = b""


def translate(place: int, code: CodeReader, *, alone: bool = False) -> Block | None:
    """Return the block of a place (`places`), None where no code may be executed there.

    Args:
        place: the address of its first instruction, even, and what stands above it.
        code: where the code is read, and RAM.
        alone: for a block of one instruction, all of whose accesses go by the core.
    """
    path = PathReader(place, code, alone=alone).read()
    if path is None:
        return None
    source = BlockWriter(path, code, alone=alone).function()
    made: dict[str, Function] = {}
    exec(compile(source, f"block {place:#x}", "exec"), _NAMES, made)  # noqa: S102 - our own text
    return Block(made["block"], path)


def find_way_back(path: CodePath, code: CodeReader, access: int) -> WayBack:
    """Return what brings back the state before an access of a block that failed.

    A block does not hold this itself, since it would be most of its text: it is written anew.
    """
    return BlockWriter(path, code, alone=False).way_back(access)
