"""Options of the verbs that run a firmware of your own on a fob's board."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from emulator.firmware.files import FirmwareSource, firmware_source
from firmware_model.processor.chip import DEFAULT_CHIP
from keyfob.cli.parameters import EXISTING_FILE

Command = TypeVar("Command", bound=Callable[..., Any])


def firmware_options(command: Command) -> Command:
    """Add `--firmware`, `--chip` and `--strict`; see `given_firmware`."""
    for option in (
        click.option(
            "--strict",
            is_flag=True,
            help="Let the firmware fault where it touches a register that its chip does not have;"
            " without it such registers read as 0 and are counted.",
        ),
        click.option(
            "--chip",
            metavar="NAME|FILE",
            help=f"The firmware's microcontroller; without it {DEFAULT_CHIP}.",
        ),
        click.option(
            "--firmware",
            type=EXISTING_FILE,
            metavar="FILE",
            help="The program on the board instead of ours: an ELF or Intel HEX image (ARMv6-M),"
            " or a core as a shared library.",
        ),
    ):
        command = option(command)
    return command


def given_firmware(
    firmware: Path | None, chip: str | None, *, strict: bool
) -> FirmwareSource | None:
    """Return the firmware that the options name, None for our own program.

    Raises:
        UsageError: `--chip` or `--strict` without `--firmware`.
        BadInput: the file or the chip is invalid, or one does not fit the other.
    """
    if firmware is None:
        if chip is not None or strict:
            raise click.UsageError("--chip and --strict are valid with --firmware only")
        return None
    return firmware_source(str(firmware), chip, strict=strict)
