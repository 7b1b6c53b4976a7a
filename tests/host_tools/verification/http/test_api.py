"""The host over HTTP: the command's verbs, once each submission, problems for what is refused."""

import asyncio
import json
import logging
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx import Client

from firmware_model.errors import BadInput
from host_tools.vault.key_ring import read_key_file
from host_tools.verification.attempts import Attempt
from host_tools.verification.host import Host
from host_tools.verification.http.access import read_access
from host_tools.verification.http.answers import HttpAnswer
from host_tools.verification.http.app import HostApplication, make_app
from host_tools.verification.http.forms import NoForm
from host_tools.verification.http.operations import RESOURCES
from host_tools.verification.http.problems import TITLES
from host_tools.verification.http.requests import BODY_MAX
from host_tools.verification.http.resources import HostResource, HttpCall
from host_tools.verification.http.served import ServedHost
from host_tools.verification.submissions import Submission
from tests.host_tools.verification.hosts import PRESSED, SPARE, code
from tests.host_tools.verification.http.servers import USER, Api, api_in, served, settings_in


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with api_in(tmp_path) as api:
        yield api


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """For requests that change nothing."""
    with api_in(tmp_path_factory.mktemp("host")) as api:
        yield api


def test_a_code_is_accepted_once_whoever_asks(api: Api) -> None:
    said = api.post("verify", {"user": USER, "code": code(1)})
    assert (said.status_code, said.json()["verdict"]) == (200, "accepted")
    assert said.json()["counters"] == {"next_moving_factor": 2, "drift_steps": 0, "failures": 0}
    said = api.post("verify", {"token": PRESSED, "code": code(1)})
    assert (said.status_code, said.json()["verdict"]) == (200, "replayed")
    said = api.post("resync", {"token": PRESSED, "codes": [code(40), code(41)]})
    assert said.json()["accepted"]


def test_the_verbs_of_the_command_do_what_it_does(api: Api) -> None:
    manage = "manage"
    assert api.post("enroll", {"token": SPARE, "user": "bob", "codes": [code(3)]}, manage).json()[
        "accepted"
    ]
    assert api.post("suspend", {"token": SPARE}, manage).json()["state"] == "suspended"
    said = api.post("verify", {"user": "bob", "code": code(4)})
    assert said.json()["verdict"] == "suspended"
    assert api.post("resume", {"token": SPARE}, manage).json() == {
        "serial_number": SPARE,
        "state": "active",
    }
    status = api.get(f"/v1/status/token?token={SPARE}").json()
    assert (status["state"], status["users"][0]["user"]) == ("active", "bob")
    assert api.get("/v1/status/user?user=bob").json() == [status]
    assert api.get("/v1/status").json()["tokens"] == {"active": 2, "stocked": 1}
    assert api.post("lost", {"token": SPARE}, manage).json()["state"] == "lost"
    said = api.post("enroll", {"token": SPARE, "user": "bob", "codes": [code(9)]}, manage)
    assert (said.status_code, said.json()["type"]) == (409, "/problems/denied")
    entries = api.get("/v1/audit?after=0&limit=3").json()["entries"]
    assert [entry["event"] for entry in entries] == ["init", "import", "enroll"]
    assert api.get("/v1/audit/verify").json()["whole"]
    assert api.get("/v1/profiles").json()["privacyidea"]["title"]
    asked = api.post("profiles", {"token": PRESSED, "code": code(1)}).json()
    assert {"profile", "accepted", "reason"} == set(asked[0])


def test_a_second_submission_is_answered_as_the_first_and_counts_once(api: Api) -> None:
    first = api.post("verify", {"user": USER, "code": code(1)}, key="a")
    again = api.post("verify", {"user": USER, "code": code(1)}, key="a")
    assert first.json() == again.json()
    assert first.json()["accepted"]
    assert again.headers["idempotency-replayed"] == "true"
    wrong = [api.post("verify", {"user": USER, "code": "000000"}, key="b") for _ in range(9)]
    assert {said.json()["counters"]["failures"] for said in wrong} == {1}
    other = api.post("verify", {"user": USER, "code": code(2)}, key="a")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    move = api.post("suspend", {"token": PRESSED}, "manage", key="a")
    again = api.post("suspend", {"token": PRESSED}, "manage", key="a")
    assert (again.json(), again.headers["idempotency-replayed"]) == (move.json(), "true")
    said = api.post("resume", {"token": PRESSED}, "manage", key="a")
    assert (said.status_code, said.json()["type"]) == (422, "/problems/key-reused")
    denied = [api.post("mail", {"token": PRESSED}, "manage", key="c") for _ in range(2)]
    assert [said.status_code for said in denied] == [409, 409]


