"""The bench's commands as HTTP resources."""

import json
import re
from pathlib import Path
from typing import Any

from emulator.bench.commands import COMMANDS
from emulator.firmware.files import firmware_source
from emulator.http.resources import HttpVerb, resources
from emulator.model_source import model_source
from emulator.settings import FobPlan
from tests.emulator.http.http_talk import HttpTalk, with_http

ROOT = Path(__file__).parents[3]
VECTORS = ROOT / "vectors"
BOARD = ROOT / "examples" / "firmware" / "board-hotp.toml"

RESOURCES = resources(COMMANDS.values())

BAD_REQUESTS: list[tuple[str, str, dict[str, Any], int, int | None]] = [
    ("GET", "/fobs/9/display/text", {}, 404, -241),
    ("GET", "/fobs/0/display/text", {}, 404, -241),
    ("GET", "/fobs/1:2/display/text", {}, 404, -241),
    ("GET", "/fobs/x/display/text", {}, 404, -241),
    ("GET", "/fobs/1/display/colour", {}, 404, None),
    ("GET", "/fobs/1/display/text?colour=red", {}, 400, -108),
    ("GET", "/fobs/1/display/wait", {}, 400, -109),
    ("GET", "/fobs/1/display/wait?text=123456&time_out=1", {}, 409, -365),
    ("DELETE", "/fobs/1/display/text", {}, 405, None),
    ("PUT", "/fobs/1/battery/charge", {"json": {"charge": 101}}, 422, -222),
    ("PUT", "/fobs/1/battery/charge", {"json": {"charge": "7 V"}}, 400, -131),
    ("PUT", "/fobs/1/battery/charge", {"json": {"charge": [7]}}, 400, -104),
    ("PUT", "/fobs/1/battery/charge", {"json": {"charge": True}}, 400, -104),
    ("PUT", "/fobs/1/battery/charge", {"json": {"volts": 7}}, 400, -108),
    ("PUT", "/fobs/1/battery/charge", {}, 400, -109),
    ("PUT", "/fobs/1/battery/charge", {"json": [7]}, 400, None),
    ("PUT", "/fobs/1/battery/charge?charge=7", {}, 400, -108),
    ("PUT", "/fobs/1/temperature/profile", {"json": {"profile": "moon"}}, 422, -224),
    ("PUT", "/fobs/1/temperature/profile", {"json": {"profile": "a\nb"}}, 400, -101),
    ("PUT", "/fobs/1/temperature/profile/data", {"json": {"values": 3}}, 400, -109),
    ("PUT", "/fobs/1/temperature/profile/data", {"json": {"values": [3]}}, 400, -104),
    ("POST", "/fobs/1/button/press?wait=maybe", {}, 422, -224),
    ("POST", "/fobs/1/application/stop", {}, 409, -221),
    ("POST", "/fobs/1:10001/button/press", {}, 422, -223),
    ("POST", "/fobs/1/snapshot/restore", {"json": {"name": "none"}}, 409, -221),
    ("POST", "/time/forward", {"json": {"date": "1999-01-01"}}, 422, -222),
]  # fmt: skip
BAD_BODIES = [
    (b"{", "application/json", 400),
    (b"\xff\xfe", "application/json", 400),
    (b"[" * 60_000, "application/json", 400),
    (b'{"charge": NaN}', "application/json", 400),
    (b'{"charge": 1e999999}', "application/json", 422),
    (b'{"charge": 1e9999999}', "application/json", 422),
    (b'{"charge": 1e99999999999999999999}', "application/json", 400),
    (b'{"charge": 7}', "text/plain", 415),
    (b'{"charge": 7}', "application/x-www-form-urlencoded", 415),
    (b'{"charge": 7}' + b" " * 65_536, "application/json", 413),
]


def test_every_command_is_a_resource_but_those_of_a_controllers_own_status() -> None:
    headers = {one.command.header for one in RESOURCES}
    left_out = {one.header for one in COMMANDS.values()} - headers
    assert {header.partition(":")[0].strip("*?") for header in left_out} == {
        *("CLS", "ESR", "ESE", "STB", "SRE", "OPC", "WAI"),
        *("SYSTem", "STATus", "INSTrument"),
    }
    assert "INSTrument:CATalog?" in headers
    assert "SYSTem:VERSion?" in headers
    places = {(one.method, one.path) for one in RESOURCES}
    assert len(places) == len(RESOURCES)
    assert (HttpVerb.POST, "/fobs/{fobs}/button/press") in places
    assert (HttpVerb.PUT, "/fobs/{fobs}/battery/charge") in places
    assert (HttpVerb.GET, "/fobs/{fobs}/display/text") in places
    assert (HttpVerb.PUT, "/time/scale") in places
    assert (HttpVerb.POST, "/time/advance") in places
    assert (HttpVerb.POST, "/snapshot/save") in places
    assert (HttpVerb.POST, "/fobs/{fobs}/snapshot/save") in places


def test_the_names_of_parameters_are_json_names_once_each() -> None:
    for resource in RESOURCES:
        assert all(key.isidentifier() and key.islower() for key in resource.keys), resource
        assert len(set(resource.keys)) == len(resource.keys), resource


