"""Secrets by file, environment, standard input; as an argument with a warning."""

import io
from decimal import Decimal

import click
import pytest
from click.testing import CliRunner

from firmware_model.errors import BadInput
from keyfob.cli import options


def test_a_secret_is_read_from_a_pipe_one_line_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("first\r\nsecond"))
    assert [options.ask_secret("it"), options.ask_secret("it")] == ["first", "second"]
    with pytest.raises(click.UsageError, match="standard input ended: expected it"):
        options.ask_secret("it")


def test_an_empty_new_passphrase_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n\n"))
    with pytest.raises(BadInput, match="the new passphrase is empty"):
        options.new_passphrase()


def test_a_new_passphrase_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("one\none\none\ntwo\n"))
    assert options.new_passphrase() == "one"
    with pytest.raises(BadInput, match="the two passphrases differ"):
        options.new_passphrase()


@pytest.mark.parametrize("text", ["-60", "1e2", "0.5"])
def test_a_number_within_its_range_is_taken_exactly(text: str) -> None:
    assert _number(text) == Decimal(text)


@pytest.mark.parametrize("text", ["nan", "inf", "-60.1", "121", "hot", ""])
def test_what_is_no_number_of_the_range_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"invalid number .* expected -60 to 120"):
        _number(text)


def _number(text: str) -> Decimal:
    command = click.Command("heat", params=[click.Argument(["celsius"])])
    with click.Context(command) as context:
        return options.number("-60", "120")(context, command.params[0], text)


@click.command()
@options.addresses_option("1", "Which")
def _addressed(addresses: list[int]) -> None:
    click.echo(addresses)


@pytest.mark.parametrize(
    ("text", "found"),
    [("5", [5]), ("1-3", [1, 2, 3]), ("9, 16381,3-4", [9, 16381, 3, 4])],
)
def test_addresses_are_numbers_and_ranges_in_the_order_given(text: str, found: list[int]) -> None:
    assert CliRunner().invoke(_addressed, ["--addresses", text]).output == f"{found}\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0", "invalid addresses '0': expected 1 to 16381"),
        ("16382", "expected 1 to 16381"),
        ("5-2", "expected 1 to 16381"),
        ("1-", "expected 1 to 16381"),
        ("", "expected 1 to 16381"),
        ("1-4,3", "invalid addresses '1-4,3': one is named twice"),
        ("١", "expected 1 to 16381"),
    ],
)
def test_what_is_no_address_or_stands_twice_is_refused(text: str, why: str) -> None:
    assert why in CliRunner().invoke(_addressed, ["--addresses", text]).output
