"""A recording on the panel: any place of it, forwards and back."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from emulator.page_port import PagePort
from emulator.panel.replay import ReplayBoard
from emulator.recordings.bundle import open_recordings
from emulator.recordings.replay import replay
from tests.emulator.recordings.made import press, recorded


def test_every_place_can_be_shown_in_any_order(tmp_path: Path) -> None:
    path = recorded(tmp_path / "x.kfrec", press, preset="in-use")
    with open_recordings(path) as (_, recordings):
        board = ReplayBoard("x.kfrec", (m for recording in recordings for m in replay(recording)))

    async def act() -> None:
        port = PagePort(board.routes(), b"a token of 32 bytes, not a secret")
        address, _, token = (await port.open("127.0.0.1", 0)).partition("/panel/#token=")
        async with httpx.AsyncClient(base_url=address, verify=False) as browser:
            assert (await browser.get("/panel/replay")).status_code == 401
            assert (await browser.post("/session", json={"token": token})).status_code == 204
            assert (await browser.get("/panel/about")).json()["views"] == ["replay"]
            everything = (await browser.get("/panel/replay")).json()
            assert [fob["serial_number"] for fob in everything["fobs"]] == ["ZZH600000001"]
            times = everything["times"]
            assert times == sorted(times)
            assert len(times) == board.count > 3

            async def at(place: int) -> dict[str, Any]:
                found: dict[str, Any] = (await browser.get(f"/panel/replay/{place}")).json()
                return found

            assert (await at(board.count))["fobs"][0]["text"] == "287082"  # RFC 4226: count 1
            first = await at(0)
            assert (first["fobs"][0]["text"], first["told"]) == ("", [])
            assert (await at(board.count))["fobs"][0]["text"] == "287082"
            told = [one for place in range(board.count) for one in (await at(place + 1))["told"]]
            assert any(one["what"] == "the contact closes" for one in told)
            assert any("pressed" in one["events"] for one in told)
            for bad in (board.count + 1, -1, "x", "٣", "9" * 20):
                assert (await browser.get(f"/panel/replay/{bad}")).status_code == 404
        await port.close()

    asyncio.run(act())
