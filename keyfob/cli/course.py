"""Courses of temperature as people write them: a number, a name, or a file."""

from pathlib import Path

import click

from firmware_model.errors import BadInput
from firmware_model.hardware.thermal import COLDEST, COURSES, HOTTEST, Course, constant, parse
from host_tools.client.text_file import read_text

SPELLINGS = f"{', '.join(COURSES)}, a number of °C or a CSV file of seconds,celsius"


def course_of(text: str, word: str) -> Course:
    """Return the course named, given as a number of °C, or in a file; `word` is where it stood.

    Raises:
        click.UsageError: none of them.
        BadInput, OSError: the file is missing, not a course, or cannot be read.
    """
    if text in COURSES:
        return COURSES[text]
    try:
        millicelsius = round(float(text) * 1000)
    except (ValueError, OverflowError):
        path = Path(text)
        if not path.exists() and ("/" in text or path.suffix):
            raise BadInput(f"{text}: missing file: expected {SPELLINGS}") from None
        if not path.exists():
            raise click.UsageError(f"invalid {word} {text!r}: expected {SPELLINGS}") from None
        return parse(read_text(path, "seconds,celsius"), text)
    if not COLDEST <= millicelsius <= HOTTEST:
        limits = f"{COLDEST // 1000} to {HOTTEST // 1000} °C"
        raise click.UsageError(f"invalid {word} {text!r}: expected {limits}")
    return constant(millicelsius)
