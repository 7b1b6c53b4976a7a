"""A bank's rules, read from TOML: every value with the article it comes from, or marked as ours."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from firmware_model.errors import BadInput
from firmware_model.toml import parse_toml
from host_tools.client.text_file import read_text
from host_tools.services.permission import check_way
from host_tools.services.schema import RULES, SchemaRule, rule_of
from host_tools.services.vocabulary import Act

_EDITIONS = "editions"
_ORIGIN = {"value", "article", "ours"}


@dataclass(frozen=True, slots=True)
class Value:
    """A rule's value and its birthplace.

    `article` is where the document says it; `ours` is why the value is keyfob's own, or "".
    """

    value: Any
    article: str = ""
    ours: str = ""

    def __str__(self) -> str:
        marks = [f"[{self.article}]"] if self.article else []
        marks += [f"[ours: {self.ours}]" if self.ours else ""]
        return " ".join([json.dumps(self.value, ensure_ascii=False), *filter(None, marks)])


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What one bank prescribes.

    `values` are those it states, by path; every other rule has the value of `schema`. `roles` are
    who a person of a contract can be: each of them may be granted to act online. `titles`
    are what the document calls its operations, roles, fees and whatever is asked for.

    `reads` notes the paths of the stated values that were looked up, for who wants to know what
    something rests on; editions of one rulebook note them together.
    """

    name: str
    title: str
    roles: Sequence[str]
    values: Mapping[str, Value]
    titles: Mapping[str, str] = field(default_factory=dict)
    edition: str = ""
    reads: set[str] = field(default_factory=set, repr=False, compare=False)

    def __getitem__(self, path: str) -> Any:
        """Return the value of the rule at `path`, in this edition."""
        if stated := self.stated(path):
            return stated.value
        rule = rule_of(path)
        assert rule is not None, f"{path} is no rule"
        return rule.absent

    def stated(self, path: str) -> Value | None:
        """Return the value with its origin if the rulebook itself states it."""
        for full in (f"{_EDITIONS}.{self.edition}.{path}", path):
            if full in self.values:
                self.reads.add(full)
                return self.values[full]
        return None

    def names(self, section: str) -> list[str]:
        """Return the names that stand in a section such as `operations` or `acts`, in order."""
        found = (_plain(path).split(".") for path in self.values)
        return list(dict.fromkeys(parts[1] for parts in found if parts[0] == section))

    @property
    def editions(self) -> list[str]:
        """The editions with rules of their own, in order."""
        found = (path.split(".") for path in self.values)
        return list(dict.fromkeys(parts[1] for parts in found if parts[0] == _EDITIONS))

    def name_of(self, written: str) -> str:
        """Return the name of what is written by its title; other words stay as they are."""
        return next((name for name, title in self.titles.items() if title == written), written)

    def operation(self, written: str) -> str:
        """Return the operation that is called `written`, by its name or its title.

        Raises:
            BadInput: there is none; the message lists them.
        """
        known = self.names("operations")
        if (name := self.name_of(written)) in known:
            return name
        raise BadInput(f"{self.name} has no operation {written!r}: {', '.join(known)}")

    def for_edition(self, edition: str) -> "Rulebook":
        """Return the rules as they are in an edition; "" is the one without a name."""
        return replace(self, edition=edition)

    def with_value(self, path: str, value: Any) -> "Rulebook":
        """Return the rulebook with another value at the path of a stated one."""
        return replace(self, values={**self.values, path: replace(self.values[path], value=value)})

    def policy_text(self) -> str:
        """Return the verification host's part of it, as the policy that host reads."""
        # Who may do what is decided here, in front of the host: to it, all is the bank's doing.
        lines = [f"name = {json.dumps(self.name)}", "[limits]"]
        lines += [
            f"{key} = {json.dumps(self[f'limits.{key}'])}"
            for key in ("scope", "lock_after_failures", "consecutive")
        ]
        lines += [
            "[enrolment]",
            f"codes = {self['enrolment.asks'].count('code')}",
            f"users_per_token = {self['enrolment.users_per_token']}",
            "[exchange]",
            f"old_code = {json.dumps('code' in self['acts.exchange.asks'])}",
            "[permissions]",
            'exchange = { bank = "any" }',
        ]
        return "\n".join(lines) + "\n"