def test_a_submission_outlives_the_server_and_is_forgotten_after_a_day(tmp_path: Path) -> None:
    with api_in(tmp_path) as api:
        first = api.post("verify", {"user": USER, "code": code(1)}, key="a").json()
        settings, secrets = api.settings, api.secrets
    now = settings.now_seconds()
    with Host.open(Path(settings.store), read_key_file(Path(settings.key_file))) as host:
        yesterday = now - 25 * 3600
        host.verify_all([Attempt(["000000"], yesterday, PRESSED, "", Submission("old", ""))])
    with served(make_app(settings)) as url, Client(base_url=url) as client:
        api = Api(client, secrets, settings)
        assert api.post("verify", {"user": USER, "code": code(1)}, key="a").json() == first
    with Host.open(Path(settings.store), read_key_file(Path(settings.key_file))) as host:
        assert host.forget_submissions(now + 3600) == 0, "the old one is gone, the other kept"
        assert host.forget_submissions(now + 25 * 3600) == 1
        assert host.audit_faults() == []


@pytest.mark.parametrize(
    ("verb", "body", "more", "status", "kind"),
    [
        ("verify", {"token": "A", "code": "1"}, {"role": "nobody"}, 401, "unauthorized"),
        ("verify", {"no such field": 1}, {"role": "nobody"}, 401, "unauthorized"),
        (
            "verify",
            {"token": "A", "code": "1"},
            {"authorization": "Basic eDp5"},
            401,
            "unauthorized",
        ),
        ("verify", {"token": "A", "code": "1"}, {"role": "manage"}, 403, "forbidden"),
        ("suspend", {"token": PRESSED}, {}, 403, "forbidden"),
        ("suspend", {"token": "ZZ"}, {"role": "manage"}, 400, "bad-input"),
        ("verify", {"token": PRESSED, "code": "12e456"}, {}, 400, "bad-input"),
        ("verify", {"code": "123456"}, {}, 400, "bad-input"),
        ("verify", {"token": "\x1b[2J", "code": "123456"}, {}, 400, "bad-input"),
        ("verify", {"token": "A", "codes": "123456"}, {}, 422, "invalid"),
        ("verify", {"token": PRESSED, "code": 123456}, {}, 422, "invalid"),
        ("verify", b"{", {}, 400, "not-json"),
        ("verify", b"\xff\xfe", {}, 400, "not-json"),
        ("verify", b"", {}, 422, "invalid"),
        ("verify", b"[" * 60_000, {}, 400, "not-json"),
        ("verify", b" " * (BODY_MAX + 1), {}, 413, "too-large"),
        ("verify", {}, {"content-type": "text/plain"}, 415, "not-json-type"),
        ("verify", {"token": "A", "code": "1"}, {"key": "x" * 129}, 422, "invalid"),
        ("verify", {"token": "A", "code": "1"}, {"key": "two words"}, 422, "invalid"),
        ("nothing", {}, {}, 404, "not-found"),
        ("verify/", {}, {}, 404, "not-found"),
        ("status", {}, {}, 405, "method-not-allowed"),
        ("extend", {"token": PRESSED}, {"role": "manage"}, 400, "bad-input"),
        ("extend", {"token": PRESSED, "until": "tomorrow"}, {"role": "manage"}, 422, "invalid"),
    ],
)
def test_what_is_wrong_is_a_problem_that_repeats_no_value(
    untouched: Api, verb: str, body: Any, more: dict[str, Any], status: int, kind: str
) -> None:
    said = untouched.post(verb, body, **more)
    assert said.headers["content-type"] == "application/problem+json"
    assert (said.status_code, said.json()["type"]) == (status, f"/problems/{kind}")
    assert said.json()["status"] == status
    assert said.headers["x-request-id"]
    assert said.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    assert "123456" not in said.text
    assert "12e456" not in said.text


