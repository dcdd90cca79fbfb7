"""The settings of a deployment, read from an environment."""

from datetime import timedelta

import pytest

from chalicelib.domain.model.limits import MemberLimits
from chalicelib.settings import Misconfigured, from_environment

REQUIRED = {
    "LOCKSTEP_TABLE": "table",
    "AWS_REGION": "eu-central-1",
    "LOCKSTEP_STREAM_ARN": "arn",
    "LOCKSTEP_ISSUER": "https://issuer.example/",
    "LOCKSTEP_AUDIENCE": "lockstep",
    "LOCKSTEP_JWKS_URL": "https://issuer.example/jwks.json",
    "LOCKSTEP_ROOM_URL": "https://rooms.example/",
    "LOCKSTEP_CURSOR_KEY": "secret",
    "LOCKSTEP_IDENTITY_KEY": "another secret",
}


def test_settings_without_a_value_have_their_defaults() -> None:
    settings = from_environment(REQUIRED)
    assert (settings.final, settings.finalize_ahead) == (timedelta(minutes=5), timedelta(minutes=10))
    assert (settings.endpoint, settings.invite_url, settings.sign_in_url, settings.origins) == (None, None, None, ())
    assert settings.limits == MemberLimits()
    assert settings.room_url == "https://rooms.example"


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_required_setting_is_named(name: str) -> None:
    with pytest.raises(Misconfigured, match="AWS_DEFAULT_REGION" if name == "AWS_REGION" else name):
        from_environment({key: value for key, value in REQUIRED.items() if key != name})
    with pytest.raises(Misconfigured, match=name):
        from_environment(REQUIRED | {name: " "})


@pytest.mark.parametrize("value", ["", "-1", "1.5", "12345", "five"])
def test_a_number_has_one_to_four_digits(value: str) -> None:
    assert from_environment(REQUIRED | {"LOCKSTEP_MOST_KEYS": "7"}).limits.keys == 7
    with pytest.raises(Misconfigured, match="LOCKSTEP_MOST_KEYS"):
        from_environment(REQUIRED | {"LOCKSTEP_MOST_KEYS": value})


def test_origins_are_separated_by_commas() -> None:
    origins = from_environment(REQUIRED | {"LOCKSTEP_ORIGINS": "https://app.example, http://localhost:5173,"}).origins
    assert origins == ("https://app.example", "http://localhost:5173")


@pytest.mark.parametrize(
    "origin", ["*", "null", "app.example", "https://app.example/", "https://*.example", "https://App.example"]
)
def test_an_invalid_origin_is_named(origin: str) -> None:
    with pytest.raises(Misconfigured, match="LOCKSTEP_ORIGINS"):
        from_environment(REQUIRED | {"LOCKSTEP_ORIGINS": f"https://app.example,{origin}"})
