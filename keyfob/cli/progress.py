"""A bar for long reads: how far, how fast, how long still; silent without a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

QUICK_BYTES = 1 << 20
"""A smaller file is read before anybody could look at a bar."""


@contextmanager
def progress_of(file: Path) -> Iterator[Callable[[int], None] | None]:
    """Draw a bar on standard error while `file` is read; give what to call with bytes read.

    Gives None where standard error is no terminal, or the file is small or no regular one.
    """
    size = file.stat().st_size
    if not sys.stderr.isatty() or size < QUICK_BYTES:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn
    from rich.progress import TransferSpeedColumn as Rate

    columns = (BarColumn(), DownloadColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(file.name, total=size)
        yield lambda read: bar.advance(task, read)
