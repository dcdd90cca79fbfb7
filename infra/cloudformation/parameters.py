"""The settings of a deployment as parameters of its stack, and the environment of the functions."""

from typing import Any

from chalicelib.branding import LINK
from chalicelib.domain.model.limits import MemberLimits
from chalicelib.room_settings import ICE_URL, LEAST_WEBHOOK_SECRET
from chalicelib.settings import ADDRESS, DEFAULTS, LEAST_RETENTION_DAYS
from chalicelib.version import FORMER_SCHEMA, SCHEMA
from infra.cloudformation.channels import MAIL_FROM, channel_environment
from infra.cloudformation.intrinsic import Value, ref
from infra.cloudformation.ledger import ledger_environment
from infra.cloudformation.parameter import MAIL_ADDRESS, URL, Parameter
from infra.cloudformation.stack_parameters import STACK_PARAMETERS
from infra.cloudformation.table import TABLE_NAME, TABLE_STREAM_ARN
from infra.cloudformation.user_pool import sign_in_environment
from infra.cloudformation.web_address import APP_URL, INVITE_URL, PUBLIC_URL

ORIGIN = r"https?://[a-z0-9.-]+(:[0-9]{1,5})?"
# The largest number of four digits, which the functions accept.
LARGEST = 9999


def _setting(variable: str, meaning: str, **more: Any) -> Parameter:
    """Return the parameter of a setting that the functions read from a variable of their environment."""
    return Parameter(meaning, **{"default": DEFAULTS.get(variable), "variable": variable, **more})


# A stack needs these, unless it makes a user pool, which has them.
OF_PROVIDER = ("Issuer", "Audience", "JwksUrl")
SIGN_IN_ENDPOINTS = ("AuthorizationUrl", "TokenUrl", "ClientId")

