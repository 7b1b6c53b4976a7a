"""The panel: from a press to the changed glass in a browser, and updates of 1,000 live fobs.

Run with `python -m benchmarks.panel`; needs Chromium and keyfob's test extra. Beside the press
stand two echoes that do nothing, measured in the same browser in turns with it: a POST that comes
back as a server-sent event, which is how the panel works, and a WebSocket. The time of a press is
virtual and stands still: what is measured is the way through page, port, bench and back.
"""

import asyncio
import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

from emulator.panel.page_files import page_files

ROUNDS = 30
TURNS = 3
LIVE_FOBS = 1000
LIVE_SECONDS = 20
RATES = (1, 10, 60)
TICKS = os.sysconf("SC_CLK_TCK")
WEBSOCKET_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455 §1.3."""

_streams: list[asyncio.StreamWriter] = []
PAGE = Path(__file__).with_name("panel_page.js").read_text("utf-8").partition("\n")[2]


def _in_page(page: Any, act: str, given: Any) -> Any:
    """Run one of the page's functions with `given`."""
    return page.evaluate(f"given => {PAGE.strip()}.{act}(given)", given)


def main() -> None:
    """Print press against echo, the cost of live fobs, and the page's weight."""
    weight = sum(len(content) for path, (content, _) in page_files().items() if path != "/panel/")
    print(f"page weight: {weight / 1000:.0f} KB in {len(page_files()) - 1} files")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if chromium is None:
        print("no Chromium: apt-get install chromium")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = driver.chromium.launch(executable_path=chromium, args=root)
        _measure_press(browser)
        _measure_live(browser)
        browser.close()


def _measure_press(browser: Any) -> None:
    given = ("--model", "fob-h6", "--preset", "in-use", "--time", "frozen")
    with _running(*given) as started, _echo() as url:
        page = _page(browser, started, "#/fob/1")
        blank = browser.new_context().new_page()
        blank.goto(url.replace("ws:", "http:"))
        for painted in (False, True):
            times: dict[str, list[float]] = {"press": [], "post": [], "echo": []}
            for _ in range(TURNS):  # in turns, so that all meet the same machine
                times["press"] += _in_page(page, "press", [ROUNDS // TURNS, painted])
                times["post"] += _in_page(blank, "post", [ROUNDS // TURNS, painted])
                times["echo"] += _in_page(blank, "echo", [ROUNDS // TURNS, painted, url])
            press, post, echo = (median(times[name]) for name in ("press", "post", "echo"))
            what = "painted" if painted else "in the document"
            print(
                f"press to glass, {what}: {press:.1f} ms; a bare POST that comes back as an event:"
                f" {post:.1f} ms, ratio {press / post:.1f}; a bare WebSocket echo: {echo:.1f} ms,"
                f" ratio {press / echo:.1f}"
            )


def _measure_live(browser: Any) -> None:
    given = ("--model", "sid-always", "--count", str(LIVE_FOBS), "--preset", "in-use")
    with _running(*given) as started:
        page = _page(browser, started, "")
        page.wait_for_selector(".card .seg.on")
        for rate in RATES:
            page.evaluate(
                "rate => fetch('/time/scale', {method: 'PUT', body: JSON.stringify({rate}),"
                " headers: {'Content-Type': 'application/json'}})",
                rate,
            )
            before, begun = _cpu_s(started), time.monotonic()
            messages, faces = _in_page(page, "count", LIVE_SECONDS)
            share = (_cpu_s(started) - before) / (time.monotonic() - begun)
            print(
                f"{LIVE_FOBS} live fobs at rate {rate}: {faces:.0f} faces a second to each of 2"
                f" streams, in {messages:.1f} events; the emulator takes {share:.1%} of a core"
            )
        page.context.close()
        idle, begun = _cpu_s(started), time.monotonic()
        time.sleep(LIVE_SECONDS)
        share = (_cpu_s(started) - idle) / (time.monotonic() - begun)
        print(
            f"{LIVE_FOBS} live fobs that nobody looks at, rate {RATES[-1]}: {share:.1%} of a core"
        )


def _page(browser: Any, started: dict[str, Any], view: str) -> Any:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(started["panel"])
    page.wait_for_selector("html[data-ready]")
    page.goto(started["http"] + "/panel/" + view)
    page.wait_for_selector("fob-face svg")
    return page


def _cpu_s(started: dict[str, Any]) -> float:
    stat = Path(f"/proc/{started['process_id']}/stat").read_text("ascii")
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def _running(*options: str) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "keyfob", "run", *options, "--json", "--until-eof", "--panel"]
    command += ["--port", "tcp:127.0.0.1:0", "--bench", "tcp:127.0.0.1:0"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
        yield json.loads(process.stdout.readline())
        process.terminate()


@contextmanager
def _echo() -> Iterator[str]:
    """Run a bare WebSocket echo in a process of its own, as the emulator has one."""
    command = [sys.executable, "-c", "from benchmarks.panel import serve_echo; serve_echo()"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def serve_echo() -> None:
    """Print the address of a WebSocket echo for short messages, and serve it."""

    async def serve() -> None:
        server = await asyncio.start_server(_answer, "127.0.0.1", 0)
        print(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", flush=True)
        await server.serve_forever()

    asyncio.run(serve())


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one connection: a blank page, a WebSocket echo, or a POST that comes back as an event.

    Chromium lets a page reach only the port that it came from.
    """
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            body = await reader.readexactly(int(fields.get("Content-Length", "0")))
            if "Sec-WebSocket-Key" in fields:
                await _echo_frames(fields["Sec-WebSocket-Key"], reader, writer)
            elif head.startswith("GET /events "):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
                _streams[:] = [writer]
            elif head.startswith("POST "):
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                for stream in _streams:
                    stream.write(b"data: " + body + b"\n\n")
            else:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
                writer.write(b"Content-Length: 0\r\n\r\n")
    writer.close()


async def _echo_frames(
    key: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    accept = base64.b64encode(hashlib.sha1(key.encode() + WEBSOCKET_KEY).digest())
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n")
    writer.write(b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    while True:
        _, length = await reader.readexactly(2)
        mask = await reader.readexactly(4)
        data = await reader.readexactly(length & 0x7F)
        text = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        writer.write(bytes((0x81, len(text))) + text)


if __name__ == "__main__":
    main()
