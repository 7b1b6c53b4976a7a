"""`keyfob models`: the catalogue in words."""

import json
from pathlib import Path

import pytest

from firmware_model import catalogue
from keyfob.__main__ import status_of

MODELS = Path(catalogue.__file__).parent / "models"


def test_every_model_is_listed_within_forty_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert status_of(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line[0] != " "] == catalogue.names()
    assert max(map(len, lines)) <= 40


@pytest.mark.parametrize("name", catalogue.names())
def test_a_model_is_described_by_name_and_by_file_alike(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["models", name]) == 0
    by_name = capsys.readouterr().out
    assert status_of(["models", str(MODELS / f"{name}.toml")]) == 0
    assert capsys.readouterr().out == by_name
    assert catalogue.load(name).summary[:20] in by_name


def test_the_press_counted_fob_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["models", "fob-h6", "--json"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert described["kind"] == "hotp"
    assert described["digits"] == 6
    assert described["step_seconds"] is None
    assert described["description"]["shown"] == "for 12 s after a press"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", "not TOML"),
        ('nmae = "x"', "unknown key nmae: expected one of"),
        ("\udcff", "not a model's TOML: it is not UTF-8 text"),
    ],
)
def test_a_bad_model_file_is_named_with_its_key(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert status_of(["models", str(path)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"keyfob: {path}: ")
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fob-h7", "did you mean fob-h6?"),
        ("./none.toml", "none.toml: cannot read the model: No such file"),
    ],
)
def test_an_unknown_model_is_named(
    name: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["models", name]) == 2
    assert words in capsys.readouterr().err
