"""The host's own suite once more, with PostgreSQL under it instead of a file."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from host_tools.vault.migration import open_guarded
from host_tools.verification import store, upkeep
from tests.host_tools.verification import test_host, test_host_policy, test_rekey, test_states
from tests.strangers.postgres_server import PostgresServer

OF_FILES = {
    # What only a file has: its path, its mode, its backup, edits behind the store's back.
    "backup", "restore", "copy", "file", "mode", "interrupted", "costs_the_same_writes", "disk",
    "write_ahead",
}  # fmt: skip


def _tests() -> Iterator[tuple[str, Callable[..., object]]]:
    for module in (test_host, test_host_policy, test_rekey, test_states):
        for name, test in vars(module).items():
            if name.startswith("test_") and not any(word in name for word in OF_FILES):
                yield name, test


for _name, _test in _tests():
    globals()[_name] = _test
key_file, path = test_rekey.key_file, test_rekey.path


@pytest.fixture(autouse=True)
def on_the_server(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each path that a test names a database of its own."""
    places: dict[Path, Any] = {}

    def place(path: Path) -> Any:
        if path not in places:
            places[path] = postgres.new_database()
        return places[path]

    def open_there(path: Any, *rest: Any, **more: Any) -> Any:
        return open_guarded(place(path) if isinstance(path, Path) else path, *rest, **more)

    def create_there(path: Path, *rest: Any) -> Any:
        return create(place(path), *rest)

    create = upkeep.create
    monkeypatch.setattr(upkeep, "create", create_there)
    monkeypatch.setattr(store, "open_guarded", open_there)
