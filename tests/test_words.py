"""One noun for each thing: class names, and the glossary that they are held to."""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("keyfob", "emulator", "firmware_model", "host_tools")
GLOSSARY = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8").partition("## 5. Glossary")[2]
TERMS = re.findall(r"^\| (?!noun |-)([^|]+?) \|", GLOSSARY, re.MULTILINE)

NO_NOUNS = {"Failed", "Left", "Out"}
"""Last words of classes that say what happened."""

AVOIDED = (
    r"\bbefall|\bbefell|\bgod\b|\bnobody (looks|listens)|finds no room|\bhangs? on (the|a|its) line"
    r"|come[s_ ]into[_ ]being|\bthe answer is no\b|no way through|fault of keyfob's own"
    r"|\bis no door\b|what stands where|be their user|the wire's page"
)
"""Figures of speech that users of other first languages had to decode."""


@cache
def classes() -> dict[str, list[Path]]:
    """Return the public classes by name, with the modules that define them."""
    found: dict[str, list[Path]] = defaultdict(list)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found[node.name].append(path.relative_to(ROOT))
    return found


def words(name: str) -> list[str]:
    return re.findall(r"[A-Z][a-z0-9]+|[A-Z]+(?![a-z])", name)


def room(path: Path) -> Path:
    return Path(*path.parts[:2]) if len(path.parts) > 2 else Path(path.parts[0])


def test_a_class_name_occurs_once() -> None:
    assert not {name: paths for name, paths in classes().items() if len(paths) > 1}


def test_a_noun_of_several_packages_is_in_the_glossary() -> None:
    rooms: dict[str, set[Path]] = defaultdict(set)
    for name, paths in classes().items():
        rooms[words(name)[-1]] |= {room(path) for path in paths}
    shared = {noun for noun, where in rooms.items() if len(where) > 1} - NO_NOUNS
    assert len(shared) > 30
    missing = sorted(noun for noun in shared if noun.lower() not in TERMS)
    assert not missing, "add them to docs/ARCHITECTURE.md §5, or use the noun that stands there"


def test_the_glossary_lists_what_the_code_has_in_order_and_once() -> None:
    sources = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    text = "\n".join(path.read_text("utf-8").lower() for path in sources)
    assert len(TERMS) > 70
    assert [
        term for term in TERMS if not re.search(rf"\b{re.escape(term.lower())}s?\b", text)
    ] == []
    assert sorted(TERMS, key=str.lower) == TERMS
    assert len(set(TERMS)) == len(TERMS)


def test_messages_and_pages_say_things_plainly() -> None:
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    paths += [
        *(ROOT / "docs").glob("*.md"),
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "CHANGELOG.md",
    ]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if re.search(AVOIDED, line, re.IGNORECASE)
    ]
    assert not found
