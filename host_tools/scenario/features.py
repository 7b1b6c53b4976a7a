"""Feature files: Gherkin text to values, with the line every part stands on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import Any

from gherkin.errors import CompositeParserException, ParserError, ParserException
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler
from gherkin.token_scanner import TokenScanner

from firmware_model.errors import BadInput
from host_tools.client.text_file import read_text

_ROW = re.compile(r"row-([0-9]+)")


@unique
class Language(StrEnum):
    """The languages a feature can be written in, by Gherkin's own codes."""

    ENGLISH = "en"
    JAPANESE = "ja"


@dataclass(frozen=True, slots=True)
class FeatureStep:
    """One step as it stands in a feature: `keyword` as written, `number` counted from 1."""

    number: int
    keyword: str
    text: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario, an outline's example included; `tags` are without the @ sign."""

    number: int
    name: str
    description: str
    tags: tuple[str, ...]
    lines: tuple[FeatureStep, ...]

    @property
    def row(self) -> int | None:
        """The row of the service's table that a tag such as @row-1 names."""
        return next((int(m[1]) for t in self.tags if (m := _ROW.fullmatch(t))), None)

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles of the source document: tags with a digit such as @Q1.

        Beside the tag of a row every tag is one, such as @intro.
        """
        return tuple(
            tag
            for tag in self.tags
            if not _ROW.fullmatch(tag)
            and (self.row is not None or any(sign.isdigit() for sign in tag))
        )


@dataclass(frozen=True, slots=True)
class Feature:
    """A whole feature file: `name` is the file's, `title` the one written in it."""

    name: str
    source: str
    language: Language
    title: str
    description: str
    scenarios: tuple[Scenario, ...]


def read(path: Path) -> Feature:
    """Read the feature in the file `path`.

    Raises:
        BadInput: the file is missing, is not UTF-8 text or not Gherkin; the message names the line.
    """
    try:
        text = read_text(path, "a feature in Gherkin")
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    return parse(text, path.stem, str(path))


def parse(text: str, name: str, source: str) -> Feature:
    """Parse Gherkin `text`; `name` and `source` are what reports and errors call it.

    Raises:
        BadInput: the text is not Gherkin, holds no scenario, or its language is not ours.
    """
    try:
        document = Parser().parse(TokenScanner(text))
    except CompositeParserException as error:
        raise BadInput(_located(source, error.errors[0])) from error
    except ParserException as error:
        raise BadInput(_located(source, error)) from error
    except ParserError as error:
        raise BadInput(f"{source}: {error}") from error
    feature: Any = document.get("feature")
    if feature is None:
        raise BadInput(f"{source}: there is no feature in it")
    if feature["language"] not in set(Language):
        raise BadInput(f"{source}: language {feature['language']!r}, expected en or ja")
    nodes = dict(_nodes(feature))
    pickles = Compiler().compile({**document, "uri": source})
    scenarios = tuple(_scenario(pickle, nodes) for pickle in pickles)
    if not any(scenario.lines for scenario in scenarios):
        raise BadInput(f"{source}: there is no scenario with steps in it")
    return Feature(
        name,
        source,
        Language(feature["language"]),
        feature["name"],
        _flowing(feature["description"]),
        scenarios,
    )


def _scenario(pickle: Any, nodes: dict[str, Any]) -> Scenario:
    written = nodes[pickle["astNodeIds"][0]]
    lines = []
    for step in pickle["steps"]:
        node = nodes[step["astNodeIds"][0]]
        lines.append(FeatureStep(node["location"]["line"], node["keyword"].strip(), step["text"]))
    return Scenario(
        pickle["location"]["line"],
        pickle["name"],
        _flowing(written["description"]),
        tuple(tag["name"].removeprefix("@") for tag in pickle["tags"]),
        tuple(lines),
    )


def _nodes(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        if "id" in node:
            yield node["id"], node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from _nodes(child)


def _flowing(description: str) -> str:
    return "\n".join(line.strip() for line in description.strip().splitlines())


def _located(source: str, error: ParserException) -> str:
    message = str(error).split(": ", 1)[-1]
    return f"{source}:{error.location['line']}: {message}"
