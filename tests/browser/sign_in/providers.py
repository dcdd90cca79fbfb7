"""Three OpenID providers with two members each, and the way to sign in at their pages."""

from abc import ABC, abstractmethod
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from botocore.client import BaseClient
from selenium.webdriver.common.by import By

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

    @abstractmethod
    def environment(self, origin: str) -> dict[str, str]:
        """Return the environment of a run at an origin, and permit its pages to sign in."""

    @abstractmethod
    def enter(self, browser: MemberBrowser, name: str) -> None:
        """Sign in at the page of the provider that the browser shows."""


class LocalProvider(Provider):
    """The provider of the local run."""

    def environment(self, origin: str) -> dict[str, str]:  # noqa: ARG002
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
        find(By.ID, "username").send_keys(name.lower())
        find(By.ID, "password").send_keys(PASSWORD)
        find(By.CSS_SELECTOR, "[type=submit]").click()


class KeycloakProvider(PasswordProvider):
    """A realm of Keycloak with a public client."""

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
    """A user pool of the embedded engine's Cognito, which keeps no session of a browser and ignores prompts."""

    keeps_sessions = False

    def __init__(self, engine: StackEngine) -> None:
        self._url = engine.url
        self._cognito: BaseClient = client("cognito-idp", engine.url)

    def environment(self, origin: str) -> dict[str, str]:
        """Create a user pool with a client, and return the settings of the sign-in there."""
        pool = self._cognito.create_user_pool(PoolName="members")["UserPool"]["Id"]
        made = self._cognito.create_user_pool_client(
            UserPoolId=pool,
            ClientName="pages",
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=["openid", "profile"],
            SupportedIdentityProviders=["COGNITO"],
            CallbackURLs=[origin + path for path in RETURN_PATHS],
            LogoutURLs=[f"{origin}/"],
        )["UserPoolClient"]
        for member in ("Ada", "Ben"):
            named = {"UserPoolId": pool, "Username": member.lower()}
            attributes = [{"Name": "name", "Value": member}]
            self._cognito.admin_create_user(**named, UserAttributes=attributes, MessageAction="SUPPRESS")
            self._cognito.admin_set_user_password(**named, Password=PASSWORD, Permanent=True)
        return {
            "LOCKSTEP_ISSUER": f"https://cognito-idp.{self._cognito.meta.region_name}.amazonaws.com/{pool}",
            "LOCKSTEP_AUDIENCE": made["ClientId"],
            "LOCKSTEP_JWKS_URL": f"{self._url}/{pool}/.well-known/jwks.json",
            "LOCKSTEP_AUTHORIZATION_URL": f"{self._url}/oauth2/authorize",
            "LOCKSTEP_TOKEN_URL": f"{self._url}/oauth2/token",
            "LOCKSTEP_CLIENT_ID": made["ClientId"],
            "LOCKSTEP_END_SESSION_URL": f"{self._url}/logout",
            "LOCKSTEP_REVOCATION_URL": f"{self._url}/oauth2/revoke",
        }


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
