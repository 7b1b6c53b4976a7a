"""Who may use the HTTP port: another name, another page, another user."""

import asyncio

import pytest
from starlette.datastructures import Headers

from emulator.http.access import Access
from emulator.http.listener import HttpListener
from emulator.settings import HttpSettings
from tests.emulator.bench_talk import rack_of
from tests.emulator.http.http_talk import BEARER, TOKEN, HttpTalk, with_http

PRESS = "/fobs/1/button/press"
EVERYWHERE = (("POST", PRESS), ("GET", "/fobs"), ("GET", "/events"))
CROSS_SITE = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]
"""What a browser says of a request that another page made, Fetch §3.1 and Fetch Metadata §2.3."""


async def status(talk: HttpTalk, method: str, path: str, **headers: str) -> int:
    """Return the status of a request with these headers only."""
    return (await talk.browser.request(method, path, headers=headers)).status_code


def test_without_a_token_nothing_is_told_or_done() -> None:
    async def act(talk: HttpTalk) -> None:
        for headers in (
            {},
            {"Authorization": "Bearer"},
            {"Authorization": f"Bearer {TOKEN}x"},
            {"Authorization": f"Basic {TOKEN}"},
            {"Cookie": f"keyfob-{talk.port}={TOKEN}"},
            {"Cookie": f"keyfob-{talk.port}=AAAA"},
            {"Cookie": '=;=;="x'},
        ):
            for method, path in (
                ("POST", PRESS),
                ("GET", "/fobs"),
                ("GET", "/events"),
                ("GET", "/x"),
            ):
                assert await status(talk, method, path, **headers) == 401, (headers, path)
        fob = talk.emulator.rack.fobs[0]
        assert not fob.touches
        answer = await talk.browser.get("/fobs")
        assert answer.headers["www-authenticate"] == "Bearer"

    with_http(act)


def test_a_page_whose_name_was_led_here_is_refused() -> None:
    """DNS rebinding: the page's own name leads to this port, and its requests carry that name."""

    async def act(talk: HttpTalk) -> None:
        for host in (
            "evil.example",
            f"evil.example:{talk.port}",
            "127.0.0.1.evil.example",
            "",
            "[::1",
        ):
            for path in ("/fobs", "/openapi.json"):
                assert await status(talk, "GET", path, Host=host, **BEARER) == 421, host
        for host in (f"127.0.0.1:{talk.port}", f"localhost:{talk.port}", "[::1]:80", "LOCALHOST"):
            assert await status(talk, "GET", "/fobs", Host=host, **BEARER) == 200, host

    with_http(act)


def test_another_pages_request_is_refused_whatever_it_carries() -> None:
    async def act(talk: HttpTalk) -> None:
        for headers in CROSS_SITE:
            for method, path in (*EVERYWHERE, ("POST", "/session")):
                assert await status(talk, method, path, **headers, **BEARER) == 403, headers
        assert not talk.emulator.rack.fobs[0].touches

    with_http(act)


def test_every_answer_forbids_frames_scripts_from_elsewhere_and_keeping() -> None:
    async def act(talk: HttpTalk) -> None:
        for path in ("/fobs", "/openapi.json", "/nothing"):
            headers = (await talk.client.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "http" not in policy
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"
            assert "access-control-allow-origin" not in headers

    with_http(act)


def test_a_link_opens_one_browser_once() -> None:
    async def act(talk: HttpTalk) -> None:
        link = (await talk.client.post("/session/links")).json()["token"]
        browser = talk.browser
        opened = await browser.post("/session", json={"token": link})
        assert opened.status_code == 204
        cookie = opened.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert link.lower() not in cookie
        assert (await browser.get("/fobs")).status_code == 200
        own = {"Origin": talk.address, "Sec-Fetch-Site": "same-origin"}
        assert (await browser.post(PRESS, headers=own)).status_code == 204
        for headers in CROSS_SITE:
            assert (await browser.post(PRESS, headers=headers)).status_code == 403
        assert (await browser.delete("/session")).status_code == 204
        assert (await browser.get("/fobs")).status_code == 401
        for token in (link, 7, "é", None):
            assert (await browser.post("/session", json={"token": token})).status_code == 401

    with_http(act)


def allows(access: Access, cookie: str) -> bool:
    return access.allows(Headers({"cookie": cookie}), "keyfob-1")


def test_a_session_outlives_a_restart_with_the_same_token_only() -> None:
    first = Access(TOKEN.encode())
    session = first.open_session(TOKEN)
    assert session is not None
    cookie = f"keyfob-1={session}"

    assert allows(Access(TOKEN.encode()), cookie)
    assert not allows(Access(b"another token"), cookie)
    for place in range(len(session)):
        changed = session[:place] + ("A" if session[place] != "A" else "B") + session[place + 1 :]
        if changed.rstrip("=")[:-1] != session.rstrip("=")[:-1]:  # the last letter has spare bits
            assert not allows(first, f"keyfob-1={changed}")


def test_no_token_is_in_a_log_or_a_repr(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    settings = rack_of(http=HttpSettings("127.0.0.1", 0))

    async def act(talk: HttpTalk) -> None:
        started = talk.emulator.started.http
        assert started is not None
        assert started.token is not None
        headers = {"Authorization": f"Bearer {started.token}"}
        assert await status(talk, "GET", "/fobs", **headers) == 200
        for text in (repr(started), repr(talk.emulator.started), repr(settings), caplog.text):
            assert started.token not in text

    with_http(act, settings)
    assert TOKEN not in repr(HttpSettings("127.0.0.1", 0, TOKEN.encode()))


def test_a_head_that_does_not_come_in_time_ends_the_connection() -> None:
    async def refuse(scope: object, receive: object, send: object) -> None:
        raise AssertionError("no request was complete")

    async def act() -> None:
        listener = HttpListener(request_seconds=0.01)
        await listener.open(refuse, "127.0.0.1", 0)
        port = int(listener.address.rpartition(":")[2])
        for sent in (b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            assert await asyncio.wait_for(reader.read(), 60) == b""
            writer.close()
        await listener.close()

    asyncio.run(act())


def test_bytes_that_are_no_request_are_refused() -> None:
    async def act(talk: HttpTalk) -> None:
        for sent in (
            b"BUTT:PRES\n\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 40,
            b"A" * 40_000,
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", talk.port)
            writer.write(sent)
            writer.write_eof()
            answer = await asyncio.wait_for(reader.read(), 60)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
            writer.close()
        assert await talk.value("/instrument/count") == 1

    with_http(act)
