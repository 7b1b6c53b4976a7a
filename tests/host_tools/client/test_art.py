"""A display drawn as text."""

import pytest

from host_tools.client.art import draw

DIGITS = dict(zip("0123456789", bytes.fromhex("3F065B4F666D7D077F6F"), strict=True))


def bits(text: str) -> list[int]:
    return [DIGITS.get(character, 0) for character in text]


def test_every_digit_stands_as_large_segments() -> None:
    assert draw(bits("0123456789")) == (
        "╭───────────────────────────────────────────────────╮\n"
        "│  ━━        ━━   ━━        ━━   ━━   ━━   ━━   ━━  │\n"
        "│ ┃  ┃    ┃    ┃    ┃ ┃  ┃ ┃    ┃       ┃ ┃  ┃ ┃  ┃ │\n"
        "│            ━━   ━━   ━━   ━━   ━━        ━━   ━━  │\n"
        "│ ┃  ┃    ┃ ┃       ┃    ┃    ┃ ┃  ┃    ┃ ┃  ┃    ┃ │\n"
        "│  ━━        ━━   ━━        ━━   ━━        ━━   ━━  │\n"
        "╰───────────────────────────────────────────────────╯"
    )


def test_a_plain_terminal_gets_ascii_with_bars_and_icons() -> None:
    assert draw(bits("0123456789"), bars=3, icons=["low"], plain=True) == (
        "+-----------------------------------------+\n"
        "|  _       _   _       _   _   _   _   _  |\n"
        "| | |   |  _|  _| |_| |_  |_    | |_| |_| |\n"
        "| |_|   | |_   _|   |  _| |_|   | |_|  _| |\n"
        "| ||| [low]                               |\n"
        "+-----------------------------------------+"
    )


@pytest.mark.parametrize("plain", [True, False])
def test_eight_digits_fit_a_narrow_terminal(plain: bool) -> None:
    lines = draw(bits("01234567"), columns=40, plain=plain).splitlines()
    assert {len(line) for line in lines} == {35}


@pytest.mark.parametrize("bit", range(7))
def test_each_segment_alone_marks_one_place_of_its_own(bit: int) -> None:
    dark, lit = draw([0], plain=True), draw([1 << bit], plain=True)
    places = [at for at, pair in enumerate(zip(dark, lit, strict=True)) if pair[0] != pair[1]]
    # a, f, g, b, e, d, c from the upper left; a row of the frame has 8 characters with its end.
    assert places == [{0: 11, 5: 18, 6: 19, 1: 20, 4: 26, 3: 27, 2: 28}[bit]]


def test_a_dark_display_is_an_empty_frame() -> None:
    assert set(draw([], plain=True)) == set("+-| \n")
