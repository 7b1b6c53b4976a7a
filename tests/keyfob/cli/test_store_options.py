"""Where a desk's books are: defaults, variables, options, and the key's two homes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import click
import pytest

from firmware_model.errors import BadInput
from host_tools.vault.key_ring import KEY_BYTES
from keyfob.cli.store_options import StoreOptions

KEY = bytes(range(KEY_BYTES))


@dataclass(frozen=True, slots=True)
class Counter(StoreOptions):
    """A desk that exists in these tests only."""

    what: ClassVar[str] = "counter"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Counter]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("STORE", "KEY_FILE", "KEY"):
        monkeypatch.delenv(f"KEYFOB_COUNTER_{name}", raising=False)
    seen: list[Counter] = []

    @click.command()
    @Counter.options
    def verb(place: Counter) -> None:
        seen.append(place)

    def asked(*words: str) -> Counter:
        verb.main([*words], standalone_mode=False)
        return seen[-1]

    return asked


def test_by_default_store_and_key_lie_in_different_folders_of_the_users_own(
    place: Callable[..., Counter], tmp_path: Path
) -> None:
    found = place()
    assert found.store == tmp_path / "data" / "keyfob" / "counter.db"
    assert found.key_file == tmp_path / "config" / "keyfob" / "counter.key"


def test_variables_come_before_defaults_and_options_before_both(
    place: Callable[..., Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYFOB_COUNTER_STORE", "a.db")
    monkeypatch.setenv("KEYFOB_COUNTER_KEY_FILE", "a.key")
    assert (place().store, place().key_file) == (Path("a.db"), Path("a.key"))
    assert place("--store", "b.db").store == Path("b.db")


def test_a_key_is_made_once_and_only_where_none_is_given(
    place: Callable[..., Counter], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = place("--key-file", str(tmp_path / "made.key"))
    with pytest.raises(BadInput, match="key file not found"):
        on.keys()
    assert [on.make_key(), on.make_key()] == [True, False]
    sealed = on.keys().seal(b"seed", ("host", "token", "seed", "ZZ1"))
    monkeypatch.setenv("KEYFOB_COUNTER_KEY", KEY.hex())
    elsewhere = place("--key-file", str(tmp_path / "none.key"))
    assert elsewhere.make_key() is False
    assert not elsewhere.key_file.exists()
    with pytest.raises(BadInput, match="sealed with another key"):
        elsewhere.keys().open(sealed, ("host", "token", "seed", "ZZ1"))


def test_nothing_is_made_over_what_is_there(place: Callable[..., Counter], tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    with pytest.raises(BadInput, match="the file exists already"):
        place("--store", str(tmp_path / "a.db")).refuse_a_store()
    place("--store", str(tmp_path / "b.db")).refuse_a_store()
