"""Tasks that cannot fail in silence."""

import asyncio
from collections.abc import Coroutine
from typing import Any


def start(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Start `work` in the running loop; what ends it by surprise goes to the loop's handler."""
    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(_surface)
    return task


def _surface(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        task.get_loop().call_exception_handler({"message": "a task ended", "exception": error})
