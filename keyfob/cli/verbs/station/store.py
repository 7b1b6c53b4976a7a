"""The options that every `keyfob station` verb has: the ledger, its key, and the operators."""

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, ClassVar

import click

from firmware_model.errors import BadInput
from host_tools.provisioning.station.clock import refuse_behind
from host_tools.provisioning.station.custody import Credentials, Custody, CustodyAct
from host_tools.provisioning.station.ledger import Ledger
from host_tools.vault.audit import GENESIS, Head
from keyfob.cli import options
from keyfob.cli.store_options import StoreOptions

SECRET_VARIABLES = ("KEYFOB_OPERATOR_SECRET", "KEYFOB_SECOND_OPERATOR_SECRET")


@dataclass(frozen=True, slots=True)
class StationStoreOptions(StoreOptions):
    """Where the station's ledger and its key are."""

    what: ClassVar[str] = "station"
    store_option: ClassVar[str] = "--ledger"
    key_option: ClassVar[str] = "--ledger-key"

    def prepare(self) -> None:
        """Make the key of a new ledger where there is none, and say what is new.

        Raises:
            BadInput: there is a ledger, and its key is gone.
        """
        self._require_key()
        if self.is_new:
            click.echo(f"{self.store}: a new ledger, which knows of no seed yet", err=True)
        if self.make_key():
            click.echo(f"{self.key_file}: a new key, which the ledger is sealed with", err=True)

    @property
    def is_new(self) -> bool:
        """Whether there is no ledger yet: then no seed is known to have left."""
        return not self.has_store

    def open(self, actor: str) -> Ledger:
        """Open the ledger, or make it; `actor` is on record for what is done.

        Raises:
            BadInput: the key is missing or another ledger's, or the file is no ledger.
        """
        return Ledger(self.store, self.keys(), actor, self.anchor())

    def open_kept(self, actor: str) -> Ledger:
        """Open a ledger that must be there; raises as `open`."""
        if self.is_new:
            raise BadInput(
                f"{self.store}: no ledger is here: name one with --ledger; keyfob station run"
                " makes one"
            )
        self._require_key()
        return self.open(actor)

    def _require_key(self) -> None:
        if self.has_store and not self.key_is_in_environment and not self.key_file.exists():
            raise BadInput(
                f"{self.key_file}: missing; it is the key of {self.store}: put it back, name it"
                " with --ledger-key, or name another ledger with --ledger"
            )

    def faults(self, head: str | None) -> tuple[list[str], Head]:
        """Return what was altered, deleted or put back in a ledger, and the head of its log."""
        kept = self.kept_head(head)
        if self.is_new:
            return [], Head(0, GENESIS)
        with Ledger(self.store, self.keys(), "", check=False) as ledger:
            return ledger.faults(kept), ledger.head()


@dataclass(frozen=True, slots=True)
class OperatorOptions:
    """Who acts, as `--operator` and `--second` name them; their secrets are asked for."""

    name: str
    second: str | None

    @classmethod
    def options(cls, command: Callable[..., Any]) -> Callable[..., Any]:
        """Add both options; the parameter is `operators: OperatorOptions`."""

        @wraps(command)
        def with_operators(*args: Any, operator: str, second: str | None, **others: Any) -> Any:
            return command(*args, operators=cls(operator, second), **others)

        decorated: Callable[..., Any] = with_operators
        for option in (
            click.option(
                "--second",
                envvar="KEYFOB_SECOND_OPERATOR",
                metavar="NAME",
                help="The second operator, for acts that need two; the secret by prompt or"
                f" {SECRET_VARIABLES[1]}. [env: KEYFOB_SECOND_OPERATOR]",
            ),
            click.option(
                "--operator",
                envvar="KEYFOB_OPERATOR",
                metavar="NAME",
                callback=lambda _context, _parameter, name: name or getpass.getuser(),
                help="The operator on record; by default this user. Once operators are enrolled,"
                f" the secret by prompt or {SECRET_VARIABLES[0]}. [env: KEYFOB_OPERATOR]",
            ),
        ):
            decorated = option(decorated)
        return decorated

    def authorize(self, ledger: Ledger, at: int, act: CustodyAct) -> str:
        """Ask for as many secrets as `act` needs, and let `ledger` act for whom they prove.

        Returns how the log names who acts.

        Raises:
            Denied: a secret is wrong, or there are too few operators.
        """
        custody = Custody(ledger)
        needed = custody.needed(act)
        given = [Credentials(name, "") for name in (self.name, self.second) if name]
        if (
            len(custody.names()) >= needed
            and len({each.name.casefold() for each in given}) >= needed
        ):
            given = [
                Credentials(each.name, secret_of(each.name, variable))
                for each, variable in zip(given[:needed], SECRET_VARIABLES, strict=False)
            ] or given
        ledger.actor = custody.authorize(act, given, at)
        return ledger.actor

    @contextmanager
    def acting(self, desk: StationStoreOptions, act: CustodyAct) -> Iterator[tuple[Ledger, int]]:
        """Give the ledger, opened for who may do `act`, and Unix time.

        Raises:
            ClockBehind: the clock is behind the ledger's last entry.
            KeyfobError: as `authorize` and `StationStoreOptions.open_kept`.
        """
        with desk.open_kept(self.name) as ledger:
            at = desk.now()
            if act is not CustodyAct.CLOCK:
                refuse_behind(at, ledger.last_at())
            self.authorize(ledger, at, act)
            yield ledger, at


def secret_of(name: str, variable: str, *, new: bool = False) -> str:
    """Return an operator's secret, from the environment or asked for, twice if it is new.

    Raises:
        BadInput: the two differ.
    """
    given = os.environ.get(variable)
    if given is not None:
        return given
    secret = options.ask_secret(f"the {'new ' if new else ''}secret of {name}")
    if new and options.ask_secret(f"the new secret of {name} again") != secret:
        raise BadInput("the two secrets differ")
    return secret
