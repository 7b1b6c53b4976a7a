import pytest

pytestmark = pytest.mark.keyfob("fob-t60", start="2029-04-01T00:00:10Z")


def next_code(fob):
    fob.wait_until_dark()
    return fob.code()


def steps_ahead(fob, rack):
    now = rack.time.now()
    return int(now + fob.clock_error) // 60 - int(now) // 60


def test_single_use_within_the_step(fob, product, token):
    fob.to_step_end(before=30)
    code = fob.code()
    assert product.verify(token, code) == "accepted"
    assert product.verify(token, code) == "wrong"
    assert product.verify(token, next_code(fob)) == "accepted"


def test_step_boundary(fob, rack, product, token):
    fob.set_clock_offset(0)
    fob.to_step_end(before=2)
    before = fob.code()
    rack.time.advance(3)
    # Read before the boundary, typed after it: one step back.
    assert product.verify(token, before) == "accepted"
    fob.wait_until_dark()
    after = fob.code()
    assert after != before
    assert product.verify(token, after) == "accepted"
    assert product.verify(token, before) == "wrong"


@pytest.mark.parametrize(
    ("offset", "verdict"), [(-120, "wrong"), (-60, "accepted"), (60, "accepted"), (120, "wrong")]
)
def test_window_is_one_step_either_way(fob, product, token, offset, verdict):
    fob.set_clock_offset(offset)
    fob.to_step_end(before=30)
    assert product.verify(token, fob.code()) == verdict


def test_two_years_in_a_drawer(fob, rack, product, token, record_property):
    assert product.verify(token, fob.code()) == "accepted"
    fob.age("2y")
    fob.to_step_end(before=30)
    first = fob.code()
    ahead = steps_ahead(fob, rack) - product.tokens[token].drift
    record_property("clock_error", str(fob.clock_error))
    assert abs(fob.clock_error) <= 21 * 60
    expected = "accepted" if abs(ahead) <= 1 else "wrong"
    assert product.verify(token, first) == expected
    second = next_code(fob)
    third = next_code(fob)
    assert product.resynchronise(token, second, third) == "accepted"
    assert product.verify(token, next_code(fob)) == "accepted"


def test_two_years_of_use_the_drift_is_followed(fob, product, token, record_property):
    assert product.verify(token, fob.code()) == "accepted"
    for _ in range(48):
        fob.age("15d")
        fob.to_step_end(before=30)  # a press within 0.5 s of a step's end shows no code
        assert product.verify(token, fob.code()) == "accepted"
    record_property("clock_error", str(fob.clock_error))
    assert abs(product.tokens[token].drift - float(fob.clock_error) / 60) <= 1


def test_ten_minutes_slow_is_resynchronised(fob, product, token):
    assert product.verify(token, fob.code()) == "accepted"
    fob.set_clock_offset(-600)
    fob.wait_until_dark()
    fob.age("1h")
    first = fob.code()
    assert product.verify(token, first) == "wrong"
    assert product.resynchronise(token, first, next_code(fob)) == "accepted"
    assert product.tokens[token].drift in (-11, -10, -9)
    assert product.verify(token, next_code(fob)) == "accepted"
