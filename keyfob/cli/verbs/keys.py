"""`keyfob keys`: a key ceremony at the desk, and what a sealed key file holds."""

import sys
from pathlib import Path

import click

from firmware_model.errors import BadInput, Denied
from host_tools.ceremony.check_values import WORDS, Method, check_value
from host_tools.ceremony.components import COMPONENTS, combine, parse_component
from host_tools.ceremony.key_file import (
    KeyFile,
    KeyRole,
    describe,
    key_set,
    read_key_file,
    write_key_file,
)
from keyfob.cli import options
from keyfob.cli.key_input import key_file_passphrase
from keyfob.cli.output import print_json
from keyfob.cli.parameters import ANY_FILE, EXISTING_FILE

VERSION_DEFAULTS = {KeyRole.TRANSPORT: 0, KeyRole.DEVICE: 1}

_method_option = click.option(
    "--kcv",
    "method",
    type=click.Choice([method.value for method in Method]),
    default=Method.GLOBALPLATFORM.value,
    show_default=True,
    help="How check values are made, as the envelopes say: "
    + ", ".join(f"{method.value} ({words})" for method, words in WORDS.items())
    + ".",
)


@click.command("combine")
@click.option(
    "--out",
    required=True,
    type=ANY_FILE,
    metavar="FILE",
    help="The sealed key file; where it is there, the key set is added to it.",
)
@click.option(
    "--for",
    "role",
    required=True,
    type=click.Choice([role.value for role in KeyRole]),
    help="transport: what the factory left in the fobs; device: what they leave the station with.",
)
@click.option("--name", required=True, metavar="TEXT", help="What receipts call the key set.")
@click.option(
    "--version",
    type=click.IntRange(0, 255),
    metavar="N",
    help="The key version in the fob: 1 to 127; for transport also 255, or 0 for any. By default"
    " 0 for transport and 1 for device.",
)
@click.option(
    "--custodians",
    type=click.IntRange(COMPONENTS.start, COMPONENTS.stop - 1),
    default=2,
    show_default=True,
    metavar="N",
    help="How many components are typed in.",
)
@click.option(
    "--component",
    "files",
    multiple=True,
    type=EXISTING_FILE,
    metavar="FILE",
    help="Read a component from a file instead; once for each.",
)
@click.option("--expect", metavar="HEX", help="The key's check value: refuse any other key.")
@click.option("--undiversified", is_flag=True, help="The same key in every fob, not by chip ID.")
@click.option("--force", is_flag=True, help="Replace a key set that is there for the same use.")
@_method_option
@options.json_option
def combine_(
    out: Path,
    role: str,
    name: str,
    version: int | None,
    custodians: int,
    files: tuple[Path, ...],
    expect: str | None,
    method: str,
    *,
    undiversified: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Combine the custodians' components to a key, and keep it sealed by a passphrase.

    The passphrase comes first. Each component is 32, 48 or 64 hex digits, typed hidden or read
    from a file; the key is their XOR. The check value of each, and of the key, is shown to be
    compared with the envelopes'.
    """
    kcv, wanted = Method(method), KeyRole(role)
    passphrase = key_file_passphrase(new=not out.exists())
    held = read_key_file(out, passphrase) if out.exists() else KeyFile({})
    if wanted in held.sets and not force:
        there = describe(held.sets[wanted], kcv)
        raise BadInput(f"{out} holds {wanted} keys already, {there}; --force replaces them")
    if files:
        components = [_from_file(number, path, kcv) for number, path in enumerate(files, 1)]
    else:
        components = [_typed(number, custodians, kcv) for number in range(1, custodians + 1)]
    key = combine(components)
    found = check_value(key, kcv).hex()
    click.echo(f"key: check value {found} ({kcv}: {WORDS[kcv]})", err=as_json)
    if expect is not None and found != expect.strip().lower():
        raise Denied(f"the key's check value is {found}: expected {expect}; compare the components")
    number = VERSION_DEFAULTS[wanted] if version is None else version
    keys = key_set(name, number, key, diversified=not undiversified)
    write_key_file(out, held.with_set(wanted, keys), passphrase, replace=True)
    if as_json:
        facts = {"name": name, "version": number, "check_value": found}
        print_json({"file": str(out), "keys": wanted.value, **facts})
    else:
        click.echo(f"{out}: {wanted} keys {describe(keys, kcv)}")


@click.command()
@click.argument("file", type=EXISTING_FILE)
@_method_option
@options.json_option
def show(file: Path, method: str, *, as_json: bool) -> None:
    """Show which key sets FILE holds: name, version, check value, never a key."""
    held = read_key_file(file, key_file_passphrase(new=False))
    if as_json:
        print_json(
            {
                role.value: {
                    "name": keys.source,
                    "version": keys.version,
                    "diversified": keys.master is not None,
                    "check_value": check_value(
                        keys.master or (keys.keys or (b"",))[0], Method(method)
                    ),
                }
                for role, keys in held.sets.items()
            }
        )
        return
    for role, keys in held.sets.items():
        how = "diversified by chip ID" if keys.master is not None else "the same in every fob"
        click.echo(f"{role}: {describe(keys, Method(method))}, {how}")


def _from_file(number: int, path: Path, kcv: Method) -> bytes:
    component = parse_component(options.read_secret_file(str(path)), str(path))
    _show_component(number, component, kcv)
    return component


def _typed(number: int, custodians: int, kcv: Method) -> bytes:
    """Ask a custodian for a component; at a terminal once more for one that is not as it should."""
    while True:
        text = options.ask_secret(f"component {number} of {custodians}")
        try:
            component = parse_component(text, f"component {number}")
        except BadInput as error:
            if not sys.stdin.isatty():
                raise
            click.echo(f"{error}; once more", err=True)
            continue
        _show_component(number, component, kcv)
        if not sys.stdin.isatty() or click.confirm("as in the envelope?", default=True, err=True):
            return component


def _show_component(number: int, component: bytes, kcv: Method) -> None:
    click.echo(f"component {number}: check value {check_value(component, kcv).hex()} ({kcv})")
