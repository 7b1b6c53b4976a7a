"""`keyfob host serve`, `keyfob host access`: the verification host over HTTP (docs/HTTP.md)."""

import importlib.util
import json
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import click
from platformdirs import user_config_path

from firmware_model.errors import BadInput
from keyfob.cli.options import json_option
from keyfob.cli.output import print_json, print_rows
from keyfob.cli.parameters import ANY_FILE, EXISTING_FILE
from keyfob.cli.verbs.host.store import HostStoreOptions

WORKERS_MAX = 64

_access_option = click.option(
    "--access-tokens",
    "access_file",
    type=ANY_FILE,
    envvar="KEYFOB_HOST_ACCESS_TOKENS",
    metavar="FILE",
    help="Who may ask for what; made by `keyfob host access add`. [env: KEYFOB_HOST_ACCESS_TOKENS]",
)


@click.command()
@click.option(
    "--http",
    "address",
    required=True,
    metavar="HOST:PORT",
    help="Where to listen, as 127.0.0.1:8080; port 0 takes a free one.",
)
@_access_option
@click.option(
    "--workers", type=click.IntRange(1, WORKERS_MAX), default=1, help="Processes; 1 by default."
)
@click.option("--expose", is_flag=True, help="Listen where other machines can connect.")
@click.option(
    "--tls-certificate", type=EXISTING_FILE, metavar="FILE", help="PEM file; with --tls-key."
)
@click.option(
    "--tls-key", type=EXISTING_FILE, metavar="FILE", help="PEM file; with --tls-certificate."
)
@click.option(
    "--rate",
    type=click.FloatRange(0),
    default=1000.0,
    metavar="N",
    help="Requests a second for one access token, in each process (1000); 0: no limit.",
)
@HostStoreOptions.options
def serve(
    desk: HostStoreOptions,
    address: str,
    access_file: Path | None,
    workers: int,
    tls_certificate: Path | None,
    tls_key: Path | None,
    rate: float,
    *,
    expose: bool,
) -> None:
    """Serve the verification host over HTTP, until SIGTERM or Ctrl-C.

    Prints where it listens as soon as it does; everything else goes to the log on standard error.
    """
    _require_extra()
    # Here, because only this verb needs them.
    from host_tools.verification.http.access import read_access
    from host_tools.verification.http.settings import VARIABLE, ServerSettings

    host, port = _host_and_port(address)
    if (tls_certificate is None) != (tls_key is None):
        raise BadInput("--tls-certificate and --tls-key belong together")
    if desk.anchor_command is not None:
        raise BadInput("host serve keeps the log's head in a file: use --anchor")
    settings = ServerSettings(
        store=str(desk.store),
        key_file=str(desk.key_file),
        key_variable=desk.variable("KEY") if desk.key_is_in_environment else "",
        access_file=str(access_file or _default_access_file()),
        anchor_file=None if desk.anchor_file is None else str(desk.anchor_file),
        clock=desk.clock,
        bench=desk.bench,
        rate=rate,
    )
    # What is wrong with any of them is said before anything listens.
    read_access(Path(settings.access_file))
    settings.open_host().close()
    with ExitStack() as ends:
        if workers > 1:
            folder = ends.enter_context(tempfile.TemporaryDirectory(prefix="keyfob-metrics-"))
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        os.environ[VARIABLE] = settings.to_json()
        from host_tools.verification.http import serving

        listener = ends.enter_context(serving.listening_socket(host, port, expose=expose))
        listener.listen(serving.BACKLOG)
        scheme = "http" if tls_certificate is None else "https"
        url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        if desk.as_json:
            # One line: who has started this reads it and goes on.
            click.echo(json.dumps({"url": url, "workers": workers}))
        else:
            click.echo(f"listening on {url}; its API is described at {url}/openapi.json")
        if expose and tls_certificate is None:
            click.echo("warning: codes and access tokens cross the network in the clear", err=True)
        certificate = None if tls_certificate is None else str(tls_certificate)
        key = None if tls_key is None else str(tls_key)
        serving.serve(listener, workers, certificate, key)


@click.command()
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(["verify", "read", "manage"]),
    help="What it may do; give it several times for several roles.",
)
@click.option(
    "--acts-as", default="bank", metavar="ROLE[:NAME]", help="Whom it acts as; bank by default."
)
@_access_option
@json_option
def add_access(
    name: str, roles: tuple[str, ...], acts_as: str, access_file: Path | None, *, as_json: bool
) -> None:
    """Make an access token for a program, and print its secret: once, it is kept nowhere."""
    from host_tools.verification.http import access

    path = access_file or _default_access_file()
    kept = access.read_access(path).tokens if path.exists() else ()
    if any(token.name == name for token in kept):
        raise BadInput(f"{path}: {name} is there already; remove it first")
    actor = access.actor_from(acts_as)
    token, secret = access.new_token(name, map(access.AccessRole, roles), actor)
    access.write_access(path, access.AccessTokens([*kept, token]))
    if as_json:
        print_json({"name": name, "access_token": secret})
    else:
        click.echo(secret)
        click.echo(f"{path}: {name} added; restart a server that runs", err=True)


@click.command()
@click.argument("name")
@_access_option
@json_option
def remove_access(name: str, access_file: Path | None, *, as_json: bool) -> None:
    """Take a program's access token back."""
    from host_tools.verification.http import access

    path = access_file or _default_access_file()
    kept = access.read_access(path).tokens
    left = [token for token in kept if token.name != name]
    if len(left) == len(kept):
        raise BadInput(f"{path}: no access token {name}")
    access.write_access(path, access.AccessTokens(left))
    if as_json:
        print_json({"removed": name})
    else:
        click.echo(f"{path}: {name} removed; restart a server that runs")


@click.command()
@_access_option
@json_option
def list_access(access_file: Path | None, *, as_json: bool) -> None:
    """List the access tokens: names, roles, whom they act as."""
    from host_tools.verification.http import access

    tokens = access.read_access(access_file or _default_access_file()).tokens
    if as_json:
        print_json(
            [
                {"name": each.name, "roles": sorted(each.roles), "acts_as": str(each.acts_as)}
                for each in tokens
            ]
        )
        return
    print_rows(
        [(each.name, f"{', '.join(sorted(each.roles))}; as {each.acts_as}") for each in tokens]
    )


def _default_access_file() -> Path:
    return user_config_path("keyfob") / "host-access.toml"


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise BadInput(f"--http {address!r}: expected HOST:PORT, as 127.0.0.1:8080")
    return host.strip("[]"), int(port)


def _require_extra() -> None:
    if importlib.util.find_spec("uvicorn") is None or importlib.util.find_spec("httptools") is None:
        raise BadInput("HTTP needs: pip install 'keyfob[http]'")
