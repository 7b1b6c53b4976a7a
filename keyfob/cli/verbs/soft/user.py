"""`keyfob soft install`, `type`, `tap`: what a soft token's user does, through the bench."""

import click

from host_tools.activation import soft_user
from host_tools.client.bench import BenchClient
from keyfob.cli import options
from keyfob.cli.output import print_json
from keyfob.cli.verbs.soft.desk import start_password

_ENTRIES = {
    "extend": "EXTend",
    "login": "LOGin",
    "stop": "STOP",
    "delete": "DELete",
}

_channel_option = click.option(
    "--channel",
    type=click.IntRange(1, 10_000),
    default=1,
    show_default=True,
    metavar="N",
    help="Which fob of the rack.",
)


@click.command("type")
@click.option("--service", required=True, metavar="ID", help="The service ID.")
@click.option("--user", required=True, metavar="ID", help="The user ID.")
@click.option("--password", metavar="DIGITS", help=f"The start password. {options.SEEN_BY_OTHERS}")
@options.bench_option
@_channel_option
@options.json_option
def type_(
    service: str, user: str, password: str | None, bench: str, channel: int, *, as_json: bool
) -> None:
    """Type service ID, user ID and start password into a soft token's app (bench)."""
    chosen = start_password(password)
    with BenchClient(bench) as client:
        soft_user.type_credentials(client, service, user, chosen, channel)
    if as_json:
        print_json({"channel": channel, "service_id": service, "user_id": user})


@click.command()
@click.argument("entry", type=click.Choice([*_ENTRIES]))
@options.bench_option
@_channel_option
@options.json_option
def tap(entry: str, bench: str, channel: int, *, as_json: bool) -> None:
    """Tap an entry of a soft token's menu (bench)."""
    with BenchClient(bench) as client:
        soft_user.tap_entry(client, _ENTRIES[entry], channel)
    if as_json:
        print_json({"channel": channel, "entry": entry})


@click.command()
@click.argument("device")
@click.option("--copy", is_flag=True, help="Copy the app's data there instead.")
@options.bench_option
@_channel_option
@options.json_option
def install(device: str, bench: str, channel: int, *, copy: bool, as_json: bool) -> None:
    """Install a soft token's app afresh on the phone or PC with the ID DEVICE (bench)."""
    with BenchClient(bench) as client:
        (soft_user.copy_app if copy else soft_user.install_app)(client, device, channel)
    if as_json:
        print_json({"channel": channel, "device_id": device, "copied": copy})
