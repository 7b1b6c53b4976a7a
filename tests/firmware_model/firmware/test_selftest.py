"""The power-on self-test: every part runs, and a part that fails is named by its bit."""

import pytest

from firmware_model.firmware import selftest
from firmware_model.wire.codes import SelfTestPart

WITHOUT_A_TEST = {SelfTestPart.FIRMWARE, SelfTestPart.DISPLAY, SelfTestPart.CLOCK}


def test_every_algorithm_knows_its_answer() -> None:
    result = selftest.run(flash_is_good=True)
    assert result.failed == 0
    for part in SelfTestPart:
        assert bool(result.performed & part.bit) is (part not in WITHOUT_A_TEST), part.name


def test_a_bad_flash_is_named() -> None:
    assert selftest.run(flash_is_good=False).failed == SelfTestPart.FLASH.bit


@pytest.mark.parametrize("part", sorted(set(SelfTestPart) - WITHOUT_A_TEST - {SelfTestPart.FLASH}))
def test_a_wrong_answer_is_named(part: SelfTestPart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(selftest._TESTS, part, lambda: False)
    assert selftest.run(flash_is_good=True).failed == part.bit
