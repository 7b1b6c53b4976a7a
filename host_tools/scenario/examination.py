"""Examinations: articles of a document and their probes, written without sight of the product.

A file states each article in the examiner's own words, with probes as steps. The examiner's names
for acts, items and reasons are not the product's: a glossary beside it says one for the other, and
nothing else. What is expected stands in the examination alone.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firmware_model.errors import BadInput
from host_tools.scenario.features import Feature, FeatureStep, Language, Scenario
from host_tools.scenario.results import ScenarioResult, StepStatus, worst

POSITIVE, NEGATIVE = "positive", "negative"

EXAMINATION, GLOSSARY, ROWS = "examination.toml", "glossary.toml", "rows.toml"
"""The files of an examination; that of the rows stands beside its folder, for all banks."""

_QUOTED = re.compile(r'("[^"]*")')
_PERSON = re.compile(r"\b(alice|bob|carol|dave|erin)\b")
_FOB = re.compile(r"\bfob ([A-Z])\b")
_WAYS = {"in writing": "by paper form", "by telephone": "by phone"}
_ACT = re.compile(
    r"^(?P<before>.*\b(?:asks (?:online|by paper form|by phone|at the branch) for"
    r"|the bank decides on|the bank has announced|the bank has told the customer of) )(?P<act>.+?)"
    r'(?P<after>(?: of user "[^"]*"| for user "[^"]*")?(?: with(?:out)? "[^"]*")?)$'
)
_REFUSED = re.compile(r"^the service refuses it as (?P<reason>[^\"]+)$")
_STEP_LINES_BELOW_NAME = 4


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe: steps in the examiner's words, `line` is where its name stands in the file."""

    name: str
    kind: str
    question: str
    steps: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Article:
    """One article: `statement` is what it demands; `answers` are the six questions' (SERVICES)."""

    id: str
    statement: str
    answers: Mapping[str, str]
    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True)
class Examination:
    """A document, article by article; `not_checkable` says of the others why they have no probe."""

    bank: str
    document: str
    source: str
    articles: tuple[Article, ...]
    not_checkable: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Glossary:
    """The examiner's words in the product's: `names` stand between quotes, `steps` are patterns.

    A pattern stands for a whole step, and gives the steps that the product says it with; those of
    `probes` hold for the probe of that name only. A step that matches a pattern of `not_modelled`
    cannot be played, for the reason that stands there.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    acts: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, Sequence[str]] = field(default_factory=dict)
    probes: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    not_modelled: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArticleResult:
    """How an article came out: the results of its probes, in their order."""

    article: Article
    results: tuple[ScenarioResult, ...]

    @property
    def status(self) -> StepStatus:
        """Failed if one probe failed, else skipped if one was, else passed."""
        return worst(result.status for result in self.results)


@dataclass(frozen=True, slots=True)
class RowProbes:
    """How a row of a service's table comes out by the document: the articles it rests on."""

    row: int
    articles: tuple[ArticleResult, ...]

    @property
    def status(self) -> StepStatus:
        """Failed if one of its articles failed, else skipped if one was, else passed."""
        return worst(one.status for one in self.articles)

    def count(self, kind: str) -> int:
        """Return how many probes of a kind (positive, negative) stand behind the row."""
        return sum(probe.kind == kind for one in self.articles for probe in one.article.probes)


def find_examinations(folder: Path) -> list[Path]:
    """Return the folders with an examination: this one, else those in it, in order.

    Raises:
        BadInput: there is none.
    """
    if (folder / EXAMINATION).exists():
        return [folder]
    if found := sorted(path.parent for path in folder.glob(f"*/{EXAMINATION}")):
        return found
    raise BadInput(
        f"{folder}: no {EXAMINATION} in it, nor in a folder of it: expected an examination such as"
        " vectors/services/rokin (docs/SERVICES.md §4)"
    )


def read_rows(path: Path, bank: str) -> dict[int, tuple[str, ...]]:
    """Read which articles the rows of a bank's table rest on (TOML); {} without such a file.

    Raises:
        BadInput: naming the file and what is wrong with it.
    """
    if not path.exists():
        return {}
    _, document = _read(path)
    try:
        return {int(row): tuple(names) for row, names in document.get(bank, {}).items()}
    except (TypeError, ValueError):
        raise BadInput(
            f"{path}: a row of {bank} is wrong: expected NUMBER = [ARTICLE, ...]"
        ) from None


def by_row(
    rows: Mapping[int, Sequence[str]], results: Sequence[ArticleResult], origin: Path
) -> list[RowProbes]:
    """Return the rows with what came of their articles.

    Raises:
        BadInput: a row names an article that the examination has not; `origin` is the rows' file.
    """
    found = {one.article.id: one for one in results}
    for row, names in rows.items():
        if unknown := [name for name in names if name not in found]:
            raise BadInput(f"{origin}: row {row}: unknown article {unknown[0]!r}")
    return [RowProbes(row, tuple(found[name] for name in names)) for row, names in rows.items()]


