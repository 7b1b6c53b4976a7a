"""The whole panel in a real browser: every view, size and language, and strangers' pages."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.panel.browser_talk import (
    PanelProcess,
    chromium,
    launch,
    open_page,
    panel_process,
    shows,
)
from tests.strangers.panel_looks import LOOKS, SHOTS, serious_of

RACK = """
[[fobs]]
model = "fob-h6"
count = 3
preset = "in-use"
[[fobs]]
model = "fob-t30"
count = 3
preset = "in-use"
[[fobs]]
model = "sid-always"
count = 3
preset = "in-use"
[[fobs]]
model = "fob-t30"
preset = "sealed"
[[fobs]]
model = "fob-h6"
preset = "low-battery"
[[fobs]]
model = "fob-t30"
preset = "expired"
[[fobs]]
model = "soft-phone"
"""
HOTP, TOTP, ALWAYS, SEALED, LOW, EXPIRED = 1, 4, 7, 10, 11, 12
AHEAD = "time-bar select >> nth=1"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture
def rack(tmp_path: Path) -> Iterator[PanelProcess]:
    file = tmp_path / "rack.toml"
    file.write_text(RACK, "utf-8")
    with panel_process(tmp_path, str(file), "--time", "frozen", "--start", "2030-05-06") as process:
        yield process


def press(page: Any) -> None:
    page.click(".acts button >> nth=0")


def test_short_and_long_presses_by_mouse_and_keyboard(browser: Any, rack: PanelProcess) -> None:
    page = open_page(browser, rack, f"#/fob/{SEALED}")
    page.clock.install()
    key = page.locator("fob-view .key")
    key.wait_for()
    press(page)
    page.get_by_text("the fob is sealed: hold the button").wait_for()
    box = key.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.wait_for_selector(".key.down")
    page.clock.fast_forward(3000)
    page.mouse.up()
    page.wait_for_function(
        "() => /^[^:]*: [0-9]{6}$/.test("
        "document.querySelector('fob-view svg[aria-label]').ariaLabel)"
    )
    page.get_by_text("activated").wait_for()
    page.goto(f"{rack.address}/panel/#/fob/{HOTP}")
    key.focus()
    page.keyboard.down("Enter")
    page.clock.fast_forward(100)
    page.keyboard.up("Enter")
    shows(page, "287082")  # RFC 4226, appendix D: count 1
    assert page.errors == []


def test_a_code_changes_at_its_step(browser: Any, rack: PanelProcess) -> None:
    page = open_page(browser, rack, f"#/fob/{ALWAYS}")
    page.wait_for_selector(".seg.on")
    glass = page.locator("fob-view svg[aria-label]").first
    codes = [glass.get_attribute("aria-label")]
    for _ in range(3):
        page.select_option(AHEAD, "1 MIN")
        page.wait_for_function(
            "before => document.querySelector('fob-view svg[aria-label]').ariaLabel !== before",
            arg=codes[-1],
        )
        codes.append(glass.get_attribute("aria-label"))
    assert len(set(codes)) == 4
    assert page.locator("rect.seg.on").count() > 0  # the step bars


def test_low_battery_and_a_removed_cell(browser: Any, rack: PanelProcess) -> None:
    page = open_page(browser, rack, f"#/fob/{HOTP}")
    page.fill('input[aria-label="Charge"]', "4")
    page.click('.row:has(input[aria-label="Charge"]) button')
    page.get_by_text("4.0 %", exact=True).wait_for()
    press(page)
    shows(page, "bAtt")
    page.get_by_text("Low battery").first.wait_for()
    page.click("text=Remove the cell")
    page.get_by_text("there is no cell in the fob").wait_for()
    page.get_by_text("Not running").first.wait_for()
    page.click("text=Insert the cell")
    page.get_by_text("booted").first.wait_for()
    assert page.errors == []


def test_faults_and_snapshots_are_ordered_and_undone(browser: Any, rack: PanelProcess) -> None:
    page = open_page(browser, rack, f"#/fob/{HOTP}")
    page.click("text=Save")
    page.locator('select[aria-label="Snapshot"] option').first.wait_for(state="attached")
    press(page)
    shows(page, "287082")
    page.click("text=Restore")
    page.get_by_text("restored: incarnation 2").wait_for()
    press(page)
    shows(page, "287082")  # the same moving factor, in another incarnation
    page.select_option('select[aria-label="Fault"]', label="line drop")
    page.fill('fault-form input[name="frames"]', "2")
    page.click("fault-form button")
    page.get_by_text("armed").wait_for()
    page.click("text=End all faults")
    page.wait_for_function(
        "() => !document.querySelector('fob-view').textContent.includes('armed')"
    )
    page.click("text=Let it stick")
    page.get_by_text("The button is stuck.").wait_for()
    page.click("text=Free it")
    assert page.errors == []


def test_a_thousand_fobs_scroll(browser: Any, tmp_path: Path) -> None:
    options = ("--model", "fob-h6", "--count", "1000", "--preset", "in-use", "--time", "frozen")
    with panel_process(tmp_path, *options) as process:
        page = open_page(browser, process)
        page.wait_for_selector(".card")
        for _ in range(12):
            page.mouse.wheel(0, 3000)
            page.wait_for_function("() => document.querySelectorAll('.card').length > 4")
            assert page.locator(".card").count() < 80
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_selector('.card[data-fob="1000"]')
        page.click('.card[data-fob="1000"] button')
        shows(page, "287082", fob=1000)
        page.fill("input[type=search]", "ZZH600000777")
        page.get_by_text("1 of 1,000 fobs").wait_for()
        page.focus(".card a")
        page.fill("input[type=search]", "")
        page.focus('.card[data-fob="1"] a')
        page.keyboard.press("End")
        page.wait_for_selector('.card[data-fob="1000"] a:focus')
        assert page.errors == []


def test_two_browsers_see_the_same(browser: Any, rack: PanelProcess) -> None:
    one = open_page(browser, rack, f"#/fob/{HOTP}", has_touch=True)
    other = open_page(browser, rack)
    one.tap("fob-view .key")
    shows(one, "287082")
    shows(other, "287082", fob=HOTP)
    other.click(f'.card[data-fob="{HOTP}"] button')
    shows(one, "359152")
    other.select_option(AHEAD, "1 D")
    one.get_by_text("2030-05-07").first.wait_for()


def test_the_page_reconnects_when_the_emulator_has_restarted(browser: Any, tmp_path: Path) -> None:
    options = ("--model", "fob-h6", "--preset", "in-use", "--store", str(tmp_path / "rack.db"))
    with panel_process(tmp_path, *options, "--time", "frozen") as process:
        page = open_page(browser, process)
        page.wait_for_selector('#link[data-state="live"]')
        process.stop()
        page.wait_for_selector('#link[data-state="lost"]')
        process._options = ("--store", str(tmp_path / "rack.db"), "--time", "frozen")
        process.start()
        page.wait_for_selector('#link[data-state="live"]')
        page.click(".card button")
        shows(page, "287082", fob=1)


def test_checks_and_a_scenario_in_japanese(browser: Any, rack: PanelProcess) -> None:
    page = open_page(browser, rack, f"#/fob/{HOTP}", locale="ja-JP")
    press(page)
    shows(page, "287082")
    page.goto(f"{rack.address}/panel/#/checks")
    page.click("text=表示中のコードを使う")
    page.click("text=確認")
    page.get_by_text("受付").first.wait_for()
    assert "回数同期のコードは扱わない" in page.inner_text("table")
    page.click("text=実行")
    page.get_by_text("シナリオ 1 件：合格").wait_for()
    assert page.locator(".steps .passed").count() > 10
    assert page.errors == []


VIEWS = {"rack": "#/", "fob": f"#/fob/{TOTP}", "low": f"#/fob/{LOW}", "checks": "#/checks"}


@pytest.mark.parametrize("look", LOOKS)
def test_every_view_fits_and_axe_finds_nothing_serious(
    browser: Any, rack: PanelProcess, look: str
) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page = open_page(browser, rack, **LOOKS[look])
    for name, view in VIEWS.items():
        page.goto(f"{rack.address}/panel/{view}")
        page.wait_for_selector("main .card, main .stage, main scenario-player select")
        if name == "rack":
            page.click(f'.card[data-fob="{HOTP}"] button')
            shows(page, "287082", fob=HOTP)
        if name == "fob":
            press(page)
            page.wait_for_selector(".seg.on")
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, f"{name} is {width} px too wide"
        page.screenshot(path=SHOTS / f"{name}-{look}.png")
        assert not serious_of(page), name
    assert page.errors == []


class EvilPage(http.server.BaseHTTPRequestHandler):
    """A page of another site, which a user of the panel opens in the same browser."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>evil</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


