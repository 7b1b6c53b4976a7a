"""The options that every `keyfob station` verb has: the ledger, its key, and the operator."""

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import click

from firmware_model.errors import BadInput
from host_tools.provisioning.station.ledger import Ledger
from keyfob.cli.store_options import StoreOptions


@dataclass(frozen=True, slots=True)
class StationStoreOptions(StoreOptions):
    """Where the station's ledger and its key are."""

    what: ClassVar[str] = "station"
    store_option: ClassVar[str] = "--ledger"
    key_option: ClassVar[str] = "--ledger-key"

    def prepare(self) -> bool:
        """Make the key of a new ledger where there is none; return whether one was made.

        Raises:
            BadInput: there is a ledger, and its key is gone.
        """
        if self.store.exists() and not self.key_is_in_environment and not self.key_file.exists():
            raise BadInput(f"{self.key_file}: missing; it is the key of {self.store}")
        return self.make_key()

    @property
    def is_new(self) -> bool:
        """Whether there is no ledger yet: then no seed is known to have left."""
        return not self.store.exists()

    def open(self, operator: str) -> Ledger:
        """Open the ledger, or make it; `operator` is on record for what is done.

        Raises:
            BadInput: the key is missing or another ledger's, or the file is no ledger.
        """
        return Ledger(self.store, self.keys(), operator)

    def open_kept(self, operator: str) -> Ledger:
        """Open a ledger that must be there; raises as `open`."""
        if self.is_new:
            raise BadInput(f"{self.store}: no ledger is here; keyfob station run makes one")
        return self.open(operator)


def operator_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--operator` (KEYFOB_OPERATOR); the parameter is `operator: str`."""
    return click.option(
        "--operator",
        envvar="KEYFOB_OPERATOR",
        metavar="NAME",
        callback=lambda _context, _parameter, name: name or getpass.getuser(),
        help="The operator on record; by default this user. [env: KEYFOB_OPERATOR]",
    )(command)
