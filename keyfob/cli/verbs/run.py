"""`keyfob run`: virtual fobs on a port, with a bench beside it."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import click

from emulator.app import Started
from emulator.app import run as run_emulator
from emulator.rack_file import read_rack_file
from emulator.settings import FOBS_MAX, FobPlan, Settings
from firmware_model.errors import InUse, KeyfobError
from host_tools.client.bench_token import TOKEN_FILE_VARIABLE
from keyfob.cli.background import run_in_background
from keyfob.cli.firmware_options import firmware_options, given_firmware
from keyfob.cli.options import DEFAULT_BENCH
from keyfob.cli.parameters import ANY_FILE, model_names, offering
from keyfob.reader_entries import ReaderFolder, ports_in, reader_port
from keyfob.testing.presets import PRESETS, apply
from keyfob.testing.run_options import plans_of, settings_of

STANDARD_INPUT = 0
HTTP_TOKEN_FILE_VARIABLE = "KEYFOB_HTTP_TOKEN_FILE"  # noqa: S105 - a variable's name


@click.command()
@click.argument("rack", required=False, type=ANY_FILE)
@click.option(
    "--model",
    metavar="NAME|FILE",
    shell_complete=offering(model_names),
    help="What to run: see keyfob models, or your TOML.",
)
@click.option(
    "--count",
    type=click.IntRange(1, FOBS_MAX),
    default=1,
    show_default=True,
    metavar="N",
    help="How many fobs of that model.",
)
@click.option(
    "--port",
    envvar="KEYFOB_PORT",
    metavar="ADDRESS",
    help="The fobs' address: pty:PATH, unix:PATH, tcp:HOST:PORT, rfc2217:HOST:PORT or"
    " serial:DEVICE. One line for all; with {n} in it, one for each. [env: KEYFOB_PORT]",
)
@click.option(
    "--bench",
    envvar="KEYFOB_BENCH",
    metavar="ADDRESS",
    help="The bench's address: tcp:HOST:PORT, unix:PATH or pty:PATH."
    f" [env: KEYFOB_BENCH; default: {DEFAULT_BENCH}]",
)
@click.option(
    "--bench-token-file",
    envvar=TOKEN_FILE_VARIABLE,
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help=f"Serve only controllers that send this token first. [env: {TOKEN_FILE_VARIABLE}]",
)
@click.option(
    "--http",
    envvar="KEYFOB_HTTP",
    metavar="HOST:PORT",
    help="Serve the bench over HTTP too, port 0 for any free one; the address and, without a token"
    " file, a token for this run are printed. [env: KEYFOB_HTTP]",
)
@click.option(
    "--http-token-file",
    envvar=HTTP_TOKEN_FILE_VARIABLE,
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help=f"The token that HTTP requests send as a bearer. [env: {HTTP_TOKEN_FILE_VARIABLE}]",
)
@click.option(
    "--panel",
    is_flag=True,
    help="Serve the panel, which shows the fobs in a browser, and print its address; it opens one"
    " browser, once.",
)
@click.option(
    "--allow-uid",
    "allowed_uids",
    type=click.IntRange(0),
    multiple=True,
    metavar="UID",
    help="Let this user connect to unix: addresses too.",
)
@click.option(
    "--store",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Keeps the fobs between runs; made with mode 0600, because it holds seeds."
    " Without it everything is in memory.",
)
@click.option(
    "--snapshots",
    type=click.Path(file_okay=False),
    metavar="FOLDER",
    help="Keeps the bench's snapshots as files of mode 0600; without it they end with the run.",
)
@click.option(
    "--record",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Keeps every input and effect in a new file of mode 0600, for keyfob replay.",
)
@click.option(
    "--time",
    metavar="real|frozen|N",
    help="How fast true time runs: as the wall clock, not at all, or N times as fast.",
)
@click.option("--start", metavar="DATE", help="When true time starts, such as 2029-04-01.")
@click.option(
    "--pcsc",
    type=click.Path(),
    metavar="FOLDER",
    help="Put each fob into a card reader and write the readers' entries for pcscd into FOLDER;"
    " prints the line that starts pcscd with them. Without --port they are serial readers.",
)
@click.option(
    "--pace",
    metavar="host|BAUD",
    help="Hold bytes back to the baud rate that the host sets, or to this one.",
)
@firmware_options
@click.option(
    "--preset",
    metavar="NAME",
    shell_complete=offering(lambda: PRESETS),
    help="Begin there: blank, personalised, sealed, in-use, low-battery, expired, locked or dead."
    " Such fobs hold the published test seed of RFC 4226.",
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Begin with that value: battery.charge=7%, temperature=-10.",
)
@click.option(
    "--keys",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="The SCP03 keys with which new fobs leave the factory, as TOML or hex;"
    " without it the public TEST KEYS.",
)
@click.option(
    "--dice",
    metavar="TEXT",
    help="The dice of new fobs: the same text gives the same cells, crystals and flash.",
)
@click.option(
    "--until-eof",
    is_flag=True,
    help="End when standard input ends: so a child ends with the program that started it.",
)
@click.option(
    "--trace",
    is_flag=True,
    help="Print each event of a fob on standard error: presses, resets, faults of a firmware with"
    " function and source line.",
)
@click.option(
    "--background", is_flag=True, help="Return when the fobs are ready; kill PID ends them."
)
@click.option("--json", "as_json", is_flag=True, help="Print the addresses as one JSON line.")
def run(
    rack: Path | None,
    model: str | None,
    count: int,
    firmware: Path | None,
    chip: str | None,
    preset: str | None,
    changes: tuple[str, ...],
    dice: str | None,
    allowed_uids: tuple[int, ...],
    pcsc: str | None,
    *,
    strict: bool,
    until_eof: bool,
    trace: bool,
    background: bool,
    as_json: bool,
    panel: bool,
    **given: str | None,
) -> None:
    """Run virtual fobs until interrupted.

    Name them by RACK (a TOML file), by --model, or by a --store that already holds fobs. Options
    override the file.
    """
    if until_eof and background:
        raise click.UsageError("--background and --until-eof do not go together: choose one")
    if trace and background:
        raise click.UsageError("--trace needs the terminal: leave --background out")
    if until_eof and sys.stdin is None:
        raise click.UsageError("--until-eof: standard input is closed")
    plans: tuple[FobPlan, ...] = ()
    if rack is not None:
        if model is not None or preset is not None or changes or firmware is not None:
            raise click.UsageError(
                "--model, --firmware, --preset and --set are not valid with a rack file:"
                " write them into it"
            )
        plans, table = read_rack_file(rack, apply)
        given = table | {key: value for key, value in given.items() if value is not None}
    elif model is not None:
        program = given_firmware(firmware, chip, strict=strict)
        plans = plans_of(model, count, preset, _changes(changes), program)
    if firmware is not None and model is None:
        raise click.UsageError("--firmware needs the board's --model, such as a TOML file of yours")
    if pcsc is not None and given.get("port") is None and not any(plan.port for plan in plans):
        given["port"] = reader_port(pcsc)
    settings = _settings(plans, given, dice, allowed_uids, panel=panel)
    if trace:
        settings = replace(settings, on_event=partial(click.echo, err=True))

    def live(ends: str, say: Callable[[str], None], until: int | None = None) -> None:
        with ExitStack() as left:
            if pcsc is not None:
                left.enter_context(ports_in(pcsc))

            def announce(started: Started) -> None:
                readers = None
                if pcsc is not None:
                    readers = ReaderFolder(pcsc, started.readers, started.fobs)
                    left.callback(readers.remove)
                    readers.write()
                say(_said(started, ends, readers, as_json=as_json))

            _run(settings, announce, until)

    if background:
        run_in_background(lambda ready: live(f"kill {os.getpid()}", ready))
    else:
        live("Ctrl-C", click.echo, STANDARD_INPUT if until_eof else None)


def _run(settings: Settings, ready: Callable[[Started], None], until: int | None = None) -> None:
    """Run the emulator; where it does not start, leave no store behind that was not there."""
    new = settings.store is not None and not settings.store.exists()
    started = False

    def announce(found: Started) -> None:
        nonlocal started
        ready(found)
        started = True

    try:
        run_emulator(settings, announce, until)
    except KeyfobError as error:
        # Where another run has made the store meanwhile, the error is about the store: it stays.
        theirs = isinstance(error, InUse) and str(settings.store) in str(error)
        if new and not started and not theirs and settings.store is not None:
            for suffix in ("", "-wal", "-shm", "-journal"):
                settings.store.with_name(settings.store.name + suffix).unlink(missing_ok=True)
        raise


def _settings(
    plans: tuple[FobPlan, ...],
    given: dict[str, str | None],
    dice: str | None,
    allowed_uids: tuple[int, ...],
    *,
    panel: bool,
) -> Settings:
    if given.get("port") is None and not (plans and all(plan.port for plan in plans)):
        raise click.UsageError("--port is missing: expected an address such as --port pty:./fob0")
    bench = given.pop("bench", None) or DEFAULT_BENCH
    settings = settings_of(plans, bench=bench, dice=dice, panel=panel, **given)
    if panel and settings.http is not None:
        from keyfob.panel_means import HostMeans  # here, because few runs have a panel

        settings = replace(settings, http=replace(settings.http, means=HostMeans()))
    return replace(settings, allowed_uids=frozenset(allowed_uids))


def _changes(pairs: tuple[str, ...]) -> dict[str, str]:
    return {key.strip(): value for key, _, value in (pair.partition("=") for pair in pairs)}


def _said(started: Started, ends: str, readers: ReaderFolder | None, *, as_json: bool) -> str:
    """Return the line that says where the fobs are."""
    for warning in [*started.warnings, *(() if readers is None else readers.warnings)]:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        found: dict[str, object] = {
            "port": started.ports[0],
            "ports": started.ports,
            "bench": started.bench,
            "store": None if started.store is None else str(started.store),
            "fobs": started.fobs,
            "process_id": os.getpid(),
        }
        if (http := started.http) is not None:
            found |= {"http": http.address, "http_token": http.token, "panel": http.panel}
        if readers is not None:
            found |= {
                "pcsc": {
                    "folder": str(readers.folder),
                    "readers": [asdict(entry.reader) for entry in readers.entries],
                    "command": readers.command,
                }
            }
        return json.dumps(found)
    where = "in memory" if started.store is None else f"in {started.store} (mode 0600: seeds)"
    fobs = "1 fob" if started.fobs == 1 else f"{started.fobs} fobs"
    ports = started.ports[0] if len(started.ports) == 1 else f"{started.ports[0]} and so on"
    said = f"{fobs} at {ports}, bench at {started.bench}, {where}; {ends} ends it"
    said_of_readers = [] if readers is None else [f"card readers: {readers.command}"]
    return "\n".join([said, *_said_of_http(started), *said_of_readers])


def _said_of_http(started: Started) -> Iterator[str]:
    """Yield the lines that say where the HTTP port and the panel are."""
    http = started.http
    if http is not None:
        token = "" if http.token is None else f", token for this run: {http.token}"
        yield f"HTTP at {http.address}{token}"
        if http.panel is not None:
            yield f"panel at {http.panel} (opens one browser, once)"
