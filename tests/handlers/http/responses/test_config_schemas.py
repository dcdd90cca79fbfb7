"""Tests of the public form of the configuration."""

import msgspec

from chalicelib.handlers.http.responses.config_schemas import Config


def test_what_a_deployment_does_not_have_is_present_as_null() -> None:
    shown = msgspec.to_builtins(Config("https://issuer.example/", None, None, None, None, "key", "link", "Lockstep"))
    assert shown == {
        "issuer": "https://issuer.example/",
        "clientId": None,
        "authorizationEndpoint": None,
        "tokenEndpoint": None,
        "webSocketUrl": None,
        "vapidPublicKey": "key",
        "roomProvider": "link",
        "productName": "Lockstep",
    }
