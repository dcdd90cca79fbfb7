"""Three OpenID providers with two members each, and the way to sign in at their pages."""

import json
from abc import ABC, abstractmethod
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from botocore.client import BaseClient
from selenium.webdriver.common.by import By

from infra.cloudformation.intrinsic import ref
from infra.cloudformation.parameters import PARAMETERS
from infra.cloudformation.template import FIXED
from infra.cloudformation.user_pool import CLIENT as CLIENT_OF_POOL
from infra.cloudformation.user_pool import USER_POOL, user_pool
from infra.keycloak.server import Keycloak
from infra.local.aws import client
from infra.local.run_process import LocalRun
from infra.local_stack.engine import StackEngine
from tests.browser.member_browser import MemberBrowser

PASSWORD = "Correct-horse-7"
CLIENT = "lockstep-web"
RETURN_PATHS = ("/sign-in", "/signed-in")


class Provider(ABC):
    """A provider and the environment of a run whose pages sign in there."""

    # True if the provider knows the member of a browser, so that a reload asks for nothing.
    keeps_sessions = True
    # What browsers remark about the pages of the provider.
    remarks: tuple[str, ...] = ()

    @abstractmethod
    def environment(self, origin: str) -> dict[str, str]:
        """Return the environment of a run at an origin, and permit its pages to sign in."""

    @abstractmethod
    def enter(self, browser: MemberBrowser, name: str) -> None:
        """Sign in at the page of the provider that the browser shows."""


class LocalProvider(Provider):
    """The provider of the local run."""

    def environment(self, origin: str) -> dict[str, str]:  # noqa: ARG002 - other providers need it
        """Return nothing, since the run signs in at its own provider."""
        return {}

    def enter(self, browser: MemberBrowser, name: str) -> None:
        """Make an account with this name."""
        field = browser.until(
            lambda: browser.browser.find_element(By.CSS_SELECTOR, "#new input[name=name]"), "no field for a name"
        )
        field.send_keys(name)
        browser.browser.find_element(By.CSS_SELECTOR, "#new button").click()


class PasswordProvider(Provider):
    """A provider whose page asks for an account and a password."""

    def enter(self, browser: MemberBrowser, name: str) -> None:
        """Sign in with the account of this name."""
        find = browser.browser.find_element
        browser.until(lambda: find(By.ID, "username").is_displayed(), "no field for an account")
        find(By.ID, "username").send_keys(self.account(name))
        find(By.ID, "password").send_keys(PASSWORD)
        find(By.CSS_SELECTOR, "[type=submit]").click()

    def account(self, name: str) -> str:
        """Return the account with which a member signs in."""
        return name.lower()


class KeycloakProvider(PasswordProvider):
    """A realm of Keycloak with a public client."""

    remarks = ("[DOM] Password forms should have",)

    def __init__(self, server: Keycloak) -> None:
        self._server = server

    def environment(self, origin: str) -> dict[str, str]:
        """Create the realm, and return the settings of the sign-in there."""
        realm = "lockstep" + origin.rpartition(":")[2]
        self._server.create_realm(_realm(realm, origin))
        issuer = f"{self._server.url}/realms/{realm}"
        endpoints = f"{issuer}/protocol/openid-connect"
        return {
            "LOCKSTEP_ISSUER": issuer,
            "LOCKSTEP_AUDIENCE": CLIENT,
            "LOCKSTEP_JWKS_URL": f"{endpoints}/certs",
            "LOCKSTEP_AUTHORIZATION_URL": f"{endpoints}/auth",
            "LOCKSTEP_TOKEN_URL": f"{endpoints}/token",
            "LOCKSTEP_CLIENT_ID": CLIENT,
            "LOCKSTEP_END_SESSION_URL": f"{endpoints}/logout",
            "LOCKSTEP_REVOCATION_URL": f"{endpoints}/revoke",
        }

    def enter(self, browser: MemberBrowser, name: str) -> None:
        """Sign in with the account of this name, also in place of the member of a session."""
        find = browser.browser.find_elements
        browser.until(lambda: find(By.CSS_SELECTOR, "#username, #reset-login"), "no page of the provider")
        # The refresh token is revoked while the page is left. Until then Keycloak asks for the same member again.
        for other_account in find(By.ID, "reset-login"):
            other_account.click()
        super().enter(browser, name)


