"""Secrets that follow from the key of the deployment."""

from chalicelib.domain.model.derived_secrets import derived_secret


def test_r43_each_key_purpose_and_subject_has_a_secret_of_its_own() -> None:
    places = [
        (b"key", "webhook", "one"),
        (b"key", "webhook", "two"),
        (b"key", "vapid", "one"),
        (b"other", "webhook", "one"),
    ]
    secrets = {derived_secret(*place) for place in places}
    assert len(secrets) == 4
    assert secrets == {derived_secret(*place) for place in places}
    assert {len(secret) for secret in secrets} == {32}