ATTACK = Path(__file__).with_name("evil_page.js").read_text("utf-8").partition("\n")[2]


def test_pages_of_other_sites_reach_nothing(browser: Any, rack: PanelProcess) -> None:
    """Cross-site requests and DNS rebinding, with the session's cookie in the same browser."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), EvilPage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = open_page(browser, rack)
    page.wait_for_selector(".card")
    evil = page.context.new_page()
    for host in ("127.0.0.1", "localhost"):  # another port of the same site, and another site
        evil.goto(f"http://{host}:{server.server_port}/")
        tries = evil.evaluate(ATTACK, rack.address)
        assert tries["read"] == tries["press"] == tries["events"] == "blocked", tries
    assert rack.address.startswith("http://127.0.0.1")
    page.reload()
    page.wait_for_selector(".card")
    page.goto(f"{rack.address}/panel/#/fob/1")
    page.get_by_text("Nothing has happened yet.").wait_for()
    server.shutdown()
    server.server_close()


def test_a_name_that_was_led_here_opens_nothing(browser: Any, rack: PanelProcess) -> None:
    """DNS rebinding as it happens: the attacker's own name resolves to 127.0.0.1."""
    misled = launch(browser.browser_type, "--host-resolver-rules=MAP evil.example 127.0.0.1")
    page = misled.new_page()
    port = rack.address.rpartition(":")[2]
    for path in ("/panel/", "/fobs", "/openapi.json"):
        answer = page.goto(f"http://evil.example:{port}{path}")
        assert answer is not None
        assert answer.status == 421, path
    misled.close()


def test_no_script_from_elsewhere_runs_and_nothing_secret_stays(
    browser: Any, rack: PanelProcess
) -> None:
    page = open_page(browser, rack)
    page.wait_for_selector(".card")
    page.evaluate(
        """() => { const s = document.createElement("script"); s.textContent = "window.ran = 1";
        document.body.append(s); const i = document.createElement("img"); i.src = "x";
        i.setAttribute("onerror", "window.ran = 1"); document.body.append(i); }"""
    )
    assert page.evaluate("window.ran") is None
    assert page.evaluate("document.cookie") == ""
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, location.href])")
    assert "a-token-for-browser-tests" not in kept
    assert "a-token-for-browser-tests" not in page.content()
