"""The command tree, built from the table of verbs; a verb's module is imported when it is used."""

import importlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from keyfob.cli.table import GROUPS, VERBS
from keyfob.cli.terminal import columns

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

NARROWEST, NARROW, WIDEST = 40, 60, 80
NAME_NARROW = 12
"""Columns: of terminals, and of the names that share a line with their meaning in narrow ones."""

VERB_MODULES = "keyfob.cli.verbs"
"""The package of the table's modules."""


class ReaderLeft(Exception):  # noqa: N818 - not an error: `| head` does it
    """Standard output was closed by its reader; click alone would end with status 1."""


class HelpFormatter(click.HelpFormatter):
    """Help as wide as the terminal, from 40 to 80 columns; click's own never goes below 52."""

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__(width=min(max(columns(), NARROWEST), WIDEST) - 1)

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write names and what they mean; in a narrow terminal a long name has its own line."""
        super().write_dl(list(rows), col_max if self.width > NARROW else NAME_NARROW, col_spacing)


class HelpContext(click.Context):
    """A click context with our help."""

    formatter_class = HelpFormatter


class VerbGroup(click.Group):
    """A click group whose commands are the table's entries that start with `prefix`."""

    context_class = HelpContext

    def __init__(self, prefix: str = "", **attributes: object) -> None:
        super().__init__(**attributes)  # type: ignore[arg-type]
        self.prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the table's order, groups where their first verb stands."""
        return list(self._lines())

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Return the command `cmd_name`, importing its module, or None if the table lacks it.

        Raises:
            Shadowed: one of our packages is hidden by another of the same name.
        """
        group = self.prefix + cmd_name
        if group in GROUPS:
            return VerbGroup(f"{group} ", name=cmd_name, help=GROUPS[group])
        entry = VERBS.get(self.prefix + cmd_name)
        if entry is None:
            return None
        from keyfob.rooms import refuse_shadows  # here, because --help does not need it

        refuse_shadows()
        module, _, attribute = entry[0].partition(":")
        command = getattr(importlib.import_module(f"{VERB_MODULES}.{module}"), attribute)
        assert isinstance(command, click.Command), f"{entry[0]} is no click command"
        command.context_class = HelpContext
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb of `args`; an unknown one is answered with the nearest we have.

        Raises:
            click.UsageError: there is no such verb.
        """
        name = args[0]
        if name not in self._lines() and not name.startswith("-"):
            near = " or ".join(repr(verb) for verb in self._near(name))
            hint = f", did you mean {near}?" if near else ""
            ctx.fail(f"unknown command {self.prefix + name!r}{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb that `ctx` was parsed for.

        Raises:
            ReaderLeft: standard output was closed at its other end.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderLeft from None

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the table's help lines, without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._lines().items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Complete a verb from the table, and options as click does."""
        from click.shell_completion import CompletionItem  # here, because --help does not need it

        verbs = [
            CompletionItem(name, help=line)
            for name, line in self._lines().items()
            if name.startswith(incomplete)
        ]
        return verbs + click.Command.shell_complete(self, ctx, incomplete)

    def _near(self, name: str) -> list[str]:
        """Return the verb most like `name`, or those of other groups that are spelled so."""
        import difflib  # here, because --help does not need it

        spelled: dict[str, list[str]] = {}
        for verb in VERBS:
            spelled.setdefault(verb.split()[-1], []).append(verb)
        spelled |= {line: [line] for line in self._lines()}
        near = difflib.get_close_matches(name, spelled, n=1)
        return spelled[near[0]] if near else []

    def _lines(self) -> dict[str, str]:
        lines: dict[str, str] = {}
        for verb, (_, line) in VERBS.items():
            if not verb.startswith(self.prefix):
                continue
            name, _, rest = verb.removeprefix(self.prefix).partition(" ")
            lines[name] = GROUPS[self.prefix + name] if rest else line
        return lines
