"""The settings of a deployment, read from environment variables here only."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Literal

from msgspec import Struct
from msgspec.structs import asdict

from chalicelib.branding import LEAST_CONTRAST, LINK, Branding, contrast_with_white
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.limits import MemberLimits
from chalicelib.domain.model.mail_address import is_mail_address
from chalicelib.domain.model.notices import Channel
from chalicelib.room_settings import Rooms, rooms_from
from chalicelib.staff_rule import NO_STAFF, StaffRule
from chalicelib.variables import Misconfigured, Variables

# The attendance of a deployment without a date begins with the first session.
EVER = datetime.min.replace(tzinfo=UTC)
# The default of each setting that has one, by its variable. Every other setting must be given.
DEFAULTS: dict[str, str | int] = {
    "LOCKSTEP_IDENTITY_ISSUER": "",
    "LOCKSTEP_READ_AUDIENCE": "",
    "LOCKSTEP_STAFF_CLAIM": "",
    "LOCKSTEP_STAFF_VALUE": NO_STAFF.value,
    "LOCKSTEP_ORIGINS": "",
    "LOCKSTEP_INVITE_URL": "",
    "LOCKSTEP_AUTHORIZATION_URL": "",
    "LOCKSTEP_TOKEN_URL": "",
    "LOCKSTEP_CLIENT_ID": "",
    "LOCKSTEP_END_SESSION_URL": "",
    "LOCKSTEP_REVOCATION_URL": "",
    "LOCKSTEP_PUBLIC_URL": "",
    "LOCKSTEP_APP_URL": "",
    "LOCKSTEP_PRODUCT_NAME": "Lockstep",
    "LOCKSTEP_ACCENT_COLOR": "",
    "LOCKSTEP_IMPRINT_URL": "",
    "LOCKSTEP_PRIVACY_URL": "",
    "LOCKSTEP_MAIL_FROM": "",
    "LOCKSTEP_MAIL_CONFIGURATION": "",
    "LOCKSTEP_MAIL_ENDPOINT": "",
    "LOCKSTEP_EMAIL_QUEUE": "",
    "LOCKSTEP_PUSH_QUEUE": "",
    "LOCKSTEP_WEBHOOK_QUEUE": "",
    "LOCKSTEP_LIVE_QUEUE": "",
    "LOCKSTEP_UNANNOUNCED_QUEUE": "",
    "LOCKSTEP_BUS": "",
    "LOCKSTEP_LEDGER": "",
    "LOCKSTEP_LIVE_URL": "",
    "LOCKSTEP_LIVE_ENDPOINT": "",
    "LOCKSTEP_ROOM_PROVIDER": "lockstep",
    "LOCKSTEP_ROOM_URL": "",
    "LOCKSTEP_ROOM_WEBHOOK_SECRET": "",
    "LOCKSTEP_ICE_URLS": "",
    "LOCKSTEP_TURN_SECRET": "",
    "LOCKSTEP_RELAY_ONLY": "off",
    "LOCKSTEP_JITSI_APP_ID": "",
    "LOCKSTEP_JITSI_KEY_ID": "",
    "LOCKSTEP_JITSI_KEY": "",
    "LOCKSTEP_ATTENDANCE": "on",
    "LOCKSTEP_LEAST_ATTENDANCE": 0,
    "LOCKSTEP_FINAL_MINUTES": 5,
    "LOCKSTEP_LOCK_CUTOFF_MINUTES": 0,
    "LOCKSTEP_FINALIZE_MINUTES": 10,
    **{f"LOCKSTEP_MOST_{name.upper()}": most for name, most in asdict(MemberLimits()).items()},
}

# All of these are set, or none.
SIGN_IN_VARIABLES = ("LOCKSTEP_AUTHORIZATION_URL", "LOCKSTEP_TOKEN_URL", "LOCKSTEP_CLIENT_ID")
# Each of these may be set besides.
SIGN_OUT_VARIABLES = ("LOCKSTEP_END_SESSION_URL", "LOCKSTEP_REVOCATION_URL")

BRANDING_VARIABLES = ("LOCKSTEP_ACCENT_COLOR", "LOCKSTEP_IMPRINT_URL", "LOCKSTEP_PRIVACY_URL")

# Without spaces, quotes, commas and semicolons, which would end the origin in a content security policy.
ADDRESS = r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9._~!$&()*+=:@%/?-]*"


class Issuer(Struct, frozen=True):
    """An OpenID Connect issuer whose tokens are accepted, with the address of its key set.

    `identity` is the issuer that enters the ids of its members: itself, or the one from which they moved.
    """

    name: str
    jwks_url: str
    identity: str


class SignIn(Struct, frozen=True):
    """The sign-in of the pages, by authorization code with PKCE at an OpenID provider.

    `token` is the member of the provider's answer that the API accepts. `token_origin` is the origin of `token_url`.
    `end_session_url` is empty for a provider at which pages cannot sign out. `revocation_url` is empty for one that
    revokes no refresh tokens.
    """

    authorization_url: str
    token_url: str
    client_id: str
    token: Literal["id_token", "access_token"]
    token_origin: str
    end_session_url: str = ""
    revocation_url: str = ""


class Messaging(Struct, frozen=True):
    """The channels of events (R43). A channel whose setting is empty delivers nothing.

    `public_url` is the base address of the links in mails and of calendar feeds. Without it a feed has the address at
    which the API was called, and no mail is sent. `mail_from` is the sender of mails, `mail_configuration` the name of
    the configuration set of SES, and `mail_endpoint` the address of SES if it is not that of the region. `queues` are
    the addresses of the queues, `unannounced` is that of the queue of records whose events could not be announced, and
    `bus` is the name of the event bus. Pages open live connections at `live_url`, and
    the service sends to them at `live_endpoint`.
    """

    public_url: str = ""
    product_name: str = "Lockstep"
    mail_from: str = ""
    mail_configuration: str = ""
    mail_endpoint: str = ""
    queues: Mapping[Channel, str] = {}
    unannounced: str = ""
    bus: str = ""
    live_url: str = ""
    live_endpoint: str = ""


class Settings(Struct, frozen=True):
    """All settings of a deployment.

    `move_cutoff` is the time before the start from which matching no longer moves a random pair, and `lock_cutoff` the
    time from which a lock no longer overrides one (R22). `finalize_ahead` is the time before the start at which
    finalizing begins (R21). `invite_url` is the prefix of the address of an invite link. Without it the prefix is the
    address at which the API was called. `sign_in` is None if the invite page offers no sign-in.
    `app_url` is the address of the web app without a slash at its end, empty without one. With `attendance` a session
    is completed if both members joined (R37). `least_attendance` is the least score in percent from the tenth session
    on, 0 without one (R39).
    Tokens for `audiences` may do everything, those for `read_audiences` may only read (R35).
    `identity_key` is the secret from which the ids of members are made, and never changes (R34). `ledger` is the name
    of the bucket with the acts that a restored table must not undo, empty without one. `staff` says which tokens are
    those of staff (R47).
    """

    table: str
    region: str
    endpoint: str | None
    stream_arn: str
    issuers: tuple[Issuer, ...]
    audiences: tuple[str, ...]
    read_audiences: tuple[str, ...]
    rooms: Rooms
    origins: tuple[str, ...]
    cursor_key: bytes
    identity_key: bytes
    invite_url: str | None
    move_cutoff: timedelta
    lock_cutoff: timedelta
    sign_in: SignIn | None
    finalize_ahead: timedelta
    limits: MemberLimits
    messaging: Messaging = Messaging()
    branding: Branding = Branding()
    app_url: str = ""
    attendance: bool = True
    attendance_since: datetime = EVER
    least_attendance: int = 0
    staff: StaffRule = NO_STAFF
    ledger: str = ""

    @property
    def issuer(self) -> str:
        """The first issuer, whose members the benchmarks make."""
        return self.issuers[0].name

    def records_attendance_of(self, booking: Booking) -> bool:
        """Return whether joining decides if a session is completed and scored (R37, R39).

        It does not in a deployment without attendance, before the date from which it has attendance, and in a pair of
        an earlier release, whose members could not join.
        """
        is_of_earlier_release = booking.partner is not None and booking.partner.requested_at is None
        return self.attendance and booking.slot.start >= self.attendance_since and not is_of_earlier_release

    @property
    def final_cutoff(self) -> timedelta:
        """The time before the start from which nothing but a cancel changes the partner of a random pair (R22)."""
        return min(self.move_cutoff, self.lock_cutoff)


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Return the settings in an environment. Raises Misconfigured, naming the variable."""
    variables = Variables(environment, DEFAULTS)
    text, needed, number = variables.text, variables.needed, variables.number
    audiences = variables.needed_list("LOCKSTEP_AUDIENCE")
    settings = Settings(
        table=needed("LOCKSTEP_TABLE"),
        region=needed("AWS_DEFAULT_REGION") if "AWS_REGION" not in environment else needed("AWS_REGION"),
        endpoint=text("LOCKSTEP_ENDPOINT") or None,
        stream_arn=needed("LOCKSTEP_STREAM_ARN"),
        issuers=_issuers(variables),
        audiences=audiences,
        read_audiences=variables.list("LOCKSTEP_READ_AUDIENCE"),
        rooms=rooms_from(variables),
        origins=_origins(variables.list("LOCKSTEP_ORIGINS")),
        cursor_key=needed("LOCKSTEP_CURSOR_KEY").encode(),
        identity_key=needed("LOCKSTEP_IDENTITY_KEY").encode(),
        invite_url=text("LOCKSTEP_INVITE_URL").rstrip("/") or None,
        move_cutoff=timedelta(minutes=number("LOCKSTEP_FINAL_MINUTES")),
        lock_cutoff=timedelta(minutes=number("LOCKSTEP_LOCK_CUTOFF_MINUTES")),
        sign_in=_sign_in(variables, audiences=audiences),
        finalize_ahead=timedelta(minutes=number("LOCKSTEP_FINALIZE_MINUTES")),
        limits=MemberLimits(
            **{name: number(f"LOCKSTEP_MOST_{name.upper()}") for name in MemberLimits.__struct_fields__}
        ),
        messaging=_messaging(variables),
        branding=branding_from(environment),
        app_url=text("LOCKSTEP_APP_URL").rstrip("/"),
        attendance=variables.text("LOCKSTEP_ATTENDANCE") != "off",
        attendance_since=_attendance_since(variables),
        least_attendance=number("LOCKSTEP_LEAST_ATTENDANCE"),
        staff=StaffRule(text("LOCKSTEP_STAFF_CLAIM"), text("LOCKSTEP_STAFF_VALUE")),
        ledger=text("LOCKSTEP_LEDGER"),
    )
    if settings.least_attendance > 100:
        raise Misconfigured("LOCKSTEP_LEAST_ATTENDANCE is a percentage of at most 100")
    if settings.least_attendance and not settings.attendance:
        raise Misconfigured("LOCKSTEP_LEAST_ATTENDANCE needs LOCKSTEP_ATTENDANCE")
    if not set(settings.audiences).isdisjoint(settings.read_audiences):
        raise Misconfigured("LOCKSTEP_READ_AUDIENCE names an audience of LOCKSTEP_AUDIENCE, which may also write")
    # Otherwise moves would end before finalizing begins.
    if settings.finalize_ahead <= settings.move_cutoff:
        raise Misconfigured("LOCKSTEP_FINALIZE_MINUTES must be greater than LOCKSTEP_FINAL_MINUTES")
    return settings


