"""Sign-in of the local stack with a user pool of the engine's Cognito, whose tokens the API verifies."""

import secrets
from typing import Any

from botocore.client import BaseClient

FLOW = "ADMIN_USER_PASSWORD_AUTH"


class UserPool:
    """A user pool with one client, through which members sign in."""

    def __init__(self, cognito: BaseClient, endpoint: str) -> None:
        self._cognito = cognito
        pool = cognito.create_user_pool(PoolName="members")["UserPool"]
        self._id = pool["Id"]
        self._client = cognito.create_user_pool_client(
            UserPoolId=self._id, ClientName="frontend", ExplicitAuthFlows=[f"ALLOW_{FLOW}"]
        )["UserPoolClient"]["ClientId"]
        region = cognito.meta.region_name
        # The issuer is the name in the tokens. On this machine the engine serves its keys.
        self.settings = {
            "Issuer": f"https://cognito-idp.{region}.amazonaws.com/{self._id}",
            "Audience": self._client,
            "JwksUrl": f"{endpoint}/{self._id}/.well-known/jwks.json",
        }

    def sign_in(self, name: str) -> str:
        """Create a user with this name and return a bearer token."""
        account, password = secrets.token_hex(8), f"Aa1!{secrets.token_urlsafe(16)}"
        attributes = [{"Name": "name", "Value": name}]
        self._cognito.admin_create_user(
            UserPoolId=self._id, Username=account, UserAttributes=attributes, MessageAction="SUPPRESS"
        )
        self._cognito.admin_set_user_password(UserPoolId=self._id, Username=account, Password=password, Permanent=True)
        response: dict[str, Any] = self._cognito.admin_initiate_auth(
            UserPoolId=self._id,
            ClientId=self._client,
            AuthFlow=FLOW,
            AuthParameters={"USERNAME": account, "PASSWORD": password},
        )
        return response["AuthenticationResult"]["IdToken"]
