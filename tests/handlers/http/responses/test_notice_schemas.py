"""Tests of the public schemas of notice settings."""

from msgspec.structs import fields

from chalicelib.handlers.http.responses.notice_schemas import EmailNotices, MailLink, Notices, PushNotices


def test_r43_the_names_are_those_of_the_contract() -> None:
    assert [[field.encode_name for field in fields(schema)] for schema in (Notices, EmailNotices, PushNotices)] == [
        ["email", "push"],
        ["address", "verified", "refused", "kinds"],
        ["kinds", "subscriptions"],
    ]


def test_r27_a_link_in_a_mail_shows_neither_a_member_nor_an_address() -> None:
    assert [field.encode_name for field in fields(MailLink)] == ["done"]
