"""The environment from which the app reads its settings."""

import re
import secrets
from collections.abc import Mapping, MutableMapping
from datetime import timedelta

from chalicelib.domain.model.notices import Channel
from infra.local.aws import ACCESS_KEY, REGION
from infra.local.dev.mailbox import SES_PATH
from infra.local.dev.routes import KEY_SET_PATH
from infra.local.engine import CannotStartError
from infra.local.http.server import HOST
from infra.local.http.web_sockets import MANAGEMENT_STAGE
from infra.local.identity.issuer import AUDIENCE, GROUPS_CLAIM, ISSUER, RENEWED_LIFETIME, STAFF
from infra.local.identity.provider import AUTHORIZE_PATH, CLIENT_ID, END_SESSION_PATH, REVOCATION_PATH, TOKEN_PATH
from infra.local.state import LocalState

TABLE = "lockstep"

MAIL_FROM = "Lockstep <notices@lockstep.local>"
LIVE_PATH = "/live"
# The lifetime of the tokens of the sign-in page, in seconds.
LIFETIME_VARIABLE = "LOCKSTEP_LOCAL_TOKEN_SECONDS"
# The user's environment may override these.
DEFAULTS = {
    "LOCKSTEP_ORIGINS": "http://localhost:3000,http://127.0.0.1:3000",
}


def fill_environment(
    environment: MutableMapping[str, str],
    *,
    base_url: str,
    engine_url: str,
    stream_arn: str,
    queues: Mapping[Channel, str],
    unannounced: str,
    bus: str,
    ledger: str,
    state: LocalState,
) -> None:
    """Set the variables that depend on the addresses of this run and its engine.

    The user's environment may name further issuers and audiences.
    """
    _name_issuers(environment, base_url)
    environment.update(
        LOCKSTEP_TABLE=TABLE,
        LOCKSTEP_ENDPOINT=engine_url,
        LOCKSTEP_STREAM_ARN=stream_arn,
        LOCKSTEP_INVITE_URL=base_url + "/i",
        LOCKSTEP_PUBLIC_URL=base_url,
        LOCKSTEP_APP_URL=base_url,
        LOCKSTEP_MAIL_FROM=MAIL_FROM,
        LOCKSTEP_MAIL_ENDPOINT=base_url + SES_PATH,
        LOCKSTEP_UNANNOUNCED_QUEUE=unannounced,
        LOCKSTEP_BUS=bus,
        LOCKSTEP_LEDGER=ledger,
        LOCKSTEP_LIVE_URL=base_url.replace("http", "ws", 1) + LIVE_PATH,
        LOCKSTEP_LIVE_ENDPOINT=base_url + MANAGEMENT_STAGE,
        LOCKSTEP_IDENTITY_KEY=state.keep_first("identity key", secrets.token_urlsafe(32)),
        LOCKSTEP_CURSOR_KEY=state.keep_first("cursor key", secrets.token_urlsafe(32)),
        AWS_DEFAULT_REGION=REGION,
        AWS_ACCESS_KEY_ID=ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY=ACCESS_KEY,
    )
    if not environment.get("LOCKSTEP_STAFF_CLAIM"):
        environment.update(LOCKSTEP_STAFF_CLAIM=GROUPS_CLAIM, LOCKSTEP_STAFF_VALUE=STAFF)
    environment.update({f"LOCKSTEP_{channel.name}_QUEUE": address for channel, address in queues.items()})
    for name, value in DEFAULTS.items():
        environment.setdefault(name, value)
    if environment["LOCKSTEP_ORIGINS"] != "*":
        # A user may also open the pages at the other name of this machine, where the provider is another origin.
        environment["LOCKSTEP_ORIGINS"] += "," + base_url.replace(HOST, "localhost")


def _name_issuers(environment: MutableMapping[str, str], base_url: str) -> None:
    """Add the issuer of this run to those of the user, whose environment may name the sign-in of another provider."""
    own = {
        "LOCKSTEP_ISSUER": ISSUER,
        "LOCKSTEP_JWKS_URL": base_url + KEY_SET_PATH,
        "LOCKSTEP_AUDIENCE": AUDIENCE,
    }
    if environment.get("LOCKSTEP_IDENTITY_ISSUER"):
        own["LOCKSTEP_IDENTITY_ISSUER"] = ISSUER
    # The sign-in is at the first issuer.
    is_own_sign_in = not environment.get("LOCKSTEP_AUTHORIZATION_URL")
    for name, value in own.items():
        named = environment.get(name, "")
        environment[name] = f"{value},{named}" if is_own_sign_in else f"{named},{value}"
    if is_own_sign_in:
        environment.update(_own_sign_in(base_url))


def _own_sign_in(base_url: str) -> dict[str, str]:
    return {
        "LOCKSTEP_AUTHORIZATION_URL": base_url + AUTHORIZE_PATH,
        "LOCKSTEP_TOKEN_URL": base_url + TOKEN_PATH,
        "LOCKSTEP_CLIENT_ID": CLIENT_ID,
        "LOCKSTEP_END_SESSION_URL": base_url + END_SESSION_PATH,
        "LOCKSTEP_REVOCATION_URL": base_url + REVOCATION_PATH,
    }


def token_lifetime(environment: Mapping[str, str]) -> timedelta:
    """Return the lifetime of the tokens of the sign-in page. Raises CannotStartError."""
    text = environment.get(LIFETIME_VARIABLE, "").strip()
    if not text:
        return RENEWED_LIFETIME
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise CannotStartError(f"{LIFETIME_VARIABLE} is not a number of seconds: {text!r}.")
    return timedelta(seconds=int(text))


def keep_on_this_machine(environment: MutableMapping[str, str]) -> None:
    """Disable the user's proxies and AWS profile for the engine."""
    environment["NO_PROXY"] = environment["no_proxy"] = ",".join(
        filter(None, [environment.get("no_proxy") or environment.get("NO_PROXY"), "127.0.0.1"])
    )
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION"):
        environment.pop(name, None)
