"""Keywords for Robot Framework: a virtual fob that lives as long as its suite."""

import keyfob


class keyfob_bench:  # noqa: N801 - Robot Framework takes the library's name from it
    """Start A Fob, Press The Button, The Display Should Show, Time Passes, Stop The Fob."""

    ROBOT_LIBRARY_SCOPE = "SUITE"

    def start_a_fob(self, model="fob-h6", preset="personalised"):
        self._rack = keyfob.Rack.start(model=model, preset=preset)

    def stop_the_fob(self):
        self._rack.close()

    def press_the_button(self, seconds="0.2"):
        self._rack[1].press(float(seconds))

    def the_display_should_show(self, text):
        seen = self._rack[1].display
        if seen.text != text:
            raise AssertionError(f"it shows {seen.text!r} ({seen.dark_because}), not {text!r}")

    def the_display_should_be_dark(self):
        self.the_display_should_show("")

    def time_passes(self, seconds):
        self._rack.bench.advance(float(seconds))
