"""What every `keyfob host` verb shares: where store and key are, whose time counts, who acts."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click
from platformdirs import user_config_path, user_data_path

from host_tools.clock import ClockName, true_time
from host_tools.errors import BadInput
from host_tools.vault.key_ring import KeyRing, read_key_file
from host_tools.verification.host import Host
from host_tools.verification.states import Actor, Role
from keyfob import options

KEY_VARIABLE = "KEYFOB_HOST_KEY"


@dataclass(frozen=True, slots=True)
class Desk:
    """The options that all verbs of the host have, as one value."""

    store: Path
    key_file: Path
    clock: ClockName
    bench: str
    as_json: bool

    def now(self) -> int:
        """Return Unix time, by the clock the user chose; raises HostError as the bench does."""
        return int(true_time(self.clock, self.bench))

    def keys(self) -> KeyRing:
        """Return the keys, from KEYFOB_HOST_KEY or the key file; raises BadInput."""
        if (text := os.environ.get(KEY_VARIABLE)) is not None:
            return KeyRing.parse(text, KEY_VARIABLE)
        return read_key_file(self.key_file)

    def open(self) -> Host:
        """Open the host; raises BadInput, Denied or InUse as `Host.open`."""
        return Host.open(self.store, self.keys())


def desk_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options every verb has; the command gets them as its first argument, a `Desk`."""

    @wraps(command)
    def with_desk(
        store: Path | None,
        key_file: Path | None,
        clock: ClockName,
        bench: str,
        *,
        as_json: bool,
        **others: Any,
    ) -> Any:
        desk = Desk(
            store or user_data_path("keyfob") / "host.db",
            key_file or user_config_path("keyfob") / "host.key",
            clock,
            bench,
            as_json,
        )
        return command(desk, **others)

    decorated: Callable[..., Any] = with_desk
    for option in (
        options.json_option,
        options.bench_option,
        options.clock_option,
        click.option(
            "--key-file",
            type=click.Path(dir_okay=False, path_type=Path),
            envvar="KEYFOB_HOST_KEY_FILE",
            metavar="FILE",
            help=f"The key the seeds are sealed with; or {KEY_VARIABLE} (hex)."
            " [env: KEYFOB_HOST_KEY_FILE]",
        ),
        click.option(
            "--store",
            type=click.Path(dir_okay=False, path_type=Path),
            envvar="KEYFOB_HOST_STORE",
            metavar="FILE",
            help="The host's store; by default a file of your own. [env: KEYFOB_HOST_STORE]",
        ),
    ):
        decorated = option(decorated)
    return decorated


def actor_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--as ROLE[:NAME]`; the parameter is `actor: Actor`."""
    return click.option(
        "--as",
        "actor",
        default="bank",
        callback=lambda _context, _parameter, text: _actor(text),
        metavar="ROLE[:NAME]",
        help=f"Who does it: {', '.join(Role)}; bank by default.",
    )(command)


def _actor(text: str) -> Actor:
    role, _, name = text.partition(":")
    try:
        return Actor(Role(role.replace("-", "_")), name)
    except ValueError:
        raise BadInput(f"--as {role!r}: expected one of {', '.join(Role)}") from None
