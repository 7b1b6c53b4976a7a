"""Seed files for Python programs: read, write, and make new ones."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from firmware_model.errors import BadInput
from host_tools import seeds
from host_tools.seeds import Secret, SeedRecord, generation
from keyfob.models import load_model


def read_seeds(
    path: Path | str, *, key: bytes | None = None, passphrase: str | None = None
) -> list[SeedRecord]:
    """Return the records of a seed file, in any format of SEEDS.

    Args:
        path: the file. Without a key or passphrase, a key in `PATH.key` beside it is used.
        key: its pre-shared key of 16, 24 or 32 bytes.
        passphrase: its passphrase.

    Raises:
        BadInput: it is not a seed file, a key of it is damaged, or what was given does not open it.
        OSError: it cannot be read.

    Example:
        >>> keyfob.write_seeds(folder / "new.xml", keyfob.generate_seeds("fob-h6"), key=bytes(16))
        1
        >>> keyfob.read_seeds(folder / "new.xml", key=bytes(16))[0].serial_number
        'ZZH600000001'
    """
    return list(seeds.read(path, Secret(key, passphrase)))


def write_seeds(
    path: Path | str,
    records: Iterable[SeedRecord],
    *,
    key: bytes | None = None,
    passphrase: str | None = None,
    format: str = "pskc",  # noqa: A002 - the option's name
    plain: bool = False,
    replace: bool = False,
) -> int:
    """Write a seed file that only this user may read, and return how many seeds are in it.

    Args:
        path: the file to make.
        records: what goes into it.
        key: encrypts it: 16, 24 or 32 bytes.
        passphrase: encrypts it too.
        format: a format that keyfob writes; only "pskc" can encrypt.
        plain: leave the seeds in clear; required where nothing encrypts them.
        replace: overwrite `path`.

    Raises:
        BadInput: `path` exists and `replace` is not set; seeds would stand in clear and `plain` is
            not set; a record does not fit the format; or there is none.

    Example:
        >>> keyfob.write_seeds(folder / "plain.xml", keyfob.generate_seeds("fob-t60"), plain=True)
        1
    """
    secret = Secret(key, passphrase)
    return seeds.write(path, records, secret, format, plain=plain, replace=replace)


def generate_seeds(
    model: str,
    count: int | None = None,
    *,
    serials: str | None = None,
    expiry_date: date | None = None,
) -> list[SeedRecord]:
    """Return records with fresh seeds, from the operating system's randomness.

    Args:
        model: a model's name, or the path of its TOML file.
        count: how many; 1 if None, or as many as `serials` names.
        serials: a range such as "ZZH600000001-ZZH600000500" or "ZZH600000001+500"; the model's own
            numbers from 1 on if None.
        expiry_date: the last day of use, in UTC; None for none.

    Raises:
        BadInput: there is no such model, or the range is invalid.

    Example:
        >>> [record.serial_number for record in keyfob.generate_seeds("fob-h6", 2)]
        ['ZZH600000001', 'ZZH600000002']
    """
    chosen = load_model(model)
    try:
        numbers = generation.serial_range(chosen, count, serials)
    except ValueError as error:
        raise BadInput(str(error)) from None
    return list(generation.generate(chosen, numbers, expiry_date))
