"""The house rules that a test can hold: size of modules, purpose of packages, no loose ends."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("keyfob", "emulator", "firmware_model", "host_tools")
LINES_MAX = 400  # a ratchet: it only goes down

SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
EVERYTHING = SOURCES + sorted((ROOT / "tests").rglob("*.py"))
PAGES = sorted((ROOT / "docs").glob("*.md"))
TEXTS = [*PAGES, *sorted(ROOT.glob("*.md")), ROOT / "examples/README.md"]

_SECTION = r"§(\d+(?:\.\d+)*)"
_HEADING = re.compile(r"^#+ (\d+(?:\.\d+)*)\.? ", re.MULTILINE)
_CITATION = re.compile(
    rf"\b({'|'.join(page.stem for page in PAGES)})(?:\.md)?(?:\]\([^)]*\))? {_SECTION}"
)
_OWN_CITATION = re.compile(rf"(?:\(|\| |\bof |\bin ){_SECTION}")
"""Within a page, a section without a name before it is the page's own."""


_BY_NAME = ("import_module", "__import__")


def test_every_module_is_short_enough_for_one_subject() -> None:
    sizes = {_name(path): _text(path).count("\n") for path in EVERYTHING}
    long = {name: lines for name, lines in sizes.items() if lines > LINES_MAX}
    assert not long, f"over {LINES_MAX} lines, split by subject: {long}"


def test_every_module_opens_with_its_purpose_in_one_line() -> None:
    def opens_well(path: Path) -> bool:
        docstring = ast.get_docstring(ast.parse(_text(path))) or ""
        return docstring.partition("\n")[0].endswith((".", ":", "?"))

    assert not [_name(path) for path in SOURCES if not opens_well(path)]


def test_no_loose_end_is_left() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X ")
    found = [_name(path) for path in EVERYTHING if any(mark in _text(path) for mark in marks)]
    assert not found, "finish it, or write an issue"


def test_no_arrow_upwards_is_hidden_in_a_text() -> None:
    above = {"firmware_model": PACKAGES[:2] + PACKAGES[3:], "emulator": ("keyfob", "host_tools")}
    above["host_tools"] = ("keyfob", "emulator")
    hidden = []
    for path in SOURCES:
        names = above.get(path.relative_to(ROOT).parts[0], ())
        for node in ast.walk(ast.parse(_text(path))):
            if isinstance(node, ast.Constant) and names and node.value == "-m":
                hidden.append(f"{_name(path)}:{node.lineno} runs a module")
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(_BY_NAME):
                text = ast.unparse(node)
                if any(re.search(rf"\b{name}\b", text) for name in names):
                    hidden.append(f"{_name(path)}:{node.lineno} imports by name")
    assert not hidden


def test_no_test_sleeps() -> None:
    sleepers = [
        f"{_name(path)}:{node.lineno}"
        for path in EVERYTHING
        if "tests" in path.relative_to(ROOT).parts
        for node in ast.walk(ast.parse(_text(path)))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "time.sleep"
    ]
    assert not sleepers, "step the clock, do not sleep"


def test_every_section_that_is_cited_exists() -> None:
    headings = {page.stem: set(_HEADING.findall(_text(page))) for page in PAGES}
    cited = [
        (f"{_name(path)}:{line} cites {page} §{section}", section in headings[page])
        for path in [*EVERYTHING, *TEXTS]
        for line, page, section in _citations(path)
    ]
    assert len(cited) > 150
    assert not [citation for citation, exists in cited if not exists]


def test_every_link_and_path_of_the_documents_leads_somewhere() -> None:
    def exists(text: Path, target: str) -> bool:
        return "://" in target or (text.parent / target.partition("#")[0]).exists()

    links = [
        (f"{_name(text)} leads to {target}", exists(text, target))
        for text in TEXTS
        for target in re.findall(r"\]\(([^)]+)\)", _text(text))
    ]
    links += [
        (f"{_name(text)} names {target}", (ROOT / target).exists())
        for text in TEXTS
        for target in re.findall(r"`((?:\w+/)+[\w.]*)`", _text(text))
        if (ROOT / target.partition("/")[0]).is_dir()
    ]
    assert len(links) > 50
    assert not [link for link, leads in links if not leads]


def _citations(path: Path) -> Iterator[tuple[int, str, str]]:
    """Give line, page and section of what `path` cites of our own documents."""
    for number, line in enumerate(_text(path).splitlines(), start=1):
        for page, section in _CITATION.findall(line):
            yield number, page, section
        if path in PAGES:
            for section in _OWN_CITATION.findall(line):
                yield number, path.stem, section


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _text(path: Path) -> str:
    return path.read_text("utf-8")
