"""The translated blocks of one processor: of program memory, shared, and of its own RAM."""

from typing import Any, Protocol

from firmware_model.processor.block_writer import WayBack
from firmware_model.processor.flags import FLAGS, SETTLED, FlagCore, settle_flags
from firmware_model.processor.memory import Memory
from firmware_model.processor.path_reader import PathReader
from firmware_model.processor.places import address_of
from firmware_model.processor.translation import (
    BLOCKS_MAX,
    Block,
    Function,
    find_way_back,
    translate,
)


class BlockCore(FlagCore, Protocol):
    """What a block changes of its core."""

    r: list[int]
    instructions: int


class TranslatedCode:
    """What has been translated; `functions` are the blocks of program memory, by place."""

    def __init__(self, memory: Memory, functions: dict[int, Function]) -> None:
        self._memory = memory
        self._functions = functions
        self._of_ram: dict[int, Block] = {}

    def function_at(self, place: int) -> Function | None:
        """Return the function of a block by its place, None where there is no code.

        Code in RAM may be written anew: it is compared each time.
        """
        memory, address = self._memory, address_of(place)
        known = self._of_ram.get(place)
        if known is not None and known.code == memory.code(address, len(known.code)):
            return known.function
        block = translate(place, memory)
        if block is None:
            return None
        if len(self._functions) + len(self._of_ram) >= BLOCKS_MAX:
            self._functions.clear()
            self._of_ram.clear()
        if memory.is_ram(address):
            code = memory.code(address, block.path.end - address)
            self._of_ram[place] = block._replace(code=code)
        else:
            self._functions[place] = block.function
        return block.function

    def alone(self, address: int) -> Function:
        """Return the function of the one instruction at `address`, with all accesses by the core.

        Those of program memory are kept at odd addresses, where no block begins. Raises `KeyError`
        where there is no code.
        """
        key = address | 1
        known = self._functions.get(key)
        if known is not None:
            return known
        block = translate(address, self._memory, alone=True)
        if block is None:
            raise KeyError(address)
        if not self._memory.is_ram(address):
            self._functions[key] = block.function
        return block.function

    def bring_back(self, core: BlockCore, place: int, access: int, held: dict[str, Any]) -> WayBack:
        """Bring back the state before an access of a block, of which `held` are the variables.

        Its cycles are not counted yet. It is worked out anew, and done as text: this is for what
        seldom happens, an access that fails or a stack that is not in RAM.
        """
        known = self._of_ram.get(place)
        path = PathReader(place, self._memory).read() if known is None else known.path
        assert path is not None, "this block has been read before"
        way = find_way_back(path, self._memory, access)
        before: dict[str, Any] = {f"r{number}": value for number, value in enumerate(core.r)}
        before |= zip(FLAGS, settle_flags(core), strict=True)
        names = {**before, **held}
        for name in FLAGS:
            if isinstance(names[name], tuple):
                names[name] = eval(SETTLED[name], {}, names)  # noqa: S307 - our own text
        exec(way.statements, {}, names)  # noqa: S102 - our own text
        core.instructions += way.done
        return way


class SingleInstructions:
    """Blocks of one instruction each, by place: for a run that must stop at a cycle."""

    def __init__(self, code: TranslatedCode) -> None:
        self._code = code

    def __getitem__(self, place: int) -> Function:
        """Return the function of the instruction there; raises `KeyError` where is no code."""
        return self._code.alone(address_of(place))

    def __contains__(self, place: int) -> bool:
        """Whether there is code."""
        try:
            return bool(self[place])
        except KeyError:
            return False
