"""Tests of the conversion of notice settings."""

import msgspec

from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.notices import NoticeSettings
from chalicelib.handlers.http.responses.notice_serializers import notices
from chalicelib.services.notices.notice_settings import NoticesView


def test_r43_settings_are_shown_without_the_token_of_their_mail() -> None:
    settings = NoticeSettings(
        member_id="ada",
        address="ada@example.org",
        verified=True,
        email_kinds=(EventKind.MATCHED,),
        push_kinds=(),
    )
    assert msgspec.to_builtins(notices(NoticesView(settings, 2, "the-token"))) == {
        "email": {"address": "ada@example.org", "verified": True, "refused": False, "kinds": ["session.matched"]},
        "push": {"kinds": [], "subscriptions": 2},
    }