PARAMETERS = {
    "SignIn": Parameter(
        "cognito to make a user pool for the sign-in; provider for an OpenID provider of your own.",
        default="cognito",
        choices=("cognito", "provider"),
    ),
    "Issuer": _setting(
        "LOCKSTEP_ISSUER",
        "The OpenID Connect issuers of the tokens (iss), separated by commas; with cognito, the further ones.",
        default="",
        pattern=r"\S*",
    ),
    "Audience": _setting(
        "LOCKSTEP_AUDIENCE",
        "The audiences of the tokens (aud), separated by commas; with cognito, the further ones.",
        default="",
        pattern=r"\S*",
    ),
    "ReadAudience": _setting(
        "LOCKSTEP_READ_AUDIENCE",
        "The audiences whose tokens may only read, separated by commas; empty for none.",
        pattern=r"\S*",
    ),
    "StaffClaim": _setting(
        "LOCKSTEP_STAFF_CLAIM",
        "The claim of the tokens that names staff; empty for cognito:groups with cognito, and else for no staff.",
        pattern=r"\S*",
    ),
    "StaffValue": _setting(
        "LOCKSTEP_STAFF_VALUE",
        "The value of that claim for staff, or an entry of its list; with cognito, the name of the group.",
        pattern=r"\S{1,128}",
    ),
    "JwksUrl": _setting(
        "LOCKSTEP_JWKS_URL",
        "The addresses of the issuers' keys (JWKS), in the order of Issuer.",
        default="",
        pattern=rf"({URL})?",
    ),
    "IdentityIssuer": _setting(
        "LOCKSTEP_IDENTITY_ISSUER",
        "For each Issuer, the one whose members its members are; empty if each is its own.",
        pattern=r"\S*",
    ),
    "AuthorizationUrl": _setting(
        "LOCKSTEP_AUTHORIZATION_URL",
        "The OpenID provider's authorization endpoint for the sign-in of the pages; empty for no sign-in there.",
        pattern=rf"({ADDRESS})?",
    ),
    "TokenUrl": _setting(
        "LOCKSTEP_TOKEN_URL",
        "The OpenID provider's token endpoint; needed with an AuthorizationUrl.",
        pattern=rf"({ADDRESS})?",
    ),
    "ClientId": _setting(
        "LOCKSTEP_CLIENT_ID",
        "The client of the pages at the OpenID provider, without a secret; needed with an AuthorizationUrl.",
        pattern=r"\S*",
    ),
    "EndSessionUrl": _setting(
        "LOCKSTEP_END_SESSION_URL",
        "The OpenID provider's end session endpoint; empty for a provider at which pages cannot sign out.",
        pattern=rf"({ADDRESS})?",
    ),
    "RevocationUrl": _setting(
        "LOCKSTEP_REVOCATION_URL",
        "The OpenID provider's revocation endpoint; empty for a provider that revokes no refresh tokens.",
        pattern=rf"({ADDRESS})?",
    ),
    "SignInDomain": Parameter(
        "The first part of the host of the user pool's pages, unique in the region; empty for one with the stack's id.",
        default="",
        pattern=r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?",
    ),
    "SignInMailArn": Parameter(
        "The SES identity that sends the user pool's mails from MailFrom; empty for Cognito's own, 50 mails a day.",
        default="",
        pattern=r"(arn:\S+:ses:\S+:identity/\S+)?",
    ),
    "InviteUrl": _setting(
        "LOCKSTEP_INVITE_URL",
        "The base address of invite links; empty for that of the web app, and without one for the API's own.",
        pattern=rf"({URL})?",
    ),
    "RoomProvider": _setting(
        "LOCKSTEP_ROOM_PROVIDER",
        "The rooms: lockstep for the web app's own, jitsi for a Jitsi server with tokens, link for addresses.",
        pattern="lockstep|jitsi|link",
    ),
    "RoomUrl": _setting(
        "LOCKSTEP_ROOM_URL",
        "The base address of the rooms of a Jitsi server or of links; needed with such a RoomProvider.",
        pattern=rf"({URL})?",
    ),
    "IceUrls": _setting(
        "LOCKSTEP_ICE_URLS",
        "The STUN and TURN servers of the web app's own rooms, such as turn:turn.example:3478, separated by commas.",
        pattern=rf"(\s*{ICE_URL}\s*(,\s*{ICE_URL}\s*)*)?",
    ),
    "TurnSecret": _setting(
        "LOCKSTEP_TURN_SECRET",
        "The secret of the TURN servers and this service, at least 32 characters; needed with a TURN server.",
        pattern=r"(\S{32,})?",
        secret=True,
    ),
    "RelayOnly": _setting(
        "LOCKSTEP_RELAY_ONLY",
        "Whether all media of own rooms go through a TURN server, which hides members' addresses: on or off.",
        pattern="on|off",
    ),
    "JitsiAppId": _setting(
        "LOCKSTEP_JITSI_APP_ID",
        "The app id of the Jitsi server's tokens; needed with the RoomProvider jitsi.",
        pattern=r"\S*",
    ),
    "JitsiKeyId": _setting(
        "LOCKSTEP_JITSI_KEY_ID",
        "The id of the private key at the hosted service of Jitsi; empty for a server of your own.",
        pattern=r"\S*",
    ),
    "JitsiKey": _setting(
        "LOCKSTEP_JITSI_KEY",
        "The secret of the Jitsi server's tokens, at least 32 characters, or a private key in PEM for the hosted one.",
        pattern=r"(\S{32,})?",
        secret=True,
    ),
    "RoomWebhookSecret": _setting(
        "LOCKSTEP_ROOM_WEBHOOK_SECRET",
        "The secret of the room provider's webhooks, at least 24 characters; empty without webhooks.",
        pattern=rf"([^\s]{{{LEAST_WEBHOOK_SECRET},}})?",
        secret=True,
    ),
    "Attendance": _setting(
        "LOCKSTEP_ATTENDANCE",
        "Whether a session is completed only if both members joined: on, off, or on for sessions from a UTC date on.",
        pattern="on|off|20[0-9]{2}-[0-9]{2}-[0-9]{2}",
    ),
    "LeastAttendance": _setting(
        "LOCKSTEP_LEAST_ATTENDANCE",
        "The least share of sessions joined in time, in percent, from the tenth session on; 0 for none.",
        least=0,
        most=100,
    ),
    "Origins": _setting(
        "LOCKSTEP_ORIGINS",
        "The origins whose pages may call the API, separated by commas, or * for all; the first can also read errors of"
        " the gateway.",
        pattern=rf"(\*|{ORIGIN}(,{ORIGIN})*)?",
    ),
    "CursorKey": _setting(
        "LOCKSTEP_CURSOR_KEY",
        "The secret that signs page cursors: at least 32 random characters.",
        pattern=r"\S{32,}",
        secret=True,
    ),
    "IdentityKey": _setting(
        "LOCKSTEP_IDENTITY_KEY",
        "The secret from which the ids of members are made: at least 32 random characters, never changed.",
        pattern=r"\S{32,}",
        secret=True,
    ),
    "PublicUrl": _setting(
        "LOCKSTEP_PUBLIC_URL",
        "The base address of links in mails, calendar feeds and rooms; empty for the web app's, without one no mails.",
        pattern=rf"({URL})?",
    ),
    "ProductName": _setting(
        "LOCKSTEP_PRODUCT_NAME",
        "The name of the service on pages, in mails and in push messages.",
        pattern=r"[^\r\n]{1,60}",
    ),
    "AccentColor": _setting(
        "LOCKSTEP_ACCENT_COLOR",
        "The color of buttons on the pages, such as #2f5bd8, dark enough for white text; empty for the pages' own.",
        pattern=r"(#[0-9A-Fa-f]{6})?",
    ),
    "ImprintUrl": _setting(
        "LOCKSTEP_IMPRINT_URL", "The address of the imprint, by https; empty for none.", pattern=rf"({LINK})?"
    ),
    "PrivacyUrl": _setting(
        "LOCKSTEP_PRIVACY_URL", "The address of the privacy policy, by https; empty for none.", pattern=rf"({LINK})?"
    ),
    "MailFrom": _setting(
        "LOCKSTEP_MAIL_FROM",
        "The sender of mails; empty for AlarmEmail, off for no mails.",
        pattern=rf"({MAIL_ADDRESS}|off)?",
    ),
    "MailIdentity": Parameter(
        "on to make the SES identity of the sender, which its owner confirms; off for one that exists. The deployment"
        " chooses; leave it out.",
        default="on",
        choices=("on", "off"),
    ),
    "MailDomain": Parameter(
        "The domain of MailFrom, for which the stack makes the SES identity and its DKIM records in HostedZoneId; empty"
        " for the identity of the address.",
        default="",
        pattern=r"([a-z0-9-]+(\.[a-z0-9-]+)+)?",
    ),
    "FinalMinutes": _setting(
        "LOCKSTEP_FINAL_MINUTES",
        "Minutes before the start from which no random pair is moved (R22); less than FinalizeMinutes.",
        least=0,
        most=LARGEST,
    ),
    "LockCutoffMinutes": _setting(
        "LOCKSTEP_LOCK_CUTOFF_MINUTES",
        "Minutes before the start from which a lock no longer overrides a random match (R22).",
        least=0,
        most=LARGEST,
    ),
    "FinalizeMinutes": _setting(
        "LOCKSTEP_FINALIZE_MINUTES",
        "Minutes before the start at which the schedule matches a slot (R21).",
        least=1,
        most=LARGEST,
    ),
    **{
        f"Most{name.title().replace('_', '')}": _setting(
            f"LOCKSTEP_MOST_{name.upper()}",
            f"The limit per member (R36): {name.replace('_', ' ')}.",
            least=0,
            most=LARGEST,
        )
        for name in MemberLimits.__struct_fields__
    },
    "RetentionDays": _setting(
        "LOCKSTEP_RETENTION_DAYS",
        f"The days for which past sessions are kept, at least {LEAST_RETENTION_DAYS}; 0 for ever.",
        least=0,
        most=LARGEST,
    ),
    "SnapStart": Parameter(
        "on to start the API's function from a snapshot, which takes a fraction of the time; off to save its charge.",
        default="on",
        choices=("on", "off"),
    ),
    "Deployment": Parameter(
        "A text that is another with each change of the stack, so that the API gets it. The deployment sets it.",
        default="1",
        pattern=r"[0-9A-Za-z._-]{1,64}",
    ),
    "Schema": _setting(
        "LOCKSTEP_SCHEMA",
        "The schema of the items to write, the former one while the former release runs. The deployment sets it.",
        choices=(FORMER_SCHEMA, SCHEMA),
    ),
    **STACK_PARAMETERS,
}


def given(name: str) -> str:
    """Return the condition of fixed.yaml that a parameter is not empty."""
    return f"{name}IsGiven"


def environment() -> dict[str, Value]:
    """Return the environment of every function, which chalicelib/settings.py reads."""
    from_parameters = {each.variable: ref(name) for name, each in PARAMETERS.items() if each.variable}
    resources = {
        "LOCKSTEP_TABLE": TABLE_NAME,
        "LOCKSTEP_STREAM_ARN": TABLE_STREAM_ARN,
        **channel_environment(),
        **ledger_environment(),
    }
    addresses = {
        "LOCKSTEP_APP_URL": APP_URL,
        "LOCKSTEP_PUBLIC_URL": PUBLIC_URL,
        "LOCKSTEP_INVITE_URL": INVITE_URL,
    }
    return {**resources, **from_parameters, **addresses, "LOCKSTEP_MAIL_FROM": MAIL_FROM, **sign_in_environment()}
