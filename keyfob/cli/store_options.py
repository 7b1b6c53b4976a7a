"""The options of a desk's verbs: its store, the store's key, the clock and `--json`."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ClassVar

import click
from platformdirs import user_config_path, user_data_path

from firmware_model.errors import BadInput
from host_tools.client.clock import ClockName, true_time
from host_tools.vault.anchor import Anchor
from host_tools.vault.audit import Head
from host_tools.vault.key_ring import KeyRing, read_key_file, write_key_file
from host_tools.vault.migration import store_exists
from host_tools.vault.postgres_address import StorePlace
from keyfob.cli import options
from keyfob.cli.anchors import anchor_of
from keyfob.cli.parameters import ANY_FILE, StoreAddress

_OR_DATABASE = " postgresql://USER@HOST/DATABASE is shared by several machines (no password in it)."


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """The options that all verbs of one desk have, as one value; each desk has a class of its own.

    `what` names its files and its variables: `host` has host.db, host.key and KEYFOB_HOST_STORE.
    `store_option` and `key_option` are what the command line calls the two files.
    """

    what: ClassVar[str]
    store_option: ClassVar[str] = "--store"
    key_option: ClassVar[str] = "--key-file"
    shared: ClassVar[bool] = True
    """Whether a server's database may hold it, for several machines."""

    store: StorePlace
    key_file: Path
    clock: ClockName
    bench: str
    as_json: bool
    anchor_file: Path | None
    anchor_command: str | None

    @classmethod
    def variable(cls, name: str) -> str:
        """Return what the environment calls `name`, such as KEY or KEY_FILE."""
        return f"KEYFOB_{cls.what.upper()}_{name}"

    @classmethod
    def options(cls, command: Callable[..., Any]) -> Callable[..., Any]:
        """Add the options of every verb; the command gets them as its first argument."""

        @wraps(command)
        def with_place(
            store: StorePlace | None,
            store_key_file: Path | None,
            clock: ClockName,
            bench: str,
            anchor_file: Path | None,
            anchor_command: str | None,
            *,
            as_json: bool,
            **others: Any,
        ) -> Any:
            place = cls(
                store or user_data_path("keyfob") / f"{cls.what}.db",
                store_key_file or user_config_path("keyfob") / f"{cls.what}.key",
                clock,
                bench,
                as_json,
                anchor_file,
                anchor_command,
            )
            return command(place, **others)

        decorated: Callable[..., Any] = with_place
        for option in (
            options.json_option,
            options.bench_option,
            options.clock_option,
            click.option(
                "--anchor-command",
                envvar=cls.variable("ANCHOR_COMMAND"),
                metavar="CMD",
                help="As --anchor: `CMD get` prints the head that `CMD put HEAD` kept."
                f" [env: {cls.variable('ANCHOR_COMMAND')}]",
            ),
            click.option(
                "--anchor",
                "anchor_file",
                type=ANY_FILE,
                envvar=cls.variable("ANCHOR"),
                metavar="FILE",
                help="Keep the log's head in FILE, outside the store: an older store is"
                f" then refused. [env: {cls.variable('ANCHOR')}]",
            ),
            click.option(
                cls.key_option,
                "store_key_file",
                type=ANY_FILE,
                envvar=cls.variable("KEY_FILE"),
                metavar="FILE",
                help=f"The key the store's secrets are sealed with; or {cls.variable('KEY')} (hex)."
                f" [env: {cls.variable('KEY_FILE')}]",
            ),
            click.option(
                cls.store_option,
                "store",
                type=StoreAddress() if cls.shared else ANY_FILE,
                envvar=cls.variable(cls.store_option.strip("-").upper()),
                metavar="FILE|URL" if cls.shared else "FILE",
                help="The store; by default a file in your home directory."
                f"{_OR_DATABASE if cls.shared else ''}"
                f" [env: {cls.variable(cls.store_option.strip('-').upper())}]",
            ),
        ):
            decorated = option(decorated)
        return decorated

    def now(self) -> int:
        """Return Unix time, by the clock the user chose; raises KeyfobError as the bench does."""
        return int(true_time(self.clock, self.bench))

    @property
    def key_is_in_environment(self) -> bool:
        """Whether the key comes from the environment, and no key file is looked at."""
        return self.variable("KEY") in os.environ

    def keys(self) -> KeyRing:
        """Return the keys, from the environment or the key file; raises BadInput."""
        if self.key_is_in_environment:
            name = self.variable("KEY")
            return KeyRing.parse(os.environ[name], name)
        return read_key_file(self.key_file)

    def anchor(self) -> Anchor | None:
        """Return where the log's head is kept elsewhere, None where it is not; raises BadInput."""
        return anchor_of(self.anchor_file, self.anchor_command)

    def kept_head(self, text: str | None) -> Head | None:
        """Return the head given as `text`, else the one that the anchor keeps, if any."""
        if text is not None:
            return Head.parse(text)
        anchor = self.anchor()
        return None if anchor is None else anchor.read()

    @property
    def has_store(self) -> bool:
        """Whether there is a store; raises PortUnavailable where its server does not answer."""
        return store_exists(self.store, self.what)

    def refuse_a_store(self) -> None:
        """Raise BadInput where there is a file already where a new store is to be made."""
        if self.has_store:
            what = "file" if isinstance(self.store, Path) else "store"
            raise BadInput(f"{self.store}: the {what} exists already")

    def make_key(self) -> bool:
        """Make a key file where there is no key yet, and return whether one was made."""
        if self.key_is_in_environment or self.key_file.exists():
            return False
        write_key_file(self.key_file, KeyRing.generate()[1])
        return True

    @contextmanager
    def new_key(self) -> Iterator[bool]:
        """`make_key` for a new store that the body makes; where it fails, the key goes again."""
        made = self.make_key()
        try:
            yield made
        except BaseException:
            if made:
                self.key_file.unlink(missing_ok=True)
            raise
