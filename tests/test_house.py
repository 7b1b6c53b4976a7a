"""The house rules that a test can hold: size of modules, purpose of packages, no loose ends."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("keyfob", "emulator", "firmware_model", "host_tools")
LINES_MAX = 400  # a ratchet: it only goes down

SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
EVERYTHING = SOURCES + sorted((ROOT / "tests").rglob("*.py"))


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


def test_no_test_sleeps() -> None:
    sleepers = [
        f"{_name(path)}:{node.lineno}"
        for path in EVERYTHING
        if "tests" in path.relative_to(ROOT).parts
        for node in ast.walk(ast.parse(_text(path)))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "time.sleep"
    ]
    assert not sleepers, "step the clock, do not sleep"


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _text(path: Path) -> str:
    return path.read_text("utf-8")
