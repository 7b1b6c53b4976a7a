"""Presets: fobs that begin in the middle of a life, over every model of the catalogue."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from emulator.firmware.programs import RackPrograms
from emulator.model_source import model_source
from emulator.population import populate
from emulator.settings import FobPlan, Settings
from emulator.store import RackStore
from firmware_model.catalogue import names
from firmware_model.device import Device
from firmware_model.errors import BadInput
from firmware_model.inputs import ContactMoved, Wake
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime, seconds
from host_tools.client.fob_state import FobState, life_cycle_name, read_state
from host_tools.client.keys import TEST_KEYS, FobKeys
from host_tools.client.session import TokenSession
from keyfob.testing.cable import Cable
from keyfob.testing.presets import PRESETS, apply
from keyfob.testing.run_options import transport_keys_of
from tests.firmware_model.fobs import CARDS

NOW = seconds(1_800_000_000)
LIMITLESS = ("fob-t60", "go7-menu", *CARDS)
ON_MAINS = tuple(name for name in names() if name.startswith("soft-"))


def born(model: str, preset: str | None, changes: dict[str, str] | None = None) -> Device:
    plan = apply(FobPlan(source=model_source(model)), preset, changes or {})
    return made(Settings(plans=(plan,), dice=b"fixed"))


def made(settings: Settings) -> Device:
    with closing(RackStore(None)) as store:
        return populate(store, settings, NOW, RackPrograms()).fobs[0].device


def state(device: Device) -> FobState:
    with talk(device) as session:
        return read_state(session)


@contextmanager
def talk(device: Device) -> Iterator[TokenSession]:
    with TokenSession(Cable(device, NOW).link()) as session:
        session.select()
        yield session


@pytest.mark.parametrize("preset", ["blank", "sealed", "locked"])
def test_a_preset_keeps_the_keys_its_fob_was_made_with(preset: str) -> None:
    keys = FobKeys("factory", 255, master=bytes(range(32)))
    plan = apply(FobPlan(source=model_source("fob-h6")), preset, {})
    settings = Settings(plans=(plan,), transport_keys=keys.for_chip)
    with talk(made(settings)) as session:
        session.open_channel(keys)  # raises under any other keys


def test_a_soft_token_has_no_transport_keys() -> None:
    plan = FobPlan(source=model_source("soft-phone"))
    settings = Settings(plans=(plan,), transport_keys=TEST_KEYS.for_chip)
    with pytest.raises(BadInput, match="keys are not valid for the soft token"):
        made(settings)


def test_a_key_file_that_names_no_version_makes_a_factorys_own(tmp_path: Path) -> None:
    path = tmp_path / "factory.keys"
    path.touch(mode=0o600)
    path.write_text("11" * 16)
    assert transport_keys_of(str(path))(bytes(10)).version == 255


def pressed(device: Device) -> str:
    device.handle(ContactMoved(closed=True), NOW)
    device.handle(ContactMoved(closed=False), SimTime(NOW + 200 * NS_PER_MS))
    device.handle(Wake(), SimTime(NOW + NS_PER_SECOND))
    return device.face(SimTime(NOW + NS_PER_SECOND)).text.strip()


@pytest.mark.parametrize("model", names())
@pytest.mark.parametrize("preset", PRESETS)
def test_every_model_can_begin_in_every_state_it_knows(model: str, preset: str) -> None:
    if preset == "expired" and model in LIMITLESS:
        with pytest.raises(BadInput, match="nothing ends it at its expiry date"):
            born(model, preset)
        return
    if preset in ("dead", "low-battery") and model in ON_MAINS:
        with pytest.raises(BadInput, match=r"soft token .* it has no cell"):
            born(model, preset)
        return
    device = born(model, preset)
    if preset == "dead":
        assert device.face(NOW).text == ""
        assert pressed(device) == ""
        assert device.gauges(SimTime(NOW + NS_PER_SECOND)).charge_permille == 0
        return
    found = life_cycle_name(state(device).life_cycle)
    sealed = model_source(model).model.security.sealed
    expected = {
        "blank": "blank",
        "personalised": "personalised",
        "sealed": "sealed" if sealed else "in use",
        "locked": "locked",
    }.get(preset, "in use")
    assert found == expected


def test_a_low_battery_shows_the_models_own_notice() -> None:
    assert pressed(born("fob-h6", "low-battery")).startswith("bAtt")
    assert pressed(born("fob-t30", "low-battery")).startswith("bAtt")
    assert pressed(born("hotp-card", "low-battery")) == "Lo"


def test_an_expired_fob_shows_no_code() -> None:
    assert pressed(born("sid-always", "expired")) == ""
    assert pressed(born("card-count", "expired")) == "EEEEEE"


def test_a_preset_fob_holds_the_published_test_seed() -> None:
    assert pressed(born("fob-h6", "personalised")) == "755224"  # RFC 4226 Appendix D, count 0


def test_values_are_set_on_top() -> None:
    gauges = born("fob-h6", None, {"battery.charge": "7%", "temperature": "-10"}).gauges(NOW)
    assert gauges.charge_permille == pytest.approx(70, abs=1)
    assert gauges.millicelsius == -10_000


@pytest.mark.parametrize(
    ("preset", "changes", "words"),
    [
        ("new", {}, "unknown preset 'new'; known: blank, "),
        (None, {"battery": "7"}, "unknown setting 'battery'; known: battery.charge"),
        (None, {"battery.charge": "107%"}, "invalid battery.charge '107%': expected 0 to 100 %"),
        (None, {"battery.charge": "much"}, "0 to 100 %"),
        (None, {"temperature": ""}, "-60 to 120"),
        (None, {"temperature": "inf"}, "-60 to 120"),
    ],
)
def test_an_invalid_preset_or_value_names_the_valid_ones(
    preset: str | None, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        born("fob-h6", preset, changes)
