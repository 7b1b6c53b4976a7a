"""The width of the terminal; without `shutil`, whose import costs `keyfob --help` a tenth."""

import os
import sys

WITHOUT = 80
"""Columns where there is no terminal."""


def columns() -> int:
    """Return how many columns the terminal has: COLUMNS, or what standard output is."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or WITHOUT  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # closed, detached, or no terminal
        return WITHOUT
