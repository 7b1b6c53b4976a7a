"""What every `keyfob host` verb shares: its place, and who acts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import click

from firmware_model.errors import BadInput
from host_tools.verification.host import Host
from host_tools.verification.states import Actor, Role
from keyfob.cli.store_options import StoreOptions


@dataclass(frozen=True, slots=True)
class HostStoreOptions(StoreOptions):
    """Where the verification host's store and key are."""

    what: ClassVar[str] = "host"

    def open(self) -> Host:
        """Open the host; raises BadInput, Denied or InUse as `Host.open`."""
        return Host.open(self.store, self.keys(), self.anchor())


def actor_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--as ROLE[:NAME]`; the parameter is `actor: Actor`."""
    return click.option(
        "--as",
        "actor",
        default="bank",
        callback=lambda _context, _parameter, text: _actor(text),
        metavar="ROLE[:NAME]",
        help=f"Who does it: {', '.join(Role)}; bank by default.",
    )(command)


def _actor(text: str) -> Actor:
    role, _, name = text.partition(":")
    try:
        return Actor(Role(role.replace("-", "_")), name)
    except ValueError:
        raise BadInput(f"--as {role!r}: expected one of {', '.join(Role)}") from None
