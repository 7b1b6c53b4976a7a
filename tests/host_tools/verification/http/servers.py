"""A host with its API in this process, and an access token for each role."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from httpx import Client, Response

from host_tools.vault.key_ring import write_key_file
from host_tools.verification.http import serving
from host_tools.verification.http.access import (
    AccessRole,
    AccessTokens,
    actor_from,
    new_token,
    write_access,
)
from host_tools.verification.http.app import HostApplication, make_app
from host_tools.verification.http.settings import ServerSettings
from tests.host_tools.verification.hosts import PRESSED, code, new_host

KEY = bytes(range(32)).hex()
USER = "acme/alice"


@dataclass
class Api:
    """A client, and the secret of each role."""

    client: Client
    secrets: dict[str, str]
    settings: ServerSettings

    def post(
        self, verb: str, body: Any, role: str = "verify", key: str | None = None, **headers: str
    ) -> Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"content-type": "application/json"} | self.headers(role) | headers
        if key is not None:
            given["idempotency-key"] = key
        return self.client.post(f"/v1/{verb}", content=content, headers=given)

    def get(self, path: str, role: str = "read") -> Response:
        return self.client.get(path, headers=self.headers(role))

    def headers(self, role: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secrets.get(role, role)}"}


def settings_in(folder: Path, **changes: Any) -> tuple[ServerSettings, dict[str, str]]:
    """A store with PRESSED enrolled for USER, whose counter 0 is used."""
    write_key_file(folder / "host.key", f"1 {KEY}\n")
    with new_host(folder / "host.db") as host:
        assert host.enroll(PRESSED, USER, [code(0)], 1_800_000_000).accepted
    made = {role: new_token(role, [role], actor_from("bank")) for role in AccessRole}
    access = folder / "access.toml"
    write_access(access, AccessTokens(token for token, _ in made.values()))
    settings = ServerSettings(
        store=str(folder / "host.db"),
        key_file=str(folder / "host.key"),
        key_variable="",
        access_file=str(access),
        **changes,
    )
    return settings, {str(role): secret for role, (_, secret) in made.items()}


@contextmanager
def api_in(folder: Path, **changes: Any) -> Iterator[Api]:
    settings, secrets = settings_in(folder, **changes)
    with served(make_app(settings)) as url, Client(base_url=url, timeout=60) as client:
        yield Api(client, secrets, settings)


@contextmanager
def served(app: HostApplication) -> Iterator[str]:
    """A server in a thread of this process; yields its URL."""
    with serving.listening_socket("127.0.0.1", 0, expose=False) as listener:
        listener.listen()
        server = uvicorn.Server(serving.make_config(app))
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
