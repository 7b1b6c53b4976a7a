"""Keys as verbs take them: key sets, and the passphrase of a sealed key file."""

import os

import click

from firmware_model.errors import BadInput
from host_tools.client.keys import TEST_KEYS, FobKeys, read_keys
from keyfob.cli import options

PASSPHRASE_VARIABLE = "KEYFOB_KEYS_PASSPHRASE"  # noqa: S105 - a name


def given_keys(path: str | None) -> FobKeys:
    """Return the key set in the file `path`, or the public test keys with a warning.

    Raises:
        KeyfobError: the file holds no key set, or others may read it.
    """
    keys = TEST_KEYS if path is None else read_keys(path)
    if keys.are_public:
        click.echo("TEST KEYS: anybody can read what is sent; --keys FILE names others", err=True)
    return keys


def key_file_passphrase(*, new: bool) -> str:
    """Return the key file's passphrase, from KEYFOB_KEYS_PASSPHRASE or asked for, twice if new.

    Raises:
        BadInput: it is empty.
    """
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given is None:
        if new:
            return options.new_passphrase()
        given = options.ask_secret("the key file's passphrase")
    if not given:
        raise BadInput("the passphrase is empty: expected at least one character")
    return given
