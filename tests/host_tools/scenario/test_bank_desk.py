"""What a scenario's people enter: a wrong code is wrong by no luck."""

from collections.abc import Iterator

import pytest

from firmware_model.generators import OtpKey, OtpKind
from host_tools.scenario.bank_desk import wrong_code
from host_tools.scenario.features import parse
from host_tools.scenario.world import ScenarioFob, World, open_world
from host_tools.seeds.record import SeedRecord
from keyfob.fob_process import FobProcess

SEED = b"12345678901234567890"  # RFC 4226 Appendix D


@pytest.fixture
def world() -> Iterator[World]:
    with open_world(
        parse("Feature: a\n  Scenario: b\n    When 1 day passes\n", "tiny", "tiny.feature"),
        FobProcess,
    ) as opened:
        yield opened


def showing(code: str, kind: OtpKind | None) -> ScenarioFob:
    fob = ScenarioFob("fob-h6", "", None, code=code)
    if kind is not None:
        name = "ZZH600000001"
        fob.record = SeedRecord(
            serial_number=name, credential_id=name, seed=SEED, kind=kind, digits=4
        )
    return fob


@pytest.mark.parametrize("kind", OtpKind)
def test_a_wrong_code_is_no_other_code_of_the_fob(world: World, kind: OtpKind) -> None:
    now = world.now_seconds()
    start = now // 30 if kind is OtpKind.TOTP else 0
    codes = [OtpKey(SEED).code(start + n, 4) for n in range(200)]
    wrong = [wrong_code(world, showing(code, kind)) for code in codes]
    assert not set(wrong) & set(codes)
    assert all(w[:-1] == code[:-1] and w != code for w, code in zip(wrong, codes, strict=True))
    plain = {code[:-1] + str((int(code[-1]) + 5) % 10) for code in codes}
    assert plain & set(codes), "without care some would have been right"


def test_of_a_fob_whose_seed_nobody_knows_another_last_digit_must_do(world: World) -> None:
    assert wrong_code(world, showing("7552", None)) == "7557"