def names() -> list[str]:
    """Return the names of the rulebooks that ship, in alphabetical order."""
    folder = resources.files("host_tools.services") / "rulebooks"
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir())


def shipped(name: str) -> Rulebook:
    """Return the rulebook `name` that ships.

    Raises:
        BadInput: there is none of that name.
    """
    if name not in names():
        raise BadInput(f"no rulebook {name!r} ships: {', '.join(names())} are known")
    return replace(_shipped(name), reads=set())


@cache
def _shipped(name: str) -> Rulebook:
    file = resources.files("host_tools.services") / "rulebooks" / f"{name}.toml"
    return parse(file.read_text(encoding="utf-8"), f"{name}.toml")


def load(path: Path) -> Rulebook:
    """Read a rulebook of yours.

    Raises:
        BadInput: naming file, key, value and what was expected.
    """
    try:
        return parse(read_text(path, "a rulebook in TOML"), str(path))
    except OSError as error:
        raise BadInput(f"{path}: {error}") from None


def parse(text: str, origin: str) -> Rulebook:
    """Return the rulebook in the TOML `text`; `origin` is what errors call it.

    Raises:
        BadInput: naming `origin`, the key, its value and what was expected.
    """
    document = parse_toml(text, origin)
    name, title = document.pop("name", None), document.pop("title", None)
    for key, value in (("name", name), ("title", title)):
        if not isinstance(value, str) or not value:
            raise BadInput(f"{origin}: {key} is {value!r}, a text is expected")
    titles, roles = document.pop("titles", {}), document.pop("roles", None)
    if not (isinstance(roles, list) and roles and all(isinstance(one, str) for one in roles)):
        raise BadInput(f"{origin}: roles is {roles!r}, a list of words is expected")
    if not (isinstance(titles, dict) and all(isinstance(one, str) for one in titles.values())):
        raise BadInput(f"{origin}: titles is {titles!r}, a table of texts is expected")
    values = {path: _value(path, leaf, origin) for path, leaf in _leaves(document, origin)}
    book = Rulebook(name, title, roles, values, titles)
    _check_acts(book, origin)
    return book


def _leaves(
    table: Mapping[str, Any], origin: str, above: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, below in table.items():
        path = f"{above}{key}"
        if not isinstance(below, dict):
            raise BadInput(
                f"{origin}: {path} is {below!r}; expected {{ value = ..., article = ... }}"
                " or {{ value = ..., ours = ... }}"
            )
        elif "value" in below:
            yield path, below
        else:
            yield from _leaves(below, origin, f"{path}.")


def _value(path: str, leaf: Mapping[str, Any], origin: str) -> Value:
    rule: SchemaRule | None = rule_of(_plain(path))
    if rule is None:
        raise BadInput(f"{origin}: {path} is no rule; expected one of {_nearest(path)}")
    if unknown := set(leaf) - _ORIGIN:
        raise BadInput(
            f"{origin}: {path} has {', '.join(sorted(unknown))}; expected value, article, ours"
        )
    value = leaf["value"]
    if not rule.kind.fits(value):
        raise BadInput(f"{origin}: {path} is {value!r}, {rule.kind.expected} is expected")
    article, ours = leaf.get("article", ""), leaf.get("ours", "")
    if not (isinstance(article, str) and isinstance(ours, str) and (article or ours)):
        raise BadInput(
            f"{origin}: {path} = {value!r} has no origin: the article it is from, or ours ="
            " why it is your own"
        )
    return Value(value, article, ours)


def _check_acts(book: Rulebook, origin: str) -> None:
    for act in book.names("acts"):
        if act not in set(Act):
            raise BadInput(f"{origin}: acts.{act} is no act; expected one of {', '.join(Act)}")
    for path, stated in book.values.items():
        if path.endswith(".by"):
            for way in stated.value:
                if problem := check_way(way, book.roles):
                    raise BadInput(f"{origin}: {path} is {way!r}: {problem}")


def _plain(path: str) -> str:
    return path.split(".", 2)[2] if path.startswith(f"{_EDITIONS}.") else path


def _nearest(path: str) -> str:
    section = _plain(path).split(".")[0]
    near = [rule.path for rule in RULES if rule.path.split(".")[0] == section]
    return ", ".join(near or dict.fromkeys(rule.path.split(".")[0] for rule in RULES))
