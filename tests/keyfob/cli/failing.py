"""A verb that fails in whatever way a test asks for."""

import sys

import click

from firmware_model import errors


@click.command()
@click.argument("how")
def fail(how: str) -> int:
    """Fail as told."""
    if how == "interrupt":
        raise KeyboardInterrupt
    if how == "interrupt-in-a-class-body":
        raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()
    if how == "our-own":
        raise RuntimeError("the seed is 3132")
    if how == "missing-file":
        open("/nowhere/at/all")  # noqa: PTH123, SIM115
    if how == "refused":
        raise errors.Refused("fob 1: 6985 (conditions not satisfied)", 0x6985)
    if how == "control":
        raise errors.BadInput("a name with \x1b[31m and \n in it")
    if how == "no":
        return 1
    if how == "endless":
        while True:
            sys.stdout.write("line\n" * 1000)
    kind: type[errors.KeyfobError] = getattr(errors, how)
    raise kind(f"{how} happened")
