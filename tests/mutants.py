"""Source mutants: one line of a module changed, and tests that must notice (who judges is judged).

`outcome_of` runs the tests in a process of their own, in which the module is compiled from its
changed source; no file is changed. Each folder of tests may have a `mutants.toml`: for each module
the tests that must notice, and changes by name; `tests/test_mutants.py` takes them all.
"""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).parent.parent
VARIABLE = "KEYFOB_TEST_MUTANT"

KILLED = 1
"""pytest's exit status where a test failed."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module in which `old`, which occurs once, is `new`; `tests` must fail."""

    name: str
    module: str
    old: str
    new: str
    tests: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The module's file."""
        return ROOT / f"{self.module.replace('.', '/')}.py"

    @property
    def label(self) -> str:
        """What a test is called by."""
        return f"{self.module.rpartition('.')[2]}: {self.name}"

    def is_current(self) -> bool:
        """Whether what is changed still stands in the source, once."""
        return self.path.read_text("utf-8").count(self.old) == 1


def mutants_of(table: Path) -> list[Mutant]:
    """Return the mutants of a TOML file: for each module its tests, and changes by name."""
    return [
        Mutant(name, module, old, new, tuple(each["tests"]))
        for module, each in tomllib.loads(table.read_text("utf-8")).items()
        for name, (old, new) in each["mutants"].items()
    ]


def stale(mutants: Sequence[Mutant]) -> list[str]:
    """Return the labels of those that change nothing of today's source."""
    return [each.label for each in mutants if not each.is_current() or each.old == each.new]


def outcome_of(mutant: Mutant) -> tuple[int, str]:
    """Run a mutant's tests until one fails; return pytest's exit status and what it wrote."""
    made = json.dumps([mutant.module, mutant.old, mutant.new])
    command = [sys.executable, "-m", "pytest", "-p", "tests.mutants", "-p", "no:cacheprovider"]
    command += ["--noconftest", "-x", "-q", "--tb=line", *mutant.tests]
    quick = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", VARIABLE: made}  # half of the time is plugins'
    done = subprocess.run(command, cwd=ROOT, env=os.environ | quick, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


class _MutantLoader(SourceFileLoader):
    """Compiles a module from its changed source, past all caches."""

    def get_code(self, fullname: str) -> CodeType:
        source = Path(self.path).read_text("utf-8")
        _, old, new = json.loads(os.environ[VARIABLE])
        assert source.count(old) == 1, f"{old!r} does not occur once in {self.path}"
        return compile(source.replace(old, new), self.path, "exec")


class _MutantFinder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        module, _, _ = json.loads(os.environ[VARIABLE])
        if fullname != module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None, f"no module {module}"
        assert spec.origin is not None, f"{module} has no file"
        spec.loader = _MutantLoader(fullname, spec.origin)
        return spec


def pytest_sessionfinish(session: object) -> None:
    """Make sure that the changed module was the one that the tests saw."""
    module, _, _ = json.loads(os.environ[VARIABLE])
    loaded = sys.modules.get(module)
    assert loaded is not None, f"the tests do not import {module}"
    assert isinstance(loaded.__loader__, _MutantLoader), f"{module} was imported before its change"


if os.environ.get(VARIABLE):
    sys.meta_path.insert(0, _MutantFinder())
