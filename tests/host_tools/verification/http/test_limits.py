"""How much one client may ask, by a clock that the test moves."""

from host_tools.verification.http.limits import CLIENTS_MAX, RateLimit


def test_a_bucket_is_emptied_and_fills_up_again_to_its_burst() -> None:
    now = 0.0
    limit = RateLimit(2.0, 3.0, lambda: now)
    assert [limit.wait_seconds("a") for _ in range(5)] == [0, 0, 0, 0.5, 0.5]
    now = 0.25
    assert limit.wait_seconds("a") == 0.25
    now = 0.5
    assert [limit.wait_seconds("a"), limit.wait_seconds("a")] == [0, 0.5]
    now = 1000.0
    assert [limit.wait_seconds("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert limit.wait_seconds("b") == 0


def test_the_bucket_used_longest_ago_is_forgotten_first() -> None:
    limit = RateLimit(1.0, 1.0, lambda: 0.0)
    clients = [str(number) for number in range(CLIENTS_MAX)]
    assert not any(map(limit.wait_seconds, clients))
    assert limit.wait_seconds("0") == 1
    assert limit.wait_seconds("one more") == 0
    assert limit.wait_seconds("0") == 1, "used just now"
    assert limit.wait_seconds("1") == 0, "forgotten"


def test_no_rate_is_no_limit() -> None:
    limit = RateLimit(0.0, 0.0)
    assert not any(limit.wait_seconds("a") for _ in range(1000))