def _issuers(variables: Variables) -> tuple[Issuer, ...]:
    """Return the issuers from lists of the same order. Without identities each stands for itself.

    Raises Misconfigured for lists of different lengths, for a repeated issuer, and for an address without a scheme.
    """
    names, jwks_urls = variables.needed_list("LOCKSTEP_ISSUER"), variables.needed_list("LOCKSTEP_JWKS_URL")
    identities = variables.list("LOCKSTEP_IDENTITY_ISSUER") or names
    for name, values in (("LOCKSTEP_JWKS_URL", jwks_urls), ("LOCKSTEP_IDENTITY_ISSUER", identities)):
        if len(values) != len(names):
            raise Misconfigured(f"{name} has {len(values)} entries, and LOCKSTEP_ISSUER has {len(names)}")
    if len(set(names)) < len(names):
        raise Misconfigured("LOCKSTEP_ISSUER names an issuer twice")
    for url in jwks_urls:
        if not re.fullmatch(r"https?://\S+", url):
            raise Misconfigured(f"LOCKSTEP_JWKS_URL holds {url!r}, which is no address such as https://a.example/keys")
    return tuple(map(Issuer, names, jwks_urls, identities))


def _messaging(variables: Variables) -> Messaging:
    text = variables.text
    queues = {channel: text(f"LOCKSTEP_{channel.name}_QUEUE") for channel in Channel}
    return Messaging(
        public_url=text("LOCKSTEP_PUBLIC_URL").rstrip("/"),
        product_name=text("LOCKSTEP_PRODUCT_NAME"),
        mail_from=_mail_sender(text("LOCKSTEP_MAIL_FROM")),
        mail_configuration=text("LOCKSTEP_MAIL_CONFIGURATION"),
        mail_endpoint=text("LOCKSTEP_MAIL_ENDPOINT"),
        queues={channel: url for channel, url in queues.items() if url},
        unannounced=text("LOCKSTEP_UNANNOUNCED_QUEUE"),
        bus=text("LOCKSTEP_BUS"),
        live_url=text("LOCKSTEP_LIVE_URL"),
        live_endpoint=text("LOCKSTEP_LIVE_ENDPOINT"),
    )


