"""Known verifiers as data: what was measured on them is what the profile answers."""

from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKind
from host_tools.verification.profiles import (
    CELLS,
    Opinion,
    Profile,
    ask,
    known_profiles,
    load_profiles,
    locate,
)
from host_tools.verification.search import Credential, Progress
from tests.host_tools.verification.hosts import NOON, SEED, TIMED, code, new_host, step

hotp = Credential.of_seed(SEED, OtpKind.HOTP)
totp60 = Credential.of_seed(SEED, OtpKind.TOTP, step_seconds=60)
totp30 = Credential.of_seed(SEED, OtpKind.TOTP, step_seconds=30)
PROFILES = {profile.name: profile for profile in known_profiles()}


def pressed(profile: str, ahead: int) -> Opinion:
    at = Progress(200)
    return ask(PROFILES[profile], locate(hotp, at, code(200 + ahead), NOON))


def timed(profile: str, off: int, drift: int = 0, used: int = 0) -> Opinion:
    at = Progress(used, drift)
    return ask(PROFILES[profile], locate(totp60, at, code(step() + off), NOON))


# Rows of the measurement that the "measured" cells come from: one seed, the same codes.
@pytest.mark.parametrize(
    ("profile", "ahead", "accepted"),
    [
        ("privacyidea", 0, True),
        ("privacyidea", 9, True),
        ("privacyidea", 30, False),
        ("privacyidea", -1, False),
        ("pam_oath", 0, True),
        ("pam_oath", 9, True),
        ("pam_oath", 21, False),
        ("pam_oath", -1, False),
        ("multiotp", 0, True),
        ("multiotp", 296, False),
        ("rlm_totp", 0, False),
        ("vip", 0, None),
        ("duo", 0, None),
    ],
)
def test_press_counted_codes_are_judged_as_measured(
    profile: str, ahead: int, accepted: bool | None
) -> None:
    assert pressed(profile, ahead).accepted is accepted


@pytest.mark.parametrize(
    ("profile", "off", "accepted"),
    [
        ("privacyidea", 0, True),
        ("privacyidea", 2, True),
        ("privacyidea", 3, None),
        ("privacyidea", -3, True),
        ("privacyidea", 15, False),
        ("multiotp", 1, True),
        ("multiotp", 10, True),
        ("multiotp", -50, False),
        ("django_otp", 1, True),
        ("django_otp", 10, False),
        ("rlm_totp", 0, True),
        ("rlm_totp", 1, False),
        ("rlm_totp", -1, False),
    ],
)
def test_time_based_codes_are_judged_as_measured(
    profile: str, off: int, accepted: bool | None
) -> None:
    assert timed(profile, off).accepted is accepted


@pytest.mark.parametrize(
    ("profile", "accepted"),
    [
        ("privacyidea", False),
        ("multiotp", False),
        ("django_otp", False),
        ("rlm_totp", True),
        ("keycloak", None),
    ],
)
def test_a_replay_is_judged_as_measured(profile: str, accepted: bool | None) -> None:
    opinion = timed(profile, 0, used=step() + 1)
    assert opinion.accepted is accepted
    assert opinion.reason.startswith("used already or passed over")


def test_a_stored_drift_moves_the_window_only_where_it_is_kept() -> None:
    assert timed("django_otp", 5, drift=5).reason.startswith("on time")
    assert timed("django_otp", 5, drift=5).accepted is True
    assert timed("keycloak", 5, drift=5).accepted is False
    assert timed("fortiauthenticator", 5, drift=5).accepted is None


def test_a_window_in_seconds_counts_whole_steps() -> None:
    for ahead, accepted in ((10, True), (11, False)):
        sighting = locate(totp30, Progress(), code(NOON // 30 + ahead), NOON)
        assert ask(PROFILES["vip"], sighting).accepted is accepted


def test_the_reason_tells_distance_allowance_and_origin() -> None:
    assert pressed("privacyidea", 12).reason == "12 presses ahead; it allows 9 presses (measured)"
    assert pressed("keycloak", 0).reason == "on time; it allows 1 press (documented)"
    assert timed("privacyidea", 3).reason == (
        "3 steps ahead; it allows 3 steps (documented), but it notes the clock's error up to a"
        " step too low, so that right after a success the last one was refused (measured)"
    )


def test_a_code_of_no_token_is_refused_by_all() -> None:
    sighting = locate(hotp, Progress(5000), code(0), NOON)
    assert {ask(profile, sighting).accepted for profile in PROFILES.values()} == {False}


def test_every_profile_is_titled_and_knows_something() -> None:
    assert len(PROFILES) == 12
    for profile in PROFILES.values():
        assert profile.title
        assert set(profile.cells) <= set(CELLS)
        assert profile.cells


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[a]", "p.toml: a is to be a table with a title"),
        ('[a]\ntitle = "A"\nspeed = 1', "p.toml: a.speed is unknown"),
        ('[a]\ntitle = "A"\nhotp = true', "a.hotp is to be a table of value, mark"),
        (
            '[a]\ntitle = "A"\nhotp = { value = 1, mark = "measured" }',
            "a.hotp: value is to be true or false",
        ),
        (
            '[a]\ntitle = "A"\nresync_presses = { value = -1, mark = "measured" }',
            "a.resync_presses: value is to be a whole number from 0 on",
        ),
        (
            '[a]\ntitle = "A"\nhotp = { value = true, mark = "heard" }',
            "a.hotp: mark is to be one of measured, documented",
        ),
        ("= 1", "p.toml: not TOML"),
    ],
)
def test_a_bad_profile_is_named_with_its_key(text: str, line: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_profiles(text, "p.toml")
    assert line in str(caught.value)


def test_an_own_profile_is_asked_like_the_shipped_ones() -> None:
    text = '[mine]\ntitle = "Mine"\nhotp_ahead_presses = { value = 2, mark = "measured" }'
    (mine,) = load_profiles(text, "mine.toml")
    assert isinstance(mine, Profile)
    assert ask(mine, locate(hotp, Progress(0), code(2), NOON)).accepted is True
    assert ask(mine, locate(hotp, Progress(0), code(3), NOON)).accepted is False


def test_other_verifiers_follow_drift_whatever_this_hosts_policy_does(tmp_path: Path) -> None:
    """A user who types late: with drift off here, who follows it refuses the prompt code after."""
    policy = "[windows]\ndrift_steps_max = 0\n[enrolment]\ncodes = 0\n"
    with new_host(tmp_path / "host.db", policy) as host:
        host.enroll(TIMED, "alice", [], NOON)
        assert host.verify([code(step() - 1)], NOON, token=TIMED).accepted
        assert host.status(TIMED, NOON).drift_steps == 0
        later = NOON + 3600
        said = {each.profile.name: each for each in host.opinions(TIMED, code(step(later)), later)}
        assert "1 step ahead" in said["django_otp"].reason
        assert "on time" in said["rlm_totp"].reason