def read_examination(path: Path) -> Examination:
    """Read an examination (TOML).

    Raises:
        BadInput: naming the file and what is wrong with it.
    """
    text, document = _read(path)
    try:
        articles = tuple(_articles(document["article"], text))
        skipped = tuple((one["id"], one["reason"]) for one in document.get("not_checkable", []))
        name, about = document["bank"], document["document"]
    except (KeyError, TypeError) as error:
        raise BadInput(f"{path}: not an examination: {error} is missing") from None
    return Examination(name, about, str(path), articles, skipped)


def read_glossary(path: Path) -> Glossary:
    """Read a glossary (TOML); raises BadInput, naming the file and what is wrong with it."""
    _, document = _read(path)
    if unknown := set(document) - set(Glossary.__dataclass_fields__):
        raise BadInput(f"{path}: unknown table {', '.join(sorted(unknown))}")
    return Glossary(**document)


def as_feature(examination: Examination, glossary: Glossary) -> Feature:
    """Return the probes as a feature in the product's steps, a scenario for each probe."""
    scenarios = tuple(
        Scenario(
            probe.line,
            f"{article.id}: {probe.name}",
            article.statement,
            (probe.kind, probe.question.replace(" ", "-")),
            tuple(_lines(probe, glossary)),
        )
        for article in examination.articles
        for probe in article.probes
    )
    return Feature(
        examination.bank,
        examination.source,
        Language.ENGLISH,
        examination.document,
        "",
        scenarios,
    )


def by_article(examination: Examination, results: Iterable[ScenarioResult]) -> list[ArticleResult]:
    """Return the results of the feature's probes, article by article."""
    found = {result.scenario.number: result for result in results}
    return [
        ArticleResult(
            article, tuple(found[probe.line] for probe in article.probes if probe.line in found)
        )
        for article in examination.articles
    ]


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path}: not TOML: {error}") from None


_ANSWERS = ("who", "how_far", "way_in", "way_out", "without_token", "twice", "seen", "silent")


def _articles(tables: Sequence[Mapping[str, Any]], text: str) -> Iterator[Article]:
    lines = [at for at, line in enumerate(text.split("\n"), 1) if line == "[[article.probe]]"]
    places = iter(lines)
    for table in tables:
        probes = tuple(
            Probe(
                one["name"],
                one["kind"],
                one["question"],
                tuple(one["steps"].strip().split("\n")),
                next(places) + 1,
            )
            for one in table.get("probe", [])
        )
        answers = {key: table.get(key, "") for key in _ANSWERS}
        yield Article(table["id"], table["statement"], answers, probes)


def _lines(probe: Probe, glossary: Glossary) -> Iterator[FeatureStep]:
    patterns = {**glossary.steps, **glossary.probes.get(probe.name, {})}
    for place, written in enumerate(probe.steps):
        keyword, _, said = written.partition(" ")
        number = probe.line + _STEP_LINES_BELOW_NAME + place
        if reason := _not_modelled(said, glossary):
            yield FeatureStep(number, keyword, f'this cannot be played: "{reason}"')
            return
        for one in _said_otherwise(said, patterns):
            yield FeatureStep(number, keyword, _translated(one, glossary))


def _not_modelled(said: str, glossary: Glossary) -> str:
    found = (why for what, why in glossary.not_modelled.items() if re.fullmatch(what, said))
    return next(found, "")


def _said_otherwise(said: str, patterns: Mapping[str, Sequence[str]]) -> list[str]:
    for pattern, steps in reversed(list(patterns.items())):
        if match := re.fullmatch(pattern, said):
            return [match.expand(step) for step in steps]
    return [said]


def _translated(said: str, glossary: Glossary) -> str:
    parts = []
    for part in _QUOTED.split(said):
        if part.startswith('"'):
            parts.append(f'"{_named(part[1:-1], glossary.names)}"')
            continue
        for theirs, ours in _WAYS.items():
            part = part.replace(theirs, ours)
        part = _FOB.sub(r'the fob "\1"', part)
        parts.append(_PERSON.sub(r'user "\1"', part))
    text = "".join(parts)
    if match := _ACT.match(text):
        act = glossary.acts.get(match["act"], match["act"])
        text = f"{match['before']}{act}{match['after']}"
    if (match := _REFUSED.match(text)) and match["reason"] in glossary.reasons:
        text = f'the service refuses it as one of "{glossary.reasons[match["reason"]]}"'
    return text


def _named(quoted: str, names: Mapping[str, str]) -> str:
    if quoted in names:
        return names[quoted]
    parts = []
    for part in quoted.split(","):
        words = [names.get(word.strip(), word.strip()) for word in part.split("=")]
        parts.append(" = ".join(words))
    return ", ".join(parts)
