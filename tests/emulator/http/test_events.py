"""The stream of what displays show: batched, resumed, free while nobody subscribes."""

import asyncio
from typing import Any

from emulator.settings import HttpSettings
from tests.emulator.bench_talk import rack_of
from tests.emulator.http.http_talk import TOKEN, HttpTalk, events, with_http

Face = dict[str, Any]


async def follow(
    talk: HttpTalk, want: int, query: str = "", **headers: str
) -> tuple[str, dict[int, Face]]:
    """Follow the stream until `want` fobs were told of; return the last id and their faces."""
    found: dict[int, Face] = {}
    async with talk.client.stream("GET", f"/events{query}", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        name = ""
        async for name, data in events(answer):
            found |= {face["fob"]: face for face in data["fobs"]}
            if len(found) >= want:
                return name, found
    raise AssertionError("the stream ended")


def test_all_displays_come_first_then_what_changes() -> None:
    async def act(talk: HttpTalk) -> None:
        async with talk.client.stream("GET", "/events") as answer:
            stream = events(answer)
            first: dict[int, Face] = {}
            while len(first) < 3:
                _, data = await anext(stream)
                first |= {face["fob"]: face for face in data["fobs"]}
            assert [first[n]["text"] for n in (1, 2, 3)] == ["", "", ""]
            assert first[1]["dark"] == "code over"
            await talk.do("POST", "/fobs/2/button/press?wait=true")
            shown: dict[int, Face] = {}
            while shown.get(2, {}).get("contrast") != 100:
                _, data = await anext(stream)
                assert {face["fob"] for face in data["fobs"]} <= {2}
                shown |= {face["fob"]: face for face in data["fobs"]}
            assert shown[2]["text"] == "287082"
            await talk.do("POST", "/time/advance", {"leap": 60})
            while shown[2]["text"]:
                _, data = await anext(stream)
                shown |= {face["fob"]: face for face in data["fobs"]}
            assert shown[2]["dark"] == "code over"

    with_http(act, count=3)


def test_a_client_that_was_away_gets_what_has_changed_since() -> None:
    async def act(talk: HttpTalk) -> None:
        last, _ = await follow(talk, 3)
        await talk.do("POST", "/fobs/3/button/press?wait=true")
        _, found = await follow(talk, 1, **{"Last-Event-ID": last})
        assert list(found) == [3]
        assert found[3]["text"] == "287082"
        _, found = await follow(talk, 3, **{"Last-Event-ID": "another run-9"})
        assert list(found) == [1, 2, 3]

    with_http(act, count=3)


def test_a_stream_may_be_of_some_fobs() -> None:
    async def act(talk: HttpTalk) -> None:
        _, found = await follow(talk, 2, "?fobs=2:3")
        assert sorted(found) == [2, 3]
        assert await talk.refused("GET", "/events?fobs=9") == (404, -241)
        assert await talk.refused("GET", "/events?fobs=all") == (404, -241)
        assert await talk.refused("GET", "/events?colour=red") == (400, None)

    with_http(act, count=3)


def test_an_always_on_display_is_followed_through_its_steps() -> None:
    async def act(talk: HttpTalk) -> None:
        async with talk.client.stream("GET", "/events") as answer:
            stream = events(answer)
            texts: list[str] = []
            while len(texts) < 4:
                _, data = await anext(stream)
                for face in data["fobs"]:
                    if face["text"] and [face["text"]] != texts[-1:]:
                        texts.append(face["text"])
                        await talk.do("POST", "/time/advance", {"leap": 60})
            assert len(set(texts)) == 4

    http = HttpSettings("127.0.0.1", 0, TOKEN.encode())
    with_http(act, rack_of(model="sid-always", preset="in-use", http=http))


def test_nothing_is_followed_while_nobody_subscribes() -> None:
    async def act(talk: HttpTalk) -> None:
        rack = talk.emulator.rack
        watchers = len(rack.watchers)
        await follow(talk, 1)
        for _ in range(1000):
            if len(rack.watchers) == watchers:
                break
            await asyncio.sleep(0)
        assert len(rack.watchers) == watchers
        assert rack.clock.listeners == []

    with_http(act)


def test_too_many_streams_are_refused() -> None:
    async def act(talk: HttpTalk) -> None:
        streams = []
        for _ in range(64):
            request = talk.client.build_request("GET", "/events")
            streams.append(await talk.client.send(request, stream=True))
        assert (await talk.refused("GET", "/events"))[0] == 503
        for stream in streams:
            await stream.aclose()

    with_http(act)
