"""A real browser, led by a web page, against every TCP port: Chromium's own requests and hellos."""

import asyncio
import json
import logging
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from emulator.app import Emulator
from emulator.model_source import model_source
from emulator.settings import FobPlan
from firmware_model.wire.hdlc import (
    Frame,
    FrameKind,
    client_address,
    control_byte,
    encode,
    server_address,
)
from tests.emulator.bench_talk import rack_of
from tests.emulator.test_ports import drive

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
SNRM = encode(Frame(server_address(1), client_address(), control_byte(FrameKind.SNRM, poll=True)))
SECONDS = 120

PAGE = """<!doctype html><title>attack</title><body><script>
const body = Uint8Array.from(%(body)s);
async function attack() {
  for (const port of %(ports)s) {
    const url = `//127.0.0.1:${port}/${"a".repeat(3000)}`;
    for (const method of ["POST", "GET", "PUT", "HEAD"])
      await fetch("http:" + url, {method, mode: method == "PUT" ? "cors" : "no-cors",
        body: method == "POST" || method == "PUT" ? body : undefined}).catch(() => 0);
    await fetch("https:" + url).catch(() => 0);
    await new Promise(done => {
      const socket = new WebSocket("ws:" + url); socket.onerror = socket.onclose = done; });
  }
  await fetch("/done", {method: "POST"});
}
attack();
</script>"""


class Page:
    """A web server with one page, which also takes down what a port without a guard would get."""

    def __init__(self) -> None:
        self.done = asyncio.Event()
        self.html = b""
        self.heard = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if request.startswith(b"POST /done"):
            self.done.set()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(self.html)}"
        writer.write(head.encode() + b"\r\nConnection: close\r\n\r\n" + self.html)
        await writer.drain()
        writer.close()

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            self.heard += data
            if b"\r\n\r\n" in data or not data.isascii():
                break
        writer.close()


@pytest.fixture
def browser(tmp_path: Path) -> list[str]:
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    return [
        CHROMIUM,
        "--headless",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--remote-debugging-port=0",  # so that it stays until it is ended
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]


def test_no_page_reaches_a_fob_or_the_bench(
    browser: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "keyfob")
    source = model_source("fob-h6")
    plans = tuple(FobPlan(source=source, port=f"{kind}:127.0.0.1:0") for kind in ("tcp", "rfc2217"))

    async def act() -> None:
        async with Emulator(rack_of(plans=plans)) as emulator:
            page = Page()
            web = await asyncio.start_server(page.serve, "127.0.0.1", 0)
            unguarded = await asyncio.start_server(page.listen, "127.0.0.1", 0)
            addresses = [*emulator.started.ports, str(emulator.started.bench)]
            ports = [int(address.rpartition(":")[2]) for address in addresses]
            ports.append(unguarded.sockets[0].getsockname()[1])
            body = list(b"\n" + SNRM + b"\nTIME:ADV 100\n")
            page.html = (PAGE % {"body": body, "ports": json.dumps(ports)}).encode()
            url = f"http://127.0.0.1:{web.sockets[0].getsockname()[1]}/"
            process = subprocess.Popen(
                [*browser, url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                async with asyncio.timeout(SECONDS):
                    await page.done.wait()
            finally:
                process.terminate()
                process.wait()
            # The attack is real: a port without a guard gets methods, frames and hellos.
            for sent in (b"POST /", SNRM, b"TIME:ADV 100", b"OPTIONS /", b"\x16\x03", b"Upgrade:"):
                assert sent in page.heard
            assert caplog.text.count("it sent HTTP or TLS") >= 6 * len(addresses)
            rack = emulator.rack
            assert rack.clock.now() == 1_800_000_000 * 10**9
            assert [rack.trace.frames(fob.number, 10) for fob in rack.fobs] == [[], []]
            web.close()
            unguarded.close()

    drive(act)