def test_every_problem_is_explained_and_documented(untouched: Api) -> None:
    page = Path("docs/HTTP.md").read_text("utf-8")
    for kind, (status, title) in TITLES.items():
        assert untouched.client.get(f"/problems/{kind}").json()["title"] == title
        assert f"| `{kind}` | {status} |" in page
    assert untouched.client.get("/problems/none").status_code == 404


def test_the_openapi_document_has_every_resource_and_names_no_type_that_it_lacks(
    untouched: Api,
) -> None:
    page = Path("docs/HTTP.md").read_text("utf-8")
    said = untouched.client.get("/openapi.json")
    paths = said.json()["paths"]
    assert {path for path in paths if f"`{path}`" not in page} == set()
    assert {(each.method.lower(), each.path) for each in RESOURCES} == {
        (method, path) for path, methods in paths.items() for method in methods
    }
    named = set(re.findall(r'"#/components/schemas/(\w+)"', said.text))
    assert named <= set(said.json()["components"]["schemas"])
    assert {"VerifyForm", "VerifyAnswer", "CounterAnswer", "StatusAnswer", "ProblemAnswer"} <= named
    verify = paths["/v1/verify"]["post"]
    assert verify["parameters"][0]["name"] == "Idempotency-Key"
    assert {"200", "401", "403", "422", "429", "503", "507"} <= set(verify["responses"])
    limit = paths["/v1/audit"]["get"]["parameters"][1]
    assert (limit["name"], limit["required"], limit["schema"]["maximum"]) == ("limit", False, 1000)


def test_an_access_token_does_what_its_role_may_and_nothing_else(untouched: Api) -> None:
    for each in RESOURCES:
        for role in {"verify", "read", "manage"} - {each.role} if each.role else ():
            said = untouched.client.request(
                each.method, each.path, headers=untouched.headers(role), json={}
            )
            assert (said.status_code, said.json()["type"]) == (403, "/problems/forbidden")
    small = {"authorization": f"bearer {untouched.secrets['read']}"}
    assert untouched.client.get("/v1/status", headers=small).status_code == 200
    other = {"authorization": f"Token {untouched.secrets['read']}"}
    assert untouched.client.get("/v1/status", headers=other).status_code == 401


def test_other_methods_paths_and_parameters_are_refused(untouched: Api) -> None:
    said = untouched.client.put("/v1/profiles", json={})
    assert (said.status_code, said.headers["allow"]) == (405, "GET, POST")
    assert untouched.client.head("/health").status_code == 405
    assert untouched.client.get("/health/x").status_code == 404
    assert untouched.get("/v1/audit?after=").status_code == 422
    assert untouched.get("/v1/audit?limit=1001").status_code == 422
    said = untouched.get("/v1/status/user?user=x&token=y")
    assert (said.status_code, said.json()["errors"][0]["where"]) == (422, "query/token")


def test_a_body_without_a_length_is_bounded_too(untouched: Api) -> None:
    pieces = iter([b" " * 40_000] * 2)
    headers = untouched.headers("verify") | {"content-type": "application/json"}
    said = untouched.client.post("/v1/verify", content=pieces, headers=headers)
    assert (said.status_code, said.json()["type"]) == (413, "/problems/too-large")


def test_a_fault_of_ours_is_a_500_that_tells_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_: HttpCall[NoForm]) -> HttpAnswer:
        raise RuntimeError(code(1))

    settings, _ = settings_in(tmp_path)
    host = ServedHost(settings, read_access(Path(settings.access_file)))
    resource = HostResource("GET", "/fail", None, NoForm, None, (), fail, "")
    with served(HostApplication(host, [resource])) as url:
        said = httpx.get(f"{url}/fail")
    assert (said.status_code, said.json()["type"]) == (500, "/problems/internal")
    assert code(1) not in said.text + caplog.text
    assert "internal error: RuntimeError" in caplog.text


