"""Seed files as verbs take them: with the key or passphrase given, or asked for."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from host_tools.seeds import LockedSeedFile, Secret, SeedRecord, read
from keyfob.cli import options
from keyfob.cli.parameters import EXISTING_FILE
from keyfob.cli.progress import progress_of

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class SeedSecretOptions:
    """What opens a seed file, as `--psk-file`, `--psk` and `--passphrase` give it."""

    psk_file: Path | None = None
    psk: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)

    @classmethod
    def options(cls, command: Callable[..., Any]) -> Callable[..., Any]:
        """Add the three options; the parameter is `opened_by: SeedSecretOptions`."""

        @wraps(command)
        def with_secret(
            *args: Any,
            psk_file: Path | None,
            psk: str | None,
            passphrase: str | None,
            **others: Any,
        ) -> Any:
            return command(*args, opened_by=cls(psk_file, psk, passphrase), **others)

        decorated: Callable[..., Any] = with_secret
        for option in (
            click.option(
                "--passphrase", metavar="TEXT", help=f"Its passphrase. {options.SEEN_BY_OTHERS}"
            ),
            click.option("--psk", metavar="HEX", help=f"That key itself. {options.SEEN_BY_OTHERS}"),
            click.option(
                "--psk-file",
                type=EXISTING_FILE,
                metavar="FILE",
                help="The seed file's pre-shared key in hex. Or KEYFOB_PSK (hex);"
                " a passphrase by prompt or KEYFOB_PASSPHRASE.",
            ),
        ):
            decorated = option(decorated)
        return decorated

    @property
    def are_given(self) -> bool:
        """Whether any of the three options was given; the environment does not count."""
        return bool(self.psk_file or self.psk or self.passphrase)

    def secret(self) -> Secret:
        """Return the key and passphrase, from the options or the environment.

        Raises:
            click.UsageError: the key is not hex; the message does not repeat it.
            BadInput: the passphrase is empty.
            OSError: the key file cannot be read.
        """
        return Secret(self._key(), self._passphrase())

    def _key(self) -> bytes | None:
        if self.psk is not None:
            options.warn_of_argument("--psk", "--psk-file or KEYFOB_PSK")
            return _hex(self.psk, "--psk")
        if self.psk_file is not None:
            return _hex(options.read_secret_file(str(self.psk_file)), str(self.psk_file))
        from_environment = os.environ.get("KEYFOB_PSK")
        return None if from_environment is None else _hex(from_environment, "KEYFOB_PSK")

    def _passphrase(self) -> str | None:
        if self.passphrase is not None:
            options.warn_of_argument("--passphrase", "the prompt or KEYFOB_PASSPHRASE")
            return options.not_empty(self.passphrase, "--passphrase")
        given = os.environ.get("KEYFOB_PASSPHRASE")
        return None if given is None else options.not_empty(given, "KEYFOB_PASSPHRASE")


def read_seeds(path: Path, opened_by: SeedSecretOptions) -> list[SeedRecord]:
    """Return the records of a seed file; a passphrase that is needed and not given is asked for.

    A progress bar is drawn on a terminal while a large file is read.

    Raises:
        BadInput: the file, or one of its keys, is invalid.
    """
    return unlock(opened_by.secret(), lambda secret: _read(path, secret))


def unlock(given: Secret, act: Callable[[Secret], Result]) -> Result:
    """Return what `act` does with `given`; without it, ask for the passphrase the file needs.

    Raises:
        LockedSeedFile: the file needs what was not given, or what was given does not open it.
    """
    try:
        return act(given)
    except LockedSeedFile as error:
        if given or not error.wants_passphrase or sys.stdin is None:
            raise
    return act(Secret(passphrase=options.ask_secret("the passphrase")))


def _read(path: Path, secret: Secret) -> list[SeedRecord]:
    with progress_of(path) as progress:
        return list(read(path, secret, progress=progress))


def _hex(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if not key:
        raise click.UsageError(f"{where} holds no key: an even number of hex digits was expected")
    return key
