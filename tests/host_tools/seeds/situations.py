"""Situations in which seed files arrive, and what the command makes of each.

    python -m tests.host_tools.seeds.situations      write the table of docs/SEEDS.md §10 anew

Outcome and words to expect are stated by hand; the table's words are the command's own.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from keyfob.__main__ import status_of

DOCS = Path(__file__).parents[3] / "docs" / "SEEDS.md"
BEGIN, END = "<!-- situations: begin -->\n", "<!-- situations: end -->\n"
SEED = bytes.fromhex("a5f5ff152f408a5f2b04c92f96332e928512ed8a")
PIECE = 8
"""So many characters of a seed in a row are one too many."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A file of a format with `content`, its `outcome`, and what the command says in part.

    Outcomes: "read" (inspect ends with 0), "doubted" (inspect 1, all keys are converted), "left
    out" (convert ends with 1 and has the other keys), "refused" (convert ends with 2 and writes
    nothing), "locked" (the same, for want of a key). `keys` is how many keys convert writes.
    """

    format: str
    what: str
    content: bytes | str
    outcome: str = "read"
    says: str = ""
    keys: int = 1
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    seed: bytes = SEED


@dataclass(frozen=True, slots=True)
class Answer:
    """What the command did with a situation: statuses, findings in words, all that it printed."""

    inspected: int
    converted: int
    keys: int
    words: str
    printed: str
    seeds: frozenset[bytes]

    @property
    def outcome(self) -> str:
        """The outcome that the statuses show; "" for a pair that no situation may have."""
        if self.converted == 2:
            locked = "it is encrypted and needs" in self.printed
            refused = self.inspected in (1, 2) and not self.keys
            return "locked" if locked else "refused" if refused else ""
        if self.inspected not in (0, 1) or not self.keys or self.inspected < self.converted:
            return ""
        if self.converted == 1 and "left out" in self.words:
            return "left out"
        return "doubted" if self.inspected else "read"


def answer_to(situation: Situation, folder: Path) -> Answer:
    """Let `keyfob seeds` inspect and convert the situation's file in `folder`."""
    from host_tools.seeds import read

    path, out = folder / "seeds", folder / "out.csv"
    content = situation.content
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    out.unlink(missing_ok=True)
    with _environment(situation.environment):
        inspected, report, error = _run("inspect", str(path), "--json", *situation.options)
        _, shown, more = _run("inspect", str(path), *situation.options)
        to = ["--to", "otpauth", "--plain", "--out", str(out)]
        converted, said, why = _run("convert", str(path), *to, *situation.options)
    records = list(read(out)) if out.exists() else []
    words = _words(report) if inspected != 2 else error
    printed = report + shown + error + more + said + why
    return Answer(
        inspected,
        converted,
        len(records),
        words.replace(f"{path}: ", "").replace(f"{path}", "FILE").strip(),
        printed,
        frozenset(record.seed for record in records),
    )


def leaks(printed: str, secrets: list[str]) -> list[str]:
    """Return the pieces of `secrets` that `printed` shows."""
    plain = "".join(printed.split()).lower()
    pieces = {
        secret[at : at + PIECE].lower()
        for secret in secrets
        for at in range(len(secret) - PIECE + 1)
    }
    return sorted(piece for piece in pieces if piece in plain)


def row(situation: Situation, answer: Answer) -> str:
    """Return a line of the table."""
    words = answer.words.replace("|", "\\|").removeprefix("keyfob: ")
    statuses = f"{answer.inspected}, {answer.converted}"
    cells = (f"`{situation.format}`", situation.what, answer.outcome, statuses, words)
    return f"| {' | '.join(cells)} |\n"


def table_in_docs() -> list[str]:
    """Return the lines of the table as docs/SEEDS.md has them, without its head."""
    text = DOCS.read_text("utf-8")
    return text.partition(BEGIN)[2].partition(END)[0].splitlines(keepends=True)[2:]


def _words(report: str) -> str:
    found = json.loads(report)
    lines = []
    for grade in ("faults", "left_out", "suspicions"):
        for finding in found[grade]:
            where = finding["examples"][0] if finding["examples"] else ""
            lines.append(f"{where}: {finding['text']}" if where else finding["text"])
    return "; ".join(lines)


def _run(*arguments: str) -> tuple[int, str, str]:
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        before, sys.stdin = sys.stdin, io.StringIO()  # nobody types a passphrase
        try:
            status = status_of(["seeds", *arguments])
        finally:
            sys.stdin = before
    return status, out.getvalue(), error.getvalue()


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def main() -> None:
    """Write the table into docs/SEEDS.md."""
    from tests.host_tools.seeds.situation_lists import SITUATIONS

    with tempfile.TemporaryDirectory() as folder:
        lines = [row(one, answer_to(one, Path(folder))) for one in SITUATIONS]
    head = (
        "| format | situation | outcome | `inspect`, `convert` | what `inspect` says |\n"
        "|---|---|---|---|---|\n"
    )
    text = DOCS.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    DOCS.write_text(before + BEGIN + head + "".join(lines) + END + after, "utf-8")


if __name__ == "__main__":
    main()
