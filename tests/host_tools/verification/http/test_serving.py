"""The connections of the server: what they send at once, and bytes that are not HTTP as it is."""

import json
import socket
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware_model.errors import BadInput, InUse, PortUnavailable
from host_tools.verification.http.connection import HEAD_MAX, PatientConnection
from host_tools.verification.http.serving import listening_socket
from tests.host_tools.verification.hosts import PRESSED, code
from tests.host_tools.verification.http.servers import Api, api_in


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with api_in(tmp_path_factory.mktemp("host")) as api:
        yield api


def said_to(api: Api, *pieces: bytes) -> bytes:
    """Send bytes; return all that is answered until the server closes the connection."""
    host, port = api.client.base_url.host, api.client.base_url.port
    assert port is not None
    said = b""
    with socket.create_connection((host, port), 60) as line:
        for piece in pieces:
            line.sendall(piece)
        while some := line.recv(65536):
            said += some
    return said


GET = b"GET /health HTTP/1.1\r\nHost: x\r\n"
CLOSE = b"Connection: close\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def test_no_part_of_an_answer_waits_for_an_acknowledgement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # asyncio sets TCP_NODELAY only where the listening socket names TCP; without it each answer of
    # two segments waits for the client's delayed acknowledgement, 40 ms on Linux.
    nodelay: list[int] = []
    made = PatientConnection.connection_made

    def noted(connection: PatientConnection, transport: Any) -> None:
        made(connection, transport)
        option = transport.get_extra_info("socket").getsockopt
        nodelay.append(option(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(PatientConnection, "connection_made", noted)
    with api_in(tmp_path) as api:
        said = api.client.get("/health")
        assert (said.status_code, said.headers.get("server")) == (200, None)
    assert nodelay == [1]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS hello
        b"GET /health HTTP/1.1\r\n\r\n",  # RFC 9112, section 3.2: no Host, two of them
        b"GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        GET + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",  # section 6.1: smuggling
        GET + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        GET + b"X: " + b"x" * (HEAD_MAX + 1 - len(GET + b"X: ")),
    ],
)
def test_bytes_that_are_not_http_end_the_connection_by_a_problem(api: Api, sent: bytes) -> None:
    head, _, body = said_to(api, sent).rpartition(b"\r\n\r\n")
    assert b"HTTP/1.1 400" in head
    assert json.loads(body)["type"] == "/problems/bad-request"


@pytest.mark.parametrize(
    "head", [GET + b"X: ", GET, b"GET /", GET.replace(b"GET", b"POST") + CHUNKED + b"0\r\nX: "]
)
@pytest.mark.parametrize("line", [b"x", b"X: x\r\n"])
def test_a_head_or_trailers_without_end_are_not_kept(api: Api, head: bytes, line: bytes) -> None:
    host, port = api.client.base_url.host, api.client.base_url.port
    assert port is not None
    with socket.create_connection((host, port), 60) as client:
        client.sendall(head)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            deque(map(client.sendall, [line * (HEAD_MAX // len(line))] * 1000), 0)


def test_a_body_that_says_it_is_too_large_is_not_waited_for(api: Api) -> None:
    head = b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n" + CLOSE
    assert b"HTTP/1.1 413" in said_to(api, head)


def test_the_rest_of_a_body_that_is_too_large_is_left_out(api: Api) -> None:
    head = b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n"
    said = said_to(api, head, *[b" " * 50_000] * 10, GET + CLOSE)
    lines = [line for line in said.splitlines() if b"HTTP/1.1 " in line]
    assert [line.rpartition(b"HTTP/1.1 ")[2][:3] for line in lines] == [b"413", b"200"]


def test_requests_in_one_piece_are_answered_in_order(api: Api) -> None:
    said = said_to(api, GET + b"\r\n" + GET.replace(b"health", b"nothing") + b"\r\n" + GET + CLOSE)
    lines = [line for line in said.splitlines() if b"HTTP/1.1 " in line]
    assert [line.rpartition(b"HTTP/1.1 ")[2][:3] for line in lines] == [b"200", b"404", b"200"]


def test_a_request_in_pieces_is_one_request(api: Api) -> None:
    body = json.dumps({"token": PRESSED, "code": code(1)}).encode()
    words = [f"{name}: {text}" for name, text in api.headers("verify").items()]
    head = [
        "POST /v1/verify HTTP/1.1",
        *("Host: x", "Connection: close", "Content-Type: application/json ; charset=utf-8"),
        *(f"Content-Length: {len(body)}", *words),
    ]
    sent = ("\r\n".join(head) + "\r\n\r\n").encode() + body
    said = said_to(api, *(bytes([byte]) for byte in sent))
    assert json.loads(said.rpartition(b"\r\n\r\n")[2])["accepted"]


def test_a_request_that_asks_for_another_protocol_is_served_by_this_one(api: Api) -> None:
    # As Java's HttpClient and `curl --http2` begin; the parser alone loses the body.
    for factor in (2, 3):
        headers = {"connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c", "http2-settings": "A"}
        said = api.post("verify", {"token": PRESSED, "code": code(factor)}, **headers)
        assert said.json()["accepted"]
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    said_twice = said_to(api, GET + upgrade + GET + CLOSE)
    assert said_twice.count(b"HTTP/1.1 200") == 2
    assert b"HTTP/1.1 400" in said_to(api, b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n")


def test_a_trailer_is_no_header(api: Api) -> None:
    secret = api.headers("read")["authorization"].encode()
    head = b"GET /v1/status HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + CLOSE
    assert b"HTTP/1.1 401" in said_to(api, head + b"0\r\nAuthorization: " + secret + b"\r\n\r\n")


def test_only_this_machines_own_addresses_are_listened_at_unless_that_is_meant() -> None:
    with pytest.raises(BadInput, match="add --expose"):
        listening_socket("0.0.0.0", 0, expose=False)
    with listening_socket("localhost", 0, expose=False) as listener:
        listener.listen()
        with pytest.raises(InUse, match="another program listens there"):
            listening_socket("localhost", listener.getsockname()[1], expose=False)
    with pytest.raises(PortUnavailable, match="cannot listen"):
        listening_socket("192.0.2.1", 0, expose=True)  # RFC 5737: nobody's
