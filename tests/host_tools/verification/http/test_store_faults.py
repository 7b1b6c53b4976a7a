"""Stores that cannot be written at the moment, over HTTP: 503 and 507, and nothing used up."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from host_tools.vault import sqlite
from tests.host_tools.verification.hosts import PRESSED, code
from tests.host_tools.verification.http.servers import USER, Api, api_in
from tests.small_disk import filled, small_disk


def attempts(api: Api) -> list[tuple[int, str, str | None]]:
    """Bring a code, one with an idempotency key, and a move; return how each was refused."""
    found = [
        api.post("verify", {"token": PRESSED, "code": code(1)}),
        api.post("verify", {"user": USER, "code": code(1)}, key="a"),
        api.post("suspend", {"token": PRESSED}, "manage"),
    ]
    assert not [each.text for each in found if api.settings.store in each.text]
    return [
        (each.status_code, each.json()["type"], each.headers.get("retry-after")) for each in found
    ]


def assert_nothing_was_done(api: Api) -> None:
    said = api.post("verify", {"user": USER, "code": code(1)}, key="a")
    assert said.json()["accepted"]
    assert "idempotency-replayed" not in said.headers
    assert api.post("verify", {"token": PRESSED, "code": code(1)}).json()["verdict"] == "replayed"
    assert api.get("/v1/audit/verify").json()["whole"]


def test_a_store_that_stays_locked_is_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    with api_in(tmp_path) as api, closing(sqlite3.connect(api.settings.store)) as other:
        other.execute("BEGIN IMMEDIATE")
        slept = iter(range(10**6))
        clock = SimpleNamespace(monotonic=lambda: 30.0 * next(slept), sleep=lambda _: None)
        with monkeypatch.context() as patch:
            patch.setattr(sqlite, "time", clock)  # half a minute passes at each look
            assert attempts(api) == [(503, "/problems/in-use", "1")] * 3
            assert api.client.get("/health").status_code == 200
        other.rollback()
        assert_nothing_was_done(api)
    assert f"{tmp_path / 'host.db'} is in use: locked for more than" in caplog.text


def test_a_full_disk_is_said_so_by_507(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    with small_disk(tmp_path, 1024), api_in(tmp_path) as api:
        with filled(tmp_path):
            assert attempts(api) == [(507, "/problems/unwritable", None)] * 3
            assert api.client.get("/health").status_code == 200
        assert_nothing_was_done(api)
    assert "full" in caplog.text
