"""The settings of a deployment, read from an environment."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.branding import Branding
from chalicelib.channels.aws_clients import LIVE_SECONDS, REQUEST_SECONDS
from chalicelib.channels.public_http import TOTAL_SECONDS
from chalicelib.domain.model.limits import MemberLimits
from chalicelib.domain.model.mail_records import LEASE
from chalicelib.domain.model.notices import Channel
from chalicelib.event_sources import QUEUE_SOURCES
from chalicelib.handlers.events.day_stream import BATCH_SECONDS
from chalicelib.room_settings import Rooms
from chalicelib.settings import EVER, SIGN_OUT_VARIABLES, Issuer, SignIn, from_environment
from chalicelib.variables import Misconfigured
from chalicelib.version import FORMER_SCHEMA, SCHEMA
from infra.local.runner import CHALICE_CONFIG

REQUIRED = {
    "LOCKSTEP_TABLE": "table",
    "AWS_REGION": "eu-central-1",
    "LOCKSTEP_STREAM_ARN": "arn",
    "LOCKSTEP_ISSUER": "https://issuer.example/",
    "LOCKSTEP_AUDIENCE": "lockstep",
    "LOCKSTEP_JWKS_URL": "https://issuer.example/jwks.json",
    "LOCKSTEP_CURSOR_KEY": "secret",
    "LOCKSTEP_IDENTITY_KEY": "another secret",
}


def test_settings_without_a_value_have_their_defaults() -> None:
    settings = from_environment(REQUIRED)
    assert (settings.move_cutoff, settings.finalize_ahead) == (timedelta(minutes=5), timedelta(minutes=10))
    assert settings.lock_cutoff == settings.final_cutoff == timedelta(0)
    assert (settings.endpoint, settings.invite_url, settings.sign_in, settings.origins) == (None, None, None, ())
    assert settings.limits == MemberLimits()
    assert (settings.rooms, settings.attendance, settings.least_attendance) == (Rooms(), True, 0)


@pytest.mark.parametrize(
    ("value", "is_on", "since"),
    [
        ("on", True, EVER),
        ("off", False, EVER),
        ("2026-12-01", True, datetime(2026, 12, 1, tzinfo=UTC)),
    ],
)
def test_r37_attendance_is_on_off_or_on_from_a_date_on(value: str, is_on: bool, since: datetime) -> None:
    settings = from_environment(REQUIRED | {"LOCKSTEP_ATTENDANCE": value})
    assert (settings.attendance, settings.attendance_since) == (is_on, since)


@pytest.mark.parametrize("value", ["yes", "2026-13-01", "2026-12-01T00:00", ""])
def test_r37_attendance_from_no_date_is_refused(value: str) -> None:
    with pytest.raises(Misconfigured, match="LOCKSTEP_ATTENDANCE"):
        from_environment(REQUIRED | {"LOCKSTEP_ATTENDANCE": value})


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_required_setting_is_named(name: str) -> None:
    with pytest.raises(Misconfigured, match="AWS_DEFAULT_REGION" if name == "AWS_REGION" else name):
        from_environment({key: value for key, value in REQUIRED.items() if key != name})
    with pytest.raises(Misconfigured, match=name):
        from_environment(REQUIRED | {name: " "})


@pytest.mark.parametrize("value", ["", "-1", "1.5", "12345", "five"])
def test_a_number_has_one_to_four_digits(value: str) -> None:
    assert from_environment(REQUIRED | {"LOCKSTEP_MOST_KEYS": "7"}).limits.keys == 7
    with pytest.raises(Misconfigured, match="LOCKSTEP_MOST_KEYS"):
        from_environment(REQUIRED | {"LOCKSTEP_MOST_KEYS": value})


@pytest.mark.parametrize(("days", "retention"), [("0", None), ("35", timedelta(days=35)), ("400", timedelta(days=400))])
def test_r33_a_retention_covers_what_calendar_feeds_show(days: str, retention: timedelta | None) -> None:
    assert from_environment(REQUIRED | {"LOCKSTEP_RETENTION_DAYS": days}).retention == retention
    with pytest.raises(Misconfigured, match="LOCKSTEP_RETENTION_DAYS"):
        from_environment(REQUIRED | {"LOCKSTEP_RETENTION_DAYS": "34"})


@pytest.mark.parametrize(("ahead", "moves", "refused"), [(10, 15, True), (10, 10, True), (11, 10, False)])
def test_r22_moves_that_end_before_finalizing_begins_are_refused(ahead: int, moves: int, refused: bool) -> None:
    cutoffs = {"LOCKSTEP_FINALIZE_MINUTES": str(ahead), "LOCKSTEP_FINAL_MINUTES": str(moves)}
    if not refused:
        assert from_environment(REQUIRED | cutoffs).move_cutoff == timedelta(minutes=moves)
        return
    with pytest.raises(Misconfigured, match="LOCKSTEP_FINALIZE_MINUTES"):
        from_environment(REQUIRED | cutoffs)


@pytest.mark.parametrize(("moves", "locks", "final"), [(5, 3, 3), (2, 3, 2), (5, 0, 0)])
def test_r22_a_match_is_final_once_both_cut_offs_have_passed(moves: int, locks: int, final: int) -> None:
    cutoffs = {"LOCKSTEP_FINAL_MINUTES": str(moves), "LOCKSTEP_LOCK_CUTOFF_MINUTES": str(locks)}
    settings = from_environment(REQUIRED | cutoffs)
    assert settings.lock_cutoff == timedelta(minutes=locks)
    assert settings.final_cutoff == timedelta(minutes=final)


OLD, NEW = "https://old.example/", "https://new.example/"
TWO_ISSUERS = {
    "LOCKSTEP_ISSUER": f"{NEW}, {OLD},",
    "LOCKSTEP_JWKS_URL": "https://new.example/keys,http://old.example/keys",
}


def test_the_settings_name_one_issuer_or_several() -> None:
    (only,) = from_environment(REQUIRED).issuers
    assert only == Issuer("https://issuer.example/", "https://issuer.example/jwks.json", "https://issuer.example/")
    both = from_environment(REQUIRED | TWO_ISSUERS).issuers
    assert both == (Issuer(NEW, "https://new.example/keys", NEW), Issuer(OLD, "http://old.example/keys", OLD))
    assert from_environment(REQUIRED | {"LOCKSTEP_AUDIENCE": "web, phone"}).audiences == ("web", "phone")
    assert from_environment(REQUIRED).read_audiences == ()


def test_r35_an_audience_reads_only_or_also_writes() -> None:
    assert from_environment(REQUIRED | {"LOCKSTEP_READ_AUDIENCE": "board,tv"}).read_audiences == ("board", "tv")
    with pytest.raises(Misconfigured, match="LOCKSTEP_READ_AUDIENCE"):
        from_environment(REQUIRED | {"LOCKSTEP_READ_AUDIENCE": "board,lockstep"})


def test_r34_an_issuer_may_stand_for_the_members_of_another() -> None:
    moved = from_environment(REQUIRED | TWO_ISSUERS | {"LOCKSTEP_IDENTITY_ISSUER": f"{OLD},{OLD}"})
    assert [issuer.identity for issuer in moved.issuers] == [OLD, OLD]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOCKSTEP_JWKS_URL", "https://new.example/keys"),
        ("LOCKSTEP_JWKS_URL", "https://a.example/,https://b.example/,https://c.example/"),
        ("LOCKSTEP_JWKS_URL", "https://new.example/keys,file:///etc/passwd"),
        ("LOCKSTEP_JWKS_URL", "https://new.example/keys,data:application/json"),
        ("LOCKSTEP_IDENTITY_ISSUER", OLD),
        ("LOCKSTEP_ISSUER", f"{OLD},{OLD}"),
        ("LOCKSTEP_ISSUER", ","),
        ("LOCKSTEP_AUDIENCE", ","),
    ],
)
def test_issuers_that_do_not_fit_each_other_are_named(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        from_environment(REQUIRED | TWO_ISSUERS | {name: value})


def test_origins_are_separated_by_commas() -> None:
    origins = from_environment(REQUIRED | {"LOCKSTEP_ORIGINS": "https://app.example, http://localhost:5173,"}).origins
    assert origins == ("https://app.example", "http://localhost:5173")


def test_a_star_alone_stands_for_all_origins() -> None:
    assert from_environment(REQUIRED | {"LOCKSTEP_ORIGINS": " * "}).origins == ("*",)


@pytest.mark.parametrize(
    "origin", ["*", "null", "app.example", "https://app.example/", "https://*.example", "https://App.example"]
)
def test_an_invalid_origin_is_named(origin: str) -> None:
    with pytest.raises(Misconfigured, match="LOCKSTEP_ORIGINS"):
        from_environment(REQUIRED | {"LOCKSTEP_ORIGINS": f"https://app.example,{origin}"})


SIGN_IN = {
    "LOCKSTEP_AUTHORIZATION_URL": "https://sign-in.example/authorize?audience=lockstep",
    "LOCKSTEP_TOKEN_URL": "https://sign-in.example:8443/oauth/token",
    "LOCKSTEP_CLIENT_ID": "page",
}


@pytest.mark.parametrize(("client_id", "token"), [("page", "access_token"), ("lockstep", "id_token")])
def test_the_sign_in_uses_the_token_whose_audience_the_api_expects(client_id: str, token: str) -> None:
    settings = from_environment(REQUIRED | SIGN_IN | {"LOCKSTEP_CLIENT_ID": client_id})
    addresses = SIGN_IN["LOCKSTEP_AUTHORIZATION_URL"], SIGN_IN["LOCKSTEP_TOKEN_URL"]
    assert settings.sign_in == SignIn(*addresses, client_id, token, token_origin="https://sign-in.example:8443")


@pytest.mark.parametrize("name", SIGN_IN)
def test_a_missing_part_of_the_sign_in_is_named(name: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        from_environment(REQUIRED | {key: value for key, value in SIGN_IN.items() if key != name})


def test_the_addresses_to_sign_out_and_to_revoke_tokens_may_be_set() -> None:
    sign_out = {name: f"https://sign-in.example/{name}" for name in SIGN_OUT_VARIABLES}
    settings = from_environment(REQUIRED | SIGN_IN | sign_out)
    assert settings.sign_in is not None
    assert [settings.sign_in.end_session_url, settings.sign_in.revocation_url] == list(sign_out.values())


@pytest.mark.parametrize("name", ["LOCKSTEP_AUTHORIZATION_URL", "LOCKSTEP_TOKEN_URL", *SIGN_OUT_VARIABLES])
@pytest.mark.parametrize(
    "address", ["sign-in.example/token", "https://sign-in.example", "https://a.example; script-src *", "javascript:1//"]
)
def test_an_invalid_address_of_the_sign_in_is_named(name: str, address: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        from_environment(REQUIRED | SIGN_IN | {name: address})


@pytest.mark.parametrize("sender", ["notices@lockstep.example", "Lockstep <notices@lockstep.example>"])
def test_r43_the_sender_of_mails_is_an_address_with_or_without_a_name(sender: str) -> None:
    assert from_environment(REQUIRED | {"LOCKSTEP_MAIL_FROM": f" {sender} "}).messaging.mail_from == sender


@pytest.mark.parametrize("sender", ["Lockstep", "notices@", "Lockstep <notices>", "a@b.example\r\nBcc: c@d.example"])
def test_r43_a_sender_that_is_no_address_is_named(sender: str) -> None:
    with pytest.raises(Misconfigured, match="LOCKSTEP_MAIL_FROM"):
        from_environment(REQUIRED | {"LOCKSTEP_MAIL_FROM": sender})


@pytest.mark.parametrize(
    ("channel", "message_seconds"),
    [
        (Channel.EMAIL, REQUEST_SECONDS),
        (Channel.PUSH, TOTAL_SECONDS),
        # After the post it sends the later attempt, and the mail which says that the webhook is off.
        (Channel.WEBHOOK, TOTAL_SECONDS + 2 * REQUEST_SECONDS),
        # Of a member with two open pages.
        (Channel.LIVE, 2 * LIVE_SECONDS),
    ],
)
def test_r43_a_batch_of_a_service_that_does_not_respond_ends_before_the_time_out(
    channel: Channel, message_seconds: float
) -> None:
    source = QUEUE_SOURCES[channel]
    assert source.batch_size * message_seconds < source.seconds
    assert source.visibility_seconds >= 6 * source.seconds
    configured = json.loads(CHALICE_CONFIG.read_text())["lambda_functions"][f"deliver_{channel.value}"]
    assert configured["lambda_timeout"] == source.seconds


def test_r43_a_claimed_mail_is_free_again_before_its_message_returns_and_after_its_run() -> None:
    source = QUEUE_SOURCES[Channel.EMAIL]
    assert source.seconds < LEASE.total_seconds() < source.visibility_seconds


def test_r42_a_batch_of_events_ends_before_the_time_out() -> None:
    # The failure queue, the bus and each queue do not respond. The last record and the demand take a minute each.
    most = BATCH_SECONDS + 60 + (2 + len(Channel)) * REQUEST_SECONDS + 60
    assert json.loads(CHALICE_CONFIG.read_text())["lambda_functions"]["events"]["lambda_timeout"] > most


BRANDING = {
    "LOCKSTEP_ACCENT_COLOR": "#8A4B08",
    "LOCKSTEP_IMPRINT_URL": "https://operator.example",
    "LOCKSTEP_PRIVACY_URL": "https://operator.example/privacy?lang=en#data",
}


def test_the_branding_of_the_operator_is_empty_or_complete() -> None:
    assert from_environment(REQUIRED).branding == Branding()
    assert from_environment(REQUIRED | BRANDING).branding == Branding(
        "#8a4b08", "https://operator.example", "https://operator.example/privacy?lang=en#data"
    )


# The grays on both sides of the limit, and the brightest blue.
@pytest.mark.parametrize(("color", "readable"), [("#767676", True), ("#777777", False), ("#0000ff", True)])
def test_white_text_must_be_readable_on_the_accent_color(color: str, readable: bool) -> None:
    environment = REQUIRED | {"LOCKSTEP_ACCENT_COLOR": color}
    if readable:
        assert from_environment(environment).branding.accent_color == color
        return
    with pytest.raises(Misconfigured, match=r"#777777 is too light: white text on it has a contrast of 4\.48"):
        from_environment(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOCKSTEP_ACCENT_COLOR", "blue"),
        ("LOCKSTEP_ACCENT_COLOR", "#12345"),
        ("LOCKSTEP_ACCENT_COLOR", "#123456;color:red"),
        ("LOCKSTEP_IMPRINT_URL", "http://operator.example/imprint"),
        ("LOCKSTEP_IMPRINT_URL", "javascript:alert(1)"),
        ("LOCKSTEP_PRIVACY_URL", 'https://operator.example/"onclick="'),
        ("LOCKSTEP_PRIVACY_URL", "/privacy"),
    ],
)
def test_an_invalid_part_of_the_branding_is_named(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        from_environment(REQUIRED | {name: value})


@pytest.mark.parametrize("schema", [SCHEMA, FORMER_SCHEMA])
def test_a_release_writes_its_own_schema_or_the_former_one(schema: int) -> None:
    assert from_environment(REQUIRED | {"LOCKSTEP_SCHEMA": str(schema)}).schema == schema
    assert from_environment(REQUIRED).schema == SCHEMA


@pytest.mark.parametrize("schema", [FORMER_SCHEMA - 1, SCHEMA + 1])
def test_another_schema_is_refused(schema: int) -> None:
    with pytest.raises(Misconfigured, match="LOCKSTEP_SCHEMA"):
        from_environment(REQUIRED | {"LOCKSTEP_SCHEMA": str(schema)})
