"""A rack with an HTTP port inside the test's own loop, and a client that talks to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx

from emulator.app import Emulator
from emulator.settings import HttpSettings, Settings
from tests.emulator.bench_talk import PATIENCE, rack_of

TOKEN = "a-token-for-tests-only"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class HttpTalk:
    """A client with the token, a browser without it, and the emulator behind the port."""

    def __init__(
        self, emulator: Emulator, client: httpx.AsyncClient, browser: httpx.AsyncClient
    ) -> None:
        self.emulator = emulator
        self.client = client
        self.browser = browser

    @property
    def address(self) -> str:
        assert self.emulator.started.http is not None
        return self.emulator.started.http.address

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    async def get(self, path: str, **given: Any) -> Any:
        answer = await self.client.get(path, **given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def value(self, path: str, **given: Any) -> Any:
        return (await self.get(path, **given))["value"]

    async def do(self, method: str, path: str, body: Any = None) -> None:
        answer = await self.client.request(method, path, json=body)
        assert answer.status_code == 204, answer.text

    async def refused(self, method: str, path: str, **given: Any) -> tuple[int, int | None]:
        """Return the status and SCPI's number of a request that must be refused."""
        answer = await self.client.request(method, path, **given)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["title"]
        assert problem["detail"]
        return answer.status_code, problem.get("scpi")


def with_http(
    act: Callable[[HttpTalk], Awaitable[None]],
    settings: Settings | None = None,
    *,
    patience: float = PATIENCE,
    **changes: Any,
) -> None:
    """Start an emulator with an HTTP port, let `act` talk to it, and stop it."""
    http = HttpSettings("127.0.0.1", 0, TOKEN.encode())
    given: dict[str, Any] = {"preset": "in-use", "http": http} | changes
    settings = settings or rack_of(**given)

    async def bounded() -> None:
        async with asyncio.timeout(patience), Emulator(settings) as emulator:
            assert emulator.started.http is not None
            base = emulator.started.http.address
            ending = asyncio.ensure_future(emulator.stopped())
            kept: dict[str, Any] = {"base_url": base, "timeout": PATIENCE, "verify": False}
            async with (
                httpx.AsyncClient(headers=BEARER, **kept) as client,
                httpx.AsyncClient(**kept) as browser,
            ):
                acting = asyncio.ensure_future(act(HttpTalk(emulator, client, browser)))
                try:
                    await asyncio.wait((acting, ending), return_when=asyncio.FIRST_COMPLETED)
                    if ending.done():
                        await ending
                    await acting
                finally:
                    acting.cancel()
                    ending.cancel()

    asyncio.run(bounded())


async def events(answer: httpx.Response) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Give each event of a stream: its id and its data."""
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith("id: "):
            name = line.removeprefix("id: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))
