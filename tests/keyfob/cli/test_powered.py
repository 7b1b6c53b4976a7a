"""A fob whose supply is cut is reported by what the bench knows, not by the line's time-outs."""

import json

import pytest

from host_tools.client import session
from tests.keyfob.cli.running import Desk


@pytest.mark.parametrize("desk", ["fob-h6 pty", "fob-h6 tcp"], indirect=True)
def test_a_cut_fob_is_reported_before_its_line_is_opened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = desk.seeds()
    desk.do("power", "cut")

    def never(url: str, address: int) -> None:
        raise AssertionError(f"{url}, {address}: opened although the bench knows better")

    with monkeypatch.context() as patch:
        patch.setattr(session, "open_command_link", never)
        for verb in (("info",), ("info", "--address", "0"), ("provision", seeds)):
            assert "no power in fob 1" in desk.refused(*verb, status=3)
    said = desk.refused("press", status=3)
    assert "no power in fob 1" in said
    assert "keyfob power restore" in said
    desk.do("power", "restore")
    assert "ignored" in json.loads(desk.do("press", "--json"))
    assert "blank" in desk.do("info")


def test_a_fob_that_the_bench_does_not_have_is_asked_on_its_line(desk: Desk) -> None:
    desk.do("power", "cut")
    assert "no fob answers" in desk.refused("info", "--address", "2", status=3)