def branding_from(environment: Mapping[str, str]) -> Branding:
    """Return the operator's color and links. Raises Misconfigured for a color on which white text is hard to read."""
    variables = Variables(environment, DEFAULTS)
    color, imprint_url, privacy_url = map(variables.text, BRANDING_VARIABLES)
    color = color.lower()
    if color and not re.fullmatch(r"#[0-9a-f]{6}", color):
        raise Misconfigured(f"LOCKSTEP_ACCENT_COLOR is no color such as #2f5bd8: {color!r}")
    if color and (contrast := contrast_with_white(color)) < LEAST_CONTRAST:
        raise Misconfigured(
            f"LOCKSTEP_ACCENT_COLOR {color} is too light: white text on it has a contrast of {contrast:.2f}, and"
            f" {LEAST_CONTRAST} is needed"
        )
    for name, link in zip(BRANDING_VARIABLES[1:], (imprint_url, privacy_url), strict=True):
        if link and not re.fullmatch(LINK, link):
            raise Misconfigured(f"{name} is not an address such as https://operator.example/imprint: {link!r}")
    return Branding(color, imprint_url, privacy_url)


def _mail_sender(sender: str) -> str:
    """Return the sender of mails. Raises Misconfigured for a text without an e-mail address."""
    if sender and not (sender.isprintable() and is_mail_address(parseaddr(sender)[1])):
        raise Misconfigured(f"LOCKSTEP_MAIL_FROM holds no e-mail address: {sender!r}")
    return sender


