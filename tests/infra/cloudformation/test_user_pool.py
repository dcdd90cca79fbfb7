"""The user pool of a stack, and the settings of the functions that follow from it."""

import json
from typing import Any

import pytest

from chalicelib.settings import SIGN_IN_VARIABLES, from_environment
from infra.cloudformation.parameters import PARAMETERS, environment
from infra.cloudformation.template import FIXED
from infra.cloudformation.user_pool import MAKES_USER_POOL, sign_in_environment, user_pool

REGION = "eu-central-1"
POOL = f"{REGION}_x7"


def evaluated(value: Any, **parameters: str) -> Any:
    """Return a value as CloudFormation computes it in a stack with these parameters."""
    named = {name: str(one.default or "") for name, one in PARAMETERS.items()} | parameters
    references = {
        "AWS::NoValue": None,
        "AWS::Region": REGION,
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::StackId": f"arn:aws:cloudformation:{REGION}:1:stack/lockstep-prod/51af3dc0-da77",
        "AWS::StackName": "lockstep-prod",
        "UserPool": POOL,
        "UserPoolClient": "client",
        "UserPoolDomain": "lockstep",
        "WebsocketAPI": "live",
        **named,
    }

    def walk(part: Any) -> Any:
        if isinstance(part, list):
            return [walk(each) for each in part if walk(each) is not None]
        if not isinstance(part, dict):
            return part
        ((function, argument),) = part.items() if len(part) == 1 else (("", None),)
        match function:
            case "Ref":
                return references[argument]
            case "Fn::GetAtt":
                return {"UserPool.ProviderName": f"cognito-idp.{REGION}.amazonaws.com/{POOL}"}[".".join(argument)]
            case "Fn::If":
                condition, then, otherwise = argument
                return walk(then if holds(FIXED["Conditions"][condition]) else otherwise)
            case "Fn::Select":
                number, texts = argument
                return walk(texts)[number]
            case "Fn::Split":
                return walk(argument[1]).split(argument[0])
            case "Fn::Sub":
                text, names = argument if isinstance(argument, list) else (argument, {})
                for name, text_of in (references | walk(names)).items():
                    text = text.replace(f"${{{name}}}", text_of or "")
                return text
        return {name: walk(each) for name, each in part.items()}

    def holds(condition: Any) -> bool:
        ((function, argument),) = condition.items()
        match function:
            case "Condition":
                return holds(FIXED["Conditions"][argument])
            case "Fn::Not":
                return not holds(argument[0])
            case "Fn::And" | "Fn::Or":
                return (all if function == "Fn::And" else any)(map(holds, argument))
        one, other = map(walk, argument)
        return bool(one == other)

    return walk(value)


def variables(**parameters: str) -> dict[str, str]:
    return dict(evaluated(sign_in_environment(), **parameters))


def test_the_functions_sign_in_at_the_user_pool() -> None:
    needed = {"LOCKSTEP_TABLE": "t", "AWS_DEFAULT_REGION": REGION, "LOCKSTEP_STREAM_ARN": "s", "LOCKSTEP_ROOM_URL": "r"}
    secrets = {"LOCKSTEP_CURSOR_KEY": "c" * 32, "LOCKSTEP_IDENTITY_KEY": "i" * 32}
    settings = from_environment({**needed, **secrets, **variables(SignIn="cognito")})
    (issuer,) = settings.issuers
    assert issuer.name == f"https://cognito-idp.{REGION}.amazonaws.com/{POOL}"
    assert issuer.jwks_url == f"{issuer.name}/.well-known/jwks.json"
    assert settings.audiences == ("client",)
    sign_in, pages = settings.sign_in, f"https://lockstep.auth.{REGION}.amazoncognito.com"
    assert sign_in is not None
    assert (sign_in.token, sign_in.client_id, sign_in.token_origin) == ("id_token", "client", pages)
    assert sign_in.authorization_url == f"{pages}/oauth2/authorize?scope=openid%20profile%20email"
    assert sign_in.end_session_url == f"{pages}/logout"
    assert (sign_in.token_url, sign_in.revocation_url) == (f"{pages}/oauth2/token", f"{pages}/oauth2/revoke")


def test_tokens_of_other_issuers_of_the_settings_are_accepted_besides() -> None:
    other = {"Issuer": "https://other.example/", "JwksUrl": "https://other.example/keys", "Audience": "programs"}
    found = variables(SignIn="cognito", **other)
    assert found["LOCKSTEP_ISSUER"].endswith(f"/{POOL},https://other.example/")
    assert found["LOCKSTEP_JWKS_URL"].endswith("jwks.json,https://other.example/keys")
    assert found["LOCKSTEP_AUDIENCE"] == "client,programs"


