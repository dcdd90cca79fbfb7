"""The settings of a deployment, read from environment variables here only."""

import re
from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import asdict

from chalicelib.domain.model.limits import MemberLimits

# The default of each setting that has one, by its variable. Every other setting must be given.
DEFAULTS: dict[str, str | int] = {
    "LOCKSTEP_ORIGINS": "",
    "LOCKSTEP_INVITE_URL": "",
    "LOCKSTEP_SIGN_IN_URL": "",
    "LOCKSTEP_FINAL_MINUTES": 5,
    "LOCKSTEP_FINALIZE_MINUTES": 10,
    **{f"LOCKSTEP_MOST_{name.upper()}": most for name, most in asdict(MemberLimits()).items()},
}

# The period of each schedule.
FINALIZE_EVERY = timedelta(minutes=1)
SWEEP_EVERY = timedelta(minutes=10)
AUDIT_EVERY = timedelta(days=1)

# The event source of the table's stream: records per batch, concurrent batches per shard, and retries of a record
# before it goes to the dead-letter queue.
BATCH_SIZE = 100
PARALLELISM = 4
RETRIES = 5


class Misconfigured(Exception):
    """A missing or invalid setting, which the message names."""


class Settings(Struct, frozen=True):
    """All settings of a deployment.

    `final` is the time before the start at which a random match becomes final (R22). `finalize_ahead` is the time
    before the start at which the schedule begins to finalize a slot (R21). `invite_url` is the prefix of the address of
    an invite link. Without it the prefix is the address at which the API was called. `sign_in_url` is the sign-in page
    that the page of an invite link refers to, if there is one. `identity_key` is the secret from which the ids of
    members are made, and never changes (R34).
    """

    table: str
    region: str
    endpoint: str | None
    stream_arn: str
    issuer: str
    audience: str
    jwks_url: str
    room_url: str
    origins: tuple[str, ...]
    cursor_key: bytes
    identity_key: bytes
    invite_url: str | None
    sign_in_url: str | None
    final: timedelta
    finalize_ahead: timedelta
    limits: MemberLimits


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Return the settings in an environment. Raises Misconfigured, naming the variable."""

    def text(name: str) -> str:
        return environment.get(name, str(DEFAULTS.get(name, ""))).strip()

    def needed(name: str) -> str:
        value = text(name)
        if not value:
            raise Misconfigured(f"{name} is not set")
        return value

    def number(name: str) -> int:
        value = text(name)
        if not re.fullmatch(r"[0-9]{1,4}", value):
            raise Misconfigured(f"{name} is not a whole number: {value!r}")
        return int(value)

    return Settings(
        table=needed("LOCKSTEP_TABLE"),
        region=needed("AWS_DEFAULT_REGION") if "AWS_REGION" not in environment else needed("AWS_REGION"),
        endpoint=text("LOCKSTEP_ENDPOINT") or None,
        stream_arn=needed("LOCKSTEP_STREAM_ARN"),
        issuer=needed("LOCKSTEP_ISSUER"),
        audience=needed("LOCKSTEP_AUDIENCE"),
        jwks_url=needed("LOCKSTEP_JWKS_URL"),
        room_url=needed("LOCKSTEP_ROOM_URL").rstrip("/"),
        origins=_origins(text("LOCKSTEP_ORIGINS")),
        cursor_key=needed("LOCKSTEP_CURSOR_KEY").encode(),
        identity_key=needed("LOCKSTEP_IDENTITY_KEY").encode(),
        invite_url=text("LOCKSTEP_INVITE_URL").rstrip("/") or None,
        sign_in_url=text("LOCKSTEP_SIGN_IN_URL") or None,
        final=timedelta(minutes=number("LOCKSTEP_FINAL_MINUTES")),
        finalize_ahead=timedelta(minutes=number("LOCKSTEP_FINALIZE_MINUTES")),
        limits=MemberLimits(
            **{name: number(f"LOCKSTEP_MOST_{name.upper()}") for name in MemberLimits.__struct_fields__}
        ),
    )


def _origins(text: str) -> tuple[str, ...]:
    """Split a list of origins at its commas. Raises Misconfigured for an origin that no browser sends."""
    origins = tuple(filter(None, (origin.strip() for origin in text.split(","))))
    for origin in origins:
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", origin):
            raise Misconfigured(f"LOCKSTEP_ORIGINS holds {origin!r}, which is no origin such as https://app.example")
    return origins
