import pytest

pytestmark = pytest.mark.keyfob("fob-h6", start="2029-04-01T00:00:10Z")


def next_code(fob):
    fob.wait_until_dark()
    return fob.code()


def test_accepts_a_code_once(fob, product, token):
    code = fob.code()
    assert product.verify(token, code) == "accepted"
    assert product.verify(token, code) == "wrong"
    assert product.verify(token, next_code(fob)) == "accepted"


@pytest.mark.parametrize(("presses", "verdict"), [(10, "accepted"), (11, "wrong")])
def test_look_ahead_ends_at_ten(fob, product, token, presses, verdict):
    assert product.verify(token, fob.code()) == "accepted"
    fob.wait_until_dark()
    assert len(fob.idle_presses(presses)) == presses
    assert product.verify(token, fob.code()) == verdict


def test_fifteen_idle_presses_then_resynchronised(fob, product, token):
    assert product.verify(token, fob.code()) == "accepted"
    fob.wait_until_dark()
    idle = fob.idle_presses(15)
    assert len(set(idle)) == 15
    first = fob.code()
    assert product.verify(token, first) == "wrong"  # 15 ahead of a window of 10
    second = next_code(fob)
    assert product.resynchronise(token, first, second) == "accepted"
    assert product.verify(token, next_code(fob)) == "accepted"
    assert product.verify(token, idle[-1]) == "wrong"  # skipped codes are dead


def test_a_press_within_the_guard_time_does_not_count(fob, product, token):
    assert product.verify(token, fob.code()) == "accepted"
    fob.press()
    fob.press(rapid=True)
    assert product.verify(token, fob.code()) == "accepted"


def test_locks_after_five_failures(fob, product, token):
    code = fob.code()
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    assert [product.verify(token, wrong) for _ in range(5)] == ["wrong"] * 5
    assert product.verify(token, code) == "locked"
    assert product.verify(token, next_code(fob)) == "locked"


def test_four_failures_do_not_lock(fob, product, token):
    code = fob.code()
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    for _ in range(4):
        product.verify(token, wrong)
    assert product.verify(token, code) == "accepted"


def test_counter_survives_a_battery_change(fob, product, token):
    assert product.verify(token, fob.code()) == "accepted"
    fob.cut_power()
    assert fob.text == ""
    fob.restore_power()
    code = fob.code()
    assert product.verify(token, code) == "accepted"