def _sign_in(variables: Variables, audiences: tuple[str, ...]) -> SignIn | None:
    """Return the sign-in of the invite page, None without one.

    An ID token has the client as its audience. If the API expects others, they are of an access token. Raises
    Misconfigured for a part of the settings, and for an address that is no address or that a browser would not open.
    """
    values = {name: variables.text(name) for name in SIGN_IN_VARIABLES}
    sign_out = {name: variables.text(name) for name in SIGN_OUT_VARIABLES}
    missing = [name for name, value in values.items() if not value]
    if len(missing) == len(values):
        return None
    if missing:
        raise Misconfigured(f"{missing[0]} is not set, and the sign-in of the invite page needs it")
    authorization_url, token_url, client_id = values.values()
    for name, address in ({name: values[name] for name in SIGN_IN_VARIABLES[:2]} | sign_out).items():
        if address and not re.fullmatch(ADDRESS, address):
            raise Misconfigured(f"{name} is not an address such as https://sign-in.example/token: {address!r}")
    return SignIn(
        authorization_url,
        token_url,
        client_id,
        token="id_token" if client_id in audiences else "access_token",
        token_origin="/".join(token_url.split("/")[:3]),
        end_session_url=sign_out["LOCKSTEP_END_SESSION_URL"],
        revocation_url=sign_out["LOCKSTEP_REVOCATION_URL"],
    )


def _attendance_since(variables: Variables) -> datetime:
    """Return the start of the UTC date from which joining counts, as far as the setting names one (R37)."""
    value = variables.text("LOCKSTEP_ATTENDANCE")
    if value in ("on", "off"):
        return EVER
    try:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Misconfigured(f"LOCKSTEP_ATTENDANCE is neither on, off nor a date: {value!r}") from None


def _origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    """Return the origins. `*` alone stands for all. Raises Misconfigured for one that no browser sends."""
    if origins == ("*",):
        return origins
    for origin in origins:
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", origin):
            raise Misconfigured(f"LOCKSTEP_ORIGINS holds {origin!r}, which is no origin such as https://app.example")
    return origins
