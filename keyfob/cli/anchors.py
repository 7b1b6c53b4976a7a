"""Anchors of a store's log as the command line names them: --anchor, --anchor-command."""

import os
import shlex
import subprocess
from pathlib import Path

from firmware_model.errors import BadInput
from host_tools.vault.anchor import Anchor, FileAnchor, parse_head
from host_tools.vault.audit import Head

COMMAND_SECONDS = 30.0
"""How long an anchor command may take."""


def anchor_of(file: Path | None, command: str | None) -> Anchor | None:
    """Return the anchor that the options name, None without one; raises BadInput for both."""
    if file is not None and command is not None:
        raise BadInput("--anchor and --anchor-command exclude each other")
    if command is not None:
        return CommandAnchor(command)
    return None if file is None else FileAnchor(file)


class CommandAnchor:
    """Keeps the head by a command: `CMD get` prints it or nothing, `CMD put HEAD` keeps it."""

    def __init__(self, command: str) -> None:
        self._words = shlex.split(command)
        if not self._words:
            raise BadInput("the anchor command is empty")

    def read(self) -> Head | None:
        """Return what `CMD get` prints; raises BadInput where it fails."""
        text = self._run("get").strip()
        return parse_head(text, self._words[0]) if text else None

    def write(self, head: Head) -> None:
        """Call `CMD put HEAD`; raises BadInput where it fails."""
        kept = self.read()
        if kept is None or kept.number < head.number:
            self._run("put", str(head))

    def _run(self, *arguments: str) -> str:
        try:
            done = subprocess.run(
                [*self._words, *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=COMMAND_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BadInput(f"anchor command {self._words[0]}: {_reason(error)}") from None
        if done.returncode:
            raise BadInput(f"anchor command {self._words[0]}: exit status {done.returncode}")
        return done.stdout.decode("ascii", "replace")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return f"no answer within {COMMAND_SECONDS:.0f} s"
