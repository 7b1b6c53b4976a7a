"""The bench of a fob whose time stands still: what it reckons is what the bench says."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from host_tools.client.bench import BenchClient
from host_tools.scenario.still_bench import StillBench
from keyfob.testing.urlhandler.racks import forget


@pytest.fixture
def rack() -> Iterator[str]:
    yield "fob://still"
    forget("still")


def test_what_it_reckons_is_what_the_bench_says(rack: str) -> None:
    url = f"{rack}/bench?model=fob-h6&time=frozen&start=2026-04-01"
    with StillBench(url) as still, BenchClient(f"{rack}/bench") as bench:
        assert still.now() == bench.now()
        for seconds in (Decimal(60), Decimal("0.000000001"), Decimal(0), Decimal("86399.5")):
            still.advance(seconds)
            assert still.now() == bench.now()
        before = still.now()
        still.press()
        assert still.now() == bench.now() > before
        still.display()
        assert still.now() == bench.now()
        assert still.wait_for_text("", 600) == ""
        assert still.now() == bench.now()
        still.do("TIME:ADVance 5")
        assert still.now() == bench.now()


def test_the_time_is_asked_for_once(rack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"{rack}/bench?model=fob-h6&time=frozen&start=2026-04-01"
    asked: list[str] = []
    real = BenchClient.query

    def query(self: BenchClient, line: str, within_seconds: float = 9.0) -> str:
        asked.append(line)
        return real(self, line, within_seconds)

    monkeypatch.setattr(BenchClient, "query", query)
    with StillBench(url) as still:
        start = still.now()
        still.advance(Decimal(10))
        still.display()
        assert still.now() == start + 10
    assert asked.count("TIME:NOW?") == 1
