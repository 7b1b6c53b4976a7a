"""The panel at the provisioning desk, and over a recording, in a real browser."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host_tools.provisioning.station.outcome import TrayOutcome
from host_tools.provisioning.station.place import StationEvent
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.provisioning.station.tray import lines
from keyfob.cli.verbs.station.operator_reader import OperatorReader
from keyfob.cli.verbs.station.panel_screen import PanelScreen
from tests.emulator.bench_talk import Talk
from tests.emulator.panel.browser_talk import chromium
from tests.emulator.recordings.made import recorded
from tests.keyfob.cli.test_station_panel import answering
from tests.strangers.panel_looks import LOOKS, SHOTS, serious_of

(LINE,) = lines(["line"], range(1, 13))
PLACES = LINE.places


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


def in_new_browser(browser: Any, address: str, look: str) -> Any:
    """Open a printed address, and return the page."""
    page = browser.new_context(
        **({"viewport": {"width": 1280, "height": 900}} | LOOKS[look])
    ).new_page()
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    return page


TRAY = [
    *(
        StationEvent(place, f"ZZH60000000{n}", JobState.RECEIPTED, chip_id=bytes([n]) * 10)
        for n, place in enumerate(PLACES[:5])
    ),
    StationEvent(
        PLACES[5], "ZZH600000006", cause=FailureCause.WRONG_KEYS, message="its keys are others"
    ),
    StationEvent(PLACES[6]),
    StationEvent(PLACES[7], "ZZH600000008", JobState.LOADED, chip_id=bytes([8]) * 10),
]


@pytest.mark.parametrize("look", LOOKS)
def test_the_tray_is_worked_in_the_browser(browser: Any, look: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    with PanelScreen(TrayOutcome(PLACES), "127.0.0.1", 0) as screen:
        for event in TRAY:
            screen.outcome.add(event)
        screen.on_event(TRAY[-1])
        thread, answers = answering(
            lambda: OperatorReader(screen).code(PLACES[7], "ZZH600000008", "")
        )
        page = in_new_browser(browser, screen.address, look)
        page.wait_for_selector(".place.next")
        assert page.locator(".place.done").count() == 5
        assert page.inner_text(".big") == "5 / 12"
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.screenshot(path=SHOTS / f"tray-{look}.png")
        assert not serious_of(page)
        page.keyboard.type("755224\n")
        page.wait_for_selector(".place.next", state="detached")
        thread.join(60)
        assert answers == ["755224"]


def test_a_recording_is_scrubbed_forwards_and_back(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.kfrec"
    recording = threading.Thread(  # Playwright runs a loop in this one
        target=lambda: recorded(path, press_two, count=2, preset="in-use")
    )
    recording.start()
    recording.join()
    command = [sys.executable, "-m", "keyfob", "replay", str(path), "--panel"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split(" at ")[1].split()[0]
        page = in_new_browser(browser, address, "light")
        page.click("button[aria-label='To the end']")
        page.wait_for_selector('fob-face svg[aria-label="359152"]')  # RFC 4226: count 2
        slider = page.locator("input[type=range]")
        slider.focus()
        for _ in range(40):
            if page.locator('fob-face svg[aria-label="287082"]').count():
                break
            before = page.inner_text(".scrubber .soft")
            page.keyboard.press("ArrowLeft")
            page.wait_for_function(
                "before => document.querySelector('.scrubber .soft').innerText !== before",
                arg=before,
            )
        page.wait_for_selector('fob-face svg[aria-label="287082"]')
        page.screenshot(path=SHOTS / "replay-light.png")
        assert not serious_of(page)
        process.terminate()
        process.wait(20)


async def press_two(bench: Talk) -> None:
    """Press the first fob twice and the second once."""
    await bench.say("BUTT:PRES 0.2,(@1)", "*WAI", "TIME:ADV 5", "BUTT:PRES 0.2,(@1:2)", "*WAI")
    assert await bench.error() == 0
