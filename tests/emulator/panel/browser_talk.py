"""A rack in its own process and a real browser that looks at its panel."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="needs keyfob's test extra")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
PATIENCE_MS = 60_000


class PanelProcess:
    """`keyfob run --panel` in a process of its own; `start` it again at the same port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.token_file = folder / "token"
        self.token_file.write_text("a-token-for-browser-tests", "ascii")
        self.token_file.chmod(0o600)
        self._options = options
        self._port = "0"
        self.start()

    def start(self) -> None:
        command = [
            *(sys.executable, "-m", "keyfob", "run", *self._options, "--json", "--until-eof"),
            *("--port", "tcp:127.0.0.1:0", "--bench", "tcp:127.0.0.1:0", "--panel"),
            *("--http", f"127.0.0.1:{self._port}", "--http-token-file", str(self.token_file)),
        ]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        self.started: dict[str, Any] = json.loads(self._process.stdout.readline())
        self.address: str = self.started["http"]
        self._port = self.address.rpartition(":")[2]

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate()


@contextmanager
def panel_process(folder: Path, *options: str) -> Iterator[PanelProcess]:
    """Run a rack with a panel until the block ends."""
    process = PanelProcess(folder, *options)
    try:
        yield process
    finally:
        process.stop()


@contextmanager
def chromium() -> Iterator[Any]:
    """Start Debian's Chromium; the test is skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = launch(driver.chromium)
        yield browser
        browser.close()


def launch(kind: Any, *arguments: str) -> Any:
    """Start a browser of this kind, which is Chromium."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return kind.launch(executable_path=CHROMIUM, args=[*as_root, *arguments])


def open_page(browser: Any, process: PanelProcess, view: str = "", **context: Any) -> Any:
    """Open the panel in a browser of its own, as a link of the port's does, and go to `view`.

    Errors of the page are kept in `page.errors`.
    """
    given = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | context
    page = browser.new_context(**given).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda said: said.type == "error" and page.errors.append(said.text))
    page.goto(f"{process.address}/panel/#token=a-token-for-browser-tests")
    page.wait_for_selector("html[data-ready]")
    assert "token" not in page.url
    if view:
        page.goto(f"{process.address}/panel/{view}")
    return page


def shows(page: Any, text: str, fob: int | None = None) -> None:
    """Wait until a glass shows `text`: of the fob's view, or of the card of `fob`."""
    where = "fob-view" if fob is None else f'.card[data-fob="{fob}"]'
    page.wait_for_selector(f'{where} fob-face svg[aria-label*="{text}"]')
