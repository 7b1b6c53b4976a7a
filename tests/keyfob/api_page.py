"""Writes docs/API.md from the public names' own docstrings: python -m tests.keyfob.api_page."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyfob

PAGE = Path(__file__).resolve().parents[2] / "docs" / "API.md"
HEAD = """# Python API

`import keyfob` is all that a Python program needs. This page is made from the docstrings of the
public names by `python -m tests.keyfob.api_page`; a test compares them, and runs each example.
In the examples `folder` is an empty folder. [TESTING.md](TESTING.md) is about suites with pytest.

What stands here follows [Semantic Versioning](https://semver.org/): it does not change its meaning
within a major version. Other modules may change in any version.
"""
GROUPS = {
    "Fobs, racks and the bench": "Rack Fob FobLine LineBounds FobBoard FobMistakes Snapshot"
    " RackTime Bench DisplayReading Model model_names load_model",
    "A fob's port": "open_session TokenSession read_state FobState FobKeys TEST_KEYS read_keys"
    " provision LoadReceipt",
    "Seeds and codes": "SeedRecord read_seeds write_seeds generate_seeds OtpKey",
    "Verification, provisioning, scenarios": "Verifier HostAnswer TokenStatus Station StationResult"
    " run_scenarios ScenarioResult",
    "Errors": "KeyfobError BadInput BadAnswer BenchError Denied InUse NoAnswer NoBenchError NoCode"
    " PortUnavailable Refused Shadowed",
}
VALUES = {"TEST_KEYS": "The public test keys, a `FobKeys`: every fob leaves the factory with them."}


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for number, (title, names) in enumerate(GROUPS.items(), 1):
        parts.append(f"\n## {number}. {title}\n")
        parts += [part for name in names.split() for part in _entry(name)]
    return "\n".join(parts)


def _entry(name: str) -> Iterator[str]:
    value = getattr(keyfob, name)
    yield f"\n### {name}\n"
    if name in VALUES:
        yield VALUES[name]
        return
    if inspect.isclass(value):
        kind = "exception" if issubclass(value, BaseException) else "class"
        if kind == "class":
            yield f"```python\n{_signature(name, value)}\n```\n"
        else:
            yield f"*{kind}*, {_bases(value)}\n"
        yield _prose(inspect.getdoc(value) or "")
        for method, words in _members(value):
            yield f"\n- **`{method}`**: {words}"
    else:
        yield f"```python\n{_signature(name, value)}\n```\n"
        yield _prose(inspect.getdoc(value) or "")


def _bases(value: type) -> str:
    exits = getattr(value, "exit_status", None)
    bases = ", ".join(f"`{base.__name__}`" for base in value.__bases__)
    return f"a {bases}" + (f"; exit status {exits}" if exits is not None else "")


def _signature(name: str, value: Any) -> str:
    try:
        text = str(inspect.signature(value, eval_str=False))
    except (TypeError, ValueError):
        return name
    text = re.sub(r"\b(?:[a-z_]\w*\.)+([A-Za-z]\w*)", r"\1", text).replace(" -> None", "")
    text = re.sub(r"(: |-> )'([^']+)'", r"\1\2", text)
    text = re.sub(r"<(?:function|class|built-in function) (\w+)[^>]*>", r"\1", text)
    text = re.sub(r"=functools[^,]*|=partial\(.*?\)(?=[,)])", "=SYSTEM_CLOCK", text)
    return f"{name}{text}".replace("(self, ", "(").replace("(self)", "()")


def _members(value: type) -> Iterator[tuple[str, str]]:
    for name, member in vars(value).items():
        if name.startswith("_"):
            continue
        if isinstance(member, classmethod | staticmethod):
            member = member.__func__
        wrapped = getattr(member, "fget", None) or getattr(member, "func", None)
        if wrapped is not None:
            yield name, _flowing(inspect.getdoc(wrapped) or "")
        elif inspect.isfunction(member):
            signature = _signature(name, member).replace("(cls, ", "(")
            yield signature, _flowing(inspect.getdoc(member) or "")


def _flowing(docstring: str) -> str:
    """Return a member's docstring as one list item: sections become sentences."""
    text, *sections = re.split(r"^(Args|Raises|Example|Yields):\n", docstring, flags=re.MULTILINE)
    parts = [" ".join(text.split())]
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        if title == "Example":
            continue
        items = re.split(r"^    (?=\S)", inspect.cleandoc("\n" + body) and body, flags=re.MULTILINE)
        listed = "; ".join(" ".join(item.split()).rstrip(".") for item in items if item.strip())
        parts.append(f"*{title}*: {listed}.")
    return " ".join(parts)


def _prose(docstring: str) -> str:
    """Return a docstring as Markdown: sections as lists, the example as a block."""
    section = r"^((?:Args|Raises|Example|Yields)[^\n]*):\n"
    text, *sections = re.split(section, docstring, flags=re.MULTILINE)
    parts = [text.strip()]
    for head, body in zip(sections[::2], sections[1::2], strict=True):
        block = inspect.cleandoc("\n" + body)
        if head == "Example":
            parts.append(f"```pycon\n{block}\n```")
            continue
        items = re.split(r"\n(?=\S)", block)
        lines = [re.sub(r"^([\w, ]+): ", r"`\1`: ", " ".join(item.split())) for item in items]
        parts.append(f"{head}:\n\n" + "\n".join(f"- {line}" for line in lines))
    return "\n\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
