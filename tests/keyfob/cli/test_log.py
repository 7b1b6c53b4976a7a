"""The log: asked for by -v or KEYFOB_LOG, on standard error, and without a secret at any level."""

import logging
from collections.abc import Iterator

import pytest

from keyfob.__main__ import status_of
from tests.keyfob.cli.running import Desk, running

SEED = b"12345678901234567890"  # RFC 4226 appendix D, which preset fobs hold
KEYS = "404142434445464748494a4b4c4d4e4f"


@pytest.fixture(autouse=True)
def _quiet_again() -> Iterator[None]:
    logger = logging.getLogger("keyfob")
    before = logger.handlers, logger.level, logger.propagate
    yield
    logger.handlers, logger.level, logger.propagate = before


def test_nothing_is_logged_unless_asked(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["info"]) == 0
    assert capsys.readouterr().err == ""


def test_a_level_that_is_none_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYFOB_LOG", "loud")
    assert status_of(["models"]) == 2
    assert "invalid KEYFOB_LOG=loud: expected one of error, warning" in capsys.readouterr().err


def test_no_log_at_any_level_holds_a_seed_a_key_or_a_code(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = desk.seeds()
    key = seeds.with_name(seeds.name + ".key").read_text().strip()
    said = ""
    monkeypatch.setenv("KEYFOB_LOG", "debug")
    for words in (["provision", str(seeds)], ["-vv", "press"], ["-v", "info"]):
        assert status_of(words) == 0
        said += capsys.readouterr().err
    code = desk.do("look", "--text").strip()
    monkeypatch.setenv("KEYFOB_CODE", code)
    assert status_of(["verify", "--seeds", str(seeds), "--token", "ZZH600000001"]) == 0
    said += capsys.readouterr().err.lower()
    assert "keyfob" in said
    for secret in (key, code, KEYS):
        assert secret.lower() not in said.lower()


def test_an_emulators_log_holds_no_seed_and_no_code(
    capfd: pytest.CaptureFixture[str], tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYFOB_LOG", "debug")
    port = f"pty:{tmp_path}/fob0"
    with running(
        "--model", "fob-h6", "--preset", "in-use", "--time", "frozen", "--port", port
    ) as at:
        assert status_of(["press", "--bench", at["bench"]]) == 0
        assert status_of(["look", "--text", "--bench", at["bench"]]) == 0
        out, _ = capfd.readouterr()
        code = out.strip()
        assert status_of(["info", "--port", at["port"]]) == 0
    said = capfd.readouterr().err.lower()
    assert code.isdigit()
    for secret in (code, SEED.hex(), SEED.decode(), KEYS):
        assert secret not in said
