"""The user pool of a stack whose setting `SignIn` is `cognito`, with managed login for the pages.

Its client refers to no resource of the API. Otherwise the functions, which know the client, would depend on themselves.
"""

from infra.cloudformation.intrinsic import NOTHING, UNIQUE_NAME, Value, attribute, ref, sub, when
from infra.cloudformation.web_address import HAS_WEB_URL, OWN_NAME

USER_POOL, CLIENT, DOMAIN, BRANDING = "UserPool", "UserPoolClient", "UserPoolDomain", "ManagedLogin"
STAFF_GROUP = "StaffGroup"
MAKES_USER_POOL = "MakesUserPool"
# True if the address of a page is known, and if the public address is not that of the web app.
HAS_PAGES, PUBLIC_URL_IS_APART = "HasPages", "PublicUrlIsApart"

# The host of the pool's pages and endpoints, by the name of its domain.
POOL_HOST = "${domain}.auth.${AWS::Region}.amazoncognito.com"
RETURN_PATHS = ("/sign-in", "/signed-in")
# A client must have an address to return to. This one is for a stack that does not know its pages yet.
NO_PAGES = "http://localhost"

TOKEN_MINUTES, REFRESH_DAYS, RETRY_SECONDS = 60, 30, 60


def user_pool() -> dict[str, Value]:
    """Return the user pool, its client, its domain, the look of its pages and its group of staff by name."""
    # The prefix of a domain must be unique in the region.
    prefix = when("SignInDomainIsGiven", ref("SignInDomain"), UNIQUE_NAME)
    look = {"UserPoolId": ref(USER_POOL), "ClientId": ref(CLIENT), "UseCognitoProvidedValues": True}
    domain = {"UserPoolId": ref(USER_POOL), "Domain": prefix, "ManagedLoginVersion": 2}
    return {
        # The ids of members follow from the users of the pool, so it stays like the table.
        USER_POOL: _resource("AWS::Cognito::UserPool", _pool(), policy="Retain"),
        CLIENT: _resource("AWS::Cognito::UserPoolClient", _client()),
        DOMAIN: _resource("AWS::Cognito::UserPoolDomain", domain),
        BRANDING: _resource("AWS::Cognito::ManagedLoginBranding", look),
        # Its members are staff (R47).
        STAFF_GROUP: _resource(
            "AWS::Cognito::UserPoolGroup", {"UserPoolId": ref(USER_POOL), "GroupName": ref("StaffValue")}
        ),
    }


def sign_in_environment() -> dict[str, Value]:
    """Return the variables of the sign-in, which are those of the user pool if the stack makes one.

    Issuers and audiences of the settings are accepted besides.
    """
    issuer = "https://${pool}"
    host = f"https://{POOL_HOST}"
    of_pool = {
        "LOCKSTEP_ISSUER": ("Issuer", f"{issuer},${{Issuer}}"),
        "LOCKSTEP_JWKS_URL": ("JwksUrl", f"{issuer}/.well-known/jwks.json,${{JwksUrl}}"),
        "LOCKSTEP_AUDIENCE": ("Audience", "${client},${Audience}"),
        "LOCKSTEP_AUTHORIZATION_URL": ("AuthorizationUrl", f"{host}/oauth2/authorize?scope=openid%20profile%20email"),
        "LOCKSTEP_TOKEN_URL": ("TokenUrl", f"{host}/oauth2/token"),
        "LOCKSTEP_CLIENT_ID": ("ClientId", "${client}"),
        "LOCKSTEP_END_SESSION_URL": ("EndSessionUrl", f"{host}/logout"),
        "LOCKSTEP_REVOCATION_URL": ("RevocationUrl", f"{host}/oauth2/revoke"),
    }
    pool_groups = when(MAKES_USER_POOL, "cognito:groups", "")
    return {
        "LOCKSTEP_STAFF_CLAIM": when("StaffClaimIsGiven", ref("StaffClaim"), pool_groups),
        **{
            variable: when(MAKES_USER_POOL, _of_pool(text), ref(parameter))
            for variable, (parameter, text) in of_pool.items()
        },
    }


def _of_pool(text: str) -> Value:
    names = {"pool": attribute(USER_POOL, "ProviderName"), "domain": ref(DOMAIN), "client": ref(CLIENT)}
    return {"Fn::Sub": [text, {name: value for name, value in names.items() if f"${{{name}}}" in text}]}


def _resource(kind: str, properties: Value, policy: str = "Delete") -> Value:
    return {
        "Type": kind,
        "Condition": MAKES_USER_POOL,
        "DeletionPolicy": policy,
        "UpdateReplacePolicy": policy,
        "Properties": properties,
    }


def _pool() -> Value:
    named = {"AttributeDataType": "String", "Mutable": True, "Required": True}
    own_mails = {
        "EmailSendingAccount": "DEVELOPER",
        "SourceArn": ref("SignInMailArn"),
        "From": when("MailFromIsGiven", ref("MailFrom"), NOTHING),
    }
    return {
        "UserPoolName": ref("AWS::StackName"),
        # Managed login needs this tier.
        "UserPoolTier": "ESSENTIALS",
        "DeletionProtection": "ACTIVE",
        "UsernameAttributes": ["email"],
        "UsernameConfiguration": {"CaseSensitive": False},
        # The name is what partners see (R31).
        "Schema": [{"Name": "email", **named}, {"Name": "name", **named}],
        "AutoVerifiedAttributes": ["email"],
        # A new address counts when its owner has confirmed it.
        "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False},
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
        "MfaConfiguration": "OPTIONAL",
        "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
        # Length protects a password. Required kinds of characters make it predictable (NIST SP 800-63B).
        "Policies": {
            "PasswordPolicy": {
                "MinimumLength": 12,
                "RequireLowercase": False,
                "RequireUppercase": False,
                "RequireNumbers": False,
                "RequireSymbols": False,
                "TemporaryPasswordValidityDays": 7,
            }
        },
        "EmailConfiguration": when("SignInMailArnIsGiven", own_mails, {"EmailSendingAccount": "COGNITO_DEFAULT"}),
    }


def _client() -> Value:
    """Return a client without a secret, whose refresh tokens are replaced at each renewal."""
    return {
        "UserPoolId": ref(USER_POOL),
        "ClientName": "pages",
        "GenerateSecret": False,
        "SupportedIdentityProviders": ["COGNITO"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "profile", "email"],
        "CallbackURLs": _addresses(*RETURN_PATHS),
        "LogoutURLs": _addresses("/"),
        # Without the flow for refresh tokens of the API, which rotation excludes.
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
        # A renewal whose response was lost can be repeated for this time.
        "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": RETRY_SECONDS},
        "EnableTokenRevocation": True,
        "PreventUserExistenceErrors": "ENABLED",
        "AccessTokenValidity": TOKEN_MINUTES,
        "IdTokenValidity": TOKEN_MINUTES,
        "RefreshTokenValidity": REFRESH_DAYS,
        "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
        "ReadAttributes": ["email", "email_verified", "name"],
        "WriteAttributes": ["email", "name"],
    }


def _addresses(*paths: str) -> list[Value]:
    """Return the addresses of paths at the web app and at the public address of the service."""
    app = [when(OWN_NAME, sub(f"https://${{WebDomainName}}{path}"), sub(f"${{WebUrl}}{path}")) for path in paths]
    return [
        *(when(HAS_WEB_URL, address, NOTHING) for address in app),
        *(when(PUBLIC_URL_IS_APART, sub(f"${{PublicUrl}}{path}"), NOTHING) for path in paths),
        when(HAS_PAGES, NOTHING, NO_PAGES),
    ]
