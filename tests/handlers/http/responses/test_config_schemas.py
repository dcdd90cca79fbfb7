"""Tests of the public form of the configuration."""

import msgspec

from chalicelib.handlers.http.responses.config_schemas import Config


def test_what_a_deployment_does_not_have_is_present_as_null() -> None:
    absent = [None] * 7
    config = Config("https://issuer.example/", *absent, "key", "link", "Lockstep", *absent[:3])  # type: ignore[arg-type]
    shown = msgspec.to_builtins(config)
    assert shown == {
        "issuer": "https://issuer.example/",
        "clientId": None,
        "authorizationEndpoint": None,
        "tokenEndpoint": None,
        "endSessionEndpoint": None,
        "revocationEndpoint": None,
        "apiToken": None,
        "webSocketUrl": None,
        "vapidPublicKey": "key",
        "roomProvider": "link",
        "productName": "Lockstep",
        "accentColor": None,
        "imprintUrl": None,
        "privacyUrl": None,
    }
