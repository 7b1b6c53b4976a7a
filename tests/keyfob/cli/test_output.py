"""Rows for people, JSON for programs."""

import json
from decimal import Decimal

import pytest

from keyfob.cli.output import print_json, print_rows


def test_rows_fit_forty_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    print_rows(
        [("serial number", "ZZH600000001"), ("slot 1", "HOTP SHA-1, 6 digits, counter 0, x")]
    )
    assert capsys.readouterr().out == (
        "serial number  ZZH600000001\n"
        "slot 1         HOTP SHA-1, 6 digits,\n"
        "               counter 0, x\n"
    )


def test_an_empty_value_shows_as_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([("model", "")])
    assert capsys.readouterr().out == "model  -\n"


def test_json_keeps_order_text_and_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"b": b"\x0a\xff", "a": Decimal("0.2"), "c": Decimal(5), "d": "電池"})
    out = capsys.readouterr().out
    assert json.loads(out) == {"b": "0aff", "a": 0.2, "c": 5, "d": "電池"}
    assert out.index('"b"') < out.index('"a"')
    assert "電池" in out
