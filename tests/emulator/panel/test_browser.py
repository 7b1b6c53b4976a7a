"""The panel in a real browser, as far as ten seconds allow; tests/strangers has the rest."""

from pathlib import Path

from tests.emulator.panel.browser_talk import chromium, open_page, panel_process, shows


def test_a_press_shows_a_code_and_the_step_ends_it(tmp_path: Path) -> None:
    options = ("--model", "fob-h6", "--count", "2", "--preset", "in-use", "--time", "frozen")
    with chromium() as browser, panel_process(tmp_path, *options) as process:
        page = open_page(browser, process)
        page.click('.card[data-fob="2"] button')
        shows(page, "287082", fob=2)  # RFC 4226, appendix D: count 1
        lit = page.locator('.card[data-fob="2"] .seg.on')
        assert lit.count() == sum(bin(n).count("1") for n in (91, 127, 7, 63, 127, 91))
        page.select_option("time-bar select >> nth=1", "1 MIN")
        shows(page, "dark", fob=2)
        page.click('.card[data-fob="2"] a')
        page.focus("fob-view .key")
        page.keyboard.press("Space")
        shows(page, "359152")  # count 2
        assert "pressed" in page.inner_text(".trace")
        assert page.errors == []
