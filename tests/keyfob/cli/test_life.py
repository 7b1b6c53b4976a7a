"""`keyfob life`: the story it tells, the table, the JSON, the picture, and bad input."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from firmware_model import catalogue
from firmware_model.hardware.thermal import POCKET, ROOM
from keyfob.cli.life_story import SAMPLE_DAYS, live
from keyfob.cli.verbs.life import _summary, life
from tests.firmware_model.fobs import changed, model_text

SMALL_CELL = 'cell = { from = "cr2016", capacity_uah = 10000 }'


def run(*arguments: str, width: int = 80) -> Result:
    runner = CliRunner(env={"COLUMNS": str(width)})
    return runner.invoke(life, arguments, catch_exceptions=False)


@pytest.fixture
def short_lived(tmp_path: Path) -> str:
    """A fob-h6 on a tenth of a cell: it is dead within a year."""
    text = model_text("fob-h6").replace('cell = "cr2016"', SMALL_CELL)
    text = text.replace("budget_uah = 82000", "budget_uah = 8500")
    text = text.replace("test_load_na = 400000", "test_load_na = 1000000")
    path = tmp_path / "short.toml"
    path.write_text(text, "utf-8")
    return str(path)


class TestStory:
    def test_gives_the_codes_that_were_asked_for(self) -> None:
        model = catalogue.load("fob-h6")
        story = live(model, presses_per_day=4, course=ROOM, days=30, dice=1)
        assert story.codes == 120
        assert [sample.day for sample in story.samples[:3]] == [0, SAMPLE_DAYS, 2 * SAMPLE_DAYS]
        assert story.samples[0].charge_permille == 1000
        assert story.samples[-1].day == 30

    def test_the_same_random_seed_tells_the_same_story(self) -> None:
        model = catalogue.load("fob-t60")
        stories = [
            live(model, presses_per_day=2, course=POCKET, days=40, dice=seed) for seed in (5, 5, 6)
        ]
        assert stories[0] == stories[1]
        assert stories[0].samples != stories[2].samples

    def test_a_clock_set_wrong_is_wrong_by_that_much(self) -> None:
        model = catalogue.load("fob-t60")
        story = live(
            model,
            presses_per_day=1,
            course=ROOM,
            days=1,
            dice=1,
            clock_offset_seconds=-180,
        )
        assert story.samples[0].clock_error_seconds == pytest.approx(-180, abs=1)

    def test_a_sealed_model_is_activated_first(self) -> None:
        story = live(catalogue.load("fob-t30"), presses_per_day=3, course=ROOM, days=5, dice=1)
        assert story.codes == 16  # the activating press gives one too

    def test_ends_as_the_model_ends(self) -> None:
        model = changed("card-count", life={"presses": 20})
        story = live(model, presses_per_day=5, course=ROOM, days=30, dice=1)
        assert story.codes == 20
        assert story.day_of("expired") == 4

    @pytest.mark.slow
    def test_an_always_on_fob_lives_to_its_date(self) -> None:
        model = catalogue.load("sid-always")
        story = live(model, presses_per_day=0, course=ROOM, days=1200, dice=1)
        assert story.day_of("expired") == 1098 + 1  # three years, three days of grace


class TestCommand:
    def test_tells_a_life_from_low_battery_to_death(self, short_lived: str) -> None:
        result = run("--model", short_lived, "--years", "2", "--presses-per-day", "5")
        assert result.exit_code == 0
        order = ["low battery", "cell too weak for a code", "died", "\ncodes", "data sheets"]
        places = [result.output.index(what) for what in order]
        assert places == sorted(places)

    def test_fits_forty_columns(self, short_lived: str) -> None:
        result = run("--model", short_lived, "--years", "1", width=40)
        assert max(len(line) for line in result.output.splitlines()) <= 40

    def test_json_is_for_programs(self, short_lived: str) -> None:
        result = run("--model", short_lived, "--years", "2", "--temperature", "20", "--json")
        told = json.loads(result.output)
        assert told["model"] == "fob-h6"
        assert told["events"][-1]["event"] == "died"
        assert told["events"][-1]["day"] == told["days"]
        assert told["samples"][0]["charge_percent"] == 100
        assert told["samples"][-1]["charge_percent"] < 5

    def test_takes_a_table_of_temperatures(self, tmp_path: Path) -> None:
        table = tmp_path / "log.csv"
        table.write_text("seconds,celsius\n0,10\n43200,40\n", "utf-8")
        result = run("--model", "fob-t60", "--years", "0.2", "--temperature", str(table), "--json")
        error = json.loads(result.output)["samples"][-1]["clock_error_seconds"]
        assert error < -20  # 15 K away from the crystal's turnover: 7.65 ppm slow, and its offset

    def test_a_picture_is_told_with_how_the_life_ended(self) -> None:
        model = changed("card-count", life={"presses": 20})
        story = live(model, presses_per_day=5, course=ROOM, days=30, dice=1)
        assert _summary(story) == "20 codes in 0.1 years, expired on 2026-01-05"

    @pytest.mark.slow
    @pytest.mark.parametrize("suffix", ["svg", "png"])
    def test_draws_a_picture(self, tmp_path: Path, suffix: str) -> None:
        pytest.importorskip("matplotlib")
        picture = tmp_path / f"life.{suffix}"
        arguments = ("--model", "fob-t60", "--years", "0.3", "--plot", str(picture))
        assert run(*arguments).output == f"{picture}: 1,100 codes in 0.3 years, still in use\n"
        first = picture.read_bytes()
        assert first[:4] == {"svg": b"<?xm", "png": b"\x89PNG"}[suffix]
        run(*arguments)
        assert picture.read_bytes() == first, "the same story, the same file"

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (("--model", "fob-t60", "--temperature", "200"), "expected -60 to 120 °C"),
            (("--model", "fob-t60", "--temperature", "sauna"), "room, pocket, car, a number"),
            (("--model", "fob-t60", "--plot", "life.docx"), "a name ending in .svg"),
            (("--model", "fob-t60", "--years", "0"), "expected 0.1 to 30"),
            (("--model", "soft-phone"), "an app has no cell"),
        ],
    )
    def test_bad_input_is_one_line(self, arguments: tuple[str, ...], complaint: str) -> None:
        result = run(*arguments)
        assert result.exit_code == 2
        assert complaint in result.output
