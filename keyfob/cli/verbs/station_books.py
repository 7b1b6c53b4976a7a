"""What every `keyfob station` verb shares: the ledger, its log's key, and who is at the desk."""

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click
from platformdirs import user_config_path, user_data_path

from firmware_model.errors import BadInput
from host_tools.provisioning.station.ledger import Ledger
from host_tools.vault.key_ring import KeyRing, read_key_file, write_key_file
from keyfob.cli.parameters import ANY_FILE

KEY_VARIABLE = "KEYFOB_STATION_KEY"


@dataclass(frozen=True, slots=True)
class Books:
    """Where the ledger is, what its log is chained with, and who acts."""

    ledger: Path
    key_file: Path
    operator: str

    def prepare(self) -> bool:
        """Make the key of a new ledger where there is none; return whether one was made.

        Raises:
            BadInput: there is a ledger, and its key is gone.
        """
        if KEY_VARIABLE in os.environ or self.key_file.exists():
            return False
        if self.ledger.exists():
            raise BadInput(f"{self.key_file}: the key of {self.ledger} is not there")
        write_key_file(self.key_file, KeyRing.generate()[1])
        return True

    @property
    def is_new(self) -> bool:
        """Whether there is no ledger yet: then no seed is known to have left."""
        return not self.ledger.exists()

    def open(self) -> Ledger:
        """Open the ledger, or make it.

        Raises:
            BadInput: the key is missing or another ledger's, or the file is no ledger.
        """
        text = os.environ.get(KEY_VARIABLE)
        keys = read_key_file(self.key_file) if text is None else KeyRing.parse(text, KEY_VARIABLE)
        return Ledger(self.ledger, keys, self.operator)

    def open_kept(self) -> Ledger:
        """Open a ledger that must be there; raises as `open`."""
        if not self.ledger.exists():
            raise BadInput(f"{self.ledger}: no ledger is here; keyfob station run makes one")
        return self.open()


def books_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options every verb has; the command gets them as its first argument, `Books`."""

    @wraps(command)
    def with_books(
        ledger: Path | None, ledger_key: Path | None, operator: str | None, **others: Any
    ) -> Any:
        books = Books(
            ledger or user_data_path("keyfob") / "station.db",
            ledger_key or user_config_path("keyfob") / "station.key",
            operator or getpass.getuser(),
        )
        return command(books, **others)

    decorated: Callable[..., Any] = with_books
    for option in (
        click.option(
            "--operator",
            envvar="KEYFOB_OPERATOR",
            metavar="NAME",
            help="Who is at the desk, for the record; by default this user. [env: KEYFOB_OPERATOR]",
        ),
        click.option(
            "--ledger-key",
            type=ANY_FILE,
            envvar="KEYFOB_STATION_KEY_FILE",
            metavar="FILE",
            help=f"The key the record is chained with; or {KEY_VARIABLE} (hex)."
            " [env: KEYFOB_STATION_KEY_FILE]",
        ),
        click.option(
            "--ledger",
            type=ANY_FILE,
            envvar="KEYFOB_STATION_LEDGER",
            metavar="FILE",
            help="The record of all seeds; by default a file of your own."
            " [env: KEYFOB_STATION_LEDGER]",
        ),
    ):
        decorated = option(decorated)
    return decorated
