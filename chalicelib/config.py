"""The settings of a deployment: the only reader of the environment."""

import re
from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import asdict

from chalicelib.domain.quotas import Quotas


class Misconfigured(Exception):
    """A setting is missing or makes no sense; the message names it."""


class Settings(Struct, frozen=True):
    """Everything a deployment decides.

    `final` is the time before the start from which a random match is final (R22), `finalize_ahead` the time before the
    start at which the schedule begins to finalize a slot (R21). `invite_url` is what the address of an invite link
    begins with; without it, what the API was called at. `sign_in_url` is where the page of an invite link sends whoever
    wants to book, if there is such a place.
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
    invite_url: str | None = None
    sign_in_url: str | None = None
    final: timedelta = timedelta(minutes=5)
    finalize_ahead: timedelta = timedelta(minutes=10)
    quotas: Quotas = Quotas()


def from_environment(environment: Mapping[str, str]) -> Settings:
    """The settings that the environment holds. Raises Misconfigured, naming the variable."""

    def needed(name: str) -> str:
        value = environment.get(name, "").strip()
        if not value:
            raise Misconfigured(f"{name} is not set")
        return value

    def number(name: str, default: int) -> int:
        text = environment.get(name, str(default)).strip()
        if not re.fullmatch(r"[0-9]{1,4}", text):
            raise Misconfigured(f"{name} is not a whole number: {text!r}")
        return int(text)

    usual = asdict(Quotas())
    return Settings(
        table=needed("LOCKSTEP_TABLE"),
        region=needed("AWS_DEFAULT_REGION") if "AWS_REGION" not in environment else needed("AWS_REGION"),
        endpoint=environment.get("LOCKSTEP_ENDPOINT") or None,
        stream_arn=needed("LOCKSTEP_STREAM_ARN"),
        issuer=needed("LOCKSTEP_ISSUER"),
        audience=needed("LOCKSTEP_AUDIENCE"),
        jwks_url=needed("LOCKSTEP_JWKS_URL"),
        room_url=needed("LOCKSTEP_ROOM_URL").rstrip("/"),
        origins=_origins(environment.get("LOCKSTEP_ORIGINS", "")),
        cursor_key=needed("LOCKSTEP_CURSOR_KEY").encode(),
        invite_url=environment.get("LOCKSTEP_INVITE_URL", "").strip().rstrip("/") or None,
        sign_in_url=environment.get("LOCKSTEP_SIGN_IN_URL", "").strip() or None,
        final=timedelta(minutes=number("LOCKSTEP_FINAL_MINUTES", 5)),
        finalize_ahead=timedelta(minutes=number("LOCKSTEP_FINALIZE_MINUTES", 10)),
        quotas=Quotas(**{name: number(f"LOCKSTEP_MOST_{name.upper()}", most) for name, most in usual.items()}),
    )


def _origins(text: str) -> tuple[str, ...]:
    """Origins as browsers spell them, separated by commas: an address that would never match is a mistake."""
    origins = tuple(filter(None, (origin.strip() for origin in text.split(","))))
    for origin in origins:
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", origin):
            raise Misconfigured(f"LOCKSTEP_ORIGINS holds what is no origin, such as https://app.example: {origin!r}")
    return origins
