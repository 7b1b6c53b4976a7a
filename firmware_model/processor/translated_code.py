"""The translated blocks of one processor: of program memory, shared, and of its own RAM."""

from firmware_model.processor.memory import Memory
from firmware_model.processor.translation import BLOCKS_MAX, Block, Function, translate


class TranslatedCode:
    """What has been translated; `functions` are the blocks of program memory, by address."""

    def __init__(self, memory: Memory, functions: dict[int, Function]) -> None:
        self._memory = memory
        self._functions = functions
        self._of_ram: dict[int, Block] = {}

    def function_at(self, address: int) -> Function | None:
        """Return the function of the block at `address`, None where there is no code.

        Code in RAM may be written anew: it is compared each time.
        """
        memory = self._memory
        known = self._of_ram.get(address)
        if known is not None and known.code == memory.code(address, known.size):
            return known.function
        block = translate(address, memory)
        if block is None:
            return None
        if len(self._functions) + len(self._of_ram) >= BLOCKS_MAX:
            self._functions.clear()
            self._of_ram.clear()
        if memory.is_ram(address):
            code = memory.code(address, block.size)
            self._of_ram[address] = block._replace(code=code)
        else:
            self._functions[address] = block.function
        return block.function
