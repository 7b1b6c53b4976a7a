"""The panel's own routes: the page, barcodes, checks against known servers, scenarios."""

from typing import Any

from emulator.settings import HttpSettings
from keyfob.panel_means import HostMeans
from tests.emulator.http.http_talk import TOKEN, HttpTalk, events, with_http

PANEL = HttpSettings("127.0.0.1", 0, TOKEN.encode(), with_panel=True, means=HostMeans())
PRESS = "/fobs/1/button/press?wait=true"


async def verdicts(talk: HttpTalk, code: str, fob: int = 1) -> dict[str, Any]:
    """Return what each server would say, by its title."""
    answer = await talk.client.post("/panel/checks", json={"fob": fob, "code": code})
    assert answer.status_code == 200, answer.text
    return {one["title"]: one for one in answer.json()["opinions"]}


def test_the_page_needs_no_token_and_what_it_asks_for_does() -> None:
    async def act(talk: HttpTalk) -> None:
        assert (await talk.browser.get("/")).headers["location"] == "/panel/"
        page = await talk.browser.get("/panel/")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert TOKEN not in page.text
        for path in ("/panel/about", "/panel/barcodes/1", "/panel/scenarios", "/fobs"):
            assert (await talk.browser.get(path)).status_code == 401
        assert (await talk.browser.get("/panel/../routes.py")).status_code in (401, 404)
        for path in ("/panel/routes.py", "/panel/page", "/panel/%2e%2e/routes.py"):
            assert (await talk.client.get(path)).status_code == 404

    with_http(act, http=PANEL)


def test_the_printed_address_opens_one_browser_once() -> None:
    async def act(talk: HttpTalk) -> None:
        started = talk.emulator.started.http
        assert started is not None
        assert started.panel is not None
        address, _, token = started.panel.partition("#token=")
        assert address == f"{talk.address}/panel/"
        assert token not in repr(started)
        assert (await talk.browser.post("/session", json={"token": token})).status_code == 204
        assert (await talk.browser.get("/panel/about")).json()["views"] == ["rack", "checks"]
        assert (await talk.browser.post("/session", json={"token": token})).status_code == 401

    with_http(act, http=PANEL)


def test_a_code_is_judged_by_every_known_server() -> None:
    async def act(talk: HttpTalk) -> None:
        await talk.do("POST", PRESS)
        first = await verdicts(talk, "287082")  # RFC 4226, appendix D: count 1
        assert first["privacyIDEA 3.14"]["accepted"] is True
        assert first["FreeRADIUS rlm_totp 3.2.1"]["accepted"] is False
        assert "press-counted" in first["FreeRADIUS rlm_totp 3.2.1"]["reason"]
        again = await verdicts(talk, "287082")
        assert again["privacyIDEA 3.14"]["accepted"] is False
        assert "used already" in again["privacyIDEA 3.14"]["reason"]
        ahead = await verdicts(talk, "520489")  # count 9
        assert ahead["Keycloak"]["accepted"] is False
        assert "7 presses ahead" in ahead["Keycloak"]["reason"]
        assert ahead["LinOTP 4.0"]["accepted"] is True
        other = await verdicts(talk, "000000")
        assert not any(one["accepted"] for one in other.values())
        await talk.do("POST", "/panel/checks/forget", {"fob": 1})
        assert (await verdicts(talk, "287082"))["privacyIDEA 3.14"]["accepted"] is True

    with_http(act, http=PANEL)


def test_bad_checks_are_problems() -> None:
    async def act(talk: HttpTalk) -> None:
        for body, status in (
            ({}, 400),
            ({"fob": 1}, 400),
            ({"fob": "1", "code": "1"}, 400),
            ({"fob": True, "code": "1"}, 400),
            ({"fob": 1, "code": "12a456"}, 422),
            ({"fob": 1, "code": "1" * 13}, 422),
            ({"fob": 9, "code": "123456"}, 404),
            ({"fob": 1, "code": "123456"}, 409),
        ):
            assert (await talk.refused("POST", "/panel/checks", json=body))[0] == status, body
        for body, status in (({"name": "demo"}, 400), ({"name": "x", "language": "en"}, 204)):
            answer = await talk.client.post("/panel/scenarios/play", json=body)
            assert answer.status_code == status, body
        assert (await talk.refused("GET", "/panel/scenarios?language=de"))[0] == 422

    with_http(act, http=PANEL, preset="blank")


def test_the_label_has_the_bars_of_its_serial_number() -> None:
    async def act(talk: HttpTalk) -> None:
        bars = await talk.get("/panel/barcodes/1")
        assert bars["serial"]["kind"] == "Code 128"
        assert bars["credential"] is None
        widths = [width for _, width in bars["serial"]["bars"]]
        assert widths[:3] == [2, 1, 1]  # start B, ISO/IEC 15417
        assert widths[-4:] == [2, 3, 1, 2]  # stop
        assert await talk.refused("GET", "/panel/barcodes/9") == (404, -241)

    with_http(act, http=PANEL)


def test_a_scenario_that_cannot_be_played_says_why() -> None:
    async def act(talk: HttpTalk) -> None:
        titles = {
            one["name"]: one["title"] for one in (await talk.get("/panel/scenarios"))["features"]
        }
        assert "demo" in titles
        japanese = await talk.get("/panel/scenarios", params={"language": "ja"})
        assert {one["name"] for one in japanese["features"]} == set(titles)
        await talk.do("POST", "/panel/scenarios/play", {"name": "nope", "language": "en"})
        async with talk.client.stream("GET", "/panel/scenarios/events") as answer:
            async for _, state in events(answer):
                if not state["playing"]:
                    assert "unknown scenario 'nope'" in state["problem"]
                    break

    with_http(act, http=PANEL)