def test_with_another_provider_the_settings_are_those_of_the_parameters() -> None:
    given = {"Issuer": "i", "JwksUrl": "j", "Audience": "a", "AuthorizationUrl": "u", "TokenUrl": "t", "ClientId": "c"}
    found = variables(SignIn="provider", **given)
    assert found == {
        "LOCKSTEP_ISSUER": "i",
        "LOCKSTEP_JWKS_URL": "j",
        "LOCKSTEP_AUDIENCE": "a",
        **dict(zip(SIGN_IN_VARIABLES, "utc", strict=True)),
        "LOCKSTEP_END_SESSION_URL": "",
        "LOCKSTEP_REVOCATION_URL": "",
        "LOCKSTEP_STAFF_CLAIM": "",
    }


@pytest.mark.parametrize(
    ("given", "claim"),
    [
        ({"SignIn": "cognito"}, "cognito:groups"),
        ({"SignIn": "cognito", "StaffClaim": "custom:role"}, "custom:role"),
        ({"SignIn": "provider", "StaffClaim": "groups"}, "groups"),
    ],
)
def test_r47_staff_of_a_user_pool_are_a_group_unless_a_claim_is_named(given: dict[str, str], claim: str) -> None:
    assert variables(**given)["LOCKSTEP_STAFF_CLAIM"] == claim


def test_every_variable_of_the_sign_in_is_in_the_environment_of_the_functions() -> None:
    assert {name: environment()[name] for name in sign_in_environment()} == sign_in_environment()


def test_nothing_of_the_user_pool_is_made_without_the_setting() -> None:
    assert {each["Condition"] for each in user_pool().values()} == {MAKES_USER_POOL}


def test_the_user_pool_outlives_the_stack_as_the_table_does() -> None:
    policies = {name: each["DeletionPolicy"] for name, each in user_pool().items()}
    assert policies == {
        "UserPool": "Retain",
        "UserPoolClient": "Delete",
        "UserPoolDomain": "Delete",
        "ManagedLogin": "Delete",
        "StaffGroup": "Delete",
    }
    assert user_pool()["UserPool"]["Properties"]["DeletionProtection"] == "ACTIVE"


def test_r31_a_member_gives_a_name_and_a_verified_address() -> None:
    pool = user_pool()["UserPool"]["Properties"]
    assert {each["Name"]: each["Required"] for each in pool["Schema"]} == {"email": True, "name": True}
    assert pool["AutoVerifiedAttributes"] == ["email"]
    assert pool["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": ["email"]}


def test_the_client_has_no_secret_and_returns_to_the_pages_only() -> None:
    properties = user_pool()["UserPoolClient"]["Properties"]
    client = evaluated(properties, PublicUrl="https://app.example", WebApp="off")
    assert (client["GenerateSecret"], client["AllowedOAuthFlows"]) == (False, ["code"])
    assert client["CallbackURLs"] == ["https://app.example/sign-in", "https://app.example/signed-in"]
    assert client["LogoutURLs"] == ["https://app.example/"]
    assert client["RefreshTokenRotation"]["Feature"] == "ENABLED"
    assert "ALLOW_REFRESH_TOKEN_AUTH" not in client["ExplicitAuthFlows"]


def test_the_client_returns_to_the_web_app_and_to_a_public_address_apart_from_it() -> None:
    client = user_pool()["UserPoolClient"]["Properties"]
    app, own, public = "https://d1.cloudfront.net", "app.example", "https://go.example"

    def addresses(**parameters: str) -> list[str]:
        return list(evaluated(client, WebUrl=app, **parameters)["LogoutURLs"])

    assert addresses() == [f"{app}/"]
    assert addresses(WebDomainName=own) == [f"https://{own}/"]
    assert addresses(PublicUrl=public) == [f"{app}/", f"{public}/"]
    # No address is listed twice.
    assert addresses(PublicUrl=app) == [f"{app}/"]
    assert addresses(WebDomainName=own, PublicUrl=f"https://{own}") == [f"https://{own}/"]


def test_the_client_of_a_stack_without_the_address_of_its_pages_returns_to_none() -> None:
    client = evaluated(user_pool()["UserPoolClient"]["Properties"])
    assert (client["CallbackURLs"], client["LogoutURLs"]) == (["http://localhost"], ["http://localhost"])


@pytest.mark.parametrize(("given", "domain"), [("", "lockstep-51af3dc0-da77"), ("tandem", "tandem")])
def test_the_pages_have_an_address_of_their_own(given: str, domain: str) -> None:
    found = evaluated(user_pool()["UserPoolDomain"]["Properties"], SignInDomain=given)
    assert (found["Domain"], found["ManagedLoginVersion"]) == (domain, 2)


def test_mails_are_sent_by_cognito_or_by_an_identity_of_ses() -> None:
    pool, arn = user_pool()["UserPool"]["Properties"]["EmailConfiguration"], "arn:aws:ses:x:1:identity/a.example"
    assert evaluated(pool) == {"EmailSendingAccount": "COGNITO_DEFAULT"}
    own = evaluated(pool, SignInMailArn=arn, MailFrom="notices@a.example")
    assert own == {"EmailSendingAccount": "DEVELOPER", "SourceArn": arn, "From": "notices@a.example"}


def test_the_client_refers_to_no_resource_of_the_api() -> None:
    """The functions know the client, and the API depends on the functions."""
    assert "RestAPI" not in json.dumps(user_pool())
