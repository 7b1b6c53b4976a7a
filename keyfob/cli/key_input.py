"""The keys a verb works with: from `--keys`, or the public ones, and then everybody is told."""

import click

from host_tools.client.keys import TEST_KEYS, FobKeys, read_keys


def given_keys(path: str | None) -> FobKeys:
    """Return the key set in the file `path`, or the public test keys with a warning.

    Raises:
        KeyfobError: the file holds no key set, or others may read it.
    """
    keys = TEST_KEYS if path is None else read_keys(path)
    if keys.are_public:
        click.echo("TEST KEYS: anybody can read what is sent; --keys FILE names others", err=True)
    return keys