def test_a_request_that_breaks_off_is_not_counted_and_the_store_is_closed(tmp_path: Path) -> None:
    settings, secrets = settings_in(tmp_path)
    host = ServedHost(settings, read_access(Path(settings.access_file)))
    threads = threading.active_count()
    with served(HostApplication(host, RESOURCES)) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), 60) as line:
            head = [
                *("POST /v1/verify HTTP/1.1", "Host: x", "Content-Type: application/json"),
                *(f"Authorization: Bearer {secrets['verify']}", "Content-Length: 99", "", "{"),
            ]
            line.sendall("\r\n".join(head).encode())
        assert httpx.get(f"{url}/health").headers.get("server") is None
    counted = host.metrics.text().decode()
    assert 'route="/health"' in counted
    assert "/v1/verify" not in counted
    assert threading.active_count() == threads


def test_a_server_without_its_store_does_not_start(tmp_path: Path) -> None:
    settings, _ = settings_in(tmp_path)
    Path(settings.store).unlink()
    said: list[Any] = []

    async def receive() -> Any:
        return {"type": "lifespan.startup" if not said else "lifespan.shutdown"}

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(make_app(settings)({"type": "lifespan"}, receive, send))
    assert [each["type"] for each in said] == ["lifespan.startup.failed"]
    assert "host.db: no such file" in said[0]["message"]


def test_a_database_that_is_altered_decides_nothing(api: Api) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(api.settings.store)) as raw, raw:
        raw.execute("UPDATE token SET digits = 4 WHERE serial_number = ?", (PRESSED,))
    said = api.post("verify", {"token": PRESSED, "code": code(1)})
    assert (said.status_code, said.json()["type"]) == (503, "/problems/altered")
    assert api.settings.store not in said.text
    assert not api.get("/v1/audit/verify").json()["whole"]
    assert api.client.get("/health").status_code == 200


def test_who_asks_too_much_waits(tmp_path: Path) -> None:
    with api_in(tmp_path, rate=0.5) as api:
        assert api.get("/v1/status").status_code == 200
        said = api.get("/v1/status")
        assert (said.status_code, said.headers["retry-after"]) == (429, "2")
        guesses = [api.get("/v1/status", "guess").status_code for _ in range(12)]
        assert guesses == [401] * 10 + [429] * 2


def test_metrics_and_log_tell_no_secret(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    given = {"x-request-id": "from-the-proxy"}
    said = api.post("verify", {"user": USER, "code": code(1)}, **given)
    assert said.headers["x-request-id"] == "from-the-proxy"
    assert api.get("/v1/status?x=1").status_code == 422
    for odd in ("a b", "a" * 65):
        said = api.client.get("/health", headers={"x-request-id": odd})
        assert len(said.headers["x-request-id"]) == 16
    api.post("verify", {"user": USER, "code": "98765432101"})
    text = api.get("/metrics").text
    assert 'keyfob_verdicts_total{verdict="accepted"} 1.0' in text
    assert 'keyfob_http_requests_total{route="/v1/verify",status="400"} 1.0' in text
    logged = json.dumps([vars(record) for record in caplog.records], default=str) + text
    assert "from-the-proxy" in logged
    assert '"access_token": "verify"' in logged
    ours = [vars(each) for each in caplog.records if each.name.startswith(("keyfob", "uvicorn"))]
    assert "x=1" not in json.dumps(ours, default=str)
    assert not [
        secret
        for secret in (*api.secrets.values(), code(1), "98765432101", USER)
        if secret in logged
    ]


def test_a_file_of_access_tokens_is_refused_where_others_read_it(tmp_path: Path) -> None:
    path = tmp_path / "access.toml"
    path.write_text('[web]\nsha256 = "00"\nroles = ["verify"]\n')
    path.chmod(0o644)
    with pytest.raises(BadInput, match="chmod 600"):
        read_access(path)
    path.chmod(0o600)
    with pytest.raises(BadInput, match=r"\[web\]: expected sha256 of 64 hex digits"):
        read_access(path)
    path.write_text("web = 1\n")
    with pytest.raises(BadInput, match="expected sha256, roles and acts_as"):
        read_access(path)
