"""The connections of the server: sent without a wait."""

import socket
from pathlib import Path
from typing import Any

import pytest

from host_tools.verification.http.serving import PatientConnection
from tests.host_tools.verification.http.servers import api_in


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
        assert api.client.get("/health").status_code == 200
    assert nodelay == [1]
