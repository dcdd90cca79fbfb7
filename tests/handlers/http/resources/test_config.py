"""Tests of the public configuration."""

from msgspec.structs import replace

from bench.request_units import RequestUnitLedger
from chalicelib.branding import Branding
from chalicelib.channels.web_push import decoded
from chalicelib.settings import Messaging, SignIn
from tests.handlers.conftest import SignIn as SignInFixture
from tests.harness import World

SIGN_IN = SignIn(
    "https://sign-in.example/authorize",
    "https://sign-in.example/token",
    "app",
    "id_token",
    "https://sign-in.example",
    revocation_url="https://sign-in.example/revoke",
)


def test_the_configuration_has_what_an_app_needs(world: World, sign_in: SignInFixture) -> None:
    world.context.settings = replace(
        world.settings,
        sign_in=SIGN_IN,
        messaging=Messaging(product_name="Tandem", live_url="wss://live.example/api"),
        branding=Branding("#8a4b08", "https://operator.example/imprint", "https://operator.example/privacy"),
    )
    with RequestUnitLedger(world.table.connection.client) as ledger, ledger.entry("config") as entry:
        answer = sign_in("an app")("GET", "/v1/config")
    assert (answer.status_code, entry.requests) == (200, [])
    found = answer.json_body
    point = decoded(found.pop("vapidPublicKey"))
    assert (len(point), point[0]) == (65, 4)
    assert found == {
        "issuer": "https://issuer.example/",
        "clientId": "app",
        "authorizationEndpoint": "https://sign-in.example/authorize",
        "tokenEndpoint": "https://sign-in.example/token",
        "endSessionEndpoint": None,
        "revocationEndpoint": "https://sign-in.example/revoke",
        "apiToken": "id_token",
        "webSocketUrl": "wss://live.example/api",
        "roomProvider": "lockstep",
        "productName": "Tandem",
        "accentColor": "#8a4b08",
        "imprintUrl": "https://operator.example/imprint",
        "privacyUrl": "https://operator.example/privacy",
    }
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_what_a_deployment_does_not_have_is_null(world: World, sign_in: SignInFixture) -> None:
    world.context.settings = replace(world.settings, sign_in=None)
    found = sign_in("an app")("GET", "/v1/config").json_body
    present = {"issuer", "vapidPublicKey", "roomProvider", "productName"}
    assert {name for name, value in found.items() if value is not None} == present


def test_r43_the_push_key_is_that_of_the_deployment_and_shows_no_secret(world: World, sign_in: SignInFixture) -> None:
    send = sign_in("an app")
    first = send("GET", "/v1/config").json_body["vapidPublicKey"]
    assert send("GET", "/v1/config").json_body["vapidPublicKey"] == first
    world.context.settings = replace(world.settings, identity_key=b"another deployment")
    assert send("GET", "/v1/config").json_body["vapidPublicKey"] != first