def test_press_and_look() -> None:
    async def act(talk: HttpTalk) -> None:
        assert await talk.value("/fobs/1/display/text") == ""
        await talk.do("POST", "/fobs/1/button/press?wait=true")
        assert await talk.value("/fobs/1/display/text") == "287082"  # RFC 4226, appendix D: count 1
        assert await talk.get("/fobs/1/display/segments") == {"values": [91, 127, 7, 63, 127, 91]}
        await talk.do("POST", "/fobs/1:2/button/press?wait=true", {"duration": "200 ms"})
        texts = [fob["text"] for fob in (await talk.get("/fobs"))["fobs"]]
        assert texts == ["359152", "287082"]

    with_http(act, count=2)


def test_settings_are_put_and_read_back() -> None:
    async def act(talk: HttpTalk) -> None:
        await talk.do("PUT", "/fobs/1/battery/charge", {"charge": 7.5})
        assert await talk.value("/fobs/1/battery/charge") == 7.5
        await talk.do("PUT", "/fobs/1/button/stuck", {"stuck": True})
        assert await talk.value("/fobs/1/button/stuck") == 1
        course = {
            "values": [{"length": "8 HR", "temperature": 18}, {"length": 57600, "temperature": 26}]
        }
        await talk.do("PUT", "/fobs/1/temperature/profile/data", course)
        assert await talk.get("/fobs/1/temperature/profile/data") == {
            "values": [28800, 18, 57600, 26]
        }
        await talk.do("PUT", "/fobs/1/temperature/profile", {"profile": "room"})
        assert await talk.value("/fobs/1/temperature/profile") == "room"
        before = await talk.value("/time/now")
        await talk.do("POST", "/time/advance", {"leap": "1 D"})
        assert await talk.value("/time/now") == before + 86_400
        await talk.do("POST", "/snapshot/save", {"name": "before"})
        assert await talk.get("/snapshot/catalog") == {"values": ["before"]}
        assert await talk.value("/instrument/find", params={"port": "tcp:127.0.0.1:1"}) == 0
        await talk.do("POST", "/common/rst")
        assert await talk.value("/fobs/1/button/stuck") == 0

    with_http(act)


def test_every_query_without_values_of_its_own_is_answered() -> None:
    asked = [
        one.path.format(fobs=1)
        for one in RESOURCES
        if one.method is HttpVerb.GET and all(p.default is not None for p in one.command.parameters)
    ]
    assert len(asked) > 40

    async def act(talk: HttpTalk) -> None:
        for path in asked:
            answer = await talk.client.get(path)
            assert answer.status_code == 200, (path, answer.text)
            assert set(answer.json()) in ({"value"}, {"values"})

    with_http(act)


def test_a_bad_request_is_a_problem_with_scpis_number() -> None:
    async def act(talk: HttpTalk) -> None:
        for method, path, given, status, number in BAD_REQUESTS:
            assert await talk.refused(method, path, **given) == (status, number), path

    with_http(act, count=2)


def test_a_body_that_is_none_is_refused() -> None:
    async def act(talk: HttpTalk) -> None:
        for body, media_type, status in BAD_BODIES:
            given = {"content": body, "headers": {"Content-Type": media_type}}
            found, _ = await talk.refused("PUT", "/fobs/1/battery/charge", **given)
            assert found == status, body[:40]
        assert await talk.value("/fobs/1/battery/charge") == 100

    with_http(act)


def test_a_press_that_the_fob_ignores_is_a_conflict_where_it_is_waited_for() -> None:
    async def act(talk: HttpTalk) -> None:
        await talk.do("POST", "/fobs/1/button/down")
        assert await talk.refused("POST", "/fobs/1/button/press") == (409, -221)
        await talk.do("POST", "/fobs/1/button/up")

    with_http(act)


def test_a_fob_is_described_without_its_seed() -> None:
    async def act(talk: HttpTalk) -> None:
        fob = await talk.get("/fobs/1")
        assert fob["serial_number"] == "ZZH600000001"
        assert fob["life_cycle"] == "in use"
        assert fob["slots"] == [
            {
                "number": 1,
                "kind": "HOTP",
                "algorithm": "SHA-1",
                "digits": 6,
                "step_seconds": 30,
                "next_factor": 1,
            }
        ]
        text = json.dumps(fob)
        assert "12345678901234567890" not in text  # the seed of RFC 4226, appendix D
        assert "3132333435363738393031323334353637383930" not in text
        assert await talk.refused("GET", "/fobs/2") == (404, -241)
        assert await talk.refused("GET", "/fobs?colour=red") == (400, None)
        assert await talk.refused("GET", "/fobs?fobs=9") == (404, -241)

    with_http(act)


def test_of_a_firmware_image_the_registers_and_the_source_line_are_told() -> None:
    image = firmware_source(str(VECTORS / "firmware" / "blink.elf"), None, strict=False)
    plan = FobPlan(source=model_source(str(BOARD)), firmware=image)

    async def act(talk: HttpTalk) -> None:
        processor = (await talk.get("/fobs/1"))["processor"]
        assert re.fullmatch(r"\w+(\+0x[0-9a-f]+)? \(\w+\.c:\d+\)", processor["where"])
        assert list(processor["registers"])[12:] == ["r12", "sp", "lr", "pc", "xpsr"]
        assert all(re.fullmatch("[0-9a-f]{8}", value) for value in processor["registers"].values())

    with_http(act, plans=(plan,))
