"""Tasks whose errors are reported."""

import asyncio
from collections.abc import Coroutine
from typing import Any


def start_task(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Start `work` in the running loop; its error goes to the loop's exception handler."""
    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(_report_error)
    return task


def _report_error(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        task.get_loop().call_exception_handler({"message": "a task ended", "exception": error})
