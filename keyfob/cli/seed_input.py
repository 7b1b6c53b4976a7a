"""Seed files as verbs take them: with the key or passphrase given, or asked for."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from host_tools.seeds import LockedSeedFile, Reading, Secret, SeedRecord
from host_tools.seeds.columns import Column, parse_columns
from host_tools.seeds.encoding import check_encoding
from keyfob.cli import options
from keyfob.cli.parameters import EXISTING_FILE
from keyfob.cli.progress import progress_of
from keyfob.cli.seed_choice import Notices

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


@dataclass(frozen=True, slots=True)
class SeedFileOptions:
    """How a seed file is to be read, as `--format`, `--columns`, `--encoding` and others say."""

    format: str | None = None
    columns: tuple[Column, ...] | None = None
    encoding: str | None = None
    accept_unauthenticated: bool = False
    opened_by: SeedSecretOptions = field(default_factory=SeedSecretOptions)

    @classmethod
    def options(cls, command: Callable[..., Any]) -> Callable[..., Any]:
        """Add the options; the parameter is `reads: SeedFileOptions`."""

        @wraps(command)
        def with_options(
            *args: Any,
            format: str | None,  # noqa: A002
            columns: str | None,
            encoding: str | None,
            accept_unauthenticated: bool,
            opened_by: SeedSecretOptions,
            **others: Any,
        ) -> Any:
            reads = cls(
                "table" if columns and format is None else format,
                parse_columns(columns) if columns else None,
                check_encoding(encoding) if encoding else None,
                accept_unauthenticated,
                opened_by,
            )
            return command(*args, reads=reads, **others)

        from host_tools.seeds import FORMATS  # here, because it knows all formats

        readable = [entry.name for entry in FORMATS.values() if entry.read is not None]
        decorated: Callable[..., Any] = SeedSecretOptions.options(with_options)
        for option in (
            click.option(
                "--accept-unauthenticated",
                is_flag=True,
                help="Take encrypted seeds that nothing protects against change.",
            ),
            click.option(
                "--encoding", metavar="NAME", help="A table's code page, as cp932 or cp1252."
            ),
            click.option(
                "--columns",
                metavar="LIST",
                help="What a table's columns mean, as serial,seed,type,-,digits:"
                f" {', '.join(column for column in Column if column != '-')}, - to pass one over.",
            ),
            click.option(
                "--format",
                type=click.Choice(readable),
                metavar="FORMAT",
                help=f"What the file is, where its content does not tell: {', '.join(readable)}.",
            ),
        ):
            decorated = option(decorated)
        return decorated

    def reading(self, path: Path, secret: Secret, *, locked_too: bool = False) -> Reading:
        """Return how the file at `path` is to be read with `secret`."""
        return Reading(
            path,
            secret,
            accept_unauthenticated=self.accept_unauthenticated,
            locked_too=locked_too,
            columns=self.columns,
            encoding=self.encoding,
        )


def read_seeds(path: Path, opened_by: SeedSecretOptions) -> list[SeedRecord]:
    """Return the records of a seed file; a passphrase that is needed and not given is asked for.

    What is doubted, and keys that are left out because they are no HOTP or TOTP, are told on
    standard error. A progress bar is drawn on a terminal while a large file is read.

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
    from host_tools.seeds import read  # here, because it knows all formats

    notices = Notices()
    with progress_of(path) as progress:
        records = list(read(path, secret, notice=notices.add, progress=progress))
    for text in notices.lines():
        click.echo(f"warning: {path}: {text}", err=True)
    return records


def _hex(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if not key:
        raise click.UsageError(f"invalid key in {where}: expected 32, 48 or 64 hex digits")
    return key
