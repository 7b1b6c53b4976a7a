"""Seed files as verbs take them: with whatever opens them, asked for where it was not given."""

from pathlib import Path

from host_tools.seeds import LockedSeedFile, Secret, SeedRecord, read
from keyfob.cli import options
from keyfob.cli.progress import progress_of


def read_seeds(
    path: Path, psk_file: str | None, psk: str | None, passphrase: str | None
) -> list[SeedRecord]:
    """Return the records of a seed file; a passphrase it needs and was not given is asked for.

    A terminal sees how far a big file is read.

    Raises:
        BadInput: the file, or one key of it, cannot be taken.
    """
    secret = Secret(options.pre_shared_key(psk_file, psk), options.pass_phrase(passphrase))
    try:
        return _read(path, secret)
    except LockedSeedFile as error:
        if secret or not error.wants_passphrase:
            raise
    return _read(path, Secret(passphrase=options.ask_secret("the passphrase")))


def _read(path: Path, secret: Secret) -> list[SeedRecord]:
    with progress_of(path) as progress:
        return list(read(path, secret, progress=progress))