def _realm(name: str, origin: str) -> dict[str, Any]:
    password = {"type": "password", "value": PASSWORD, "temporary": False}
    return {
        "realm": name,
        "enabled": True,
        "sslRequired": "none",
        # A renewal replaces the refresh token.
        "revokeRefreshToken": True,
        "clients": [
            {
                "clientId": CLIENT,
                "publicClient": True,
                "standardFlowEnabled": True,
                "directAccessGrantsEnabled": False,
                "redirectUris": [origin + path for path in RETURN_PATHS],
                "webOrigins": [origin],
                "attributes": {
                    "pkce.code.challenge.method": "S256",
                    "post.logout.redirect.uris": f"{origin}/",
                },
            }
        ],
        "users": [
            {
                "username": member.lower(),
                "enabled": True,
                "firstName": member,
                "lastName": "Example",
                "email": f"{member.lower()}@lockstep.example",
                "emailVerified": True,
                "credentials": [password],
            }
            for member in ("Ada", "Ben")
        ],
    }


class CognitoProvider(PasswordProvider):
    """The user pool of the stack in the embedded engine, which keeps no session of a browser and ignores prompts."""

    keeps_sessions = False
    remarks = ("Autofocus processing was blocked",)

    def __init__(self, engine: StackEngine) -> None:
        self._url = engine.url

    def environment(self, origin: str) -> dict[str, str]:
        """Deploy the user pool, and return the settings of the sign-in there."""
        pool, page = self._deployed(origin)
        cognito: BaseClient = client("cognito-idp", self._url)
        for member in ("Ada", "Ben"):
            named = {"UserPoolId": pool, "Username": self.account(member)}
            attributes = [{"Name": "name", "Value": member}, {"Name": "email", "Value": self.account(member)}]
            cognito.admin_create_user(**named, UserAttributes=attributes, MessageAction="SUPPRESS")
            cognito.admin_set_user_password(**named, Password=PASSWORD, Permanent=True)
        return {
            "LOCKSTEP_ISSUER": f"https://cognito-idp.{cognito.meta.region_name}.amazonaws.com/{pool}",
            "LOCKSTEP_AUDIENCE": page,
            "LOCKSTEP_JWKS_URL": f"{self._url}/{pool}/.well-known/jwks.json",
            # The engine serves the pages of all domains at its own address.
            "LOCKSTEP_AUTHORIZATION_URL": f"{self._url}/oauth2/authorize?scope=openid%20profile%20email",
            "LOCKSTEP_TOKEN_URL": f"{self._url}/oauth2/token",
            "LOCKSTEP_CLIENT_ID": page,
            "LOCKSTEP_END_SESSION_URL": f"{self._url}/logout",
            "LOCKSTEP_REVOCATION_URL": f"{self._url}/oauth2/revoke",
        }

    def account(self, name: str) -> str:
        """Return the address with which a member signs in."""
        return f"{name.lower()}@lockstep.example"

    def _deployed(self, origin: str) -> tuple[str, str]:
        """Deploy the user pool of the stack, and return the ids of the pool and of its client."""
        template = {
            "Parameters": {name: parameter.declared() for name, parameter in PARAMETERS.items()},
            "Conditions": FIXED["Conditions"],
            "Resources": user_pool(),
            "Outputs": {name: {"Value": ref(name)} for name in (USER_POOL, CLIENT_OF_POOL)},
        }
        secret = "a secret of the test of 32 letters".replace(" ", "-")
        given = {
            "AlarmEmail": "operator@lockstep.example",
            "SignIn": "cognito",
            "PublicUrl": origin,
            "RoomUrl": origin,
            "CursorKey": secret,
            "EdgeKey": secret,
            "IdentityKey": secret,
        }
        stacks = client("cloudformation", self._url)
        stacks.create_stack(
            StackName="sign-in",
            TemplateBody=json.dumps(template),
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
        )
        stacks.get_waiter("stack_create_complete").wait(StackName="sign-in", WaiterConfig={"Delay": 1})
        (made,) = stacks.describe_stacks(StackName="sign-in")["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}
        return outputs[USER_POOL], outputs[CLIENT_OF_POOL]


def provider_named(name: str, stack: ExitStack, folder: Path) -> Provider:
    """Return a provider, which runs until `stack` is closed."""
    if name == "local":
        return LocalProvider()
    if name == "keycloak":
        return KeycloakProvider(stack.enter_context(Keycloak(folder / "keycloak.log")))
    return CognitoProvider(stack.enter_context(StackEngine()))


def run_with(provider: Provider, port: int) -> LocalRun:
    """Return a local run on a port whose pages sign in at the provider."""
    return LocalRun(PORT=str(port), **provider.environment(f"http://127.0.0.1:{port}"))
