"""The public API: its names are documented, typed, cheap to import, and enough for everybody."""

import ast
import doctest
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import keyfob
from tests.keyfob import api_page

ROOT = Path(__file__).resolve().parents[2]
NAMES = [name for name in keyfob.__all__ if name != "__version__"]
FOREIGN = {"firmware_model", "emulator", "host_tools"}


def test_the_page_of_names_is_made_from_their_docstrings() -> None:
    listed = " ".join(api_page.GROUPS.values()).split()
    assert sorted(listed) == sorted(NAMES)
    assert api_page.PAGE.read_text("utf-8") == api_page.page(), (
        "docs/API.md is not up to date: python -m tests.keyfob.api_page"
    )


def test_what_type_checkers_see_is_what_is_imported() -> None:
    tree = ast.parse(Path(keyfob.__file__).read_text("utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        str(alias.asname): f"{node.module}:{alias.name}"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == keyfob._HOMES
    assert sorted([*seen, "__version__"]) == sorted(keyfob.__all__)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in api_page.VALUES])
def test_each_names_example_runs(name: str, tmp_path: Path) -> None:
    docstring = inspect.getdoc(getattr(keyfob, name)) or ""
    assert "Example:\n    >>> " in docstring, f"{name} has no example"
    names = {"keyfob": keyfob, "folder": tmp_path}
    test = doctest.DocTestParser().get_doctest(docstring, names, name, None, 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test, out=said.append)
    assert runner.failures == 0, "".join(said)


@pytest.mark.parametrize("name", NAMES)
def test_each_public_method_is_documented(name: str) -> None:
    value = getattr(keyfob, name)
    members = vars(value) if inspect.isclass(value) else {}
    bare = [
        each
        for each, member in members.items()
        if not each.startswith("_")
        and (inspect.isroutine(member) or isinstance(member, property))
        and not inspect.getdoc(member)
    ]
    assert not bare


def test_importing_it_imports_none_of_what_it_offers() -> None:
    script = (
        "import keyfob, sys; print([name for name in sys.modules if name.split('.')[0] in"
        " ('firmware_model', 'emulator', 'host_tools', 'click', 'asyncio', 'cryptography')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "[]\n", done.stderr


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'keyfob' has no attribute 'Fobb'"):
        keyfob.Fobb  # noqa: B018
    assert set(keyfob.__all__) <= set(dir(keyfob))
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", keyfob.__version__)


def sources() -> list[tuple[str, str]]:
    """Return the Python that users are shown: examples, and the documents' snippets."""
    found = [
        (str(path.relative_to(ROOT)), path.read_text("utf-8"))
        for path in sorted((ROOT / "examples").rglob("*.py"))
    ]
    pages = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
    for page in [*pages, *sorted((ROOT / "examples").rglob("*.md"))]:
        snippets = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
        found += [(f"{page.name}, snippet {number}", text) for number, text in enumerate(snippets)]
    return found


def test_users_are_shown_no_import_of_ours_but_keyfob() -> None:
    shown = sources()
    assert len(shown) > 5
    wrong = [
        f"{where}: {line.strip()}"
        for where, text in shown
        for line in text.splitlines()
        if (match := re.match(r"\s*(?:from|import)\s+([\w.]+)", line))
        and (match[1].split(".")[0] in FOREIGN or match[1].startswith("keyfob."))
    ]
    assert not wrong
